#include "hours/deadlines.h"

#include <algorithm>
#include <tuple>

namespace rollcall::hours {

absl::StatusOr<RecordingDeadline> DeadlineOf(const Policy& policy, const Calendar& calendar,
                                             const ActivityEnd& activity, base::Time now) {
  if (policy.recording_working_days == 0) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "NO_DEADLINE",
                           "policy " + policy.Label() + " has no recording deadline");
  }
  RecordingDeadline deadline;
  deadline.organisation = activity.organisation;
  deadline.activity = activity.activity;
  deadline.ended = policy.zone.DayOf(activity.ended);
  ASSIGN_OR_RETURN(deadline.due,
                   calendar.AddWorkingDays(deadline.ended, policy.recording_working_days));
  const Day until = policy.zone.DayOf(activity.recorded.value_or(now));
  deadline.late = until > deadline.due;
  if (deadline.late) {
    ASSIGN_OR_RETURN(deadline.working_days_late, calendar.WorkingDaysBetween(deadline.due, until));
  }
  return deadline;
}

absl::StatusOr<std::vector<RecordingDeadline>> Overdue(const Policy& policy,
                                                       const Calendar& calendar,
                                                       const std::vector<ActivityEnd>& activities,
                                                       base::Time now) {
  std::vector<RecordingDeadline> list;
  for (const ActivityEnd& activity : activities) {
    if (activity.recorded || activity.ended > now) continue;
    ASSIGN_OR_RETURN(RecordingDeadline deadline, DeadlineOf(policy, calendar, activity, now));
    if (deadline.late) list.push_back(std::move(deadline));
  }
  std::sort(list.begin(), list.end(), [](const RecordingDeadline& a, const RecordingDeadline& b) {
    return std::tie(a.due, a.organisation, a.activity) <
           std::tie(b.due, b.organisation, b.activity);
  });
  return list;
}

}  // namespace rollcall::hours
