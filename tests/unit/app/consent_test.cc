// No template without a live consent, none after withdrawal, whenever the process dies.
#include <gtest/gtest.h>

#include "app/templates.h"
#include "app_testing/world.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::Decision;
using support::HasReason;
using support::IsOk;
using testing::World;

class ConsentTest : public ::testing::Test {
 protected:
  absl::StatusOr<Volunteers::Withdrawal> Withdraw(
      const std::string& id, domain::ConsentItem item = domain::ConsentItem::kRecognition) {
    return world_.app().volunteers.WithdrawConsent(world_.Call(), domain::VolunteerId(id), item);
  }
  domain::Volunteer Volunteer(const std::string& id) {
    return *world_.registry().GetVolunteer(domain::VolunteerId(id));
  }
  bool InVault(const std::string& id) { return *world_.vault().Contains(Volunteer(id).subject); }
  bool InGallery(const std::string& id) {
    return world_.gallery().snapshot().Contains(Volunteer(id).subject);
  }

  World world_;
};

TEST_F(ConsentTest, WithdrawalRemovesTheTemplateFromMemoryAndDiskWithinTheCall) {
  world_.Enrol("v-1", 1);
  world_.Enrol("v-2", 2);
  const auto withdrawn = Withdraw("v-1");
  ASSERT_THAT(withdrawn, IsOk());
  EXPECT_EQ(withdrawn->templates_erased, 1);
  EXPECT_EQ(withdrawn->time, world_.clock.Now());
  EXPECT_FALSE(withdrawn->volunteer.face_enrolled);
  EXPECT_EQ(withdrawn->volunteer.face_off_reason, "consent to face recognition was withdrawn");
  ASSERT_EQ(withdrawn->volunteer.consents.size(), 1u);
  EXPECT_EQ(withdrawn->volunteer.consents[0].withdrawn, world_.clock.Now());
  EXPECT_FALSE(InVault("v-1"));
  EXPECT_FALSE(InGallery("v-1"));
  EXPECT_TRUE(InVault("v-2"));
  EXPECT_TRUE(InGallery("v-2"));
  EXPECT_EQ(world_.See(1).decision, Decision::kUnknown);

  const auto again = Withdraw("v-1");
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->templates_erased, 0);
  EXPECT_THAT(Withdraw("nobody"), HasReason("NO_SUCH_VOLUNTEER"));
}

TEST_F(ConsentTest, HoursAndOpenCheckInsStay) {
  world_.Enrol("v-1", 1);
  ASSERT_THAT(world_.Record(world_.See(1).token, domain::Action::kIn), IsOk());
  ASSERT_THAT(Withdraw("v-1"), IsOk());
  const auto visit =
      world_.ledger().GetVisitState(world_.session, Volunteer("v-1").key);
  ASSERT_THAT(visit, IsOk());
  EXPECT_TRUE(visit->open_since.has_value());
  // She leaves by PIN and gets the same hours.
  ASSERT_THAT(world_.app().pin.Set(world_.Call(), domain::VolunteerId("v-1"), "123456"), IsOk());
  world_.clock.Advance(std::chrono::minutes(90));
  const auto pin = world_.app().pin.Verify(
      world_.Call(),
      {world_.session, domain::KioskId("door-1"), domain::VolunteerId("v-1"), "123456"});
  const auto out = world_.Record(pin->token, domain::Action::kOut);
  ASSERT_THAT(out, IsOk());
  EXPECT_EQ(out->decision, Decision::kCheckedOut);
  EXPECT_EQ(out->receipt->minutes, 90);
}

TEST_F(ConsentTest, WithdrawnBetweenLookAndRecordNothingIsWritten) {
  world_.Enrol("v-1", 1);
  const FrameDecision seen = world_.See(1);
  ASSERT_EQ(seen.decision, Decision::kRecognised);
  ASSERT_THAT(Withdraw("v-1"), IsOk());
  const auto answer = world_.Record(seen.token, domain::Action::kIn);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->decision, Decision::kUseOtherWay);
  EXPECT_FALSE(answer->receipt.has_value());
  EXPECT_EQ(world_.LedgerRows(), 0);
}

TEST_F(ConsentTest, AStreamStopsNamingHerAtOnce) {
  world_.Enrol("v-1", 1);
  world_.Enrol("v-2", 2);
  Looker looker(world_.services(), world_.Look(), world_.ids.Next());
  const auto pipeline = testing::MakeFakePipeline(world_.control);
  FrameAnswer answer;
  for (int i = 1; i <= 6; ++i) {
    answer = looker.Look(*pipeline, world_.Frame({{1, i}}), world_.Call());
    world_.clock.Advance(std::chrono::milliseconds(500));
  }
  ASSERT_EQ(std::get<FrameDecision>(answer).decision, Decision::kRecognised);
  ASSERT_THAT(Withdraw("v-1"), IsOk());
  answer = looker.Look(*pipeline, world_.Frame({{1, 7}}), world_.Call());
  EXPECT_EQ(std::get<FrameDecision>(answer).decision, Decision::kNeedMoreFrames);
  EXPECT_TRUE(std::get<FrameDecision>(answer).token.empty());
}

