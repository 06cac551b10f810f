#include "app/frame_slot.h"

#include <utility>

namespace rollcall::app {

bool FrameSlot::Put(Frame frame, base::Duration now) {
  if (waiting_) {
    ++dropped_;
    Lose(*waiting_);
  }
  frame.starts_visit = std::exchange(next_starts_visit_, false) || frame.starts_visit;
  waiting_ = std::move(frame);
  since_ = now;
  return !std::exchange(turn_, true);
}

std::optional<FrameSlot::Taken> FrameSlot::Take(base::Duration now, base::Duration patience) {
  if (!waiting_) return std::nullopt;
  Taken taken{*std::move(waiting_), false};
  waiting_.reset();
  taken.too_late = now - since_ > patience && !taken.frame.ends_visit;
  if (taken.too_late) Lose(taken.frame);
  return taken;
}

bool FrameSlot::Done() {
  turn_ = waiting_.has_value();
  return turn_;
}

void FrameSlot::Lose(const Frame& frame) {
  if (!frame.starts_visit && !frame.ends_visit) return;
  // One that waits is newer than what is lost.
  if (waiting_ && waiting_->frame_id > frame.frame_id) {
    waiting_->starts_visit = true;
  } else {
    next_starts_visit_ = true;
  }
}

std::optional<Frame> FrameSlot::GiveUp() {
  turn_ = false;
  return std::exchange(waiting_, std::nullopt);
}

int32_t FrameSlot::TakeDropped() { return std::exchange(dropped_, 0); }

}  // namespace rollcall::app
