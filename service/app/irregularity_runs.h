#ifndef ROLLCALL_APP_IRREGULARITY_RUNS_H_
#define ROLLCALL_APP_IRREGULARITY_RUNS_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "irregularities/finding.h"

namespace rollcall::app {

// What the last runs over the ledger found, for the pages that follow. A run is determined by the
// ledger up to a row, which never changes, and by the time at which it was made, under the one
// policy of this server; so what is kept cannot be out of date. Bounded in number and in bytes: the
// one that nobody has asked for the longest goes first. Thread-safe.
class IrregularityRuns {
 public:
  using Findings = std::shared_ptr<const std::vector<irregularities::Finding>>;  // by time

  static constexpr size_t kMaxRuns = 4;
  static constexpr size_t kMaxBytes = 32 << 20;  // of all; estimated

  explicit IrregularityRuns(size_t max_bytes = kMaxBytes) : max_bytes_(max_bytes) {}

  // Null: not kept. `last`: sequence number of the last row read. `now`: Detector::Finish.
  Findings Find(int64_t last, base::Time now);
  // A run that alone is too large is not kept.
  void Keep(int64_t last, base::Time now, Findings findings);

 private:
  struct Run {
    int64_t last = 0;
    base::Time now;
    Findings findings;
    size_t bytes = 0;
  };

  const size_t max_bytes_;
  base::Mutex mutex_;
  std::list<Run> runs_ ABSL_GUARDED_BY(mutex_);  // the one asked for last in front
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;     // of all
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_IRREGULARITY_RUNS_H_
