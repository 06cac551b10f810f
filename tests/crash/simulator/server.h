#ifndef ROLLCALL_TESTS_CRASH_SIMULATOR_SERVER_H_
#define ROLLCALL_TESTS_CRASH_SIMULATOR_SERVER_H_

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/uuid.h"
#include "ledger/ledger.h"
#include "ledger/proofs.h"
#include "proof/keys.h"
#include "simulator/oracle.h"
#include "simulator/sim_disk.h"
#include "storage/database.h"

namespace rollcall::simulator {

// An ask as the server got it.
struct Arrived {
  Ask ask;
  base::Time now;  // the server's clock when it took it
};

struct Given {
  absl::StatusOr<ledger::RecordOutcome> outcome = absl::UnknownError("never answered");
  int answers = 0;           // must become 1
  bool after_death = false;  // answered when the disk was dead or the process had to end already
  std::optional<StaffAnswer> staff;  // of an act of staff that was taken; `outcome` is empty then
};

struct Totals {
  int64_t rows = 0;     // the number of the last one
  int64_t minutes = 0;  // of all accounts together
};

// As the registry has it.
domain::Session SessionOf(const Place& place);

// The server's process: the real ledger over the real storage on a SimDisk, one life at a time.
// Each call returns when the database's thread has nothing left to do, so that a run depends on
// nothing but its choices.
//
// Thread-safety: none; the database's own thread is waited for.
class Server {
 public:
  // `disk`, `clock` and `places` must outlive it. `seed`: of ids and salts.
  Server(SimDisk& disk, const base::Clock& clock, const std::vector<Place>& places, uint64_t seed);
  ~Server() { Stop(); }

  // Starts a process. The errors of storage::OpenSqlite and Ledger::CatchUp.
  absl::Status Start();
  // An orderly end where the disk works, else what is left of the process goes.
  void Stop();
  bool running() const { return database_ != nullptr; }
  // Whether the process has died: the disk stopped, or the database gave up.
  bool died() const { return fatal_ || disk_.dead(); }

  // Has `asks` wait together, and so be one group commit. At most DatabaseOptions::max_batch; an act of
  // staff, for which the ledger lets its caller wait, comes alone. Sets `totals` to what the tables
  // say afterwards.
  std::vector<Given> Take(const std::vector<Arrived>& asks, const Rules& rules,
                          absl::StatusOr<Totals>* totals);

  ledger::Ledger& ledger() { return *ledger_; }
  ledger::Proofs& proofs() { return *proofs_; }
  storage::Database& database() { return *database_; }

  // The key under which the ledger signs: the same in every life.
  static proof::SigningKey Key();

 private:
  absl::StatusOr<Totals> ReadTotals();
  // server_staff.cc. Without after_death.
  Given TakeStaff(const Arrived& arrived, const Rules& rules);
  struct Answers;
  void Submit(const Arrived& arrived, const Rules& rules,
              const std::shared_ptr<Answers>& answers, size_t index);

  SimDisk& disk_;
  const base::Clock& clock_;
  const std::vector<Place>& places_;
  const uint64_t seed_;
  uint64_t lives_ = 0;
  std::atomic<bool> fatal_{false};
  std::unique_ptr<base::SeededRandom> random_;
  std::unique_ptr<base::UuidV7Generator> ids_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<ledger::Proofs> proofs_;
};

}  // namespace rollcall::simulator

#endif  // ROLLCALL_TESTS_CRASH_SIMULATOR_SERVER_H_
