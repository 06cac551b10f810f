#include "app/pin.h"

#include <gtest/gtest.h>

#include "app/attest.h"
#include "app_testing/world.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::Decision;
using std::chrono::minutes;
using std::chrono::seconds;
using support::HasReason;
using support::IsOk;
using testing::World;

class PinLimiterTest : public ::testing::Test {
 protected:
  base::ManualClock clock_{base::FromUnixMicros(0)};
  PinSettings settings_;
  PinLimiter limiter_{settings_, clock_};
};

TEST_F(PinLimiterTest, FiveFailuresThenAWaitAfterEveryFurtherOne) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(limiter_.Failed("door", "v").count(), 0);
  EXPECT_EQ(limiter_.WaitFor("door", "v").count(), 0);
  EXPECT_EQ(limiter_.Failed("door", "v"), seconds(30));
  EXPECT_EQ(limiter_.WaitFor("door", "v"), seconds(30));
  clock_.Advance(seconds(10));
  EXPECT_EQ(limiter_.WaitFor("door", "v"), seconds(20));
  clock_.Advance(seconds(20));
  EXPECT_EQ(limiter_.WaitFor("door", "v").count(), 0);
  EXPECT_EQ(limiter_.Failed("door", "v"), seconds(30));
}

TEST_F(PinLimiterTest, OneKioskDoesNotLockOutAnotherNorOneNumberAnother) {
  for (int i = 0; i < 5; ++i) limiter_.Failed("door", "v");
  EXPECT_EQ(limiter_.WaitFor("gate", "v").count(), 0);
  EXPECT_EQ(limiter_.WaitFor("door", "w").count(), 0);
}

TEST_F(PinLimiterTest, SuccessAndAQuarterOfAnHourForget) {
  for (int i = 0; i < 4; ++i) limiter_.Failed("door", "v");
  limiter_.Succeeded("door", "v");
  EXPECT_EQ(limiter_.Failed("door", "v").count(), 0);
  for (int i = 0; i < 3; ++i) limiter_.Failed("door", "v");
  clock_.Advance(minutes(16));
  EXPECT_EQ(limiter_.Failed("door", "v").count(), 0);
}

TEST_F(PinLimiterTest, RemembersABoundedNumberAndDropsTheLongestUntouched) {
  settings_.remembered_max = 3;
  for (const char* number : {"a", "b", "c"}) {
    for (int i = 0; i < 5; ++i) limiter_.Failed("door", number);
    clock_.Advance(seconds(1));
  }
  limiter_.Failed("door", "d");
  EXPECT_EQ(limiter_.WaitFor("door", "a").count(), 0);
  EXPECT_GT(limiter_.WaitFor("door", "b").count(), 0);
  EXPECT_GT(limiter_.WaitFor("door", "c").count(), 0);
}

class PinTest : public ::testing::Test {
 protected:
  absl::StatusOr<Pin::Answer> Verify(const std::string& volunteer, const std::string& pin) {
    return world_.app().pin.Verify(
        world_.Call(),
        {world_.session, domain::KioskId("door-1"), domain::VolunteerId(volunteer), pin});
  }
  absl::Status Set(const std::string& volunteer, const std::string& pin) {
    return world_.app().pin.Set(world_.Call(), domain::VolunteerId(volunteer), pin);
  }

  World world_;
};

TEST_F(PinTest, ARightPinGivesTheSameHoursWithoutAFace) {
  world_.Register("v-1");
  ASSERT_THAT(Set("v-1", "135790"), IsOk());
  const auto in = Verify("v-1", "135790");
  ASSERT_THAT(in, IsOk());
  ASSERT_EQ(in->decision, Decision::kRecognised);
  const auto checked_in = world_.Record(in->token, domain::Action::kIn);
  ASSERT_THAT(checked_in, IsOk());
  EXPECT_EQ(checked_in->decision, Decision::kCheckedIn);
  EXPECT_EQ(checked_in->receipt->evidence, domain::EvidenceClass::kPin);
  world_.clock.Advance(minutes(60));
  const auto out = world_.Record(Verify("v-1", "135790")->token, domain::Action::kOut);
  ASSERT_THAT(out, IsOk());
  EXPECT_EQ(out->receipt->minutes, 60);
}

TEST_F(PinTest, WrongPinUnknownNumberAndNoPinAreAnsweredAlike) {
  world_.Register("v-1");
  world_.Register("v-2");
  ASSERT_THAT(Set("v-1", "135790"), IsOk());
  for (const char* number : {"v-1", "v-2", "nobody"}) {
    const auto answer = Verify(number, "111111");
    ASSERT_THAT(answer, IsOk()) << number;
    EXPECT_EQ(answer->decision, Decision::kWrongPin);
    EXPECT_TRUE(answer->token.empty());
    EXPECT_EQ(answer->retry_after.count(), 0);
  }
  EXPECT_EQ(world_.LedgerRows(), 0);
}

