#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <variant>

#include "app/look.h"
#include "app_testing/world.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::ChallengeKind;
using domain::ChallengeResult;
using domain::Decision;
using domain::PresentationPolicy;
using support::IsOk;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using testing::FakeFace;
using testing::kEyesClosed;
using testing::kHeldUp;
using testing::kNoFault;
using testing::TurnedBy;
using testing::World;

// What a session makes of held-up pictures, and of challenges. Volunteer v-1 is person 1.
class PresentationTest : public ::testing::Test {
 protected:
  PresentationTest() { world_->Enrol("v-1", 1); }

  World& world() { return *world_; }
  domain::PresentationSettings& settings() { return world().settings.presentation; }
  void Practise() {
    looker_.reset();
    pipeline_.reset();
    world_ = std::make_unique<World>(World::Options{.practice = true});
    pipeline_ = testing::MakeFakePipeline(world_->control);
    world_->Enrol("v-1", 1);
  }
  FrameDecision Show(Frame frame) {
    if (!looker_) {
      LookConfig config = world().Look(source_);
      config.session = session_.session.empty() ? config.session : session_;
      looker_ = std::make_unique<Looker>(world().services(), config, world().ids.Next());
    }
    FrameAnswer answer = looker_->Look(*pipeline_, frame, world().Call());
    world().clock.Advance(std::chrono::milliseconds(500));
    if (const auto* error = std::get_if<FrameError>(&answer)) {
      ADD_FAILURE() << error->status;
      return {};
    }
    return std::get<FrameDecision>(answer);
  }
  FrameDecision Show(int variant, int fault = kNoFault, int person = 1) {
    return Show(world().Frame({{person, variant, 160, 320, 240, static_cast<uint8_t>(fault)}}));
  }
  // Five frames that face the camera: one attempt.
  FrameDecision Attempt(int fault = kNoFault, int person = 1) {
    FrameDecision decision;
    for (const int degrees : {-8, -3, 2, 7, 0}) decision = Show(TurnedBy(degrees), fault, person);
    return decision;
  }
  // Turns the head as `prompt` says, by `degrees`.
  FrameDecision Turn(Decision prompt, int degrees) {
    return Show(TurnedBy(prompt == Decision::kTurnLeft ? -degrees : degrees));
  }
  std::vector<std::string> Proofs(const FrameDecision& decision) {
    const auto token = world().services().tokens.Open(decision.token);
    std::vector<std::string> details;
    if (!token.ok()) return details;
    for (const domain::Proof& proof : token->proofs) details.push_back(proof.detail);
    return details;
  }

  static constexpr char kProof[] = "template of 3 photos, probe of 3 frames";
  std::unique_ptr<World> world_ = std::make_unique<World>();
  std::unique_ptr<recognition::FacePipeline> pipeline_ = testing::MakeFakePipeline(world_->control);
  std::unique_ptr<Looker> looker_;
  domain::SourceKind source_ = domain::SourceKind::kCamera;
  domain::SessionKey session_;
};

TEST_F(PresentationTest, RecordOnlyWritesItBesideTheProof) {
  settings().policy = PresentationPolicy::kRecord;
  const FrameDecision seen = Attempt(kHeldUp);
  EXPECT_EQ(seen.decision, Decision::kRecognised);
  EXPECT_THAT(Proofs(seen),
              ElementsAre(kProof, "suspected picture: something held up was noticed"));
  ASSERT_THAT(world().Record(seen.token, domain::Action::kIn), IsOk());
  const auto records = world().audit.records();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_TRUE(records[0].held_up_picture);
  EXPECT_NEAR(records[0].live_mean.value(), 0.002f, 1e-5f);
  EXPECT_EQ(records[0].policy, PresentationPolicy::kRecord);
}

