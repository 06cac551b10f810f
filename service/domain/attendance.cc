#include "domain/attendance.h"

#include <algorithm>

namespace rollcall::domain {
namespace {

int64_t Seconds(base::Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

}  // namespace

std::string HoursPolicy::Canonical() const {
  return "name=" + name + "\nversion=" + std::to_string(version) +
         "\nclip_to_session=" + (clip_to_session ? "true" : "false") +
         "\nmax_pairs_per_session=" + std::to_string(max_pairs_per_session) +
         "\nauto_checkout_guard=" + std::to_string(Seconds(auto_checkout_guard)) +
         "\nundo_window=" + std::to_string(Seconds(undo_window)) +
         "\npending_after=" + std::to_string(Seconds(pending_after)) + "\n";
}

base::Sha256Digest HoursPolicy::Hash() const { return base::Sha256(base::AsBytes(Canonical())); }

int64_t MinutesOf(base::Time in, base::Time out, const Session& session,
                  const HoursPolicy& policy) {
  if (policy.clip_to_session) {
    in = std::max(in, session.starts);
    out = std::min(out, session.ends);
  }
  if (out <= in) return 0;
  return std::chrono::duration_cast<std::chrono::minutes>(out - in).count();
}

ActionResult ResolveAction(Action requested, const VisitState& state, const Session& session,
                           const SessionWindow& window, const HoursPolicy& policy,
                           base::Time now) {
  const bool open = state.open_since.has_value();
  const bool out = requested == Action::kOut || (requested == Action::kAuto && open);
  if (out) {
    if (!open) return {Decision::kNotCheckedIn, EventKind::kCheckOut};
    if (requested == Action::kAuto && now - *state.open_since < policy.auto_checkout_guard) {
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
  if (state.pairs >= policy.max_pairs_per_session) {
    return {Decision::kPairLimit, EventKind::kCheckIn};
  }
  return {Decision::kCheckedIn, EventKind::kCheckIn};
}

}  // namespace rollcall::domain
