#ifndef ROLLCALL_HOURS_INTERVALS_H_
#define ROLLCALL_HOURS_INTERVALS_H_

#include <vector>

#include "base/clock.h"

namespace rollcall::hours {

// From `from` on, up to but without `to`. Durations are elapsed time: what the clock on the wall
// did meanwhile is no matter.
struct Interval {
  base::Time from;
  base::Time to;
  bool operator==(const Interval&) const = default;
};

// Sorted; no two touch or overlap; none is empty.
using IntervalSet = std::vector<Interval>;

base::Duration Length(const IntervalSet& set);

// The set of everything in `parts`, which may be in any order, overlap and be empty (to <= from).
IntervalSet Merge(std::vector<Interval> parts);
IntervalSet Union(const IntervalSet& a, const IntervalSet& b);
// What of `set` lies between `from` and `to`.
IntervalSet Clip(const IntervalSet& set, base::Time from, base::Time to);
// What of `a` is not in `b`. Cost: O(|a| log |b| + overlaps).
IntervalSet Subtract(const IntervalSet& a, const IntervalSet& b);

}  // namespace rollcall::hours

#endif  // ROLLCALL_HOURS_INTERVALS_H_
