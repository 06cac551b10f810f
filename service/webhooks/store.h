#ifndef ROLLCALL_WEBHOOKS_STORE_H_
#define ROLLCALL_WEBHOOKS_STORE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/ids.h"
#include "webhooks/event.h"

namespace rollcall::storage {
class Database;
struct Schema;
}  // namespace rollcall::storage

// Who is told, and how far she has been told.
namespace rollcall::webhooks {

// Numbers are stored: never renumber.
enum class State { kEnabled = 1, kDisabled = 2 };

// Where a webhook stands.
struct Progress {
  int64_t cursor = 0;  // every row up to here was delivered, or is none of its business
  State state = State::kEnabled;
  // Why it is disabled: GONE (the receiver answered 410), FAILING (for longer than may be),
  // KEY_CHANGED (the file with the signing key is not the one it was made with). Empty: it is not.
  std::string reason;
  int32_t failures = 0;  // attempts in a row that failed
  std::optional<base::Time> failing_since;
  std::string last_failure;  // Outcome::Text of the last one that failed
  std::optional<base::Time> last_delivery;
};

struct Webhook {
  base::Uuid id;
  domain::OrganisationId organisation;  // and what lies below it
  std::string url;                      // may hold a secret of the receiver's: never in a log
  std::vector<EventType> types;         // empty: all
  std::string public_key;  // PublicKeyText: shows that the signing key is still the same
  base::Time created;
  std::string recorder;  // Caller::identity
  Progress progress;
};

constexpr int32_t kMaxWebhooksPerOrganisation = 16;
constexpr int32_t kMaxWebhooks = 100;

// The table, in the ledger's database, so that one copy of it holds both. Thread-safe; methods
// block unless they say otherwise. Errors of storage::Database pass through.
class Store {
 public:
  // `database` must hold WebhookSchema() and outlive the store.
  explicit Store(storage::Database& database) : database_(database) {}

  // ResourceExhausted, reason TOO_MANY_WEBHOOKS: kMaxWebhooksPerOrganisation or kMaxWebhooks.
  absl::Status Create(const Webhook& webhook);
  // NotFound, reason NO_SUCH_WEBHOOK.
  absl::StatusOr<Webhook> Get(const base::Uuid& id);
  absl::Status Remove(const base::Uuid& id);
  // Forgets the failures; the cursor stays, so that nothing is left out.
  absl::Status Enable(const base::Uuid& id);
  // All, in the order in which they were made.
  absl::StatusOr<std::vector<Webhook>> List();

  // Writes several and returns at once; `done` as storage::Database::WriteAsync. Of one that has
  // been removed nothing is written.
  void SaveProgress(std::vector<std::pair<base::Uuid, Progress>> progress,
                    std::function<void(absl::Status)> done);
  // Returns when every earlier SaveProgress has called its `done`.
  void Settle();

 private:
  storage::Database& database_;
};

// For storage::DatabaseOptions::schemas.
storage::Schema WebhookSchema();

}  // namespace rollcall::webhooks

#endif  // ROLLCALL_WEBHOOKS_STORE_H_
