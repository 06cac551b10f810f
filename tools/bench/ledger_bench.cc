#include "bench/ledger_bench.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "base/file_descriptor.h"
#include "base/random.h"
#include "base/uuid.h"
#include "bench/format.h"
#include "bench/timing.h"
#include "hours/policy.h"
#include "ledger/accounts.h"
#include "ledger/derive.h"
#include "ledger/ledger.h"
#include "ledger/log_table.h"
#include "ledger/log_tree.h"
#include "ledger/log_writer.h"
#include "ledger/person.h"
#include "ledger/proofs.h"
#include "proof/merkle.h"
#include "storage/database.h"

namespace rollcall::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kWriters = 64;
constexpr int kVisitsEach = 5;  // of a writer in one round
constexpr int64_t kVolunteers = 50'000;
constexpr int32_t kRowsPerCommit = 10'000;  // while a ledger is filled

// A ledger on disk, and visits for it: people come and go one after the other, each once a day, in
// sessions of 50,000, as a large organisation's would.
class LedgerUnderTest {
 public:
  static absl::StatusOr<std::unique_ptr<LedgerUnderTest>> Make(const fs::path& path,
                                                               const base::Clock& clock) {
    std::unique_ptr<LedgerUnderTest> made(new LedgerUnderTest(clock));
    storage::DatabaseOptions options;
    options.path = path;
    options.schemas = {ledger::LedgerSchema()};
    ASSIGN_OR_RETURN(made->database_, storage::OpenSqlite(std::move(options)));
    made->ledger_ = ledger::MakeSqlLedger(*made->database_, made->ids_, made->random_);
    made->proofs_ =
        ledger::MakeProofs(*made->database_, ledger::MakeLedgerKey(std::array<uint8_t, 32>{1}));
    return made;
  }

  ledger::Ledger& ledger() { return *ledger_; }
  ledger::Proofs& proofs() { return *proofs_; }
  storage::Database& database() { return *database_; }

  // Records the next visit: the check-in, and when that is durable the check-out. Thread-safe.
  absl::Status Visit() {
    const int64_t visit = next_++;
    RETURN_IF_ERROR(Record(visit, domain::Action::kIn));
    return Record(visit, domain::Action::kOut);
  }
  // Records the next half of a visit. Not thread-safe.
  absl::Status Append() {
    if (std::exchange(inside_, !inside_)) return Record(next_ - 1, domain::Action::kOut);
    return Record(next_++, domain::Action::kIn);
  }

  // Appends the rows of visits as Visit would, some thousand in a commit, until there are `rows`.
  absl::Status Fill(int64_t rows, Progress& progress) {
    ledger::LogWriter writer(random_);
    for (int64_t written = 0; written < rows;) {
      const int64_t first = written;
      const absl::Status filled = database_->Write([&](storage::Connection& c) -> absl::Status {
        const auto append = [&](const ledger::Row& row) {
          ++written;
          return writer.Append(c, row).status();
        };
        if (written == 0) {
          RETURN_IF_ERROR(append(ledger::PolicyRow{SessionOf(0).key.organisation, first_day_,
                                                   hours::DefaultPolicy()}));
        }
        while (written < std::min(rows, first + kRowsPerCommit)) {
          for (const ledger::Row& row : RowsOf(next_++)) RETURN_IF_ERROR(append(row));
        }
        return absl::OkStatus();
      });
      RETURN_IF_ERROR(filled);
      progress.Add(written - first);
    }
    return absl::OkStatus();
  }

 private:
  explicit LedgerUnderTest(const base::Clock& clock)
      : first_day_(std::chrono::sys_days(std::chrono::year(2024) / 1 / 1)), ids_(clock, random_) {}

