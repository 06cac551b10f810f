#include "app/look.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <variant>

#include "app_testing/world.h"
#include "recognition/embedder.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::Decision;
using support::HasReason;
using support::IsOk;
using testing::FakeFace;
using testing::World;

class LookTest : public ::testing::Test {
 protected:
  World& world() { return *world_; }
  void Rebuild(World::Options options) {
    looker_.reset();
    pipeline_.reset();
    world_ = std::make_unique<World>(options);
    pipeline_ = testing::MakeFakePipeline(world_->control);
  }
  void Open(domain::SourceKind source = domain::SourceKind::kCamera) {
    OpenWith(world().Look(source));
  }
  void OpenWith(LookConfig config) {
    looker_ = std::make_unique<Looker>(world().services(), std::move(config), world().ids.Next());
  }
  FrameAnswer Answer(const Frame& frame) {
    if (!looker_) Open();
    FrameAnswer answer = looker_->Look(*pipeline_, frame, world().Call());
    world().clock.Advance(std::chrono::milliseconds(500));
    return answer;
  }
  FrameDecision Show(const Frame& frame) {
    const FrameAnswer answer = Answer(frame);
    if (const auto* error = std::get_if<FrameError>(&answer)) {
      ADD_FAILURE() << error->status;
      return {};
    }
    return std::get<FrameDecision>(answer);
  }
  FrameDecision Show(const std::vector<FakeFace>& faces) { return Show(world().Frame(faces)); }
  FrameDecision ShowLast(const std::vector<FakeFace>& faces) {
    Frame frame = world().Frame(faces);
    frame.ends_visit = true;
    return Show(frame);
  }
  // Five frames of one person, half a second apart: what a camera needs for one attempt.
  FrameDecision Attempt(int person, int first_variant = 1) {
    FrameDecision decision;
    for (int i = 0; i < 5; ++i) decision = Show({{person, first_variant + i}});
    return decision;
  }

  std::unique_ptr<World> world_ = std::make_unique<World>();
  std::unique_ptr<recognition::FacePipeline> pipeline_ =
      testing::MakeFakePipeline(world_->control);
  std::unique_ptr<Looker> looker_;
};

// Somebody who looks less and less like her photos: first named clearly, then weakly, then not at all.
TEST_F(LookTest, AMatchShortlyAboveTheThresholdIsWeak) {
  world().Enrol("v-1", 1);
  const auto volunteer = *world().registry().GetVolunteer(domain::VolunteerId("v-1"));
  const std::vector<float> like = testing::FakeEmbedding(1, 2);
  const std::vector<float> unlike = testing::FakeEmbedding(777, 2);
  std::string course;
  for (float cosine = 0.95f; course.empty() || course.back() != '-'; cosine -= 0.01f) {
    std::vector<float> blend(like.size());
    for (size_t i = 0; i < blend.size(); ++i) {
      blend[i] = cosine * like[i] + std::sqrt(1 - cosine * cosine) * unlike[i];
    }
    const auto unit = recognition::MakeUnit(testing::kFakeModel, blend);
    ASSERT_THAT(unit, IsOk());
    ASSERT_THAT(world().gallery().Put({{volunteer.subject, unit->values, {unit->values}}}), IsOk());
    const FrameDecision seen = world().See(1);
    const bool named = seen.decision == Decision::kRecognised;
    const char now =
        !named ? '-' : world().services().tokens.Open(seen.token)->weak_match ? 'w' : 'c';
    if (course.empty() || course.back() != now) course += now;
  }
  EXPECT_EQ(course, "cw-");
}

// Rounded embeddings that hide who she is: only exact ones name her.
TEST_F(LookTest, ACloseCallIsDecidedInFullPrecision) {
  world().Enrol("v-1", 1);
  world().control.noise = 6;
  world().control.tolerance = 0.01f;
  EXPECT_EQ(Attempt(1).decision, Decision::kUnknown);
  EXPECT_EQ(world().control.embedded_exactly, 0) << "that far from the threshold rounding is no matter";
  looker_.reset();
  world().control.tolerance = 2;
  const FrameDecision seen = Attempt(1);
  EXPECT_EQ(seen.decision, Decision::kRecognised);
  EXPECT_EQ(seen.volunteer.value, "v-1");
  const int frames = world().control.embedded_exactly;
  EXPECT_EQ(frames, world().audit.records().back().frames) << "those that the probe rests on, once each";
  EXPECT_NE(world().metrics.Text().find("rollcall_close_calls_total 1\n"), std::string::npos);
}

