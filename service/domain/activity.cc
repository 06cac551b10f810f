#include "domain/activity.h"

namespace rollcall::domain {

absl::Status ValidateBreaks(const Session& session) {
  const auto bad = [](std::string_view what) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_SESSION", what);
  };
  if (session.breaks.size() > kMaxBreaks) return bad("a session has at most 20 breaks");
  base::Time free_from = session.starts;
  for (const SessionBreak& each : session.breaks) {
    if (each.kind != BreakKind::kRest && each.kind != BreakKind::kTravel) {
      return bad("unknown kind of break");
    }
    if (each.ends <= each.starts) return bad("a break must end after it starts");
    if (each.starts < session.starts || each.ends > session.ends) {
      return bad("a break must lie within its session");
    }
    if (each.starts < free_from) {
      return bad("breaks must be in the order of time, and one over before the next begins");
    }
    free_from = each.ends;
  }
  return absl::OkStatus();
}

absl::Status ValidateSession(const Session& session) {
  if (session.ends <= session.starts) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_SESSION",
                           "a session must end after it starts");
  }
  if (session.ends - session.starts > std::chrono::days(7)) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_SESSION",
                           "a session lasts at most 7 days; add one session per day");
  }
  return ValidateBreaks(session);
}

bool InCheckInWindow(const Session& session, const SessionWindow& window, base::Time now) {
  return now >= session.starts - window.early && now < session.ends;
}

bool InCheckOutWindow(const Session& session, const SessionWindow& window, base::Time now) {
  return now >= session.starts - window.early && now <= session.ends + window.late;
}

}  // namespace rollcall::domain
