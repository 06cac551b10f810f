#include "hours/intervals.h"

#include <algorithm>

namespace rollcall::hours {

base::Duration Length(const IntervalSet& set) {
  base::Duration sum{0};
  for (const Interval& each : set) sum += each.to - each.from;
  return sum;
}

IntervalSet Merge(std::vector<Interval> parts) {
  std::erase_if(parts, [](const Interval& each) { return each.to <= each.from; });
  std::sort(parts.begin(), parts.end(),
            [](const Interval& a, const Interval& b) { return a.from < b.from; });
  IntervalSet merged;
  for (const Interval& each : parts) {
    if (merged.empty() || merged.back().to < each.from) {
      merged.push_back(each);
    } else {
      merged.back().to = std::max(merged.back().to, each.to);
    }
  }
  return merged;
}

IntervalSet Union(const IntervalSet& a, const IntervalSet& b) {
  std::vector<Interval> parts = a;
  parts.insert(parts.end(), b.begin(), b.end());
  return Merge(std::move(parts));
}

IntervalSet Clip(const IntervalSet& set, base::Time from, base::Time to) {
  IntervalSet clipped;
  for (const Interval& each : set) {
    const Interval part{std::max(each.from, from), std::min(each.to, to)};
    if (part.from < part.to) clipped.push_back(part);
  }
  return clipped;
}

IntervalSet Subtract(const IntervalSet& a, const IntervalSet& b) {
  IntervalSet left;
  for (Interval rest : a) {
    // The first of `b` that ends after `rest` begins.
    auto each = std::upper_bound(b.begin(), b.end(), rest.from,
                                 [](base::Time time, const Interval& i) { return time < i.to; });
    for (; each != b.end() && each->from < rest.to; ++each) {
      if (rest.from < each->from) left.push_back({rest.from, each->from});
      rest.from = each->to;
    }
    if (rest.from < rest.to) left.push_back(rest);
  }
  return left;
}

}  // namespace rollcall::hours