TEST_F(ConsentTest, ItemsAreSeparate) {
  EnrolRequest request = world_.EnrolRequest("v-1", 1);
  request.consents.push_back(World::RecognitionConsent());
  request.consents.back().item = domain::ConsentItem::kKioskCopies;
  ASSERT_THAT(world_.app().enrol.EnrolVolunteer(world_.Call(), request), IsOk());
  const auto withdrawn = Withdraw("v-1", domain::ConsentItem::kKioskCopies);
  ASSERT_THAT(withdrawn, IsOk());
  EXPECT_EQ(withdrawn->templates_erased, 0);
  EXPECT_TRUE(withdrawn->volunteer.face_enrolled);
  EXPECT_TRUE(InVault("v-1"));
}

TEST_F(ConsentTest, ARestartLoadsEverybodyWhoConsents) {
  world_.Enrol("v-1", 1);
  world_.Enrol("v-2", 2, 1);
  world_.Restart();
  EXPECT_EQ(world_.sweep.loaded, 2);
  EXPECT_EQ(world_.sweep.erased, 0);
  EXPECT_EQ(world_.gallery().snapshot().PhotosOf(Volunteer("v-1").subject), 3);
  EXPECT_EQ(world_.See(1).decision, Decision::kRecognised);
}

TEST_F(ConsentTest, ACrashAfterTheConsentIsGoneIsFinishedByTheSweep) {
  world_.Enrol("v-1", 1);
  world_.Enrol("v-2", 2);
  // As if the process had died between the stores of another order of writes: the consent is ended,
  // the template is still there.
  ASSERT_THAT(world_.registry().WithdrawConsent(domain::VolunteerId("v-1"),
                                                domain::ConsentItem::kRecognition,
                                                world_.clock.Now()),
              IsOk());
  world_.Restart();
  EXPECT_EQ(world_.sweep.erased, 1);
  EXPECT_EQ(world_.sweep.loaded, 1);
  EXPECT_FALSE(InVault("v-1"));
  EXPECT_FALSE(InGallery("v-1"));
  EXPECT_TRUE(InGallery("v-2"));
}

TEST_F(ConsentTest, ATemplateOfNobodyIsErased) {
  base::Uuid subject;
  subject.bytes.fill(9);
  ASSERT_THAT(world_.vault().Put(subject, {{testing::kFakeModel, {testing::FakeEmbedding(1, 0)}}}),
              IsOk());
  world_.Restart();
  EXPECT_EQ(world_.sweep.erased, 1);
  EXPECT_EQ(world_.vault().Contains(subject).value(), false);
}

TEST_F(ConsentTest, ACrashBetweenVaultAndRegistryLeavesNoTemplate) {
  world_.Enrol("v-1", 1);
  // Withdrawal that was cut off after its first step: the consent still stands, the template is
  // gone.
  ASSERT_THAT(world_.vault().Erase(Volunteer("v-1").subject), IsOk());
  world_.Restart();
  EXPECT_EQ(world_.sweep.loaded, 0);
  EXPECT_FALSE(InGallery("v-1"));
  const auto view = world_.app().volunteers.Get(world_.Call(), domain::VolunteerId("v-1"));
  EXPECT_EQ(view->face_off_reason, "no template: no photo has been enrolled");
  ASSERT_THAT(Withdraw("v-1"), IsOk());  // the repeated call ends the consent
}

TEST_F(ConsentTest, ANewTextSuspendsMatchingUntilReconsent) {
  world_.Enrol("v-1", 1);
  world_.Enrol("v-2", 2);
  ServiceSettings settings = world_.settings;
  settings.consent_text_version = "2";
  world_.Restart(settings);
  EXPECT_EQ(world_.sweep.suspended, 2);
  EXPECT_EQ(world_.sweep.erased, 0);
  EXPECT_EQ(world_.sweep.loaded, 0);
  EXPECT_TRUE(InVault("v-1"));
  EXPECT_EQ(world_.See(1).decision, Decision::kNobodyEnrolled);
  const auto view = world_.app().volunteers.Get(world_.Call(), domain::VolunteerId("v-1"));
  EXPECT_EQ(view->face_off_reason, "consent was given to an earlier text; please ask again");

  EnrolRequest request = world_.EnrolRequest("v-1", 1, 0);
  request.consents = {World::RecognitionConsent()};
  const auto again = world_.app().enrol.EnrolVolunteer(world_.Call(), request);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->volunteer->face_enrolled);
  EXPECT_EQ(world_.See(1).decision, Decision::kRecognised);
  EXPECT_EQ(world_.See(2).decision, Decision::kUnknown);
}

TEST_F(ConsentTest, PhotosOfSomebodyWhoWithdrawsMeanwhileAreNotStored) {
  world_.Enrol("v-1", 1);
  ASSERT_THAT(Withdraw("v-1"), IsOk());
  const absl::Status put = world_.services().templates.Put(
      Volunteer("v-1"), {{testing::kFakeModel, testing::FakeEmbedding(1, 1), 20}},
      {"local", world_.clock.Now()});
  EXPECT_THAT(put, HasReason("CONSENT_NEEDED"));
  EXPECT_FALSE(InVault("v-1"));
  EXPECT_FALSE(InGallery("v-1"));
}

}  // namespace
}  // namespace rollcall::app
