#include "hours/intervals.h"

#include <rapidcheck.h>

#include <bitset>

#include "made_up.h"

namespace rollcall::hours {
namespace {

base::Time T(int64_t minute) { return base::Time(Minutes(minute)); }

TEST(IntervalsTest, Examples) {
  EXPECT_TRUE(Merge({{T(5), T(5)}, {T(9), T(8)}}).empty());
  EXPECT_EQ(Merge({{T(5), T(6)}, {T(1), T(5)}}), (IntervalSet{{T(1), T(6)}}));
  EXPECT_EQ(Subtract({{T(0), T(10)}}, {{T(2), T(3)}, {T(9), T(12)}}),
            (IntervalSet{{T(0), T(2)}, {T(3), T(9)}}));
  EXPECT_EQ(Clip({{T(0), T(4)}, {T(6), T(9)}}, T(3), T(7)),
            (IntervalSet{{T(3), T(4)}, {T(6), T(7)}}));
  EXPECT_EQ(Length({{T(0), T(4)}, {T(6), T(9)}}), Minutes(7));
}

using Bits = std::bitset<40>;  // bit m: minute m is in the set

std::vector<Interval> AnyParts() {
  std::vector<Interval> parts;
  const auto numbers = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 40));
  for (size_t i = 0; i + 1 < numbers.size(); i += 2) {
    parts.push_back({T(numbers[i]), T(numbers[i + 1])});
  }
  return parts;
}

Bits BitsOf(const std::vector<Interval>& parts) {
  Bits bits;
  for (const Interval& each : parts) {
    for (base::Time at = each.from; at < each.to; at += Minutes(1)) {
      bits.set(static_cast<size_t>(at.time_since_epoch() / Minutes(1)));
    }
  }
  return bits;
}

void AssertProper(const IntervalSet& set) {
  for (size_t i = 0; i < set.size(); ++i) {
    RC_ASSERT(set[i].from < set[i].to);
    if (i > 0) RC_ASSERT(set[i - 1].to < set[i].from);
  }
}

TEST(IntervalsTest, AgreeWithSetsOfMinutes) {
  EXPECT_TRUE(rc::check("merge, union, subtract, clip and length", [] {
    const auto parts = AnyParts();
    const IntervalSet a = Merge(parts);
    const IntervalSet b = Merge(AnyParts());
    const int from = *rc::gen::inRange(0, 40);
    const int to = *rc::gen::inRange(0, 40);
    RC_ASSERT(BitsOf(a) == BitsOf(parts));
    RC_ASSERT(BitsOf(Union(a, b)) == (BitsOf(a) | BitsOf(b)));
    RC_ASSERT(BitsOf(Subtract(a, b)) == (BitsOf(a) & ~BitsOf(b)));
    RC_ASSERT(BitsOf(Clip(a, T(from), T(to))) == (BitsOf(a) & BitsOf({{T(from), T(to)}})));
    RC_ASSERT(Length(a) == Minutes(static_cast<int64_t>(BitsOf(a).count())));
    for (const IntervalSet& set : {a, Union(a, b), Subtract(a, b)}) AssertProper(set);
  }));
}

}  // namespace
}  // namespace rollcall::hours
