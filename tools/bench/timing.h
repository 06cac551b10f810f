#ifndef ROLLCALL_BENCH_TIMING_H_
#define ROLLCALL_BENCH_TIMING_H_

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"

namespace rollcall::bench {

// How long one stage took, many times.
struct Timing {
  std::string stage;                 // "decode"
  std::string detail;                // "JPEG 1280 x 720, 143 kB"
  std::vector<double> milliseconds;  // one entry a repetition; not empty
};

// Middle value and the one that 99 of 100 repetitions stay below.
double Median(const Timing& timing);
double P99(const Timing& timing);

// Runs `work` `rounds` times after one unmeasured round and measures each. `per_round`: how often
// `work` does the thing in one call, for things too short for the clock. Stops at the first error.
absl::StatusOr<Timing> Measure(std::string stage, std::string detail, int32_t rounds,
                               int32_t per_round, const base::Clock& clock,
                               const std::function<absl::Status()>& work);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_TIMING_H_
