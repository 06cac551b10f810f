#include "domain/decision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

#include "support/status_matchers.h"

namespace rollcall::domain {
namespace {

using support::IsOk;

constexpr int kDecisions = 35;  // 0 .. kNobodyEnrolled

base::Uuid Subject(uint8_t number) {
  base::Uuid uuid;
  uuid.bytes.fill(number);
  return uuid;
}

// One curve for one photo and one frame: 1 % at 0.3, 0.1 % at 0.4, 0.001 % at 0.6.
Calibration Curve() {
  auto curve = MatchCurve::Create(1, 1, {{1e-2, 0.3f}, {1e-3, 0.4f}, {1e-5, 0.6f}});
  EXPECT_THAT(curve, IsOk());
  auto calibration = Calibration::Create({*curve});
  EXPECT_THAT(calibration, IsOk());
  return *calibration;
}

// A budget of 1 % per visit at a calibrated site, so that the roster size alone sets the rate.
MatchPolicy Calibrated() {
  MatchPolicy policy;
  policy.site_calibrated = true;
  return policy;
}

MatchResult Decide(std::vector<Candidate> candidates, int64_t roster,
                   const MatchPolicy& policy = Calibrated()) {
  return DecideMatch(candidates, roster, 1, policy, Curve());
}

TEST(DecisionTest, EveryDecisionHasANameAndASentenceInBothLanguages) {
  std::set<std::string> names;
  for (int i = 0; i < kDecisions; ++i) {
    const auto decision = static_cast<Decision>(i);
    const std::string name(ToString(decision));
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string::npos) << name;
    if (decision == Decision::kUnspecified) continue;
    const std::string english(Sentence(decision, "en"));
    const std::string chinese(Sentence(decision, "zh"));
    EXPECT_FALSE(english.empty()) << name;
    EXPECT_FALSE(chinese.empty()) << name;
    EXPECT_NE(english, chinese) << name;
    EXPECT_EQ(Sentence(decision, "fr"), english) << name;
  }
  EXPECT_EQ(ToString(static_cast<Decision>(kDecisions)), "unspecified");
}

TEST(DecideMatchTest, AtTheThresholdOfTheRosterSheIsRecognised) {
  // 1 % over 10 people: 0.1 % each, and so 0.4.
  const MatchResult result = Decide({{Subject(1), 0.4f, 1, false}, {Subject(2), 0.1f, 1, false}}, 10);
  EXPECT_EQ(result.decision, Decision::kRecognised);
  EXPECT_EQ(result.subject, Subject(1));
  EXPECT_EQ(result.threshold, 0.4f);
  EXPECT_EQ(result.second_score, 0.1f);
}

TEST(DecideMatchTest, BelowItNobodyIsNamed) {
  const MatchResult result = Decide({{Subject(1), 0.399f, 1, false}}, 10);
  EXPECT_EQ(result.decision, Decision::kUnknown);
  EXPECT_TRUE(result.subject.IsNil());
}

TEST(DecideMatchTest, ALargerRosterAsksForMore) {
  const std::vector<Candidate> candidates = {{Subject(1), 0.45f, 1, false}};
  EXPECT_EQ(Decide(candidates, 10).decision, Decision::kRecognised);
  EXPECT_EQ(Decide(candidates, 11).decision, Decision::kUnknown);  // 0.6 from here on
}

TEST(DecideMatchTest, AnUncalibratedSiteHasATenthOfTheBudget) {
  const std::vector<Candidate> candidates = {{Subject(1), 0.35f, 1, false}};
  EXPECT_EQ(Decide(candidates, 1).decision, Decision::kRecognised);
  EXPECT_EQ(Decide(candidates, 1, MatchPolicy{}).decision, Decision::kUnknown);
  EXPECT_EQ(Decide(candidates, 1, MatchPolicy{}).threshold, 0.4f);
}

TEST(DecideMatchTest, WhereNothingWasMeasuredTheFaceAloneIsNeverEnough) {
  // 1 % over 10,000: 0.0001 % each, below the 0.001 % that the curve ends with.
  const MatchResult result = Decide({{Subject(1), 0.99f, 1, false}}, 10'000);
  EXPECT_EQ(result.decision, Decision::kSecondFactorNeeded);
  EXPECT_EQ(result.subject, Subject(1));
  EXPECT_FALSE(result.threshold.has_value());
  EXPECT_EQ(Decide({{Subject(1), 0.59f, 1, false}}, 10'000).decision, Decision::kUnknown);
}

TEST(DecideMatchTest, TwoPeopleTooCloseAreAmbiguous) {
  EXPECT_EQ(Decide({{Subject(1), 0.60f, 1, false}, {Subject(2), 0.56f, 1, false}}, 10).decision,
            Decision::kAmbiguous);
  EXPECT_EQ(Decide({{Subject(1), 0.60f, 1, false}, {Subject(2), 0.54f, 1, false}}, 10).decision,
            Decision::kRecognised);
}

TEST(DecideMatchTest, LookAlikesAlwaysNeedASecondFactor) {
  EXPECT_EQ(Decide({{Subject(1), 0.9f, 1, true}}, 10).decision, Decision::kSecondFactorNeeded);
}

TEST(DecideMatchTest, NoCandidateNoRosterOrNoNumberIsUnknown) {
  EXPECT_EQ(Decide({}, 10).decision, Decision::kUnknown);
  EXPECT_EQ(Decide({{Subject(1), 0.9f, 1, false}}, 0).decision, Decision::kUnknown);
  EXPECT_EQ(Decide({{Subject(1), std::nanf(""), 1, false}}, 10).decision, Decision::kUnknown);
}

TEST(DecideMatchTest, WithoutACurveForSoFewPicturesNobodyIsRecognised) {
  auto curve = MatchCurve::Create(3, 3, {{1e-2, 0.3f}});
  ASSERT_THAT(curve, IsOk());
  const auto calibration = Calibration::Create({*curve});
  ASSERT_THAT(calibration, IsOk());
  const MatchResult result =
      DecideMatch({{Subject(1), 0.99f, 1, false}}, 1, 1, Calibrated(), *calibration);
  EXPECT_EQ(result.decision, Decision::kUnknown);
}

bool Close(std::vector<Candidate> candidates, float tolerance, int64_t roster = 10) {
  return IsCloseCall(candidates, roster, 1, Calibrated(), Curve(), tolerance);
}

TEST(CloseCallTest, IsWhatLiesNearTheThreshold) {
  EXPECT_TRUE(Close({{Subject(1), 0.395f, 1, false}}, 0.01f));
  EXPECT_TRUE(Close({{Subject(1), 0.405f, 1, false}}, 0.01f));
  EXPECT_FALSE(Close({{Subject(1), 0.385f, 1, false}}, 0.01f));
  EXPECT_FALSE(Close({{Subject(1), 0.415f, 1, false}}, 0.01f));
  // Where face alone is not enough, the threshold of the second factor.
  EXPECT_TRUE(Close({{Subject(1), 0.595f, 1, false}}, 0.01f, 10'000));
  EXPECT_FALSE(Close({{Subject(1), 0.405f, 1, false}}, 0.01f, 10'000));
}

TEST(CloseCallTest, IsALeadNearTheMargin) {
  const auto lead = [](float by) {
    return std::vector<Candidate>{{Subject(1), 0.60f, 1, false}, {Subject(2), 0.60f - by, 1, false}};
  };
  EXPECT_TRUE(Close(lead(0.065f), 0.01f)) << "each of the two may be off";
  EXPECT_TRUE(Close(lead(0.035f), 0.01f));
  EXPECT_FALSE(Close(lead(0.075f), 0.01f));
  EXPECT_FALSE(Close(lead(0.025f), 0.01f));
  EXPECT_TRUE(Close(lead(0.015f), 0.01f)) << "who is nearest may change";
}

TEST(CloseCallTest, NeverWhereNothingIsRoundedOrNobodyIsThere) {
  EXPECT_FALSE(Close({{Subject(1), 0.4f, 1, false}}, 0));
  EXPECT_FALSE(Close({}, 0.01f));
  EXPECT_FALSE(Close({{Subject(1), 0.4f, 1, false}}, 0.01f, 0));
  EXPECT_FALSE(Close({{Subject(1), std::nanf(""), 1, false}}, 0.01f));
}

}  // namespace
}  // namespace rollcall::domain