TEST_F(LookTest, ACloseCallThatCannotBeDecidedIsAnErrorAndMayBeTriedAgain) {
  world().Enrol("v-1", 1);
  world().control.noise = 6;
  world().control.tolerance = 2;
  world().control.fail_exactly = true;
  for (int i = 0; i < 4; ++i) Show({{1, 1 + i}});
  const FrameAnswer answer = Answer(world().Frame({{1, 5}}));
  ASSERT_TRUE(std::holds_alternative<FrameError>(answer));
  EXPECT_THAT(std::get<FrameError>(answer).status, HasReason("MODEL_FAILED"));
  world().control.fail_exactly = false;
  EXPECT_EQ(Show({{1, 6}}).decision, Decision::kRecognised);
}

TEST_F(LookTest, SeveralFramesDecideAndATokenComesWithTheName) {
  world().Enrol("v-1", 1);
  world().Enrol("v-2", 2);
  for (int i = 1; i <= 4; ++i) {
    const FrameDecision more = Show({{1, i}});
    EXPECT_EQ(more.decision, Decision::kNeedMoreFrames);
    EXPECT_TRUE(more.token.empty());
    EXPECT_TRUE(more.box.has_value());
  }
  const FrameDecision seen = Show({{1, 5}});
  EXPECT_EQ(seen.decision, Decision::kRecognised);
  EXPECT_EQ(seen.volunteer.value, "v-1");
  EXPECT_EQ(seen.name, "Name of v-1");
  EXPECT_TRUE(seen.visit_decided);
  const auto token = world().services().tokens.Open(seen.token);
  ASSERT_THAT(token, IsOk());
  EXPECT_EQ(token->session, world().session);
  EXPECT_EQ(token->kiosk.value, "door-1");
  EXPECT_EQ(token->evidence, domain::EvidenceClass::kFace);
  EXPECT_EQ(token->expires - token->issued, base::Duration(std::chrono::seconds(60)));
  ASSERT_EQ(token->proofs.size(), 1u);
  EXPECT_EQ(token->proofs[0].detail, "template of 3 photos, probe of 3 frames");
}

TEST_F(LookTest, ADecidedVisitIsRepeatedWithTheSameTokenUntilItExpires) {
  world().Enrol("v-1", 1);
  const FrameDecision first = Attempt(1);
  ASSERT_EQ(first.decision, Decision::kRecognised);
  const FrameDecision second = Show({{1, 6}});
  EXPECT_EQ(second.decision, Decision::kRecognised);
  EXPECT_EQ(second.token, first.token);
  EXPECT_EQ(world().audit.records().size(), 1u);  // decided once
  FrameDecision later;
  for (int i = 0; i < 130; ++i) later = Show({{1, 7 + i % 4}});
  EXPECT_EQ(later.decision, Decision::kRecognised);
  EXPECT_NE(later.token, first.token);
  EXPECT_GT(later.token_expires, first.token_expires);
}

TEST_F(LookTest, TheNextPersonInTheSamePlaceIsNeverAnsweredWithTheNameBefore) {
  world().Enrol("v-1", 1);
  world().Enrol("v-2", 2);
  ASSERT_EQ(Attempt(1).volunteer.value, "v-1");
  const FrameDecision next = Show({{2, 1}});
  EXPECT_EQ(next.decision, Decision::kNeedMoreFrames);
  EXPECT_TRUE(next.token.empty());
  EXPECT_EQ(Attempt(2, 2).volunteer.value, "v-2");
}

