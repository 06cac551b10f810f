#include "app/attempt_budget.h"

#include <algorithm>

namespace rollcall::app {

base::Duration AttemptBudget::WaitFor(const std::string& kiosk) const {
  const base::Duration now = clock_.Monotonic();
  const base::MutexLock lock(mutex_);
  const auto found = states_.find(kiosk);
  if (found == states_.end()) return base::Duration::zero();
  return std::max(base::Duration::zero(), found->second.paused_until - now);
}

base::Duration AttemptBudget::Spend(const std::string& kiosk) {
  const base::Duration now = clock_.Monotonic();
  const base::MutexLock lock(mutex_);
  if (!states_.contains(kiosk)) MakeRoom(now);
  State& state = states_[kiosk];
  if (now < state.paused_until) return state.paused_until - now;
  state.full_at = std::max(state.full_at, now) + settings_.refill;
  if (!Empty(state, now)) return base::Duration::zero();
  state.paused_until = now + settings_.pause;
  return settings_.pause;
}

void AttemptBudget::Refund(const std::string& kiosk) {
  const base::Duration now = clock_.Monotonic();
  const base::MutexLock lock(mutex_);
  const auto found = states_.find(kiosk);
  if (found == states_.end()) return;
  State& state = found->second;
  state.full_at -= settings_.refill;
  if (!Empty(state, now)) state.paused_until = base::Duration::zero();
}

void AttemptBudget::MakeRoom(base::Duration now) {
  if (states_.size() < settings_.kiosks_max) return;
  // Whoever has everything left is as good as unknown.
  std::erase_if(states_, [&](const auto& entry) {
    return entry.second.full_at <= now && entry.second.paused_until <= now;
  });
  if (states_.size() < settings_.kiosks_max) return;
  states_.erase(std::min_element(states_.begin(), states_.end(), [](const auto& a, const auto& b) {
    return a.second.full_at < b.second.full_at;
  }));
}

}  // namespace rollcall::app
