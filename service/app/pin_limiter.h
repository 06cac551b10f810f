#ifndef ROLLCALL_APP_PIN_LIMITER_H_
#define ROLLCALL_APP_PIN_LIMITER_H_

#include <map>
#include <string>
#include <utility>

#include "app/attempt_budget.h"
#include "app/settings.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/status.h"
#include "domain/ids.h"
#include "registry/registry.h"

namespace rollcall::app {

// Keeps PINs from being guessed. Everything counts per kiosk, so that whoever guesses at one kiosk,
// or is one, slows down and locks nobody at another:
//   per (kiosk, number), in memory: a wait of PinSettings::wait after failures_before_wait wrong
//     PINs and each further one;
//   per (kiosk, number), in the registry, so through a restart: after failures_before_lock in a row
//     the PIN is not looked at there until Forget (staff has seen the person, or set another PIN);
//   per kiosk, in memory: PinSettings::kiosk for wrong PINs of whatever numbers.
// A number that nobody has counts like any other.
//
// A try counts as failed from before the PIN is looked at until it turned out right: tries at the
// same time, and a server killed in between, win nothing. Bounded. Thread-safe.
class PinLimiter {
 public:
  // The references must outlive it.
  PinLimiter(const PinSettings& settings, const base::Clock& clock, registry::Registry& registry)
      : settings_(settings),
        clock_(clock),
        registry_(registry),
        budget_(settings_.kiosk, clock) {}

  struct Verdict {
    bool look = false;  // the PIN may be looked at now
    // What follows where it is not looked at, or turns out wrong:
    base::Duration wait{};      // before the next try; zero: none, or `locked`
    bool locked = false;        // see staff
    bool kiosk_paused = false;  // `wait` is for whatever number
  };
  // Blocks until the try is counted. Errors of the registry: do not look.
  absl::StatusOr<Verdict> Begin(const domain::KioskId& kiosk, const domain::VolunteerId& number);

  // The try that Begin let through was right. Blocks. Errors of the registry.
  absl::Status Succeeded(const domain::KioskId& kiosk, const domain::VolunteerId& number);

 private:
  using Key = std::pair<std::string, std::string>;
  struct State {
    int32_t failures = 0;
    base::Duration last{};           // monotonic
    base::Duration blocked_until{};  // monotonic
  };
  Verdict CountInMemory(const domain::KioskId& kiosk, const domain::VolunteerId& number);
  void Trim(base::Duration now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const PinSettings& settings_;
  const base::Clock& clock_;
  registry::Registry& registry_;
  AttemptBudget budget_;
  base::Mutex mutex_;
  std::map<Key, State> states_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_PIN_LIMITER_H_