TEST_F(PinTest, WhileWaitingEvenTheRightPinIsNotTried) {
  world_.Register("v-1");
  ASSERT_THAT(Set("v-1", "135790"), IsOk());
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Verify("v-1", "111111")->retry_after.count(), 0);
  EXPECT_EQ(Verify("v-1", "111111")->retry_after, seconds(30));
  const auto waiting = Verify("v-1", "135790");
  EXPECT_EQ(waiting->decision, Decision::kWrongPin);
  EXPECT_EQ(waiting->retry_after, seconds(30));
  world_.clock.Advance(seconds(31));
  EXPECT_EQ(Verify("v-1", "135790")->decision, Decision::kRecognised);
}

TEST_F(PinTest, NotOnTheRosterIsSaidOnlyAfterARightPin) {
  ASSERT_THAT(
      world_.app().enrol.EnrolVolunteer(world_.Call(), world_.EnrolRequest("v-9", 9, 0)), IsOk());
  ASSERT_THAT(Set("v-9", "135790"), IsOk());
  EXPECT_EQ(Verify("v-9", "111111")->decision, Decision::kWrongPin);
  const auto right = Verify("v-9", "135790");
  EXPECT_EQ(right->decision, Decision::kNotOnRoster);
  EXPECT_TRUE(right->token.empty());
}

TEST_F(PinTest, MalformedInputIsRefused) {
  world_.Register("v-1");
  EXPECT_THAT(Set("v-1", "12345"), HasReason("BAD_PIN"));
  EXPECT_THAT(Set("nobody", "123456"), HasReason("NO_SUCH_VOLUNTEER"));
  EXPECT_THAT(Verify("v-1", "abc"), HasReason("BAD_PIN"));
  EXPECT_THAT(Verify("v 1", "123456"), HasReason("BAD_ID"));
  EXPECT_FALSE(world_.app().volunteers.Get(world_.Call(), domain::VolunteerId("v-1"))->has_pin);
}

class AttestTest : public ::testing::Test {
 protected:
  absl::StatusOr<Attest::Answer> Vouch(const std::string& volunteer, const std::string& reason,
                                       bool walk_in = false) {
    return world_.app().attest.AttestPresence(
        world_.Call(), {world_.session, domain::VolunteerId(volunteer), reason, walk_in});
  }
  World world_;
};

TEST_F(AttestTest, StaffVouchesAndTheLedgerSaysWhoAndWhy) {
  world_.Register("v-1");
  const auto answer = Vouch("v-1", "lost her card");
  ASSERT_THAT(answer, IsOk());
  ASSERT_EQ(answer->decision, Decision::kRecognised);
  const auto recorded = world_.Record(answer->token, domain::Action::kIn);
  ASSERT_THAT(recorded, IsOk());
  const auto event =
      world_.ledger().GetEvent(world_.session.organisation, recorded->receipt->event_id);
  ASSERT_THAT(event, IsOk());
  EXPECT_EQ(event->event.evidence, domain::EvidenceClass::kStaff);
  ASSERT_EQ(event->event.proofs.size(), 2u);
  EXPECT_EQ(event->event.proofs[0].detail, "seen by staff local");
  EXPECT_EQ(event->event.proofs[1].detail, "lost her card");
}

TEST_F(AttestTest, AWalkInJoinsTheRosterFirst) {
  ASSERT_THAT(
      world_.app().enrol.EnrolVolunteer(world_.Call(), world_.EnrolRequest("v-9", 9, 0)), IsOk());
  EXPECT_EQ(Vouch("v-9", "came along")->decision, Decision::kNotOnRoster);
  EXPECT_EQ(Vouch("v-9", "came along", true)->decision, Decision::kRecognised);
  const auto roster = world_.app().activities.ListRoster(world_.Call(), world_.session);
  ASSERT_THAT(roster, IsOk());
  ASSERT_EQ(roster->size(), 1u);
  EXPECT_EQ(roster->front().entry.kind, domain::RosterKind::kWalkIn);
}

TEST_F(AttestTest, NeedsAReasonAndSomebodyWhoIsRegistered) {
  world_.Register("v-1");
  EXPECT_THAT(Vouch("v-1", ""), HasReason("BAD_TEXT"));
  EXPECT_THAT(Vouch("v-1", std::string(201, 'x')), HasReason("BAD_TEXT"));
  EXPECT_THAT(Vouch("nobody", "reason"), HasReason("NO_SUCH_VOLUNTEER"));
}

}  // namespace
}  // namespace rollcall::app
