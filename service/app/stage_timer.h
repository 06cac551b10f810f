#ifndef ROLLCALL_APP_STAGE_TIMER_H_
#define ROLLCALL_APP_STAGE_TIMER_H_

#include <chrono>

#include "app/services.h"

namespace rollcall::app {

// Observes how long a step of recognition took, from its making to its end, in
// rollcall_stage_seconds.
class StageTimer {
 public:
  // `stage`: a constant, e.g. "decode".
  StageTimer(const Services& services, const char* stage)
      : clock_(services.clock),
        seconds_(services.metrics.GetHistogram("rollcall_stage_seconds",
                                               "Duration of the steps of recognition",
                                               base::SecondsBounds(), {{"stage", stage}})),
        start_(clock_.Monotonic()) {}
  ~StageTimer() {
    seconds_.Observe(std::chrono::duration<double>(clock_.Monotonic() - start_).count());
  }
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;

 private:
  const base::Clock& clock_;
  base::Metrics::Histogram& seconds_;
  const base::Duration start_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_STAGE_TIMER_H_
