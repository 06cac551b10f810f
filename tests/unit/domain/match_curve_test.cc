#include "domain/match_curve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "support/status_matchers.h"

namespace rollcall::domain {
namespace {

using support::HasReason;
using support::IsOk;

MatchCurve Make(int32_t photos, int32_t frames, std::vector<MatchCurve::Point> points) {
  auto curve = MatchCurve::Create(photos, frames, std::move(points));
  EXPECT_THAT(curve, IsOk());
  return *curve;
}

TEST(MatchCurveTest, GivesTheLowestMeasuredThresholdThatKeepsTheRate) {
  const MatchCurve curve = Make(1, 1, {{1e-2, 0.3f}, {1e-3, 0.4f}});
  EXPECT_EQ(curve.ThresholdFor(1.0), 0.3f);
  EXPECT_EQ(curve.ThresholdFor(1e-2), 0.3f);
  EXPECT_EQ(curve.ThresholdFor(9.9e-3), 0.4f);  // nothing in between is invented
  EXPECT_EQ(curve.ThresholdFor(1e-3), 0.4f);
  EXPECT_EQ(curve.ThresholdFor(9.9e-4), std::nullopt);
  EXPECT_EQ(curve.ThresholdFor(0), std::nullopt);
}

TEST(MatchCurveTest, RefusesWhatIsNoCurve) {
  const std::vector<std::vector<MatchCurve::Point>> cases = {
      {},
      {{0, 0.3f}},
      {{1.5, 0.3f}},
      {{1e-2, 1.5f}},
      {{1e-2, -1.5f}},
      {{1e-2, std::nanf("")}},
      {{std::nan(""), 0.3f}},
      {{1e-2, 0.3f}, {1e-2, 0.4f}},   // the rate must fall
      {{1e-3, 0.3f}, {1e-2, 0.4f}},
      {{1e-2, 0.4f}, {1e-3, 0.3f}},   // the threshold must not
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    EXPECT_THAT(MatchCurve::Create(1, 1, cases[i]), HasReason("BAD_CALIBRATION")) << i;
  }
}

TEST(CalibrationTest, RefusesNothingAndDoubles) {
  EXPECT_THAT(Calibration::Create({}), HasReason("BAD_CALIBRATION"));
  const MatchCurve curve = Make(1, 1, {{1e-2, 0.3f}});
  EXPECT_THAT(Calibration::Create({curve, curve}), HasReason("BAD_CALIBRATION"));
}

TEST(CalibrationTest, TakesTheStrictestOfTheCurvesThatApply) {
  const auto calibration = Calibration::Create({Make(1, 1, {{1e-2, 0.30f}, {1e-3, 0.40f}}),
                                                Make(3, 1, {{1e-2, 0.35f}}),
                                                Make(3, 3, {{1e-2, 0.25f}})});
  ASSERT_THAT(calibration, IsOk());
  EXPECT_EQ(calibration->ThresholdFor(1e-2, 1, 1), 0.30f);
  EXPECT_EQ(calibration->ThresholdFor(1e-2, 2, 5), 0.30f);
  EXPECT_EQ(calibration->ThresholdFor(1e-2, 3, 1), 0.35f);
  EXPECT_EQ(calibration->ThresholdFor(1e-2, 9, 9), 0.35f);
  // One of the curves that apply does not reach down so far.
  EXPECT_EQ(calibration->ThresholdFor(1e-3, 1, 1), 0.40f);
  EXPECT_EQ(calibration->ThresholdFor(1e-3, 3, 1), std::nullopt);
  EXPECT_EQ(calibration->ThresholdFor(1e-2, 0, 1), std::nullopt);
}

TEST(CalibrationTest, TheStricterOfTwoHoldsForBoth) {
  const auto a = Calibration::Create({Make(1, 1, {{1e-1, 0.2f}, {1e-2, 0.3f}, {1e-3, 0.5f}}), Make(3, 1, {{1e-2, 0.4f}})});
  const auto b = Calibration::Create({Make(1, 1, {{5e-2, 0.25f}, {8e-3, 0.4f}})});
  ASSERT_THAT(a, IsOk());
  ASSERT_THAT(b, IsOk());
  for (const Calibration& both : {Calibration::Stricter(*a, *b), Calibration::Stricter(*b, *a)}) {
    EXPECT_EQ(both.curves().size(), 2u);
    for (const double rate : {1.0, 0.1, 0.07, 0.05, 0.02, 0.01, 0.009, 0.008, 0.005, 0.001, 0.0001}) {
      const auto first = a->ThresholdFor(rate, 1, 1);
      const auto second = b->ThresholdFor(rate, 1, 1);
      const auto found = both.ThresholdFor(rate, 1, 1);
      if (!first || !second) {
        EXPECT_EQ(found, std::nullopt) << rate;
        continue;
      }
      ASSERT_TRUE(found.has_value()) << rate;
      EXPECT_GE(*found, *first) << rate;
      EXPECT_GE(*found, *second) << rate;
      EXPECT_LE(*found, std::max(*first, *second)) << rate;  // and not stricter than that
    }
    EXPECT_EQ(both.ThresholdFor(5e-2, 3, 1), 0.4f);  // what only one of them has stays
  }
}

}  // namespace
}  // namespace rollcall::domain
