#ifndef ROLLCALL_APP_ATTEMPT_BUDGET_H_
#define ROLLCALL_APP_ATTEMPT_BUDGET_H_

#include <map>
#include <string>

#include "app/settings.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace rollcall::app {

// How many attempts that came to nothing a kiosk may make: `burst` at once, one more every `refill`;
// when they are used up it pauses. One kiosk's attempts never cost another one anything. In memory:
// a restart forgives. A generic cell rate algorithm (ITU-T I.371): two times a kiosk, no counting.
//
// Bounded: beyond kiosks_max the kiosk that has the most left is forgotten. Thread-safe.
class AttemptBudget {
 public:
  // The references must outlive it.
  AttemptBudget(const BudgetSettings& settings, const base::Clock& clock)
      : settings_(settings), clock_(clock) {}

  // How long until this kiosk may spend again; zero: now.
  base::Duration WaitFor(const std::string& kiosk) const;

  // Takes one attempt, if there is one. Returns WaitFor after that: above zero when this was the last.
  base::Duration Spend(const std::string& kiosk);

  // Gives back an attempt that was taken and came to something after all.
  void Refund(const std::string& kiosk);

 private:
  struct State {
    base::Duration full_at{};       // monotonic: when all of `burst` is there again
    base::Duration paused_until{};  // monotonic
  };
  bool Empty(const State& state, base::Duration now) const {
    return state.full_at - now > settings_.refill * (settings_.burst - 1);
  }
  void MakeRoom(base::Duration now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const BudgetSettings& settings_;
  const base::Clock& clock_;
  mutable base::Mutex mutex_;
  std::map<std::string, State> states_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_ATTEMPT_BUDGET_H_
