#include "domain/attendance.h"

namespace rollcall::domain {

ActionResult ResolveAction(Action requested, const VisitState& state, const Session& session,
                           const SessionWindow& window, const VisitRules& rules, base::Time now) {
  const bool open = state.open_since.has_value();
  const bool out = requested == Action::kOut || (requested == Action::kAuto && open);
  if (out) {
    if (!open) return {Decision::kNotCheckedIn, EventKind::kCheckOut};
    if (requested == Action::kAuto && now - *state.open_since < rules.auto_checkout_guard) {
      return {Decision::kTooSoon, EventKind::kCheckOut};
    }
    if (!InCheckOutWindow(session, window, now)) {
      return {Decision::kOutsideSessionTime, EventKind::kCheckOut};
    }
    return {Decision::kCheckedOut, EventKind::kCheckOut};
  }
  if (open) return {Decision::kAlreadyCheckedIn, EventKind::kCheckIn};
  if (!InCheckInWindow(session, window, now)) {
    return {Decision::kOutsideSessionTime, EventKind::kCheckIn};
  }
  if (rules.max_pairs_per_day > 0 && state.pairs >= rules.max_pairs_per_day) {
    return {Decision::kPairLimit, EventKind::kCheckIn};
  }
  return {Decision::kCheckedIn, EventKind::kCheckIn};
}

}  // namespace rollcall::domain
