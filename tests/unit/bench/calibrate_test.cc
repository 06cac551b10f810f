#include "bench/calibrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "domain/match_curve.h"
#include "fake_faces.h"
#include "support/status_matchers.h"

namespace rollcall::bench {
namespace {

using support::HasReason;
using support::IsOk;
using testing::SizeIs;

CalibrationPlan SmallPlan() {
  CalibrationPlan plan;
  plan.photos = {1, 2};
  plan.templates = 100;
  plan.bootstrap = {1, 100};
  return plan;
}

TEST(CalibrateTest, TemplatesAreDifferentSetsOfPictures) {
  const Observations people = FakePeople(10, 4, 1, 0.3, 1);
  EXPECT_THAT(MakeTemplates(people, 1, SmallPlan()), SizeIs(40));
  // Four pictures have six pairs, although ten templates a person are asked for.
  EXPECT_THAT(MakeTemplates(people, 2, SmallPlan()), SizeIs(60));
  EXPECT_THAT(MakeTemplates(people, 5, SmallPlan()), SizeIs(0));
}

TEST(CalibrateTest, VisitsHaveThreeAttemptsWherePicturesAllow) {
  CalibrationPlan plan = SmallPlan();
  EXPECT_EQ(plan.variants(), 9);
  const Observations people = FakePeople(5, 2, 9, 0.3, 1);
  const auto simulated = SimulatedVisits(people, 3, plan);
  ASSERT_THAT(simulated, SizeIs(10));
  EXPECT_THAT(simulated[0].attempts, SizeIs(3));
  const auto photographs = PhotographVisits(people, 1, plan);
  ASSERT_THAT(photographs, SizeIs(5));  // two pictures: one visit of two attempts
  EXPECT_THAT(photographs[0].attempts, SizeIs(2));
  EXPECT_THAT(PhotographVisits(people, 3, plan), SizeIs(0));
}

TEST(CalibrateTest, BoundsLieAboveTheCountsAndFall) {
  const Observations people = FakePeople(60, 3, 9, 0.5, 1);
  const CalibrationPlan plan = SmallPlan();
  const auto templates = MakeTemplates(people, 1, plan);
  const auto visits = SimulatedVisits(people, 1, plan);
  const auto bounds = BoundFalseMatches(templates, visits, people.size(), plan.bootstrap);
  EXPECT_EQ(bounds.comparisons, 180 * 180 - 60 * 9);
  for (size_t i = 1; i < bounds.bound.size(); ++i) EXPECT_LE(bounds.bound[i], bounds.bound[i - 1]);
  EXPECT_DOUBLE_EQ(bounds.bound.back(), std::max(3.0 / static_cast<double>(bounds.comparisons),
                                                 UpperBound(0, bounds.comparisons)));
  EXPECT_EQ(bounds.At(-1000), 1);
}

TEST(CalibrateTest, NothingIsExtrapolated) {
  const Observations people = FakePeople(60, 3, 9, 0.5, 1);
  const auto curves = Calibrate(people, SmallPlan(), /*quiet=*/true);
  ASSERT_THAT(curves, IsOk());
  ASSERT_THAT(*curves, SizeIs(4));
  for (const MeasuredCurve& curve : *curves) {
    EXPECT_GE(curve.points.back().fmr, 3.0 / static_cast<double>(curve.comparisons));
    for (size_t i = 1; i < curve.points.size(); ++i) {
      EXPECT_LT(curve.points[i].fmr, curve.points[i - 1].fmr);
      EXPECT_GT(curve.points[i].threshold, curve.points[i - 1].threshold);
    }
  }
}

TEST(CalibrateTest, TooFewPicturesForACurve) {
  CalibrationPlan plan = SmallPlan();
  plan.photos = {5};
  EXPECT_THAT(Calibrate(FakePeople(10, 3, 9, 0.5, 1), plan, true), HasReason("TOO_FEW_PEOPLE"));
}

// What is written is what domain::MatchCurve takes.
TEST(CalibrateTest, TheFileHoldsTheCurves) {
  const auto curves = Calibrate(FakePeople(60, 3, 9, 0.5, 1), SmallPlan(), true);
  ASSERT_THAT(curves, IsOk());
  const auto json = nlohmann::json::parse(
      CalibrationJson("fake-1", "by \"hand\"", *curves, {"0011aabb", "22334455"}), nullptr, false);
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["model_id"], "fake-1");
  EXPECT_EQ(json["provenance"], "by \"hand\"");
  EXPECT_EQ(json["people"].size(), 2u);
  ASSERT_EQ(json["curves"].size(), curves->size());
  std::vector<domain::MatchCurve> parsed;
  for (const auto& item : json["curves"]) {
    std::vector<domain::MatchCurve::Point> points;
    for (const auto& point : item["points"]) points.push_back({point["fmr"], point["threshold"]});
    const auto curve = domain::MatchCurve::Create(item["photos"], item["frames"], points);
    ASSERT_THAT(curve, IsOk());
    parsed.push_back(*curve);
  }
  EXPECT_THAT(domain::Calibration::Create(parsed), IsOk());
}

}  // namespace
}  // namespace rollcall::bench
