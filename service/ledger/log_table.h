#ifndef ROLLCALL_LEDGER_LOG_TABLE_H_
#define ROLLCALL_LEDGER_LOG_TABLE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "base/uuid.h"
#include "ledger/ledger.h"
#include "ledger/row.h"
#include "ledger/visits.h"
#include "storage/database.h"

// The table ledger_log: the rows and the index columns derived from them.
namespace rollcall::ledger {

// The columns that only serve to find a row. Whatever does not apply to a kind of row is empty or
// nil and stored as NULL.
struct IndexColumns {
  std::string organisation;
  RowKind kind = RowKind::kEvent;
  base::Uuid id;     // of the event or the entry
  base::Uuid cause;  // entries: the event that they follow
  std::string activity;
  std::string session;
  base::Uuid volunteer_key;
  bool practice = false;
  base::Uuid request_id;
  base::Bytes payload_hash;
  base::Uuid token_id;
  base::Uuid second_token_id;
  base::Uuid reverses;
  base::Bytes policy_hash;  // policy rows only
  base::Uuid resolves;      // resolutions: the proposal; answers: the dispute
  base::Uuid closes;        // entries: EntryRow::closes()
  int64_t record_time = 0;  // microseconds since 1970

  bool operator==(const IndexColumns&) const = default;
};

IndexColumns ColumnsOf(const Row& row);

// A row as it lies in the table, nothing believed yet.
struct StoredRow {
  int64_t sequence = 0;
  int64_t format = 0;
  base::Bytes salt;
  base::Bytes body;
  IndexColumns columns;
  // False: an index column holds what Append never writes and what reads like something else, such as
  // 2 for true or an empty text for NULL. Queries would tell the two apart.
  bool regular = true;
};

template <typename T>
struct Sequenced {
  int64_t sequence = 0;
  T row;
};

// All functions run inside an operation of the database and see what earlier operations of the same
// uncommitted batch wrote. DataLoss, reason BAD_ROW: a row does not decode.

// Inserts `row`, which must be without Fault, behind the last one. For LogWriter alone: a row belongs
// into the tree and its minutes into the accounts.
absl::StatusOr<StoredRow> Insert(storage::Connection& connection, const Row& row,
                                 std::span<const uint8_t, kSaltSize> salt);

absl::StatusOr<int64_t> LastSequence(storage::Connection& connection);

absl::StatusOr<std::optional<Sequenced<EventRow>>> FindEvent(
    storage::Connection& connection, const domain::OrganisationId& organisation,
    const base::Uuid& event_id);
// Whether a row takes back the event or entry `id`.
absl::StatusOr<bool> TakenBack(storage::Connection& connection, const base::Uuid& id);
// The entry that follows the event `cause`.
absl::StatusOr<std::optional<Sequenced<EntryRow>>> FindEntry(storage::Connection& connection,
                                                             const base::Uuid& cause);
absl::StatusOr<bool> TokenUsed(storage::Connection& connection, const base::Uuid& token_id);
absl::StatusOr<bool> HasPolicy(storage::Connection& connection,
                               const domain::OrganisationId& organisation,
                               const base::Sha256Digest& hash);
// Null: there is none.
absl::StatusOr<hours::PolicyPtr> FindPolicy(storage::Connection& connection,
                                            const domain::OrganisationId& organisation,
                                            const base::Sha256Digest& hash);

// The query behind every check-in; a test looks at its plan. Values: organisation, activity, session,
// volunteer key.
extern const char kVisitEventsSql[];

// DataLoss, reason LEDGER_INCONSISTENT: the events do not make visits.
absl::StatusOr<Visits> ReadVisits(storage::Connection& connection,
                                  const domain::SessionKey& session,
                                  const base::Uuid& volunteer_key);

// The rows with after < sequence <= last, at most `limit`, in order.
absl::StatusOr<std::vector<StoredRow>> ReadRows(storage::Connection& connection, int64_t after,
                                                int64_t last, int32_t limit);

// What a listing is restricted to; empty fields do not restrict.
struct RowFilter {
  std::string organisation;
  std::string activity;
  std::string session;
  std::optional<base::Uuid> volunteer_key;
  std::optional<bool> practice;
};

// InvalidArgument, reason BAD_FILTER: a session without its activity, an activity without its
// organisation.
absl::StatusOr<RowFilter> MakeRowFilter(const EventFilter& filter);

// Event and entry rows with after < sequence, at most `limit`, in order.
absl::StatusOr<std::vector<StoredRow>> ListRows(storage::Connection& connection,
                                                const RowFilter& filter, int64_t after,
                                                int32_t limit);
// Event rows with after < sequence, at most `limit`, in order.
absl::StatusOr<std::vector<Sequenced<EventRow>>> ListEventRows(storage::Connection& connection,
                                                               const RowFilter& filter,
                                                               int64_t after, int32_t limit);
// Volunteers with events, above `after` (nil: from the start), at most `limit`, in order.
absl::StatusOr<std::vector<base::Uuid>> ListVolunteerKeys(storage::Connection& connection,
                                                          const RowFilter& filter,
                                                          const base::Uuid& after, int32_t limit);
// How many events a volunteer has, and when the first and the last were recorded.
absl::StatusOr<Presence> PresenceOf(storage::Connection& connection,
                                    const base::Uuid& volunteer_key);
// All rows of a volunteer that were recorded at `since` or later, in order.
absl::StatusOr<std::vector<Row>> RowsOfVolunteerSince(storage::Connection& connection,
                                                      const base::Uuid& volunteer_key,
                                                      base::Time since);
// All rows of filter.volunteer_key, which must be set, in order.
absl::StatusOr<std::vector<Row>> RowsOfVolunteer(storage::Connection& connection,
                                                 const RowFilter& filter);

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_LOG_TABLE_H_
