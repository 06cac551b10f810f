#ifndef ROLLCALL_APP_KIOSK_WATCH_H_
#define ROLLCALL_APP_KIOSK_WATCH_H_

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>

#include "app/attempt_budget.h"
#include "app/settings.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "base/uuid.h"
#include "recognition/types.h"

namespace rollcall::app {

// What each kiosk has shown, over all of its streams: how many looks named nobody, and which
// pictures there were. Of pictures a keyed hash of eight bytes is kept, in memory, with a key that
// dies with the process: nothing of a face can be had from it. Bounded as WatchSettings say.
// Thread-safe.
class KioskWatch {
 public:
  // The references must outlive it, `random` only the constructor.
  KioskWatch(const WatchSettings& settings, const base::Clock& clock, base::RandomSource& random);

  // Looks that named nobody.
  AttemptBudget& attempts() { return attempts_; }

  // Of the pixels, so that another header around them makes no other picture. Large pictures by 64
  // rows: the noise of a real sensor is in every row, so that two pictures that agree in so many are
  // one. Costs some 0.3 ms at 1280 x 720.
  uint64_t HashOf(const recognition::Picture& picture) const;

  // Remembers that `kiosk` has shown a picture, and returns whether it had done so before. A picture
  // of the same `request` (nil: of a stream) is a call that was sent again, no repetition.
  bool Repeats(const std::string& kiosk, uint64_t picture, const base::Uuid& request);

 private:
  struct Shown {
    base::Uuid request;
    base::Duration when{};  // monotonic
  };
  struct Memory {
    std::unordered_map<uint64_t, Shown> shown;
    std::deque<uint64_t> order;  // of `shown`, oldest first
    base::Duration last{};
  };
  Memory& MemoryOf(const std::string& kiosk, base::Duration now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const WatchSettings& settings_;
  const base::Clock& clock_;
  std::array<uint8_t, 32> key_{};
  AttemptBudget attempts_;
  base::Mutex mutex_;
  std::map<std::string, Memory> memories_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_KIOSK_WATCH_H_
