#include "bench/timing.h"

#include "bench/statistics.h"

namespace rollcall::bench {

double Median(const Timing& timing) { return Quantile(timing.milliseconds, 0.5); }
double P99(const Timing& timing) { return Quantile(timing.milliseconds, 0.99); }

absl::StatusOr<Timing> Measure(std::string stage, std::string detail, int32_t rounds,
                               int32_t per_round, const base::Clock& clock,
                               const std::function<absl::Status()>& work) {
  Timing timing{std::move(stage), std::move(detail), {}};
  RETURN_IF_ERROR(work());
  for (int32_t round = 0; round < rounds; ++round) {
    const base::Duration start = clock.Monotonic();
    RETURN_IF_ERROR(work());
    const base::Duration took = clock.Monotonic() - start;
    timing.milliseconds.push_back(static_cast<double>(took.count()) / 1000 / per_round);
  }
  return timing;
}

}  // namespace rollcall::bench
