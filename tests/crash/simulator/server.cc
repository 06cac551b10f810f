#include "simulator/server.h"

#include <array>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <utility>

#include "support/environment.h"

namespace rollcall::simulator {
namespace {

// The name under which the database lies on the simulated disk. storage looks for a real file of
// this name before it asks the file system, and takes an empty one for damage: one byte stands for
// it.
const std::filesystem::path& DatabasePath() {
  static const support::TempDir folder;
  static const std::filesystem::path path = [] {
    const auto file = folder.path() / "rollcall.db";
    support::WriteFile(file, "x");
    return file;
  }();
  return path;
}

// For answers that never come, which is a violation: not part of any run that goes well.
constexpr std::chrono::seconds kLongestWait(30);

// Keeps the database's thread busy, so that what is queued meanwhile becomes one batch.
class Gate {
 public:
  explicit Gate(storage::Database& database) {
    std::future<void> entered = entered_.get_future();
    // Takes its transaction back: the gate itself writes nothing.
    database.WriteAsync(
        [this](storage::Connection&) {
          inside_ = true;
          entered_.set_value();
          open_.get_future().wait();
          return absl::CancelledError("gate");
        },
        [this](const absl::Status&) {
          if (!inside_) entered_.set_value();
          gone_.set_value();
        });
    entered.wait();
  }
  void Open() { open_.set_value(); }
  ~Gate() { gone_.get_future().wait(); }

 private:
  bool inside_ = false;  // on the database's thread
  std::promise<void> entered_;
  std::promise<void> open_;
  std::promise<void> gone_;
};

}  // namespace

struct Server::Answers {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Given> given;
  size_t answered = 0;
};

Server::Server(SimDisk& disk, const base::Clock& clock, const std::vector<Place>& places,
               uint64_t seed)
    : disk_(disk), clock_(clock), places_(places), seed_(seed) {}

absl::Status Server::Start() {
  fatal_ = false;
  ++lives_;
  random_ = std::make_unique<base::SeededRandom>(seed_ * 1'000'003 + lives_);
  ids_ = std::make_unique<base::UuidV7Generator>(clock_, *random_);
  storage::DatabaseOptions options;
  options.path = DatabasePath();
  options.schemas = {ledger::LedgerSchema()};
  options.vfs = disk_.name();
  options.on_fatal = [this](const absl::Status&) {
    fatal_ = true;
    fatal_.notify_all();
  };
  ASSIGN_OR_RETURN(database_, storage::OpenSqlite(std::move(options)));
  ledger_ = ledger::MakeSqlLedger(*database_, *ids_, *random_);
  proofs_ = ledger::MakeProofs(*database_, Key());
  return ledger_->CatchUp();
}

proof::SigningKey Server::Key() {
  constexpr std::array<uint8_t, proof::SigningKey::kSeedSize> kSeed{1, 2, 3};
  return ledger::MakeLedgerKey(kSeed);
}

absl::StatusOr<Totals> Server::ReadTotals() {
  return database_->Read([](storage::Connection& c) -> absl::StatusOr<Totals> {
    ASSIGN_OR_RETURN(const auto rows,
                     c.Query("SELECT (SELECT COALESCE(MAX(seq), 0) FROM ledger_log),"
                             " (SELECT COALESCE(SUM(minutes), 0) FROM ledger_account)"));
    ASSIGN_OR_RETURN(const bool there, rows->Next());
    if (!there) return absl::InternalError("no totals");
    return Totals{rows->Int64(0), rows->Int64(1)};
  });
}

void Server::Stop() {
  proofs_.reset();
  ledger_.reset();
  database_.reset();
}

void Server::Submit(const Arrived& arrived, const Rules& rules,
                    const std::shared_ptr<Answers>& answers, size_t index) {
  const Ask& ask = arrived.ask;
  auto done = [this, answers, index](absl::StatusOr<ledger::RecordOutcome> outcome) {
    const bool after_death = died();
    const std::lock_guard lock(answers->mutex);
    Given& answer = answers->given[index];
    answer.after_death = after_death;
    answer.outcome = std::move(outcome);
    if (++answer.answers == 1) ++answers->answered;
    answers->changed.notify_all();
  };
  if (ask.undo) {
    ledger::UndoRequest undo;
    undo.organisation = domain::OrganisationId(ask.organisation);
    undo.event_id = ask.event;
    undo.request_id = ask.request_id;
    undo.payload_hash = ask.payload;
    undo.undo_window = rules.visits.undo_window;
    undo.kiosk = domain::KioskId("door-" + std::to_string(ask.kiosk));
    undo.recorder = ask.recorder;
    undo.now = arrived.now;
    return ledger_->UndoAsync(std::move(undo), std::move(done));
  }
  const Place& place = places_[static_cast<size_t>(ask.place)];
  ledger::RecordRequest record;
  record.session = SessionOf(place);
  record.event.session = record.session.key;
  record.event.volunteer_key = ask.volunteer;
  record.event.capture_time = ask.captured;
  record.event.evidence = ask.evidence;
  record.event.proofs = {{ask.evidence, "simulated"}};
  record.event.source = ask.evidence == domain::EvidenceClass::kFace ? domain::SourceKind::kCamera
                                                                     : domain::SourceKind::kNone;
  record.event.kiosk = domain::KioskId("door-" + std::to_string(ask.kiosk));
  record.event.recorder = ask.recorder;
  record.event.practice = ask.practice;
  record.event.token_id = ask.token;
  record.event.second_token_id = ask.second_token;
  record.event.request_id = ask.request_id;
  record.action = ask.action;
  record.rules = rules.visits;
  record.policy = rules.policy;
  record.activity_length = place.activity_length;
  record.payload_hash = ask.payload;
  record.now = arrived.now;
  ledger_->RecordAsync(std::move(record), std::move(done));
}

std::vector<Given> Server::Take(const std::vector<Arrived>& asks, const Rules& rules,
                                absl::StatusOr<Totals>* totals) {
  const auto answers = std::make_shared<Answers>();
  answers->given.resize(asks.size());
  if (asks.size() == 1 && asks[0].ask.staff) {
    answers->given[0] = TakeStaff(asks[0], rules);
    answers->answered = 1;
  } else if (asks.size() == 1) {
    Submit(asks[0], rules, answers, 0);
  } else {
    Gate gate(*database_);
    for (size_t i = 0; i < asks.size(); ++i) Submit(asks[i], rules, answers, i);
    gate.Open();
  }
  // Behind everything above, and behind the checkpoint that may follow it.
  *totals = ReadTotals();
  if (base::ErrorReason(totals->status()) == "DATABASE_CLOSED") {
    // The database gave up, and said so to the reader before it had finished with its writes.
    fatal_.wait(false);
  }
  std::unique_lock lock(answers->mutex);
  answers->changed.wait_for(lock, kLongestWait,
                            [&] { return answers->answered == answers->given.size(); });
  // An act of staff that was taken was so before whatever made the process die behind it.
  if (asks[0].ask.staff) answers->given[0].after_death = died() && !answers->given[0].staff;
  return answers->given;
}

}  // namespace rollcall::simulator