TEST_F(LookTest, AStrangerIsUnknownThreeTimesAndThenOfferedTheOtherWays) {
  world().Enrol("v-1", 1);
  EXPECT_EQ(Attempt(50, 1).decision, Decision::kUnknown);
  EXPECT_EQ(Show({{50, 6}}).decision, Decision::kNeedMoreFrames);
  for (int i = 7; i < 10; ++i) Show({{50, i}});
  EXPECT_EQ(Show({{50, 10}}).decision, Decision::kUnknown);
  const FrameDecision third = Attempt(50, 11);
  EXPECT_EQ(third.decision, Decision::kUseOtherWay);
  EXPECT_TRUE(third.visit_decided);
  EXPECT_EQ(Show({{50, 16}}).decision, Decision::kUseOtherWay);
  const auto records = world().audit.records();
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[2].attempt, 3);
  EXPECT_TRUE(records[2].volunteer.empty());
}

TEST_F(LookTest, AFaceThatChangesFromFrameToFrameGetsNoFurtherAttempts) {
  world().Enrol("v-1", 1);
  for (int person = 50; person < 53; ++person) Attempt(person);
  EXPECT_EQ(Show({{53, 1}}).decision, Decision::kUseOtherWay);
  // Whoever comes after a pause is somebody new.
  world().clock.Advance(std::chrono::seconds(3));
  EXPECT_EQ(Attempt(1).decision, Decision::kRecognised);
}

TEST_F(LookTest, AVisitThatEndsIsDecidedOnWhatThereIs) {
  world().Enrol("v-1", 1);
  EXPECT_EQ(ShowLast({{1, 1}}).decision, Decision::kRecognised);
  Show({{1, 2}});
  const FrameDecision from_before = ShowLast({{1, 3, 160, 320, 240, testing::kBlurred}});
  EXPECT_EQ(from_before.decision, Decision::kRecognised);
  EXPECT_EQ(world().audit.records().back().frames, 1);
  const FrameDecision nobody = ShowLast({});
  EXPECT_EQ(nobody.decision, Decision::kNoFace);
  EXPECT_TRUE(nobody.visit_decided);
}

TEST_F(LookTest, EveryFaultHasItsOwnAnswer) {
  world().Enrol("v-1", 1);
  const auto with = [&](uint8_t fault, int side = 160) {
    return Show({{1, 1, side, 320, 240, fault}}).decision;
  };
  EXPECT_EQ(Show(std::vector<FakeFace>{}).decision, Decision::kNoFace);
  EXPECT_EQ(with(testing::kNoFault, 41), Decision::kTooSmall);
  EXPECT_EQ(with(testing::kDark), Decision::kTooDark);
  EXPECT_EQ(with(testing::kBlurred), Decision::kBlurred);
  EXPECT_EQ(with(testing::kTurned), Decision::kTurnedAway);
  EXPECT_EQ(with(testing::kCovered), Decision::kFaceCovered);
  EXPECT_EQ(with(testing::kWeak), Decision::kUnclear);
  EXPECT_TRUE(world().audit.records().empty());  // no embedding was judged
}

TEST_F(LookTest, ACoveredFaceIsPromptedOnceAndThenOfferedTheOtherWays) {
  world().Enrol("v-1", 1);
  const FakeFace covered{1, 1, 160, 320, 240, testing::kCovered};
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Show({covered}).decision, Decision::kFaceCovered);
  EXPECT_EQ(Show({covered}).decision, Decision::kUseOtherWay);
  // Whoever takes the scarf off is looked at after all.
  EXPECT_EQ(Attempt(1).decision, Decision::kRecognised);
}

TEST_F(LookTest, TwoFacesAreNeverEmbeddedAndPeopleFarBehindAreNotCounted) {
  world().Enrol("v-1", 1);
  const int before = world().control.embedded;
  EXPECT_EQ(Show({{1, 1, 160, 200, 240}, {2, 1, 150, 450, 240}}).decision,
            Decision::kSeveralFaces);
  EXPECT_EQ(world().control.embedded, before);
  const FrameDecision main = ShowLast({{1, 1, 160, 200, 240}, {2, 1, 40, 450, 240}});
  EXPECT_EQ(main.decision, Decision::kRecognised);
  EXPECT_EQ(world().control.embedded, before + 1);  // the one in front only
}

