#ifndef ROLLCALL_HOURS_COMPUTE_H_
#define ROLLCALL_HOURS_COMPUTE_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "hours/facts.h"
#include "hours/policy.h"

namespace rollcall::hours {

// The rule that a step of a computation applied. Numbers are not stored.
enum class Rule {
  kOpen,              // no check-out
  kAgreedEnd,         // at `to`
  kAgreedEndCapped,   // agreed on `from`, but the activity's length is over at `to`
  kNoTime,            // the check-out is not after the check-in
  kPairLimit,         // `limit` pairs a day
  kHandedOver,        // `amount` belongs to the shift before or after, `from` is the boundary
  kTakenOver,         // `amount` comes from there
  kEarlyArrival,      // came at `from`, counts from `to`
  kLateLeaving,       // left at `from`, counts until `to`
  kOutsideSession,    // nothing of `from` to `to` lies in the session
  kBelowShare,        // `amount` present in an activity of which `limit` percent are needed
  kBreakWindow,       // `amount` of declared breaks
  kTravel,            // `amount` of declared travel
  kOverlap,           // `amount` counts for the visit `other` already, which began earlier
  kBreakDeducted,     // `amount` after `limit` minutes without a break
  kRounded,           // `amount` gives `minutes` in units of `limit`
  kActivityCap,       // `minutes` above the activity's `limit`
  kDayCap,            // `minutes` above the day's `limit`
  kAwaitsParent,      // `minutes` above `limit`
  kAwaitsProvince,    // `minutes` above `limit`
  kParentApproved,    // `minutes` above `limit`
  kProvinceApproved,  // `minutes` above `limit`
};

// What one rule did to one visit. Only the fields that stand beside the rule above are set.
struct Step {
  Rule rule = Rule::kNoTime;
  base::Time from = {};
  base::Time to = {};
  base::Duration amount{0};
  int64_t minutes = 0;
  int64_t limit = 0;
  base::Uuid other = {};
  bool operator==(const Step&) const = default;
};

// From good to bad. Numbers are not stored.
enum class LineStatus {
  kCredited,
  kAwaitsParent,    // a part of it
  kAwaitsProvince,  // a part of it
  kPending,         // open: worth 0 until organiser and volunteer agree
  kNothing,
};

std::string_view ToString(LineStatus status);  // "credited", "awaits parent", ...

// One visit on one local day.
struct Line {
  base::Uuid visit;
  domain::SessionKey session;
  Day day;
  base::Time from;  // when what counts begins; the check-in where nothing does
  bool practice = false;
  domain::EvidenceClass evidence = domain::EvidenceClass::kFace;  // the weaker of the two ends
  base::Duration counted{0};                                      // by every rule before rounding
  int64_t minutes = 0;                                            // credited for good
  int64_t awaiting_parent = 0;                                    // minutes
  int64_t awaiting_province = 0;                                  // minutes
  LineStatus status = LineStatus::kNothing;
  std::vector<Step> steps;  // in the order of the rules
  bool operator==(const Line&) const = default;
};

// Sums of the lines. Practice is in none but its own.
struct Totals {
  int64_t minutes = 0;  // the sum of the three public classes below
  int64_t minutes_witnessed = 0;
  int64_t minutes_attested = 0;
  int64_t minutes_entered_afterwards = 0;
  int64_t awaiting_parent = 0;
  int64_t awaiting_province = 0;
  int32_t pending_visits = 0;
  int64_t practice_minutes = 0;  // what awaits approval included
  bool operator==(const Totals&) const = default;
};

struct Result {
  std::vector<Line> lines;  // by day, then by `from`, then by visit
  Totals totals;
  bool operator==(const Result&) const = default;
};

// The bounds of what Compute() takes: instants from 1970 to 2199, and activities that are no longer.
bool InRange(base::Time time);
constexpr base::Duration kLongestActivity = std::chrono::days(372);

// The credit of one person under one policy. The rules, in this order:
//   1. A visit without check-out is pending and worth 0. An agreed end is never later than the
//      activity's length after the check-in.
//   2. Of one activity and the local day of the check-in, only the first pairs_per_day visits
//   count;
//      an open visit takes its place among them, so that closing it later moves no other visit.
//   3. Where two sessions of one activity follow each other without a gap and so do her visits to
//   them,
//      presence belongs to the session in whose time it lies, whichever visit proves it.
//   4. Time before the session's start and after its end goes, but for what the policy allows.
//   5. Below the minimum share of the activity's length (presence by now, breaks included) all of
//   that
//      activity goes.
//   6. Declared breaks and travel go.
//   7. Where visits overlap, in whatever activities, the one that began earlier keeps the time
//   (then
//      the earlier check-in, then the lower id).
//   8. Of one stay, what follows `break_after` of counted time goes, up to `break_deducted`.
//   9. Rounding, of each stay or of each activity and local day; of several parts each gets what
//   its
//      end adds to the rounded sum so far, so that the parts give the rounded whole.
//  10. The activity's cap, then the day's cap, then the day's tiers, each in the order of time.
// Minutes belong to the local day on which they were served.
//
// Practice visits are computed by themselves and never meet the others.
// The result depends on the set of facts only: not on their order, and not on when it is computed.
// InvalidArgument, reason BAD_FACTS: nil or doubled visit ids; an out and an agreed end; a session
// or window that does not end after its start; a session or presence of more than 31 days; activity
// lengths that are not above 0 or differ within an activity; times outside 1970 to 2200; an
// approval of kFinal. The message names the visit. Cost: O(n log n) in visits where few overlap.
absl::StatusOr<Result> Compute(const Policy& policy, const Facts& facts);

// What one visit comes to by itself, whatever else she did and however much it may be at most:
// rules 1, 4, 6, 8 and 9. Its credit is never more. Errors as Compute().
absl::StatusOr<int64_t> MinutesAlone(const Policy& policy, const Visit& visit);

// An open visit that has become pending.
struct PendingVisit {
  base::Uuid visit;
  base::Time since;  // session end + Policy::pending_after: the same whenever the sweep runs
  bool operator==(const PendingVisit&) const = default;
};

// What a sweep at `now` finds, by `since` and then by visit; practice included. After any downtime
// a sweep finds what the sweeps that did not run would have found, with the same times. Visits with
// a check-out or an agreed end are not open.
std::vector<PendingVisit> SweepPending(const Policy& policy, const Facts& facts, base::Time now);

}  // namespace rollcall::hours

#endif  // ROLLCALL_HOURS_COMPUTE_H_
