#include "bench/statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace rollcall::bench {
namespace {

using testing::ElementsAre;

TEST(BoundsTest, EqualTheClosedFormsWhereThereAreAny) {
  // No event: (1 - p)^n = 0.05. All events: p^n = 0.05.
  EXPECT_NEAR(UpperBound(0, 100), 1 - std::pow(0.05, 0.01), 1e-12);
  EXPECT_NEAR(UpperBound(0, 10'000'000), 1 - std::pow(0.05, 1e-7), 1e-14);
  EXPECT_NEAR(LowerBound(100, 100), std::pow(0.05, 0.01), 1e-12);
  EXPECT_EQ(UpperBound(7, 7), 1);
  EXPECT_EQ(UpperBound(0, 0), 1);
  EXPECT_EQ(LowerBound(0, 7), 0);
}

TEST(BoundsTest, EqualPublishedIntervals) {
  // The two-sided 95 % interval has 97.5 % on each side.
  EXPECT_NEAR(UpperBound(5, 100, 0.975), 0.112835, 1e-6);
  EXPECT_NEAR(LowerBound(5, 100, 0.975), 0.016432, 1e-6);
  EXPECT_NEAR(UpperBound(10, 20, 0.975), 0.728042, 1e-6);
  EXPECT_NEAR(LowerBound(10, 20, 0.975), 0.271958, 1e-6);
  // Rare events tend to Poisson: half the 0.95 quantile of chi square with 32 degrees of freedom.
  EXPECT_NEAR(UpperBound(15, 5'000'000) * 5e6, 46.194 / 2, 1e-3);
}

TEST(DiceTest, IsRepeatableAndFair) {
  Dice a(7);
  Dice b(7);
  std::vector<int> counts(6, 0);
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < 60'000; ++i) {
    const size_t face = a.Below(6);
    ASSERT_EQ(face, b.Below(6));
    ++counts[face];
    const double normal = a.Normal();
    ASSERT_EQ(normal, b.Normal());
    sum += normal;
    squares += normal * normal;
  }
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 400);
  EXPECT_NEAR(sum / 60'000, 0, 0.02);
  EXPECT_NEAR(squares / 60'000, 1, 0.03);
}

TEST(BootstrapTest, IsTheSameForTheSameSeed) {
  const auto mean_weight = [](std::span<const int32_t> weights) {
    double sum = 0;
    for (size_t i = 0; i < weights.size(); ++i) sum += weights[i] * static_cast<double>(i);
    return sum / static_cast<double>(weights.size());
  };
  const Interval once = BootstrapPeople(50, {3, 500}, mean_weight);
  const Interval again = BootstrapPeople(50, {3, 500}, mean_weight);
  EXPECT_EQ(once.low, again.low);
  EXPECT_EQ(once.high, again.high);
  // The mean of 0..49 is 24.5 and its standard error 14.43 / sqrt(50) = 2.04.
  EXPECT_NEAR(once.low, 24.5 - 1.96 * 2.04, 0.6);
  EXPECT_NEAR(once.high, 24.5 + 1.96 * 2.04, 0.6);
}

TEST(BootstrapTest, PassesOverReplicatesWithNothingToCount) {
  const auto none = [](std::span<const int32_t>) { return std::nan(""); };
  const Interval interval = BootstrapPeople(5, {1, 10}, none);
  EXPECT_EQ(interval.low, 0);
  EXPECT_EQ(interval.high, 0);
  EXPECT_EQ(BootstrapPeople(0, {1, 10}, none).high, 0);
}

TEST(ThresholdTest, LetsAtMostTheRatePass) {
  const std::vector<float> scores = {0.9f, 0.8f, 0.8f, 0.5f, 0.4f, 0.3f, 0.2f, 0.1f, 0.0f, -0.1f};
  EXPECT_EQ(CountAtOrAbove(scores, ThresholdForRate(scores, 0.1)), 1);
  // Two of ten may pass, but the second and the third are equal.
  EXPECT_EQ(CountAtOrAbove(scores, ThresholdForRate(scores, 0.2)), 1);
  EXPECT_EQ(CountAtOrAbove(scores, ThresholdForRate(scores, 0.3)), 3);
  EXPECT_EQ(CountAtOrAbove(scores, ThresholdForRate(scores, 0.05)), 0);
  EXPECT_EQ(ThresholdForRate(scores, 1), -1);
  EXPECT_EQ(ThresholdForRate({}, 0.5), -1);
}

TEST(RocTest, OfScoresThatAreKnown) {
  PairScores scores;
  scores.people = 4;
  for (int i = 0; i < 1'000; ++i) scores.non_mated.push_back(static_cast<float>(i) / 1'000);
  scores.mated = {0.9985f, 0.95f, 0.9f, 0.5f};
  scores.mated_person = {0, 1, 2, 3};
  const std::vector<double> targets = {0.1, 0.01, 1e-3, 1e-4};
  const Roc roc = MakeRoc(scores, targets, {1, 200});
  ASSERT_EQ(roc.points.size(), 3u);  // 1e-4 of 1,000 comparisons was not measured
  EXPECT_EQ(roc.points[0].false_matches, 100);
  EXPECT_EQ(roc.points[0].false_non_matches, 1);  // 0.9 reaches 0.9
  EXPECT_EQ(roc.points[1].false_non_matches, 3);
  EXPECT_EQ(roc.points[2].false_matches, 1);
  EXPECT_DOUBLE_EQ(roc.points[2].fnmr, 0.75);
  EXPECT_LE(roc.points[1].fnmr_interval.low, 0.75);
  EXPECT_GE(roc.points[1].fnmr_interval.high, 0.75);
  // At 0.9, one of four is missed and a tenth of the others passes.
  EXPECT_NEAR(roc.equal_error_rate, (0.25 + 0.1) / 2, 1e-9);
}

TEST(QuantileTest, InterpolatesBetweenValues) {
  EXPECT_DOUBLE_EQ(Quantile({4, 1, 3, 2}, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(Quantile({4, 1, 3, 2}, 0), 1);
  EXPECT_DOUBLE_EQ(Quantile({4, 1, 3, 2}, 1), 4);
  EXPECT_DOUBLE_EQ(Quantile({7}, 0.3), 7);
}

}  // namespace
}  // namespace rollcall::bench
