#ifndef ROLLCALL_BENCH_SPEED_ROUNDS_H_
#define ROLLCALL_BENCH_SPEED_ROUNDS_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/status.h"

// Two things measured in turns, so that whatever else the machine does meets both.
namespace rollcall::bench {

// Fewer say too little.
inline constexpr int32_t kLeastRounds = 30;

// The time by a clock that only goes forward.
using NanoClock = std::function<std::chrono::nanoseconds()>;
// The machine's.
NanoClock MachineNanoClock();

// What is measured; called with the number of the round, from 0; -1 is the round that is not
// counted.
using Work = std::function<absl::Status(int32_t round)>;

// Milliseconds of each work in each round: result[work][round].
using RoundTimes = std::vector<std::vector<double>>;

// Runs all of `works` in each of `rounds` rounds, after one round that is not counted. Who goes
// first changes from round to round, as whoever follows finds the other's cache. `repeat`: how
// often a work is called in its turn; its time is divided by that. Stops at the first error.
// Requires rounds >= 1 and repeat >= 1.
absl::StatusOr<RoundTimes> Interleave(int32_t rounds, int32_t repeat, const NanoClock& clock,
                                      const std::vector<Work>& works);

// How one side compares with the other.
struct Ratio {
  double ours = 0;   // median
  double peer = 0;   // median
  double ratio = 0;  // of the two medians
  // 10th and 90th percentile of the ratios of single rounds.
  double low = 0;
  double high = 0;
};

// Requires as many of `ours` as of `peer`, at least one, all above 0.
Ratio RatioOf(const std::vector<double>& ours, const std::vector<double>& peer);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_ROUNDS_H_
