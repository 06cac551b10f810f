#ifndef ROLLCALL_IRREGULARITIES_POLICY_H_
#define ROLLCALL_IRREGULARITIES_POLICY_H_

#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace rollcall::irregularities {

// From where on something is worth an auditor's time. Each default is the smallest that honest
// life, as docs/irregularities.md describes it, stays below; a site with other habits has other
// figures. A "person" is a volunteer key.
struct Policy {
  // A visit counts once it can no longer be taken back. Above HoursPolicy::undo_window.
  base::Duration visit_final_after = std::chrono::minutes(10);

  // HOURS_WITHOUT_KIOSK_EVENT: a session with at least so many people whom staff alone brought in
  // and out. Smaller events with a broken kiosk are daily life, and small sums.
  int32_t unwitnessed_people = 25;
  // ... that make at least this share of its visits. Beside a kiosk that works, the people who want
  // neither face nor PIN stay far below it.
  int32_t unwitnessed_percent = 80;
  // ... and of whom fewer than this share were ever seen by a machine, at any session. A class
  // whose kiosk broke has been seen before or will be.
  int32_t known_percent = 50;
  // ... decided so long after the last of them, so that newcomers can be seen a second time: most
  // programmes meet every week or two.
  base::Duration unwitnessed_wait = std::chrono::days(14);

  // MANY_ENTRIES_WITHIN_MINUTES: within this time ...
  base::Duration burst_window = std::chrono::minutes(10);
  // ... so many attestations by one recorder: one in 8 s for the whole time, faster than anybody
  // can look at a person, find her on the list and confirm. A class of 50 takes one recorder 5 min
  // or more and ends below it.
  int32_t burst_attestations = 75;
  // ... or so many separate proposals of hours entered afterwards: one in 20 s, each with its
  // reason. One named list is one proposal. The forgotten check-outs of a large event stay below
  // it.
  int32_t burst_proposals = 30;

  // ACTIVITY_CREATED_AFTER_ITS_END: not one row before the session's end, and at least so many
  // people. Of a larger event at least one check-in reaches the server in time, by staff's own
  // device if not by the kiosk.
  int32_t late_people = 25;
  // ... or so many smaller such sessions by one recorder ...
  int32_t late_sessions = 6;
  // ... within this time.
  base::Duration late_sessions_window = std::chrono::days(60);
  // Not so where at least this share of its people was seen by kiosks during the session: an outbox
  // after a day without a network. One good row does not excuse two hundred.
  int32_t outbox_percent = 50;
  // ... decided so long after the first row, so that a slow outbox can deliver.
  base::Duration late_wait = std::chrono::days(1);
  // When people may come before the start and leave after the end: domain::SessionWindow.
  base::Duration early = std::chrono::hours(1);
  base::Duration late = std::chrono::hours(4);

  // ORGANISER_CREDITS_MANY_STRANGERS: so many people whom no machine ever saw and nobody but this
  // one recorder ever vouched for. Who refuses face and PIN meets several members of staff before
  // long; with one organiser alone, such people are few.
  int32_t strangers = 20;
  // ... of whom at most so many count for one session: a coach of guests who came once, with the
  // kiosk broken, is one occasion and not forty.
  int32_t strangers_per_session = 5;
  // ... each so long after her first visit, so that she can be seen a second time.
  base::Duration stranger_wait = std::chrono::days(30);

  // PERSON_IN_TWO_PLACES: an overlap of more than this, of visits in different activities that
  // share no kiosk. Being checked out late by staff, on the way to the next event, takes minutes.
  base::Duration overlap = std::chrono::minutes(30);
  // The same where a time rests on a kiosk's clock alone (delivered late).
  base::Duration overlap_by_kiosk_clock = std::chrono::minutes(90);
  // How far back a visit is compared: the longest session (7 days) and a day of outbox.
  base::Duration overlap_history = std::chrono::days(8);

  // A row that comes later than this was delivered late: its record time says little about when it
  // happened, its capture time more.
  base::Duration delivered_late = std::chrono::minutes(15);
};

}  // namespace rollcall::irregularities

#endif  // ROLLCALL_IRREGULARITIES_POLICY_H_
