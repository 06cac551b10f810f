#include "app/pin_limiter.h"

#include <algorithm>

namespace rollcall::app {

absl::StatusOr<PinLimiter::Verdict> PinLimiter::Begin(const domain::KioskId& kiosk,
                                                      const domain::VolunteerId& number) {
  Verdict verdict = CountInMemory(kiosk, number);
  if (!verdict.look) return verdict;
  ASSIGN_OR_RETURN(
      const int32_t tries,
      registry_.CountPinFailure(kiosk, number, clock_.Now(),
                                {settings_.failures_before_lock, settings_.numbers_kept_per_kiosk,
                                 clock_.Now() - settings_.kept_for}));
  if (tries < settings_.failures_before_lock) return verdict;
  verdict.look = tries == settings_.failures_before_lock;  // the last one
  verdict.locked = true;
  verdict.wait = base::Duration::zero();
  const base::MutexLock lock(mutex_);
  states_.erase({kiosk.value, number.value});
  return verdict;
}

PinLimiter::Verdict PinLimiter::CountInMemory(const domain::KioskId& kiosk,
                                              const domain::VolunteerId& number) {
  const base::Duration now = clock_.Monotonic();
  const base::MutexLock lock(mutex_);
  Verdict verdict;
  verdict.wait = budget_.WaitFor(kiosk.value);
  verdict.kiosk_paused = verdict.wait > base::Duration::zero();
  if (verdict.kiosk_paused) return verdict;
  const Key key{kiosk.value, number.value};
  if (!states_.contains(key)) Trim(now);
  State& state = states_[key];
  if (state.blocked_until > now) {
    verdict.wait = state.blocked_until - now;
    return verdict;
  }
  if (now - state.last > settings_.forget_after) state.failures = 0;
  ++state.failures;
  state.last = now;
  verdict.look = true;
  if (state.failures >= settings_.failures_before_wait) {
    state.blocked_until = now + settings_.wait;
    verdict.wait = settings_.wait;
  }
  const base::Duration pause = budget_.Spend(kiosk.value);
  verdict.kiosk_paused = pause > base::Duration::zero();
  verdict.wait = std::max(verdict.wait, pause);
  return verdict;
}

absl::Status PinLimiter::Succeeded(const domain::KioskId& kiosk,
                                   const domain::VolunteerId& number) {
  budget_.Refund(kiosk.value);
  {
    const base::MutexLock lock(mutex_);
    states_.erase({kiosk.value, number.value});
  }
  return registry_.ForgetPinFailures(kiosk, number);
}

void PinLimiter::Trim(base::Duration now) {
  if (states_.size() < settings_.remembered_max) return;
  std::erase_if(
      states_, [&](const auto& entry) { return now - entry.second.last > settings_.forget_after; });
  if (states_.size() < settings_.remembered_max) return;
  states_.erase(std::min_element(states_.begin(), states_.end(), [](const auto& a, const auto& b) {
    return a.second.last < b.second.last;
  }));
}

}  // namespace rollcall::app
