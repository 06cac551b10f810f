#include "domain/activity.h"

namespace rollcall::domain {

absl::Status ValidateSession(const Session& session) {
  if (session.ends <= session.starts) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_SESSION",
                           "a session must end after it starts");
  }
  if (session.ends - session.starts > std::chrono::days(7)) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_SESSION",
                           "a session lasts at most 7 days; add one session per day");
  }
  return absl::OkStatus();
}

bool InCheckInWindow(const Session& session, const SessionWindow& window, base::Time now) {
  return now >= session.starts - window.early && now < session.ends;
}

bool InCheckOutWindow(const Session& session, const SessionWindow& window, base::Time now) {
  return now >= session.starts - window.early && now <= session.ends + window.late;
}

}  // namespace rollcall::domain
