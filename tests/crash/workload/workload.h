#ifndef ROLLCALL_TESTS_CRASH_WORKLOAD_WORKLOAD_H_
#define ROLLCALL_TESTS_CRASH_WORKLOAD_WORKLOAD_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/uuid.h"
#include "ledger/ledger.h"
#include "storage/database.h"

// What the crash rigs do to a ledger: the same writes for the same seed.
namespace rollcall::crash {

// The organisation of everything that is written here.
domain::OrganisationId Organisation();

struct StoreOptions {
  std::filesystem::path folder;  // of rollcall.db
  uint64_t seed = 1;             // of ids and salts
  std::string vfs;
  std::function<void(const absl::Status&)> on_fatal;
};

// A ledger in a database of its own, opened by the service's own code. The one place that says how.
class Store {
 public:
  // The errors of storage::OpenSqlite.
  static absl::StatusOr<std::unique_ptr<Store>> Open(StoreOptions options);

  ledger::Ledger& ledger() { return *ledger_; }
  storage::Database& database() { return *database_; }

 private:
  explicit Store(uint64_t seed) : random_(seed), ids_(clock_, random_) {}

  base::ManualClock clock_{base::FromUnixMicros(1'700'000'000'000'000)};
  base::SeededRandom random_;
  base::UuidV7Generator ids_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<ledger::Ledger> ledger_;
};

using Request = std::variant<ledger::RecordRequest, ledger::UndoRequest>;
const base::Uuid& RequestIdOf(const Request& request);

// People who come, go, and take it back. Requests of one group wait together, so that they are
// committed together, whatever the threads do: the same seed gives the same transactions.
//
// Thread-safety: none; the callbacks run on the database's thread while Group waits.
class Workload {
 public:
  // Called with each receipt at the very moment at which a client would get it.
  using OnReceipt = std::function<void(const ledger::Receipt&)>;
  // Called with each request before it is sent.
  using OnRequest = std::function<void(const Request&)>;

  explicit Workload(uint64_t seed, OnReceipt on_receipt = {}, OnRequest on_request = {});

  // Sends one group and waits for all answers. What fails is sent again with the next group, under
  // the same id, as a client does. False: the database has been closed by an error. Any other
  // answer than a receipt, an error of Unavailable or ResourceExhausted is a fault, see faults().
  bool Group(Store& store);

  // Every request that was ever sent, by id, in no order.
  const std::map<base::Uuid, Request>& sent() const { return sent_; }
  // Answers that make no sense, in words.
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  struct Person {
    base::Uuid key;
    int session = 0;
    bool practice = false;
    int visits = 0;                                           // check-ins ever
    std::vector<std::pair<base::Uuid, base::Time>> standing;  // events, by recording
  };
  struct Answer {
    size_t person = 0;
    Request request;
    absl::StatusOr<ledger::RecordOutcome> outcome;
  };

  Request Next(Person& person);
  ledger::RecordRequest Record(const Person& person, domain::Action action);
  ledger::UndoRequest Undo(const base::Uuid& event);
  std::vector<std::pair<size_t, Request>> Choose();
  void Submit(Store& store, std::vector<Answer>& answers);
  bool Take(const Answer& answer);

  OnReceipt on_receipt_;
  OnRequest on_request_;
  std::mt19937_64 choices_;
  base::ManualClock clock_;
  base::SeededRandom random_;
  base::UuidV7Generator ids_;
  int64_t groups_ = 0;
  std::vector<Person> people_;
  std::map<size_t, Request> waiting_;  // by person: failed, to be sent again
  std::map<base::Uuid, Request> sent_;
  std::vector<std::string> faults_;
};

// Sends one request and waits: what a client does that sends something again.
absl::StatusOr<ledger::RecordOutcome> Send(ledger::Ledger& ledger, const Request& request);

}  // namespace rollcall::crash

#endif  // ROLLCALL_TESTS_CRASH_WORKLOAD_WORKLOAD_H_
