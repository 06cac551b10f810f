#ifndef ROLLCALL_TESTS_CRASH_SIMULATOR_SCHEDULE_H_
#define ROLLCALL_TESTS_CRASH_SIMULATOR_SCHEDULE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "base/clock.h"
#include "base/status.h"

namespace rollcall::simulator {

// What will happen, in the order of virtual time; what falls on one moment happens in the order in
// which it was planned. Nobody waits for anything: time is that of the event at hand.
class Schedule {
 public:
  using Event = std::function<absl::Status()>;

  explicit Schedule(base::Time start) : now_(start) {}

  base::Time now() const { return now_; }
  bool empty() const { return events_.empty(); }
  // Not before now().
  void At(base::Time time, Event event) {
    events_.emplace(std::pair(time < now_ ? now_ : time, ++planned_), std::move(event));
  }
  void In(base::Duration wait, Event event) { At(now_ + wait, std::move(event)); }
  // Takes the next event out and moves the time to it. Must not be empty().
  Event Next() {
    const auto first = events_.begin();
    now_ = first->first.first;
    Event event = std::move(first->second);
    events_.erase(first);
    return event;
  }

 private:
  base::Time now_;
  int64_t planned_ = 0;
  std::map<std::pair<base::Time, int64_t>, Event> events_;
};

}  // namespace rollcall::simulator

#endif  // ROLLCALL_TESTS_CRASH_SIMULATOR_SCHEDULE_H_