  static base::Uuid Numbered(uint8_t kind, int64_t number) {
    base::Uuid id;
    id.bytes[0] = kind;
    for (size_t i = 0; i < 8; ++i) id.bytes[15 - i] = static_cast<uint8_t>(number >> (8 * i));
    return id;
  }
  domain::Session SessionOf(int64_t visit) const {
    const int64_t day = visit / kVolunteers;
    domain::Session session;
    session.key = {domain::OrganisationId("bench"), domain::ActivityId("bench"),
                   domain::SessionId("s" + std::to_string(day))};
    session.starts = first_day_ + std::chrono::days(day);
    session.ends = session.starts + std::chrono::hours(8);
    return session;
  }
  domain::AttendanceEvent EventOf(int64_t visit, domain::EventKind kind) const {
    const domain::Session session = SessionOf(visit);
    const int64_t half = 2 * visit + (kind == domain::EventKind::kCheckOut ? 1 : 0);
    domain::AttendanceEvent event;
    event.kind = kind;
    event.session = session.key;
    event.volunteer_key = Numbered(1, visit % kVolunteers);
    event.record_time = session.starts + (kind == domain::EventKind::kCheckIn
                                              ? std::chrono::hours(1)
                                              : std::chrono::hours(3));
    event.capture_time = event.record_time;
    event.source = domain::SourceKind::kCamera;
    event.kiosk = domain::KioskId("bench");
    event.recorder = "bench";
    event.proofs = {{domain::EvidenceClass::kFace, "template of 3 photos, 3 frames"}};
    event.token_id = Numbered(2, half);
    event.request_id = Numbered(3, half);
    return event;
  }

  absl::Status Record(int64_t visit, domain::Action action) {
    ledger::RecordRequest request;
    request.session = SessionOf(visit);
    request.action = action;
    request.event = EventOf(visit, action == domain::Action::kIn ? domain::EventKind::kCheckIn
                                                                 : domain::EventKind::kCheckOut);
    request.now = request.event.record_time;
    std::promise<absl::Status> done;
    ledger_->RecordAsync(std::move(request), [&done](absl::StatusOr<ledger::RecordOutcome> outcome) {
      if (outcome.ok() && !outcome->receipt) outcome = absl::InternalError("refused");
      done.set_value(outcome.status());
    });
    return done.get_future().get();
  }

  // In, out and the entry, as the ledger writes them.
  std::vector<ledger::Row> RowsOf(int64_t visit) {
    const domain::Session session = SessionOf(visit);
    ledger::Person person(Numbered(1, visit % kVolunteers));
    std::vector<ledger::Row> rows;
    ledger::EventRow row;
    for (const auto kind : {domain::EventKind::kCheckIn, domain::EventKind::kCheckOut}) {
      row.event = EventOf(visit, kind);
      row.event.event_id = ids_.Next();
      row.session_starts = session.starts;
      row.session_ends = session.ends;
      row.activity_length = session.ends - session.starts;
      person.Add(row);
      rows.push_back(row);
    }
    auto entries = ledger::EntriesAfter(
        person, {row.event.event_id, row.event.record_time, {}, hours::DefaultPolicy()},
        [](const auto&, const auto&) -> absl::StatusOr<hours::PolicyPtr> { return nullptr; });
    ROLLCALL_CHECK(entries.ok());
    for (ledger::EntryRow& entry : *entries) {
      entry.entry_id = ids_.Next();
      rows.push_back(std::move(entry));
    }
    return rows;
  }

  const base::Time first_day_;
  base::SystemRandom random_;
  base::UuidV7Generator ids_;
  std::atomic<int64_t> next_ = 0;
  bool inside_ = false;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<ledger::Proofs> proofs_;
};

absl::Status SqliteError(sqlite3* database) {
  return base::MakeError(absl::StatusCode::kInternal, "SQL", sqlite3_errmsg(database));
}

