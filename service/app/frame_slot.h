#ifndef ROLLCALL_APP_FRAME_SLOT_H_
#define ROLLCALL_APP_FRAME_SLOT_H_

#include <cstdint>
#include <optional>

#include "app/look_input.h"
#include "base/clock.h"

namespace rollcall::app {

// Where the frames of one stream wait for a worker: room for one, and the newest takes it. At most
// one turn is under way, from the Put that asks for it to the Done that ends it. Visits never run
// together by what is lost here: the next frame starts a visit where a lost one started or ended
// one. Thread-safety: none.
class FrameSlot {
 public:
  // Puts `frame` in the place of the one that waits, which is counted as dropped. Returns whether a
  // turn has to be asked for. `now`: monotonic, as below.
  bool Put(Frame frame, base::Duration now);

  struct Taken {
    Frame frame;
    // It has waited longer than `patience` and is lost: to be answered, not to be looked at. Never
    // so where it ends its visit, since no newer one comes then.
    bool too_late = false;
  };
  // The turn has come: hands out the frame that waits. Nothing where it was cleared meanwhile; Done
  // is due all the same.
  std::optional<Taken> Take(base::Duration now, base::Duration patience);

  // The turn is over. Returns whether another frame waits, for which a turn has to be asked for.
  bool Done();

  // A frame that nobody will look at, here or elsewhere.
  void Lose(const Frame& frame);

  // No turn was to be had: hands out the frame that waits, which the caller answers and Loses.
  std::optional<Frame> GiveUp();

  // Frames replaced since the last call.
  int32_t TakeDropped();

  void Clear() { waiting_.reset(); }

 private:
  std::optional<Frame> waiting_;
  base::Duration since_{};  // of waiting_
  bool turn_ = false;
  int32_t dropped_ = 0;
  bool next_starts_visit_ = false;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_FRAME_SLOT_H_