TEST_F(LookTest, FacesOutsideTheMarkedZoneDoNotExist) {
  world().Enrol("v-1", 1);
  LookConfig config = world().Look();
  config.zone = {0, 0, 0.5f, 1};
  OpenWith(config);
  EXPECT_EQ(ShowLast({{1, 1, 160, 500, 240}}).decision, Decision::kNoFace);
  EXPECT_EQ(ShowLast({{1, 1, 160, 150, 240}, {2, 1, 160, 500, 240}}).decision,
            Decision::kRecognised);
}

TEST_F(LookTest, PicturesAndVideosAreForPracticeOnly) {
  world().Enrol("v-1", 1);
  for (const auto source : {domain::SourceKind::kPictures, domain::SourceKind::kVideoFile}) {
    Open(source);
    const int before = world().control.analysed;
    EXPECT_EQ(ShowLast({{1, 1}}).decision, Decision::kSourceNotAllowed);
    EXPECT_EQ(world().control.analysed, before);
  }
  Rebuild({.practice = true});
  world().Enrol("v-1", 1);
  Open(domain::SourceKind::kPictures);
  EXPECT_EQ(ShowLast({{1, 1}}).decision, Decision::kRecognised);
}

TEST_F(LookTest, AnAlmostExactRepeatOfAnEnrolmentPhotoIsSuspected) {
  world().Enrol("v-1", 1);
  const FrameDecision seen = ShowLast({{1, 102}});
  EXPECT_EQ(seen.decision, Decision::kSuspectedPicture);
  EXPECT_TRUE(seen.token.empty());
  EXPECT_TRUE(seen.volunteer.empty());
  EXPECT_TRUE(seen.name.empty());
  ASSERT_EQ(world().audit.records().size(), 1u);
  EXPECT_TRUE(world().audit.records()[0].repeat_of_photo);
}

TEST_F(LookTest, AFaceThatDoesNotMoveIsSuspectedAndCountsAsAnAttempt) {
  world().Enrol("v-1", 1);
  FrameDecision seen;
  int decided = 0;
  for (int i = 0; i < 15; ++i) {
    seen = Show({{1, 1}});
    if (seen.decision == Decision::kSuspectedPicture) ++decided;
    EXPECT_NE(seen.decision, Decision::kRecognised);
  }
  EXPECT_EQ(decided, 2);
  EXPECT_EQ(seen.decision, Decision::kUseOtherWay);
}

TEST_F(LookTest, InPracticeASuspectedPictureIsRecordedAndNotRefused) {
  Rebuild({.practice = true});
  world().Enrol("v-1", 1);
  Open(domain::SourceKind::kPictures);
  const FrameDecision seen = ShowLast({{1, 102}});
  EXPECT_EQ(seen.decision, Decision::kRecognised);
  const auto token = world().services().tokens.Open(seen.token);
  ASSERT_THAT(token, IsOk());
  EXPECT_TRUE(token->practice);
  ASSERT_EQ(token->proofs.size(), 2u);
  EXPECT_EQ(token->proofs[1].detail, "suspected picture: almost exactly an enrolment photo");
}

TEST_F(LookTest, AlarmsAreRaisedForWhatIsSuspectedAndNotInPractice) {
  world().Enrol("v-1", 1);
  ShowLast({{1, 102}});
  EXPECT_EQ(world().Alarms("enrolment_photo"), 1);
  EXPECT_EQ(world().Alarms("face_still"), 0);
  for (int i = 0; i < 5; ++i) Show({{1, 1}});
  EXPECT_EQ(world().Alarms("face_still"), 1);
  Rebuild({.practice = true});
  world().Enrol("v-1", 1);
  Open(domain::SourceKind::kPictures);
  ShowLast({{1, 102}});
  EXPECT_EQ(world().Alarms("enrolment_photo"), 0);
}