// SQLite as one would use it without more thought: the same rows in the same table with the same
// indexes, one durable commit each.
class PlainTable {
 public:
  static absl::StatusOr<std::unique_ptr<PlainTable>> Make(const fs::path& path) {
    std::unique_ptr<PlainTable> made(new PlainTable);
    const std::string schema = ledger::LedgerSchema().migrations.front().sql;
    if (sqlite3_open(path.c_str(), &made->database_) != SQLITE_OK ||
        sqlite3_exec(made->database_, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", nullptr,
                     nullptr, nullptr) != SQLITE_OK ||
        sqlite3_exec(made->database_, schema.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK ||
        sqlite3_prepare_v2(made->database_,
                           "INSERT INTO ledger_log (organisation, seq, format, salt, body, kind,"
                           " id, activity, session, volunteer_key, practice, request_id,"
                           " payload_hash, token_id)"
                           " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                           -1, &made->insert_, nullptr) != SQLITE_OK) {
      return SqliteError(made->database_);
    }
    return made;
  }
  ~PlainTable() {
    sqlite3_finalize(insert_);
    sqlite3_close(database_);
  }

  absl::Status Insert(const ledger::StoredRow& row) {
    const ledger::IndexColumns& c = row.columns;
    int at = 0;
    const auto text = [&](const std::string& value) {
      sqlite3_bind_text(insert_, ++at, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    };
    const auto blob = [&](std::span<const uint8_t> value) {
      sqlite3_bind_blob(insert_, ++at, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    };
    const auto uuid = [&](const base::Uuid& id) {
      if (id.IsNil()) {
        sqlite3_bind_null(insert_, ++at);
      } else {
        blob(id.bytes);
      }
    };
    text(c.organisation);
    sqlite3_bind_int64(insert_, ++at, ++rows_);
    sqlite3_bind_int64(insert_, ++at, row.format);
    blob(row.salt);
    blob(row.body);
    sqlite3_bind_int64(insert_, ++at, static_cast<int64_t>(c.kind));
    uuid(c.id);
    text(c.activity);
    text(c.session);
    uuid(c.volunteer_key);
    sqlite3_bind_int64(insert_, ++at, c.practice ? 1 : 0);
    uuid(c.request_id);
    blob(c.payload_hash);
    uuid(c.token_id);
    const bool done = sqlite3_step(insert_) == SQLITE_DONE;
    sqlite3_reset(insert_);
    return done ? absl::OkStatus() : SqliteError(database_);
  }

 private:
  PlainTable() = default;
  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  int64_t rows_ = 0;
};

absl::StatusOr<double> Milliseconds(const base::Clock& clock,
                                    const std::function<absl::Status()>& work) {
  const base::Duration start = clock.Monotonic();
  RETURN_IF_ERROR(work());
  return std::chrono::duration<double, std::milli>(clock.Monotonic() - start).count();
}

double MedianOf(std::vector<double> values) { return Median({"", "", std::move(values)}); }

std::string Rate(double milliseconds_each) {
  return Thousands(static_cast<int64_t>(1000 / milliseconds_each)) + " rows/s";
}
std::string Ms(double value) { return Fixed(value, value < 0.1 ? 4 : 2) + " ms"; }

// 64 threads that each wait for their own receipt, and a signature at the end of each round.
absl::StatusOr<CommitTimes> CommitRounds(LedgerUnderTest& ours, const fs::path& scratch,
                                         int32_t rounds, const base::Clock& clock) {
  ASSIGN_OR_RETURN(const auto plain, PlainTable::Make(scratch / "plain.db"));
  CommitTimes times;
  for (int32_t round = 0; round < rounds; ++round) {
    ASSIGN_OR_RETURN(const int64_t before, ours.ledger().LastSequence());
    std::atomic<bool> failed = false;
    ASSIGN_OR_RETURN(const double taken, Milliseconds(clock, [&]() -> absl::Status {
                       {
                         std::vector<std::jthread> writers;
                         for (int i = 0; i < kWriters; ++i) {
                           writers.emplace_back([&] {
                             for (int n = 0; n < kVisitsEach; ++n)
                               failed = !ours.Visit().ok() || failed;
                           });
                         }
                       }
                       return ours.proofs().Checkpoint().status();
                     }));
    if (failed) return absl::InternalError("a visit of the bench failed");
    ASSIGN_OR_RETURN(const int64_t after, ours.ledger().LastSequence());
    times.group.push_back(taken / static_cast<double>(after - before));
    ASSIGN_OR_RETURN(const auto rows, ours.database().Read([&](storage::Connection& c) {
      return ledger::ReadRows(c, before, INT64_MAX, kWriters);
    }));
    std::vector<double> each;
    for (const ledger::StoredRow& row : rows) {
      ASSIGN_OR_RETURN(const double one, Milliseconds(clock, [&] { return plain->Insert(row); }));
      each.push_back(one);
    }
    times.single.push_back(MedianOf(each));
  }
  return times;
}

absl::StatusOr<LedgerRatio> GroupCommit(LedgerUnderTest& ours, const fs::path& scratch,
                                        int32_t rounds, const base::Clock& clock) {
  ASSIGN_OR_RETURN(const CommitTimes times,
                   CommitRounds(ours, scratch, std::max(3, rounds / 20), clock));
  const double group_ms = MedianOf(times.group);
  const double single_ms = MedianOf(times.single);
  return LedgerRatio{"group commit, 64 writers, tree and signatures included",
                     Rate(group_ms),
                     "the same rows, one SQLite commit each: " + Rate(single_ms),
                     single_ms / group_ms,
                     10,
                     true};
}

absl::StatusOr<LedgerRatio> OneWriter(LedgerUnderTest& ours, const fs::path& scratch,
                                      int32_t rounds, const base::Clock& clock) {
  const base::FileDescriptor file(
      open((scratch / "bare").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  const std::string row(600, 'r');
  std::vector<double> ledger;
  std::vector<double> bare;
  for (int32_t round = -1; round < rounds; ++round) {
    ASSIGN_OR_RETURN(const double append, Milliseconds(clock, [&] { return ours.Append(); }));
    ASSIGN_OR_RETURN(
        const double write, Milliseconds(clock, [&]() -> absl::Status {
          if (::write(file.get(), row.data(), row.size()) == static_cast<ssize_t>(row.size()) &&
              fdatasync(file.get()) == 0) {
            return absl::OkStatus();
          }
          return absl::InternalError("the scratch folder cannot be written");
        }));
    if (round < 0) continue;
    ledger.push_back(append);
    bare.push_back(write);
  }
  return LedgerRatio{"one writer, median",
                     Ms(MedianOf(ledger)),
                     "600 bytes appended and fdatasync: " + Ms(MedianOf(bare)),
                     MedianOf(ledger) / MedianOf(bare),
                     1.3,
                     false};
}

// `work` on the large ledger and on the small one in turns, medians.
absl::StatusOr<LedgerRatio> Sizes(std::string promise, double goal, LedgerUnderTest& large,
                                  LedgerUnderTest& small, const LedgerBenchOptions& options,
                                  const base::Clock& clock,
                                  const std::function<absl::Status(LedgerUnderTest&)>& work) {
  std::vector<double> at_large;
  std::vector<double> at_small;
  for (int32_t round = -1; round < options.rounds; ++round) {
    ASSIGN_OR_RETURN(const double a, Milliseconds(clock, [&] { return work(large); }));
    ASSIGN_OR_RETURN(const double b, Milliseconds(clock, [&] { return work(small); }));
    if (round < 0) continue;
    at_large.push_back(a);
    at_small.push_back(b);
  }
  return LedgerRatio{std::move(promise),
                     Thousands(options.rows) + " rows: " + Ms(MedianOf(at_large)),
                     Thousands(options.small_rows) + " rows: " + Ms(MedianOf(at_small)),
                     MedianOf(at_large) / MedianOf(at_small),
                     goal,
                     false};
}

absl::StatusOr<LedgerRatio> Proof(LedgerUnderTest& large, const LedgerBenchOptions& options,
                                  const base::Clock& clock) {
  base::SystemRandom random;
  std::vector<double> taken;
  for (int32_t round = -1; round < options.rounds; ++round) {
    std::array<uint8_t, 8> bytes{};
    random.Fill(bytes);
    uint64_t leaf = 0;
    for (const uint8_t byte : bytes) leaf = leaf << 8 | byte;
    leaf %= static_cast<uint64_t>(options.rows);
    ASSIGN_OR_RETURN(
        const double one, Milliseconds(clock, [&]() -> absl::Status {
          return large.database().Read([&](storage::Connection& c) -> absl::Status {
            ASSIGN_OR_RETURN(const int64_t size, ledger::LastSequence(c));
            ledger::NodeTable nodes(c);
            return proof::ProveInclusion(leaf, static_cast<uint64_t>(size), nodes).status();
          });
        }));
    if (round >= 0) taken.push_back(one);
  }
  return LedgerRatio{"inclusion proof of a random row, median",
                     Ms(MedianOf(taken)),
                     "1 ms",
                     MedianOf(taken),
                     1,
                     false};
}

absl::StatusOr<LedgerRatio> Verification(LedgerUnderTest& small, const base::Clock& clock) {
  std::vector<double> verify;
  std::vector<double> hash;
  int64_t bytes = 0;
  for (int round = 0; round < 3; ++round) {
    ASSIGN_OR_RETURN(const double whole, Milliseconds(clock, [&]() -> absl::Status {
                       ASSIGN_OR_RETURN(const ledger::VerifyReport report, small.ledger().Verify());
                       return report.fault ? absl::DataLossError(report.fault->what)
                                           : absl::OkStatus();
                     }));
    verify.push_back(whole);
    bytes = 0;
    double plain = 0;
    int64_t after = 0;
    while (true) {
      ASSIGN_OR_RETURN(const auto rows, small.database().Read([&](storage::Connection& c) {
        return ledger::ReadRows(c, after, INT64_MAX, 10'000);
      }));
      if (rows.empty()) break;
      after = rows.back().sequence;
      ASSIGN_OR_RETURN(const double taken, Milliseconds(clock, [&]() -> absl::Status {
                         for (const ledger::StoredRow& row : rows) {
                           (void)base::Sha256(row.body);
                           bytes += static_cast<int64_t>(row.body.size());
                         }
                         return absl::OkStatus();
                       }));
      plain += taken;
    }
    hash.push_back(plain);
  }
  const auto speed = [&](double ms) {
    return Fixed(static_cast<double>(bytes) / 1e3 / ms, 0) + " MB/s";
  };
  return LedgerRatio{"full verification of " + Thousands(bytes / 1'000'000) + " MB of rows",
                     speed(MedianOf(verify)),
                     "SHA-256 of the same bytes: " + speed(MedianOf(hash)),
                     MedianOf(hash) / MedianOf(verify),
                     0.5,
                     true};
}

}  // namespace

absl::StatusOr<CommitTimes> MeasureCommits(const fs::path& scratch, int32_t rounds,
                                           const base::Clock& clock) {
  ASSIGN_OR_RETURN(const auto ledger, LedgerUnderTest::Make(scratch / "ledger.db", clock));
  return CommitRounds(*ledger, scratch, rounds, clock);
}

absl::StatusOr<std::vector<LedgerRatio>> MeasureLedger(const LedgerBenchOptions& options,
                                                       const base::Clock& clock,
                                                       Progress& progress) {
  ASSIGN_OR_RETURN(const auto small, LedgerUnderTest::Make(options.scratch / "small.db", clock));
  ASSIGN_OR_RETURN(const auto large, LedgerUnderTest::Make(options.scratch / "large.db", clock));
  RETURN_IF_ERROR(small->Fill(options.small_rows, progress));
  RETURN_IF_ERROR(large->Fill(options.rows, progress));
  std::vector<LedgerRatio> ratios;
  const auto add = [&](absl::StatusOr<LedgerRatio> ratio) -> absl::Status {
    RETURN_IF_ERROR(ratio.status());
    ratios.push_back(*std::move(ratio));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(add(Verification(*small, clock)));
  RETURN_IF_ERROR(add(GroupCommit(*small, options.scratch, options.rounds, clock)));
  RETURN_IF_ERROR(add(OneWriter(*small, options.scratch, options.rounds, clock)));
  RETURN_IF_ERROR(add(Sizes("append to a large ledger", 1.25, *large, *small, options, clock,
                            [](LedgerUnderTest& one) { return one.Append(); })));
  RETURN_IF_ERROR(add(Proof(*large, options, clock)));
  return ratios;
}

}  // namespace rollcall::bench
