#ifndef ROLLCALL_APP_DEADLINES_H_
#define ROLLCALL_APP_DEADLINES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "app/call.h"
#include "app/services.h"
#include "base/status.h"
#include "domain/ids.h"
#include "hours/deadlines.h"

namespace rollcall::app {

// Activities whose hours were not recorded in time.
class Deadlines {
 public:
  explicit Deadlines(const Services& services) : services_(services) {}

  struct OverdueActivity {
    hours::RecordingDeadline deadline;
    std::string title;
    int32_t open_visits = 0;  // without an end, so worth 0
  };
  // The activities of one organisation that are over, whose deadline has passed, and of which the
  // ledger holds a visit without an end: nobody checked out, and no two people have agreed on an
  // end since. The longest overdue first. Practice is left out. An activity ends with the last of
  // its sessions.
  //
  // What nobody has told the ledger is not known here: whoever neither checked in nor out leaves no
  // trace that she is missing, and an activity without any visit is never listed.
  //
  // FailedPrecondition: NO_CALENDAR, a year of the calendar is missing (the message names its
  // file): no list then, rather than one with a guessed day in it; NO_DEADLINE, the policy has
  // none. Cost: all rows of the organisation.
  absl::StatusOr<std::vector<OverdueActivity>> Overdue(const Call& call,
                                                       const domain::OrganisationId& organisation);

 private:
  const Services& services_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_DEADLINES_H_
