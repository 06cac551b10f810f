#ifndef ROLLCALL_HOURS_RULES_H_
#define ROLLCALL_HOURS_RULES_H_

#include <optional>
#include <utility>
#include <vector>

#include "hours/compute.h"

// The rules about time, before it becomes minutes. For compute.cc and credit.cc.
namespace rollcall::hours {

using ActivityKey = std::pair<domain::OrganisationId, domain::ActivityId>;

// A visit on its way through the rules.
struct Work {
  explicit Work(const Visit& v) : visit(&v), activity(v.session.organisation, v.session.activity) {}

  const Visit* visit;  // never null
  ActivityKey activity;
  bool open = false;
  IntervalSet time;     // what still counts
  IntervalSet present;  // `time` before breaks, travel and overlaps
  std::vector<Step> steps;
};

// Rules 1 to 8 of Compute() over visits that are all practice or all not, in any order. Leaves them
// by check-in, then by id.
void ApplyTimeRules(const Policy& policy, std::vector<Work>& works);

// The stays of each activity: times of presence that touch. Sorted by activity, then by time.
struct Stay {
  ActivityKey activity;
  Interval time;
};
std::vector<Stay> StaysOf(const std::vector<Work>& works);
// The index of the stay that `time` of `activity` lies in. There is one.
size_t StayAt(const std::vector<Stay>& stays, const ActivityKey& activity, base::Time time);

}  // namespace rollcall::hours

#endif  // ROLLCALL_HOURS_RULES_H_
