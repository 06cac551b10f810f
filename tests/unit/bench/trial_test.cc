#include "bench/trial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace rollcall::bench {
namespace {

using testing::Each;
using testing::SizeIs;

TrialPlan Plan(int32_t gallery, int32_t photos, int32_t frames) {
  TrialPlan plan;
  plan.gallery = gallery;
  plan.photos = photos;
  plan.frames = frames;
  plan.draws = 5;
  return plan;
}

// People with 1, 2, 3, ... pictures, twelve times over.
std::vector<int32_t> MixedCounts() {
  std::vector<int32_t> counts;
  for (int32_t i = 0; i < 120; ++i) counts.push_back(i % 10 + 1);
  return counts;
}

TEST(DrawsTest, NobodyIsEnrolledAndAStrangerAtOnce) {
  const std::vector<int32_t> counts = MixedCounts();
  for (const Draw& draw : MakeDraws(counts, Plan(40, 3, 1))) {
    ASSERT_THAT(draw.gallery, SizeIs(40));
    std::set<int32_t> enrolled;
    for (const Enrolment& enrolment : draw.gallery) enrolled.insert(enrolment.person);
    EXPECT_THAT(enrolled, SizeIs(40));
    for (const Visit& visit : draw.non_mated) EXPECT_FALSE(enrolled.contains(visit.person));
    for (const Visit& visit : draw.mated) EXPECT_TRUE(enrolled.contains(visit.person));
    // Everybody who is not enrolled has a picture, so comes.
    EXPECT_THAT(draw.non_mated, SizeIs(80));
  }
}

TEST(DrawsTest, APictureIsUsedOnce) {
  const std::vector<int32_t> counts = MixedCounts();
  for (const Draw& draw : MakeDraws(counts, Plan(40, 2, 2))) {
    for (const Visit& visit : draw.mated) {
      std::multiset<int32_t> used;
      for (const Enrolment& enrolment : draw.gallery) {
        if (enrolment.person == visit.person) {
          EXPECT_THAT(enrolment.pictures, SizeIs(2));
          used.insert(enrolment.pictures.begin(), enrolment.pictures.end());
        }
      }
      EXPECT_LE(visit.attempts.size(), 3u);
      EXPECT_THAT(visit.attempts, Each(SizeIs(2)));
      for (const auto& attempt : visit.attempts) used.insert(attempt.begin(), attempt.end());
      EXPECT_EQ(used.size(), std::set(used.begin(), used.end()).size());
      EXPECT_LT(*used.rbegin(), counts[static_cast<size_t>(visit.person)]);
    }
  }
}

TEST(DrawsTest, SomeOfThoseWhoCouldComeBackStayStrangers) {
  const std::vector<int32_t> counts(100, 4);
  const Draw draw = MakeDraws(counts, Plan(80, 3, 1)).front();
  EXPECT_THAT(draw.gallery, SizeIs(80));  // nobody else to fill up with
  EXPECT_THAT(draw.mated, SizeIs(80));
  EXPECT_THAT(draw.non_mated, SizeIs(20));
  std::vector<int32_t> mixed = MixedCounts();  // 84 people could come back, 12 just be enrolled
  const Draw filled = MakeDraws(mixed, Plan(50, 3, 1)).front();
  EXPECT_THAT(filled.gallery, SizeIs(50));
  EXPECT_THAT(filled.mated, SizeIs(42));
}

TEST(DrawsTest, NobodyHasASecondTurnBeforeOthersHadTheirFirst) {
  const std::vector<int32_t> counts(30, 4);
  TrialPlan plan = Plan(15, 3, 1);
  plan.draws = 8;
  std::vector<int> enrolled(30, 0);
  std::vector<std::set<int32_t>> probes(30);
  for (const Draw& draw : MakeDraws(counts, plan)) {
    for (const Enrolment& enrolment : draw.gallery)
      ++enrolled[static_cast<size_t>(enrolment.person)];
    for (const Visit& visit : draw.mated) {
      probes[static_cast<size_t>(visit.person)].insert(visit.attempts.front().front());
    }
  }
  // Eight galleries of half of the people: four times each, with each of four pictures once.
  EXPECT_THAT(enrolled, Each(4));
  EXPECT_THAT(probes, Each(SizeIs(4)));
}

TEST(DrawsTest, TooFewPeopleMakeASmallerGallery) {
  const std::vector<int32_t> counts = {5, 5, 1, 0};
  const Draw draw = MakeDraws(counts, Plan(200, 3, 3)).front();
  EXPECT_THAT(draw.gallery, SizeIs(2));
  EXPECT_TRUE(draw.mated.empty());
  EXPECT_TRUE(draw.non_mated.empty());
}

TEST(DrawsTest, TheSeedDecidesEverything) {
  const std::vector<int32_t> counts = MixedCounts();
  TrialPlan plan = Plan(30, 1, 1);
  const auto who = [&counts](const TrialPlan& p) {
    std::vector<int32_t> people;
    for (const Draw& draw : MakeDraws(counts, p)) {
      for (const Enrolment& enrolment : draw.gallery) people.push_back(enrolment.person);
    }
    return people;
  };
  EXPECT_EQ(who(plan), who(plan));
  TrialPlan other = plan;
  other.seed = 2;
  EXPECT_NE(who(plan), who(other));
}

// Ten strangers at 0.0, 0.1, ..., 0.9 and four enrolled people.
SearchLog KnownLog() {
  SearchLog log;
  log.people = 14;
  for (int32_t i = 0; i < 10; ++i) {
    log.non_mated.push_back({i, static_cast<float>(i) / 10});
  }
  log.mated = {{10, 0.95f, true}, {11, 0.85f, true}, {12, 0.95f, false}, {13, 0.20f, false}};
  return log;
}

TEST(OpenSetTest, CountsAsByHand) {
  const OpenSetPoint strict = EvaluateAt(KnownLog(), 0.0, {1, 100});
  EXPECT_GT(strict.threshold, 0.9f);
  EXPECT_EQ(strict.false_positives, 0);
  EXPECT_EQ(strict.misses, 3);         // 0.85 is below, and two named as another
  EXPECT_EQ(strict.cross_credits, 1);  // of those two, one above the threshold
  EXPECT_DOUBLE_EQ(strict.fnir, 0.75);
  EXPECT_DOUBLE_EQ(strict.cross_credit, 0.25);

  const OpenSetPoint lax = EvaluateAt(KnownLog(), 0.1, {1, 100});
  EXPECT_EQ(lax.false_positives, 1);
  EXPECT_DOUBLE_EQ(lax.fpir, 0.1);
  EXPECT_EQ(lax.misses, 2);
  EXPECT_LE(lax.fnir_interval.low, 0.5);
  EXPECT_GE(lax.fnir_interval.high, 0.5);

  EXPECT_DOUBLE_EQ(RankOne(KnownLog()), 0.5);
}

TEST(OpenSetTest, TheTradeOffGoesFromNoStrangerToAll) {
  const auto curve = DetCurve(KnownLog(), 20);
  ASSERT_FALSE(curve.empty());
  EXPECT_DOUBLE_EQ(curve.front().fpir, 0.1);
  EXPECT_DOUBLE_EQ(curve.back().fpir, 1.0);
  for (size_t i = 1; i < curve.size(); ++i) {
    EXPECT_GE(curve[i].fpir, curve[i - 1].fpir);
    EXPECT_LE(curve[i].fnir, curve[i - 1].fnir);
  }
  EXPECT_DOUBLE_EQ(curve.back().fnir, 0.5);  // whoever is named as another stays missed
}

TEST(OpenSetTest, NothingToSearchIsNoDivision) {
  const OpenSetPoint point = EvaluateAt({}, 0.01, {1, 10});
  EXPECT_EQ(point.fnir, 0);
  EXPECT_EQ(point.fpir, 0);
  EXPECT_EQ(point.cross_credit_upper, 1);  // nothing was shown
  EXPECT_TRUE(DetCurve({}, 10).empty());
  EXPECT_EQ(RankOne({}), 0);
}

}  // namespace
}  // namespace rollcall::bench
