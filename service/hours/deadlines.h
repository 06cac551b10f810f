#ifndef ROLLCALL_HOURS_DEADLINES_H_
#define ROLLCALL_HOURS_DEADLINES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "domain/ids.h"
#include "hours/calendar.h"
#include "hours/policy.h"

// MCA Order 67 (2021), Art. 11: service is recorded within 10 working days of an activity's end.
namespace rollcall::hours {

struct ActivityEnd {
  domain::OrganisationId organisation;
  domain::ActivityId activity;
  base::Time ended;
  std::optional<base::Time> recorded;  // when its last entry was made; nothing: not done yet
};

struct RecordingDeadline {
  domain::OrganisationId organisation;
  domain::ActivityId activity;
  Day ended;
  Day due;                        // the last day on which recording is in time
  bool late = false;              // recorded after `due`, or not recorded and `due` is over
  int32_t working_days_late = 0;  // until recorded, or until now
};

// The deadline of one activity as it stands at `now`. The day of the end does not count; days are
// those of the policy's time zone. FailedPrecondition: NO_DEADLINE, the policy has none;
// NO_CALENDAR.
absl::StatusOr<RecordingDeadline> DeadlineOf(const Policy& policy, const Calendar& calendar,
                                             const ActivityEnd& activity, base::Time now);

// The activities that are not recorded and late at `now`, the longest overdue first, then by
// organisation and activity. Activities that have not ended are left out. Errors as DeadlineOf().
absl::StatusOr<std::vector<RecordingDeadline>> Overdue(const Policy& policy,
                                                       const Calendar& calendar,
                                                       const std::vector<ActivityEnd>& activities,
                                                       base::Time now);

}  // namespace rollcall::hours

#endif  // ROLLCALL_HOURS_DEADLINES_H_
