#ifndef ROLLCALL_APP_PRACTICE_CLOCK_H_
#define ROLLCALL_APP_PRACTICE_CLOCK_H_

#include <atomic>

#include "base/clock.h"

namespace rollcall::app {

// A wall clock that can be moved forward by hand, so that a practice check-out need not wait for
// hours. Only a server that holds practice activities only runs on it
// (ServiceSettings::practice_only). Thread-safe.
class PracticeClock final : public base::Clock {
 public:
  // `real` must outlive it.
  explicit PracticeClock(const base::Clock& real) : real_(real) {}

  base::Time Now() const override { return real_.Now() + base::Duration(ahead_.load()); }
  base::Duration Monotonic() const override { return real_.Monotonic(); }
  // `by`: not negative.
  void Advance(base::Duration by) { ahead_ += by.count(); }

 private:
  const base::Clock& real_;
  std::atomic<int64_t> ahead_{0};
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_PRACTICE_CLOCK_H_