TEST_F(LookTest, PixelsThatTheKioskHasShownBeforeAreASuspectedPicture) {
  world().Enrol("v-1", 1);
  std::vector<Frame> recorded;
  for (int i = 1; i <= 5; ++i) recorded.push_back(world().Frame({{1, i}}));
  FrameDecision seen;
  for (const Frame& frame : recorded) seen = Show(frame);
  ASSERT_EQ(seen.decision, Decision::kRecognised);
  EXPECT_EQ(world().Alarms("frame_repeated"), 0);

  // The same pictures again, as of now, in another stream of the kiosk an hour later.
  world().clock.Advance(std::chrono::hours(1));
  Open();
  for (Frame& frame : recorded) {
    frame.capture_time = world().clock.Now();
    seen = Show(frame);
  }
  EXPECT_EQ(seen.decision, Decision::kSuspectedPicture);
  EXPECT_TRUE(seen.token.empty());
  EXPECT_TRUE(seen.volunteer.empty());
  EXPECT_EQ(world().Alarms("frame_repeated"), 1);
  EXPECT_TRUE(world().audit.records().back().frames_repeated);
  EXPECT_FALSE(world().audit.records().front().frames_repeated);
}

TEST_F(LookTest, OneRepeatedFrameAmongFreshOnesIsEnough) {
  world().Enrol("v-1", 1);
  const Frame recorded = world().Frame({{1, 1}});
  Show(recorded);
  for (int i = 2; i <= 4; ++i) Show({{1, i}});
  Frame again = recorded;
  again.capture_time = world().clock.Now();
  EXPECT_EQ(Show(again).decision, Decision::kSuspectedPicture);
}

TEST_F(LookTest, ARecordingThatGoesOnInThePlaceOfSomebodyNamedGetsNoNewToken) {
  world().Enrol("v-1", 1);
  std::vector<Frame> recorded;
  for (int i = 1; i <= 5; ++i) recorded.push_back(world().Frame({{1, i}}));
  FrameDecision seen;
  for (const Frame& frame : recorded) seen = Show(frame);
  ASSERT_EQ(seen.decision, Decision::kRecognised);
  for (int round = 0; round < 40; ++round) {
    for (Frame& frame : recorded) {
      frame.capture_time = world().clock.Now();
      EXPECT_TRUE(Show(frame).token.empty()) << "round " << round;
    }
  }
}

TEST_F(LookTest, AnotherKioskMayShowThePersonToo) {
  world().Enrol("v-1", 1);
  Frame frame = world().Frame({{1, 1}});
  frame.ends_visit = true;
  ASSERT_EQ(Show(frame).decision, Decision::kRecognised);
  LookConfig elsewhere = world().Look();
  elsewhere.kiosk = domain::KioskId("door-2");
  OpenWith(elsewhere);
  frame.capture_time = world().clock.Now();
  EXPECT_EQ(Show(frame).decision, Decision::kRecognised) << "what is kept is kept per kiosk";
}

TEST_F(LookTest, ARequestThatIsSentAgainIsNoRepetitionButARepetitionWithinItIs) {
  world().Enrol("v-1", 1);
  std::vector<Frame> frames;
  for (int i = 1; i <= 3; ++i) frames.push_back(world().Frame({{1, i}}));
  LookConfig config = world().Look();
  config.request = world().ids.Next();
  const auto show = [&](const LookConfig& as, std::vector<Frame> all) {
    OpenWith(as);
    FrameDecision seen;
    for (Frame& frame : all) {
      frame.capture_time = world().clock.Now();
      frame.ends_visit = &frame == &all.back();
      seen = Show(frame);
    }
    return seen.decision;
  };
  EXPECT_EQ(show(config, frames), Decision::kRecognised);
  EXPECT_EQ(show(config, frames), Decision::kRecognised);
  config.request = world().ids.Next();
  EXPECT_EQ(show(config, frames), Decision::kSuspectedPicture);
  config.request = world().ids.Next();
  const Frame fresh = world().Frame({{1, 4}});
  EXPECT_EQ(show(config, {fresh, fresh}), Decision::kSuspectedPicture);
}