TEST_F(PresentationTest, AskStaffTakesTheFaceWithASecondFactorOnly) {
  settings().policy = PresentationPolicy::kAskStaff;
  const FrameDecision seen = Attempt(kHeldUp);
  EXPECT_EQ(seen.decision, Decision::kSecondFactorNeeded);
  EXPECT_EQ(seen.volunteer.value, "v-1");
  const int64_t rows = world().LedgerRows();
  EXPECT_EQ(world().Record(seen.token, domain::Action::kIn)->decision,
            Decision::kSecondFactorNeeded);
  EXPECT_EQ(world().LedgerRows(), rows);
  const auto attested = world().app().attest.AttestPresence(
      world().Call(),
      {.session = world().session, .volunteer = domain::VolunteerId("v-1"), .reason = "seen"});
  ASSERT_THAT(attested, IsOk());
  EXPECT_EQ(
      world().Record(seen.token, domain::Action::kIn, std::nullopt, attested->token)->decision,
      Decision::kCheckedIn);
}

TEST_F(PresentationTest, RefuseGivesNeitherNameNorToken) {
  settings().policy = PresentationPolicy::kRefuse;
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const FrameDecision seen = Attempt(kHeldUp);
    EXPECT_EQ(seen.decision, attempt < 3 ? Decision::kSuspectedPicture : Decision::kUseOtherWay);
    EXPECT_TRUE(seen.token.empty());
    EXPECT_TRUE(seen.volunteer.empty());
    EXPECT_TRUE(seen.name.empty());
  }
}

TEST_F(PresentationTest, WhoeverHoldsNothingUpNoticesNoPolicy) {
  for (const auto policy :
       {PresentationPolicy::kRecord, PresentationPolicy::kAskStaff, PresentationPolicy::kRefuse}) {
    settings().policy = policy;
    looker_.reset();
    const FrameDecision seen = Attempt();
    EXPECT_EQ(seen.decision, Decision::kRecognised);
    EXPECT_THAT(Proofs(seen), ElementsAre(kProof));
  }
}

TEST_F(PresentationTest, OneDoubtfulFrameOfFiveIsNotEnough) {
  settings().policy = PresentationPolicy::kRefuse;
  Show(TurnedBy(-8), kHeldUp);
  for (const int degrees : {-3, 2, 7}) Show(TurnedBy(degrees));
  EXPECT_EQ(Show(TurnedBy(0)).decision, Decision::kRecognised);
}

TEST_F(PresentationTest, InPracticeEverythingIsOnlyRecorded) {
  Practise();
  settings().policy = PresentationPolicy::kRefuse;
  const FrameDecision seen = Attempt(kHeldUp);
  EXPECT_EQ(seen.decision, Decision::kRecognised);
  EXPECT_EQ(Proofs(seen).size(), 2u);
}

TEST_F(PresentationTest, TheSessionsOwnPolicyComesBeforeTheServers) {
  settings().policy = PresentationPolicy::kRecord;
  session_ = world().session;
  session_.session.value = "strict";
  domain::Session strict{session_, world().At(9, 0), world().At(12, 0), {}};
  strict.presentation = PresentationPolicy::kRefuse;
  ASSERT_THAT(world().app().activities.AddSession(world().Call(), strict), IsOk());
  ASSERT_THAT(world().app().activities.AddRosterEntries(
                  world().Call(), session_,
                  {{session_, domain::VolunteerId("v-1"), {}, domain::RosterKind::kSignedUp}}),
              IsOk());
  EXPECT_EQ(Attempt(kHeldUp).decision, Decision::kSuspectedPicture);
}

TEST_F(PresentationTest, OnlyFramesThatAnAttemptRestsOnAreLookedAt) {
  settings().challenge = ChallengeKind::kTurn;
  const int before = world().control.liveness;
  Show(world().Frame({{1, 1, 160, 200, 240}, {2, 1, 150, 450, 240}}));  // several faces
  EXPECT_EQ(world().control.liveness, before);
  const Decision prompt = Attempt().decision;
  EXPECT_EQ(world().control.liveness, before + 5);
  Turn(prompt, 5);
  ASSERT_EQ(Turn(prompt, 25).decision, Decision::kRecognised);
  Show(TurnedBy(0));  // of a decided visit
  EXPECT_EQ(world().control.liveness, before + 5);
}

// ---- turning the head -------------------------------------------------------------------------

class TurnChallengeTest : public PresentationTest {
 protected:
  TurnChallengeTest() {
    settings().challenge = ChallengeKind::kTurn;
    settings().policy = PresentationPolicy::kRefuse;
  }
};

