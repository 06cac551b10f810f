#include "domain/presentation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

namespace rollcall::domain {
namespace {

using namespace std::chrono_literals;
using State = Challenge::State;

const base::Time kNow = base::FromUnixMicros(1'700'000'000'000'000);
const base::Time kLater = kNow + 10s;
const PresentationSettings kSettings;

TEST(PresentationRulesTest, TheSessionsWishComesBeforeTheServers) {
  PresentationSettings settings;
  settings.policy = PresentationPolicy::kAskStaff;
  settings.challenge = ChallengeKind::kBlink;
  const PresentationRules server = RulesFor(PresentationPolicy::kDefault, ChallengeKind::kDefault,
                                            settings, /*practice=*/false, /*camera=*/true);
  EXPECT_EQ(server.policy, PresentationPolicy::kAskStaff);
  EXPECT_EQ(server.challenge, ChallengeKind::kBlink);
  const PresentationRules session = RulesFor(PresentationPolicy::kRefuse, ChallengeKind::kNone,
                                             settings, /*practice=*/false, /*camera=*/true);
  EXPECT_EQ(session.policy, PresentationPolicy::kRefuse);
  EXPECT_EQ(session.challenge, ChallengeKind::kNone);
}

TEST(PresentationRulesTest, PracticeOnlyRecordsAndOnlyACameraIsAsked) {
  EXPECT_EQ(
      RulesFor(PresentationPolicy::kRefuse, ChallengeKind::kTurn, kSettings, true, true).policy,
      PresentationPolicy::kRecord);
  EXPECT_EQ(
      RulesFor(PresentationPolicy::kRefuse, ChallengeKind::kTurn, kSettings, true, true).challenge,
      ChallengeKind::kTurn);
  EXPECT_EQ(
      RulesFor(PresentationPolicy::kRefuse, ChallengeKind::kTurn, kSettings, true, false).challenge,
      ChallengeKind::kNone);
}

TEST(PresentationRulesTest, EveryPolicyMakesItsOwnOfADoubt) {
  struct Case {
    PresentationPolicy policy;
    PresentationVerdict verdict;
  };
  for (const Case& c : {Case{PresentationPolicy::kRecord, PresentationVerdict::kAccept},
                        Case{PresentationPolicy::kAskStaff, PresentationVerdict::kSecondFactor},
                        Case{PresentationPolicy::kRefuse, PresentationVerdict::kRefuse}}) {
    SCOPED_TRACE(ToString(c.policy));
    EXPECT_EQ(JudgePresentation(c.policy, true, ChallengeResult::kNotAsked), c.verdict);
    EXPECT_EQ(JudgePresentation(c.policy, false, ChallengeResult::kNotMet), c.verdict);
    // A video can turn its head.
    EXPECT_EQ(JudgePresentation(c.policy, true, ChallengeResult::kMet), c.verdict);
    EXPECT_EQ(JudgePresentation(c.policy, false, ChallengeResult::kMet),
              PresentationVerdict::kAccept);
    EXPECT_EQ(JudgePresentation(c.policy, false, ChallengeResult::kNotAsked),
              PresentationVerdict::kAccept);
  }
}

TEST(PresentationRulesTest, AHeldUpPictureIsNoticedBelowTheLimitOnly) {
  PresentationSettings settings;
  settings.min_live = 0.5f;
  EXPECT_FALSE(HeldUpPictureNoticed(0.5f, settings));
  EXPECT_TRUE(HeldUpPictureNoticed(0.49f, settings));
  EXPECT_TRUE(HeldUpPictureNoticed(std::numeric_limits<float>::quiet_NaN(), settings));
  EXPECT_FALSE(HeldUpPictureNoticed(std::nullopt, settings));  // nobody looked
}

TEST(PresentationRulesTest, NamesLeadBack) {
  for (int i = 0; i <= 3; ++i) {
    const auto policy = static_cast<PresentationPolicy>(i);
    EXPECT_EQ(PresentationPolicyFrom(ToString(policy)), policy);
  }
  for (int i = 0; i <= 4; ++i) {
    const auto kind = static_cast<ChallengeKind>(i);
    EXPECT_EQ(ChallengeKindFrom(ToString(kind)), kind);
  }
  EXPECT_EQ(PresentationPolicyFrom("Record"), std::nullopt);
  EXPECT_EQ(ChallengeKindFrom(""), std::nullopt);
}

class TurnTest : public testing::TestWithParam<Decision> {
 protected:
  // A head turned by `degrees` to the side that is asked for, beginning at `start`.
  HeadSample Turned(float degrees, float start = 0) const {
    const float sign = GetParam() == Decision::kTurnLeft ? -1.0f : 1.0f;
    return {start + sign * degrees, 0.0f};
  }
  Challenge Ask(float start = 0) const {
    return Challenge(GetParam(), {start, 0.0f}, kLater, kSettings);
  }
};

TEST_P(TurnTest, IsMetByTurningFarEnoughToThatSide) {
  Challenge challenge = Ask();
  EXPECT_EQ(challenge.Observe(Turned(0), kNow), State::kWaiting);
  EXPECT_EQ(challenge.Observe(Turned(19.9f), kNow), State::kWaiting);
  EXPECT_EQ(challenge.Observe(Turned(20.1f), kNow), State::kMet);
  EXPECT_EQ(challenge.Observe(Turned(0), kLater + 1h), State::kMet);  // for good
}

TEST_P(TurnTest, IsNotMetByTheOtherSideNorByStandingStill) {
  Challenge challenge = Ask();
  for (const float degrees : {0.0f, -25.0f, -44.0f, 5.0f}) {
    EXPECT_EQ(challenge.Observe(Turned(degrees), kNow + 1s), State::kWaiting) << degrees;
  }
  EXPECT_EQ(challenge.Observe(Turned(30), kNow + 2s), State::kMet);
}

TEST_P(TurnTest, CountsFromWhereTheHeadWas) {
  Challenge challenge = Ask(/*start=*/GetParam() == Decision::kTurnLeft ? 10.0f : -10.0f);
  const float start = GetParam() == Decision::kTurnLeft ? 10.0f : -10.0f;
  EXPECT_EQ(challenge.Observe(Turned(15, start), kNow), State::kWaiting);
  EXPECT_EQ(challenge.Observe(Turned(21, start), kNow), State::kMet);
}

TEST_P(TurnTest, EndsWithItsTimeAndAMeasurementThatIsNoneHelpsNobody) {
  Challenge challenge = Ask();
  EXPECT_EQ(challenge.Observe(HeadSample{std::nanf(""), std::nullopt}, kNow), State::kWaiting);
  EXPECT_EQ(challenge.Observe(std::nullopt, kLater), State::kWaiting);
  EXPECT_EQ(challenge.Observe(Turned(40), kLater + 1us), State::kTimeOver);
  EXPECT_EQ(challenge.Observe(Turned(40), kNow), State::kTimeOver);
}

INSTANTIATE_TEST_SUITE_P(BothSides, TurnTest,
                         testing::Values(Decision::kTurnLeft, Decision::kTurnRight));

// A text of eyes, a frame a letter: o open, c closed, t closed but turned away, - not measured.
State Blink(const std::string& eyes) {
  Challenge challenge(Decision::kCloseEyes, {0, 0.0f}, kLater, kSettings);
  State state = State::kWaiting;
  for (const char eye : eyes) {
    HeadSample sample;
    if (eye != '-') sample.eyes_closed = eye == 'o' ? 0.1f : 0.9f;
    if (eye == 't') sample.yaw_degrees = 25;
    state = challenge.Observe(sample, kNow);
  }
  return state;
}

TEST(BlinkTest, OpenThenClosedForTwoFramesThenOpen) {
  EXPECT_EQ(Blink("occo"), State::kMet);
  EXPECT_EQ(Blink("ooccccoo"), State::kMet);
  EXPECT_EQ(Blink("occ-o"), State::kMet);
}

TEST(BlinkTest, NothingElse) {
  for (const char* eyes : {"oooooooo", "cccccccc", "cco", "occ", "ococococ", "otto", "o--o", ""}) {
    EXPECT_EQ(Blink(eyes), State::kWaiting) << eyes;
  }
}

}  // namespace
}  // namespace rollcall::domain