TEST_F(LookTest, AKioskWithTooManyUndecidedLooksPausesAndNoOtherDoes) {
  world().settings.watch.attempts = {6, std::chrono::seconds(10), std::chrono::seconds(60)};
  world().Restart();
  world().Enrol("v-1", 1);
  int undecided = 0;
  FrameDecision seen;
  // Strangers, one after the other.
  for (int person = 100; person < 120 && seen.retry_after.count() == 0; ++person) {
    Frame frame = world().Frame({{person, 1}});
    frame.starts_visit = true;
    frame.ends_visit = true;
    seen = Show(frame);
    if (seen.retry_after.count() == 0) ++undecided;
  }
  EXPECT_EQ(undecided, 6);
  EXPECT_EQ(seen.decision, Decision::kUseOtherWay);
  EXPECT_GT(seen.retry_after, std::chrono::seconds(50));
  EXPECT_EQ(world().Alarms("face_attempts"), 1);
  EXPECT_TRUE(world().audit.records().back().too_many_attempts);
  const int embedded = world().control.embedded;
  EXPECT_EQ(ShowLast({{1, 1}}).decision, Decision::kUseOtherWay) << "whoever comes";
  EXPECT_EQ(world().control.embedded, embedded) << "nobody was looked at";

  LookConfig elsewhere = world().Look();
  elsewhere.kiosk = domain::KioskId("door-2");
  OpenWith(elsewhere);
  EXPECT_EQ(ShowLast({{1, 2}}).decision, Decision::kRecognised);

  world().clock.Advance(std::chrono::seconds(60));
  Open();
  EXPECT_EQ(ShowLast({{1, 3}}).decision, Decision::kRecognised);
}

TEST_F(LookTest, PracticeIsNotCountedAndSomebodyNamedIsNotSentAway) {
  world().settings.watch.attempts = {1, std::chrono::seconds(10), std::chrono::seconds(60)};
  world().Restart();
  world().Enrol("v-1", 1);
  ASSERT_EQ(Attempt(1).decision, Decision::kRecognised);
  // A second stream of the same kiosk uses the budget up.
  {
    Looker other(world().services(), world().Look(), world().ids.Next());
    Frame stranger = world().Frame({{100, 1}});
    stranger.ends_visit = true;
    (void)other.Look(*pipeline_, stranger, world().Call());
  }
  EXPECT_EQ(world().Alarms("face_attempts"), 1);
  EXPECT_EQ(Show({{1, 7}}).decision, Decision::kRecognised) << "she still stands there";

  Rebuild({.practice = true});
  world().settings.watch.attempts = {1, std::chrono::seconds(10), std::chrono::seconds(60)};
  world().Restart();
  world().Enrol("v-1", 1);
  Open(domain::SourceKind::kPictures);
  for (int person = 100; person < 105; ++person) {
    EXPECT_EQ(ShowLast({{person, 1}}).retry_after.count(), 0);
  }
}

TEST_F(LookTest, LookAlikesAndDeclaredSiblingsNeedASecondFactor) {
  world().Enrol("v-1", 1);
  world().Enrol("v-2", 2);
  EXPECT_EQ(world().See(1).decision, Decision::kRecognised);
  ASSERT_THAT(world().app().volunteers.DeclareSiblings(
                  world().Call(), domain::VolunteerId("v-1"), domain::VolunteerId("v-2")),
              IsOk());
  const FrameDecision sibling = world().See(1);
  EXPECT_EQ(sibling.decision, Decision::kSecondFactorNeeded);
  EXPECT_EQ(sibling.volunteer.value, "v-1");
  EXPECT_FALSE(sibling.token.empty());

  world().Enrol("v-3", 3);
  EXPECT_EQ(world().See(3).decision, Decision::kRecognised);
  EnrolRequest twin = world().EnrolRequest("v-4", testing::kTwinOf + 3);
  twin.duplicate_reason = "twins, compared by eye";
  ASSERT_THAT(world().app().enrol.EnrolVolunteer(world().Call(), twin), IsOk());
  EXPECT_EQ(world().See(3).decision, Decision::kRecognised);  // not on this roster yet
  world().PutOnRoster("v-4");
  EXPECT_EQ(world().See(3).decision, Decision::kSecondFactorNeeded);
  EXPECT_EQ(world().See(testing::kTwinOf + 3).volunteer.value, "v-4");
}