TEST_F(TurnChallengeTest, NobodyIsNamedBeforeTheHeadWasTurned) {
  const FrameDecision asked = Attempt();
  EXPECT_THAT(asked.decision, AnyOf(Decision::kTurnLeft, Decision::kTurnRight));
  EXPECT_TRUE(asked.token.empty());
  EXPECT_TRUE(asked.volunteer.empty());
  EXPECT_TRUE(asked.name.empty());
  EXPECT_FALSE(asked.visit_decided);
  ASSERT_TRUE(asked.challenge_expires.has_value());
  EXPECT_GT(*asked.challenge_expires, world().clock.Now());

  const FrameDecision half = Turn(asked.decision, 10);
  EXPECT_EQ(half.decision, asked.decision);
  EXPECT_EQ(half.challenge_expires, asked.challenge_expires);
  const FrameDecision done = Turn(asked.decision, 25);
  EXPECT_EQ(done.decision, Decision::kRecognised);
  EXPECT_TRUE(done.visit_decided);
  EXPECT_FALSE(done.challenge_expires.has_value());
  EXPECT_THAT(Proofs(done), ElementsAre(kProof, "challenge turn: done as asked"));
  const auto records = world().audit.records();
  ASSERT_EQ(records.size(), 2u);  // asked, and settled
  EXPECT_EQ(records[0].decision, asked.decision);
  EXPECT_EQ(records[1].decision, Decision::kRecognised);
  EXPECT_EQ(records[1].challenge, ChallengeResult::kMet);
}

TEST_F(TurnChallengeTest, WhoeverStandsStillUntilTheTimeIsOverIsNotNamed) {
  const FrameDecision asked = Attempt();
  FrameDecision seen = asked;
  int frames = 0;
  while (seen.decision == asked.decision && ++frames < 100) {
    seen = Show(TurnedBy(frames % 5));  // sways, does not turn
  }
  EXPECT_EQ(frames, 21);  // ten seconds, half a second apart, and one beyond
  EXPECT_EQ(seen.decision, Decision::kUseOtherWay);
  EXPECT_TRUE(seen.visit_decided);
  EXPECT_TRUE(seen.token.empty());
  EXPECT_TRUE(seen.volunteer.empty());
  EXPECT_EQ(world().audit.records().back().challenge, ChallengeResult::kNotMet);
}

TEST_F(TurnChallengeTest, UnderTheMilderPoliciesItIsWrittenDownOrASecondFactorAsked) {
  const auto stand = [this] {
    looker_.reset();
    const Decision prompt = Attempt().decision;
    FrameDecision seen;
    do {
      seen = Show(TurnedBy(1));
    } while (seen.decision == prompt);
    return seen;
  };
  settings().policy = PresentationPolicy::kAskStaff;
  EXPECT_EQ(stand().decision, Decision::kSecondFactorNeeded);
  settings().policy = PresentationPolicy::kRecord;
  const FrameDecision recorded = stand();
  EXPECT_EQ(recorded.decision, Decision::kRecognised);
  EXPECT_THAT(Proofs(recorded), ElementsAre(kProof, "challenge turn: not done in time"));
}

TEST_F(TurnChallengeTest, SomebodyElseWhoTurnsHerHeadDoesNotHelp) {
  world().Enrol("v-2", 2);
  const FrameDecision asked = Attempt();
  const int degrees = asked.decision == Decision::kTurnLeft ? -30 : 30;
  const FrameDecision other = Show(TurnedBy(degrees), kNoFault, 2);
  EXPECT_EQ(other.decision, Decision::kNeedMoreFrames);  // a visit of her own
  EXPECT_TRUE(other.token.empty());
}

TEST_F(TurnChallengeTest, TurningFurtherThanCanBeUsedIsNotBlamed) {
  const FrameDecision asked = Attempt();
  const FrameDecision away = Show(TurnedBy(0), testing::kTurned);
  EXPECT_EQ(away.decision, asked.decision);
  EXPECT_EQ(Turn(asked.decision, 30).decision, Decision::kRecognised);
}

