#include "bench/speed/made_people.h"

#include <gtest/gtest.h>

#include <cmath>

namespace rollcall::bench {
namespace {

float Product(std::span<const float> a, std::span<const float> b) {
  float sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

TEST(MadePeopleTest, ARowFollowsFromItsNumberAlone) {
  const MadePeople made(512);
  std::vector<float> row(512);
  made.Row(4099, row);
  EXPECT_NEAR(Product(row, row), 1, 1e-5);
  int64_t seen = 0;
  made.ForEachBlock(0, 5000, [&](int64_t first, std::span<const float> rows) {
    EXPECT_EQ(first, seen);
    seen += static_cast<int64_t>(rows.size() / 512);
    if (first > 4099 || seen <= 4099) return;
    const auto again = rows.subspan(static_cast<size_t>(4099 - first) * 512, 512);
    EXPECT_TRUE(std::equal(again.begin(), again.end(), row.begin()));
  });
  EXPECT_EQ(seen, 5000);
}

TEST(MadePeopleTest, StrangersAreFarAndEvenProbesNearTheirPerson) {
  const MadePeople made(512);
  std::vector<float> a(512);
  std::vector<float> b(512);
  made.Row(1, a);
  made.Row(2, b);
  EXPECT_LT(std::abs(Product(a, b)), 0.25);
  for (const int64_t probe : {0, 2, 40}) {
    made.Row(made.PersonOf(probe, 1000), a);
    EXPECT_NEAR(Product(made.Probe(probe, 1000), a), 0.7, 0.1);
  }
}

TEST(MadePeopleTest, SubjectsCarryTheirNumber) {
  for (const int64_t number : {int64_t{0}, int64_t{7'000'000}, int64_t{1} << 41}) {
    EXPECT_EQ(MadePeople::NumberOf(MadePeople::SubjectOf(number)), number);
    EXPECT_FALSE(MadePeople::SubjectOf(number).IsNil());
  }
}

TEST(NearestByFloatsTest, FindsThePersonAndKeepsTheOrder) {
  const MadePeople made(65);  // no multiple of what the products are summed by
  const std::vector<std::vector<float>> probes = {made.Probe(0, 300), made.Probe(1, 300)};
  const auto nearest = NearestByFloats(made, 300, probes, 3);
  ASSERT_EQ(nearest.size(), 2u);
  EXPECT_EQ(nearest[0].front().number, made.PersonOf(0, 300));
  for (size_t p = 0; p < probes.size(); ++p) {
    ASSERT_EQ(nearest[p].size(), 3u);
    std::vector<float> row(65);
    for (size_t i = 0; i < 3; ++i) {
      made.Row(nearest[p][i].number, row);
      EXPECT_NEAR(Product(probes[p], row), nearest[p][i].similarity, 1e-5);
      if (i > 0) {
        EXPECT_GE(nearest[p][i - 1].similarity, nearest[p][i].similarity);
      }
    }
  }
}

TEST(NearestByFloatsTest, FewerPeopleThanAskedForAreAll) {
  const MadePeople made(8);
  const auto nearest = NearestByFloats(made, 2, {made.Probe(0, 2)}, 5);
  EXPECT_EQ(nearest.front().size(), 2u);
}

}  // namespace
}  // namespace rollcall::bench