TEST_F(LookTest, OutsideTheSessionsTimeNobodyIsLookedAt) {
  world().Enrol("v-1", 1);
  world().clock.SetNow(world().At(7, 59));
  const int before = world().control.analysed;
  EXPECT_EQ(ShowLast({{1, 1}}).decision, Decision::kOutsideSessionTime);
  world().clock.SetNow(world().At(16, 1));
  EXPECT_EQ(ShowLast({{1, 1}}).decision, Decision::kOutsideSessionTime);
  EXPECT_EQ(world().control.analysed, before);
  world().clock.SetNow(world().At(15, 59));  // late check-outs
  EXPECT_EQ(ShowLast({{1, 1}}).decision, Decision::kRecognised);
}

TEST_F(LookTest, AClosedActivityTellsWhoeverIsNotIn) {
  world().Enrol("v-1", 1);
  world().Enrol("v-2", 2);
  ASSERT_THAT(world().Record(world().See(2).token, domain::Action::kIn), IsOk());
  ASSERT_THAT(world().app().activities.CloseActivity(world().Call(), {}, domain::ActivityId("a")),
              IsOk());
  EXPECT_EQ(world().See(1).decision, Decision::kActivityClosed);
  EXPECT_EQ(world().See(2).decision, Decision::kRecognised);
}

TEST_F(LookTest, ABadFrameIsAnErrorInTheStreamAndTheNextOneIsLookedAt) {
  world().Enrol("v-1", 1);
  Frame broken = world().Frame({{1, 1}});
  broken.content = testing::Cut(broken.content, 40);
  const FrameAnswer answer = Answer(broken);
  ASSERT_TRUE(std::holds_alternative<FrameError>(answer));
  EXPECT_EQ(std::get<FrameError>(answer).frame_id, broken.frame_id);
  EXPECT_THAT(std::get<FrameError>(answer).status, HasReason("PICTURE_TRUNCATED"));

  world().control.fail = true;
  EXPECT_TRUE(std::holds_alternative<FrameError>(Answer(world().Frame({{1, 1}}))));
  world().control.fail = false;
  EXPECT_EQ(ShowLast({{1, 1}}).decision, Decision::kRecognised);
}

TEST_F(LookTest, ADeadlineThatHasPassedCostsNoInference) {
  world().Enrol("v-1", 1);
  Call call = world().Call();
  call.alive = [] { return absl::DeadlineExceededError("too late"); };
  Open();
  const int before = world().control.analysed;
  const FrameAnswer answer = looker_->Look(*pipeline_, world().Frame({{1, 1}}), call);
  ASSERT_TRUE(std::holds_alternative<FrameError>(answer));
  EXPECT_TRUE(absl::IsDeadlineExceeded(std::get<FrameError>(answer).status));
  EXPECT_EQ(world().control.analysed, before);
}

TEST_F(LookTest, TheAuditSaysWhyWithScoresAndWithoutNames) {
  world().Enrol("v-1", 1);
  world().Enrol("v-2", 2);
  ASSERT_EQ(Attempt(1).decision, Decision::kRecognised);
  const auto records = world().audit.records();
  ASSERT_EQ(records.size(), 1u);
  const DecisionRecord& record = records[0];
  EXPECT_EQ(record.volunteer.value, "v-1");
  EXPECT_EQ(record.kiosk.value, "door-1");
  EXPECT_EQ(record.roster, 2);
  EXPECT_EQ(record.photos, 3);
  EXPECT_EQ(record.frames, 3);
  EXPECT_GT(record.score.value(), 0.8f);
  EXPECT_LT(record.second_score.value(), 0.5f);
  EXPECT_FLOAT_EQ(record.threshold.value(), 0.50f);  // 1 % / 10 / 2 people: the curve's 1e-4
  ASSERT_TRUE(record.face.has_value());
  EXPECT_FALSE(record.face->embedding.has_value());
}

}  // namespace
}  // namespace rollcall::app
