#ifndef ROLLCALL_RECOGNITION_STAGE_TIMES_H_
#define ROLLCALL_RECOGNITION_STAGE_TIMES_H_

#include "base/clock.h"

namespace rollcall::recognition {

// Where the time of an analysis goes; for the bench. Thread-safety: none.
struct StageTimes {
  // `clock` must outlive the object.
  explicit StageTimes(const base::Clock& monotonic) : clock(monotonic) {}

  const base::Clock& clock;
  // Sums over the faces of all pictures analysed so far.
  base::Duration detect{};   // faces in the picture
  base::Duration align{};    // landmarks and the aligned crop
  base::Duration quality{};  // what was measured on the crop, liveness, eyes
  base::Duration embed{};    // the unit vector
};

// Adds the time from its making to its end to one of the sums. Nothing where `times` is null.
class StageWatch {
 public:
  StageWatch(StageTimes* times, base::Duration StageTimes::*stage)
      : times_(times),
        stage_(stage),
        start_(times == nullptr ? base::Duration{} : times->clock.Monotonic()) {}
  ~StageWatch() {
    if (times_ != nullptr) times_->*stage_ += times_->clock.Monotonic() - start_;
  }
  StageWatch(const StageWatch&) = delete;
  StageWatch& operator=(const StageWatch&) = delete;

 private:
  StageTimes* const times_;
  base::Duration StageTimes::*const stage_;
  const base::Duration start_;
};

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_STAGE_TIMES_H_
