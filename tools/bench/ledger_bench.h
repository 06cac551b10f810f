#ifndef ROLLCALL_BENCH_LEDGER_BENCH_H_
#define ROLLCALL_BENCH_LEDGER_BENCH_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "bench/progress.h"

namespace rollcall::bench {

struct LedgerBenchOptions {
  std::filesystem::path scratch;  // an empty folder on the disk to be measured
  int64_t rows = 1'000'000;       // of the large ledger, about 1.2 kB of disk each
  int64_t small_rows = 100'000;   // of the one it is compared with
  int32_t rounds = 300;
};

// One promise as a ratio of two things measured in turns, so that a busy machine or disk meets
// both.
struct LedgerRatio {
  std::string promise;
  std::string ours;   // what was measured, with its figure
  std::string other;  // the same of what it is held against
  double ratio = 0;
  double goal = 0;
  bool at_least = false;  // the ratio is to be at least `goal`; otherwise at most
  bool met() const { return at_least ? ratio >= goal : ratio <= goal; }
};

// Milliseconds for one row: one figure for each round on both sides.
struct CommitTimes {
  std::vector<double> group;   // 64 writers that each wait for their receipt
  std::vector<double> single;  // the same rows in SQLite, one durable commit each
};

// Both in turns, in `scratch`: an empty folder on the disk to be measured.
absl::StatusOr<CommitTimes> MeasureCommits(const std::filesystem::path& scratch, int32_t rounds,
                                           const base::Clock& clock);

// Makes two ledgers and measures. Errors of the disk and of the ledger.
absl::StatusOr<std::vector<LedgerRatio>> MeasureLedger(const LedgerBenchOptions& options,
                                                       const base::Clock& clock,
                                                       Progress& progress);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_LEDGER_BENCH_H_
