#include "workload/workload.h"

#include <atomic>
#include <chrono>
#include <future>
#include <set>
#include <thread>

#include "base/bytes.h"

namespace rollcall::crash {
namespace {

constexpr size_t kPeople = 40;
constexpr int kVisitsEach = 3;  // check-ins, taken back or not; then somebody else comes
constexpr auto kStep = std::chrono::seconds(20);  // from group to group
constexpr auto kUndoUntil = std::chrono::minutes(4);
const base::Time kStart = base::FromUnixMicros(1'700'000'000'000'000);

domain::Session SessionNumber(int number) {
  domain::Session session;
  session.key = {Organisation(), domain::ActivityId("cleanup"),
                 domain::SessionId("session-" + std::to_string(number))};
  session.starts = kStart;
  session.ends = kStart + std::chrono::hours(24);
  return session;
}

// Keeps the database's thread busy until it is released, so that what is sent meanwhile waits.
class Gate {
 public:
  explicit Gate(storage::Database& database)
      : reader_([this, &database] {
          const absl::Status status = database.Read([this](storage::Connection&) {
            closed_.set_value();
            open_.get_future().wait();
            return absl::OkStatus();
          });
          if (!status.ok()) closed_.set_value();  // a database that runs nothing any more
        }) {
    closed_.get_future().wait();
  }
  void Open() { open_.set_value(); }
  ~Gate() { reader_.join(); }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

 private:
  std::promise<void> closed_;
  std::promise<void> open_;
  std::thread reader_;  // last: it uses both
};

template <typename Done>
void SendAsync(ledger::Ledger& ledger, const Request& request, Done done) {
  if (const auto* record = std::get_if<ledger::RecordRequest>(&request)) {
    ledger.RecordAsync(*record, std::move(done));
  } else {
    ledger.UndoAsync(std::get<ledger::UndoRequest>(request), std::move(done));
  }
}

}  // namespace

domain::OrganisationId Organisation() { return domain::OrganisationId("org"); }

absl::StatusOr<std::unique_ptr<Store>> Store::Open(StoreOptions options) {
  std::unique_ptr<Store> store(new Store(options.seed));
  storage::DatabaseOptions database;
  database.path = options.folder / "rollcall.db";
  database.schemas = {ledger::LedgerSchema()};
  database.vfs = std::move(options.vfs);
  database.on_fatal = std::move(options.on_fatal);
  ASSIGN_OR_RETURN(store->database_, storage::OpenSqlite(std::move(database)));
  store->ledger_ = ledger::MakeSqlLedger(*store->database_, store->ids_, store->random_);
  return store;
}

const base::Uuid& RequestIdOf(const Request& request) {
  const auto* record = std::get_if<ledger::RecordRequest>(&request);
  return record != nullptr ? record->event.request_id
                           : std::get<ledger::UndoRequest>(request).request_id;
}

absl::StatusOr<ledger::RecordOutcome> Send(ledger::Ledger& ledger, const Request& request) {
  std::promise<absl::StatusOr<ledger::RecordOutcome>> answer;
  SendAsync(ledger, request, [&answer](absl::StatusOr<ledger::RecordOutcome> outcome) {
    answer.set_value(std::move(outcome));
  });
  return answer.get_future().get();
}

Workload::Workload(uint64_t seed, OnReceipt on_receipt, OnRequest on_request)
    : on_receipt_(std::move(on_receipt)),
      on_request_(std::move(on_request)),
      choices_(seed),
      clock_(kStart),
      random_(seed ^ 0x9e3779b97f4a7c15),
      ids_(clock_, random_) {
  people_.resize(kPeople);
}

ledger::RecordRequest Workload::Record(const Person& person, domain::Action action) {
  ledger::RecordRequest request;
  request.session = SessionNumber(person.session);
  request.event.session = request.session.key;
  request.event.volunteer_key = person.key;
  request.event.capture_time = clock_.Now();
  request.event.evidence = domain::EvidenceClass::kFace;
  request.event.proofs = {{domain::EvidenceClass::kFace, "template of 3 photos"}};
  request.event.source = domain::SourceKind::kCamera;
  request.event.kiosk = domain::KioskId("door-1");
  request.event.recorder = "local";
  request.event.practice = person.practice;
  request.event.token_id = ids_.Next();
  request.event.request_id = ids_.Next();
  request.action = action;
  request.payload_hash = base::Sha256(request.event.request_id.bytes);
  request.now = clock_.Now();
  return request;
}

ledger::UndoRequest Workload::Undo(const base::Uuid& event) {
  ledger::UndoRequest request;
  request.organisation = Organisation();
  request.event_id = event;
  request.request_id = ids_.Next();
  request.payload_hash = base::Sha256(request.request_id.bytes);
  request.kiosk = domain::KioskId("door-1");
  request.recorder = "local";
  request.now = clock_.Now();
  return request;
}

Request Workload::Next(Person& person) {
  const bool open = person.standing.size() % 2 == 1;
  if (!person.standing.empty() && choices_() % 5 == 0 &&
      clock_.Now() - person.standing.back().second < kUndoUntil) {
    return Undo(person.standing.back().first);
  }
  if (open) return Record(person, domain::Action::kOut);
  if (person.key.IsNil() || person.visits == kVisitsEach) {
    person = {ids_.Next(), static_cast<int>(choices_() % 4), choices_() % 8 == 0, 0, {}};
  }
  return Record(person, domain::Action::kIn);
}

// Small groups mostly, as at a door, and sometimes a crowd.
std::vector<std::pair<size_t, Request>> Workload::Choose() {
  std::vector<std::pair<size_t, Request>> group(waiting_.begin(), waiting_.end());
  waiting_.clear();
  std::set<size_t> busy;
  for (const auto& [person, request] : group) busy.insert(person);
  const size_t size = choices_() % 8 == 0 ? 8 + choices_() % 17 : 1 + choices_() % 4;
  while (group.size() < size) {
    const size_t person = choices_() % kPeople;
    if (!busy.insert(person).second) continue;
    group.emplace_back(person, Next(people_[person]));
  }
  return group;
}

bool Workload::Group(Store& store) {
  clock_.SetNow(kStart + ++groups_ * kStep);
  std::vector<Answer> answers;
  for (auto& [person, request] : Choose()) {
    if (on_request_) on_request_(request);
    sent_.emplace(RequestIdOf(request), request);
    answers.push_back({person, std::move(request), absl::UnknownError("no answer")});
  }
  Submit(store, answers);
  bool open = true;
  for (const Answer& answer : answers) open = Take(answer) && open;
  return open;
}

void Workload::Submit(Store& store, std::vector<Answer>& answers) {
  std::atomic<size_t> left{answers.size()};
  std::promise<void> all;
  {
    Gate gate(store.database());
    for (Answer& answer : answers) {
      SendAsync(store.ledger(), answer.request,
                [this, &answer, &left, &all](absl::StatusOr<ledger::RecordOutcome> outcome) {
                  if (on_receipt_ && outcome.ok() && outcome->receipt) {
                    on_receipt_(*outcome->receipt);
                  }
                  answer.outcome = std::move(outcome);
                  if (--left == 0) all.set_value();
                });
    }
    gate.Open();
  }
  all.get_future().wait();
}

bool Workload::Take(const Answer& answer) {
  const auto& outcome = answer.outcome;
  if (!outcome.ok()) {
    if (base::ErrorReason(outcome.status()) == "DATABASE_CLOSED") return false;
    const bool no_memory = base::Message(outcome.status()) == "out of memory";
    if (!no_memory && outcome.status().code() != absl::StatusCode::kUnavailable &&
        outcome.status().code() != absl::StatusCode::kResourceExhausted) {
      faults_.push_back("a request was refused: " + outcome.status().ToString());
      return true;
    }
    waiting_.emplace(answer.person, answer.request);
    return true;
  }
  if (!outcome->receipt) {
    faults_.push_back("a request came to nothing: decision " +
                      std::to_string(static_cast<int>(outcome->decision)));
    return true;
  }
  Person& person = people_[answer.person];
  const ledger::Receipt& receipt = *outcome->receipt;
  if (receipt.kind == domain::EventKind::kReversal) {
    person.standing.pop_back();
    return true;
  }
  if (receipt.kind == domain::EventKind::kCheckIn) ++person.visits;
  person.standing.emplace_back(receipt.event_id, receipt.record_time);
  return true;
}

}  // namespace rollcall::crash