TEST_F(TurnChallengeTest, AHeadThatIsTurnedAlreadyIsAskedForTheOtherSide) {
  FrameDecision asked;
  for (const int degrees : {15, 20, 16, 21, 18}) asked = Show(TurnedBy(degrees));
  EXPECT_EQ(asked.decision, Decision::kTurnLeft);
  looker_.reset();
  for (const int degrees : {-15, -20, -16, -21, -18}) asked = Show(TurnedBy(degrees));
  EXPECT_EQ(asked.decision, Decision::kTurnRight);
}

TEST_F(TurnChallengeTest, AVisitThatEndsBeforeIsSettledByThePolicy) {
  const FrameDecision asked = Attempt();
  Frame last = world().Frame({{1, TurnedBy(1)}});
  last.ends_visit = true;
  EXPECT_EQ(Show(last).decision, Decision::kUseOtherWay);
  // A simple client that shows all its frames at once is settled so too.
  settings().policy = PresentationPolicy::kAskStaff;
  EXPECT_EQ(world().CheckIn(world().CheckInRequest(1))->decision, Decision::kSecondFactorNeeded);
  EXPECT_NE(asked.decision, Decision::kRecognised);
}

TEST_F(TurnChallengeTest, WhoeverLeavesTheRosterMeanwhileIsNotNamed) {
  const FrameDecision asked = Attempt();
  ASSERT_THAT(world().app().activities.RemoveRosterEntry(world().Call(), world().session,
                                                         domain::VolunteerId("v-1")),
              IsOk());
  const FrameDecision seen = Turn(asked.decision, 30);
  EXPECT_NE(seen.decision, Decision::kRecognised);
  EXPECT_TRUE(seen.token.empty());
}

TEST_F(TurnChallengeTest, StrangersAreNotAsked) {
  EXPECT_EQ(Attempt(kNoFault, 50).decision, Decision::kUnknown);
}

TEST_F(TurnChallengeTest, PicturesInPracticeAreNotAsked) {
  Practise();
  settings().challenge = ChallengeKind::kTurn;
  source_ = domain::SourceKind::kPictures;
  FrameDecision seen;
  for (const int degrees : {-8, 2, 7}) seen = Show(TurnedBy(degrees));
  EXPECT_EQ(seen.decision, Decision::kRecognised);
}

// ---- eyes and number --------------------------------------------------------------------------

TEST_F(PresentationTest, ClosingTheEyesForAMomentIsEnough) {
  settings().challenge = ChallengeKind::kBlink;
  settings().policy = PresentationPolicy::kRefuse;
  const FrameDecision asked = Attempt();
  EXPECT_EQ(asked.decision, Decision::kCloseEyes);
  EXPECT_EQ(Show(TurnedBy(1)).decision, Decision::kCloseEyes);
  EXPECT_EQ(Show(TurnedBy(2), kEyesClosed).decision, Decision::kCloseEyes);
  EXPECT_EQ(Show(TurnedBy(3), kEyesClosed).decision, Decision::kCloseEyes);
  const FrameDecision done = Show(TurnedBy(2));
  EXPECT_EQ(done.decision, Decision::kRecognised);
  EXPECT_THAT(Proofs(done), ElementsAre(kProof, "challenge blink: done as asked"));
}

TEST_F(PresentationTest, ANumberIsForAMemberOfStaffToConfirm) {
  settings().challenge = ChallengeKind::kNumber;
  const FrameDecision seen = Attempt();
  EXPECT_EQ(seen.decision, Decision::kShowNumber);
  EXPECT_EQ(seen.volunteer.value, "v-1");
  EXPECT_THAT(seen.number, ::testing::MatchesRegex("[0-9][0-9][0-9][0-9]"));
  EXPECT_THAT(Proofs(seen),
              ElementsAre(kProof, "asked to show number " + seen.number + " to a member of staff"));
  EXPECT_EQ(Show(TurnedBy(4)).number, seen.number);  // the same for the whole visit
  EXPECT_EQ(world().Record(seen.token, domain::Action::kIn)->decision,
            Decision::kSecondFactorNeeded);
  looker_.reset();
  EXPECT_NE(Attempt().number, seen.number);
  // A client that cannot show it hears of a second factor.
  EXPECT_EQ(world().CheckIn(world().CheckInRequest(1))->decision, Decision::kSecondFactorNeeded);
}

}  // namespace
}  // namespace rollcall::app
