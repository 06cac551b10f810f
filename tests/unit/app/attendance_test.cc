#include "app/attendance.h"

#include <gtest/gtest.h>

#include "app_testing/world.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::Action;
using domain::Decision;
using std::chrono::minutes;
using support::HasReason;
using support::IsOk;
using testing::World;

class AttendanceTest : public ::testing::Test {
 protected:
  base::Bytes PinToken(const std::string& id, const std::string& pin = "123456") {
    EXPECT_THAT(world_.app().pin.Set(world_.Call(), domain::VolunteerId(id), pin), IsOk());
    return world_.app()
        .pin
        .Verify(world_.Call(), {world_.session, domain::KioskId("door-1"),
                                domain::VolunteerId(id), pin})
        ->token;
  }
  base::Bytes StaffToken(const std::string& id) {
    return world_.app()
        .attest.AttestPresence(world_.Call(),
                               {world_.session, domain::VolunteerId(id), "twin", false})
        ->token;
  }
  ledger::StoredEvent Event(const ledger::Receipt& receipt) {
    return *world_.ledger().GetEvent(world_.session.organisation, receipt.event_id);
  }

  World world_;
};

TEST_F(AttendanceTest, InAndOutMakeAPairWithItsEvidence) {
  world_.Enrol("v-1", 1);
  const FrameDecision seen = world_.See(1);
  const auto in = world_.Record(seen.token, Action::kIn);
  ASSERT_THAT(in, IsOk());
  EXPECT_EQ(in->decision, Decision::kCheckedIn);
  EXPECT_EQ(in->volunteer.value, "v-1");
  EXPECT_EQ(in->name, "Name of v-1");
  ASSERT_TRUE(in->receipt.has_value());
  EXPECT_EQ(in->receipt->sequence, 1);
  EXPECT_FALSE(in->receipt->replayed);

  const domain::AttendanceEvent event = Event(*in->receipt).event;
  EXPECT_EQ(event.session, world_.session);
  EXPECT_EQ(event.kiosk.value, "door-1");
  EXPECT_EQ(event.recorder, "local");
  EXPECT_EQ(event.source, domain::SourceKind::kCamera);
  EXPECT_EQ(event.evidence, domain::EvidenceClass::kFace);
  EXPECT_FALSE(event.practice);
  EXPECT_EQ(event.token_id, world_.services().tokens.Open(seen.token)->id);
  ASSERT_EQ(event.proofs.size(), 1u);

  world_.clock.Advance(minutes(45));
  const auto out = world_.Record(world_.See(1).token, Action::kAuto);
  ASSERT_THAT(out, IsOk());
  EXPECT_EQ(out->decision, Decision::kCheckedOut);
  EXPECT_EQ(out->receipt->minutes, 45);
}

TEST_F(AttendanceTest, TheSameRequestGivesTheSameReceiptWhateverHappensSince) {
  world_.Enrol("v-1", 1);
  const FrameDecision seen = world_.See(1);
  const base::Uuid request_id = world_.NewRequestId();
  const auto first = world_.Record(seen.token, Action::kIn, request_id);
  ASSERT_THAT(first, IsOk());
  // Expired, checked out, withdrawn, off the roster, closed, restarted.
  world_.clock.Advance(minutes(30));
  ASSERT_THAT(world_.Record(world_.See(1).token, Action::kOut), IsOk());
  ASSERT_THAT(world_.app().volunteers.WithdrawConsent(world_.Call(), domain::VolunteerId("v-1"),
                                                      domain::ConsentItem::kRecognition),
              IsOk());
  ASSERT_THAT(world_.app().activities.RemoveRosterEntry(world_.Call(), world_.session,
                                                        domain::VolunteerId("v-1")),
              IsOk());
  ASSERT_THAT(world_.app().activities.CloseActivity(world_.Call(), {}, domain::ActivityId("a")),
              IsOk());
  world_.Restart();
  const int64_t rows = world_.LedgerRows();
  const auto again = world_.Record(seen.token, Action::kIn, request_id);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->decision, Decision::kCheckedIn);
  EXPECT_TRUE(again->receipt->replayed);
  EXPECT_EQ(again->receipt->sequence, first->receipt->sequence);
  EXPECT_EQ(again->receipt->event_id, first->receipt->event_id);
  EXPECT_EQ(again->receipt->record_time, first->receipt->record_time);
  EXPECT_EQ(again->name, "Name of v-1");
  EXPECT_EQ(world_.LedgerRows(), rows);
}

TEST_F(AttendanceTest, OtherContentUnderTheSameRequestIdIsRefused) {
  world_.Enrol("v-1", 1);
  const base::Uuid request_id = world_.NewRequestId();
  const FrameDecision seen = world_.See(1);
  ASSERT_THAT(world_.Record(seen.token, Action::kIn, request_id), IsOk());
  const int64_t rows = world_.LedgerRows();
  EXPECT_THAT(world_.Record(seen.token, Action::kOut, request_id),
              HasReason("REQUEST_ID_REUSED"));
  EXPECT_THAT(world_.Record(world_.See(1).token, Action::kIn, request_id),
              HasReason("REQUEST_ID_REUSED"));
  app::Attendance::CheckInRequest check_in = world_.CheckInRequest(1);
  check_in.request_id = request_id;
  EXPECT_THAT(world_.CheckIn(check_in), HasReason("REQUEST_ID_REUSED"));
  EXPECT_EQ(world_.LedgerRows(), rows);
}

TEST_F(AttendanceTest, ATokenIsSpentOnce) {
  world_.Enrol("v-1", 1);
  const FrameDecision seen = world_.See(1);
  ASSERT_THAT(world_.Record(seen.token, Action::kIn), IsOk());
  const int64_t rows = world_.LedgerRows();
  EXPECT_THAT(world_.Record(seen.token, Action::kOut), HasReason("TOKEN_USED"));
  EXPECT_EQ(world_.LedgerRows(), rows);
}

TEST_F(AttendanceTest, ARefusalWritesNothingAndLeavesTheTokenUsable) {
  world_.Enrol("v-1", 1);
  const FrameDecision seen = world_.See(1);
  const base::Uuid request_id = world_.NewRequestId();
  const auto refused = world_.Record(seen.token, Action::kOut, request_id);
  ASSERT_THAT(refused, IsOk());
  EXPECT_EQ(refused->decision, Decision::kNotCheckedIn);
  EXPECT_FALSE(refused->receipt.has_value());
  EXPECT_EQ(world_.LedgerRows(), 0);
  EXPECT_EQ(world_.Record(seen.token, Action::kIn, request_id)->decision, Decision::kCheckedIn);
  EXPECT_EQ(world_.Record(world_.See(1).token, Action::kIn)->decision,
            Decision::kAlreadyCheckedIn);
  EXPECT_EQ(world_.Record(world_.See(1).token, Action::kAuto)->decision, Decision::kTooSoon);
}

TEST_F(AttendanceTest, TakenOffTheRosterMeanwhile) {
  world_.Enrol("v-1", 1);
  const FrameDecision seen = world_.See(1);
  ASSERT_THAT(world_.app().activities.RemoveRosterEntry(world_.Call(), world_.session,
                                                        domain::VolunteerId("v-1")),
              IsOk());
  EXPECT_EQ(world_.Record(seen.token, Action::kIn)->decision, Decision::kNotOnRoster);
  EXPECT_EQ(world_.LedgerRows(), 0);
}

TEST_F(AttendanceTest, AClosedActivityTakesNoCheckInButLetsPeopleLeave) {
  world_.Enrol("v-1", 1);
  world_.Enrol("v-2", 2);
  ASSERT_THAT(world_.Record(world_.See(1).token, Action::kIn), IsOk());
  const FrameDecision outside = world_.See(2);
  ASSERT_THAT(world_.app().activities.CloseActivity(world_.Call(), {}, domain::ActivityId("a")),
              IsOk());
  EXPECT_EQ(world_.Record(outside.token, Action::kIn)->decision, Decision::kActivityClosed);
  EXPECT_EQ(world_.Record(outside.token, Action::kAuto)->decision, Decision::kActivityClosed);
  EXPECT_EQ(world_.Record(outside.token, Action::kOut)->decision, Decision::kNotCheckedIn);
  EXPECT_EQ(world_.LedgerRows(), 1);
  EXPECT_EQ(world_.Record(world_.See(1).token, Action::kAuto)->decision, Decision::kTooSoon);
  world_.clock.Advance(minutes(20));
  const auto out = world_.Record(world_.See(1).token, Action::kAuto);
  EXPECT_EQ(out->decision, Decision::kCheckedOut);
  EXPECT_EQ(out->receipt->minutes, 20);
}

TEST_F(AttendanceTest, WhereFaceAloneIsNotEnoughASecondProofIsAsked) {
  world_.Enrol("v-1", 1);
  world_.Enrol("v-2", 2);
  ASSERT_THAT(world_.app().volunteers.DeclareSiblings(
                  world_.Call(), domain::VolunteerId("v-1"), domain::VolunteerId("v-2")),
              IsOk());
  const FrameDecision seen = world_.See(1);
  ASSERT_EQ(seen.decision, Decision::kSecondFactorNeeded);
  EXPECT_EQ(world_.Record(seen.token, Action::kIn)->decision, Decision::kSecondFactorNeeded);
  EXPECT_EQ(world_.LedgerRows(), 0);

  // Neither another person's PIN nor a second look will do.
  EXPECT_THAT(world_.Record(seen.token, Action::kIn, std::nullopt, PinToken("v-2")),
              HasReason("SECOND_TOKEN"));
  EXPECT_THAT(world_.Record(seen.token, Action::kIn, std::nullopt, world_.See(1).token),
              HasReason("SECOND_TOKEN"));
  EXPECT_EQ(world_.LedgerRows(), 0);

  const base::Bytes pin = PinToken("v-1");
  const auto recorded = world_.Record(seen.token, Action::kIn, std::nullopt, pin);
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->decision, Decision::kCheckedIn);
  const auto event = Event(*recorded->receipt).event;
  EXPECT_EQ(event.evidence, domain::EvidenceClass::kFace);
  ASSERT_EQ(event.proofs.size(), 2u);
  EXPECT_EQ(event.proofs[1].kind, domain::EvidenceClass::kPin);
  EXPECT_EQ(event.second_token_id, world_.services().tokens.Open(pin)->id);
  EXPECT_THAT(world_.Record(pin, Action::kOut), HasReason("TOKEN_USED"));
  world_.clock.Advance(minutes(10));
  const auto out =
      world_.Record(world_.See(1).token, Action::kOut, std::nullopt, StaffToken("v-1"));
  ASSERT_THAT(out, IsOk());
  EXPECT_EQ(out->decision, Decision::kCheckedOut);
}

TEST_F(AttendanceTest, PracticeHoursStayPractice) {
  World practice({.practice = true});
  practice.Enrol("v-1", 1);
  const FrameDecision seen = practice.See(1, domain::SourceKind::kPictures);
  ASSERT_EQ(seen.decision, Decision::kRecognised);
  const auto in = practice.Record(seen.token, Action::kIn);
  ASSERT_THAT(in, IsOk());
  EXPECT_TRUE(in->receipt->practice);
  practice.clock.Advance(minutes(30));
  ASSERT_THAT(practice.Record(practice.See(1, domain::SourceKind::kVideoFile).token, Action::kOut),
              IsOk());
  const auto hours = practice.app().hours.ListHours(practice.Call(), {});
  ASSERT_THAT(hours, IsOk());
  ASSERT_EQ(hours->volunteers.size(), 1u);
  EXPECT_EQ(hours->volunteers[0].hours.minutes, 0);
  EXPECT_EQ(hours->volunteers[0].hours.practice_minutes, 30);
}

TEST_F(AttendanceTest, UndoTakesBackWithinFiveMinutes) {
  world_.Enrol("v-1", 1);
  const auto in = world_.Record(world_.See(1).token, Action::kIn);
  ASSERT_THAT(in, IsOk());
  const Attendance::UndoRequest undo{
      world_.NewRequestId(), {}, in->receipt->event_id, domain::KioskId("door-1")};
  const auto undone = world_.Undo(undo);
  ASSERT_THAT(undone, IsOk());
  EXPECT_EQ(undone->decision, Decision::kUndone);
  EXPECT_EQ(undone->volunteer.value, "v-1");
  EXPECT_EQ(undone->receipt->reverses, in->receipt->event_id);
  const auto again = world_.Undo(undo);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->receipt->replayed);
  EXPECT_EQ(world_.Record(world_.See(1).token, Action::kIn)->decision, Decision::kCheckedIn);

  Attendance::UndoRequest unknown = undo;
  unknown.request_id = world_.NewRequestId();
  unknown.event_id = world_.NewRequestId();
  EXPECT_THAT(world_.Undo(unknown), HasReason("NO_SUCH_EVENT"));
  unknown.request_id = {};
  EXPECT_THAT(world_.Undo(unknown), HasReason("BAD_REQUEST_ID"));
}

TEST_F(AttendanceTest, CheckInLooksAndRecordsInOneCall) {
  world_.Enrol("v-1", 1);
  const Attendance::CheckInRequest request = world_.CheckInRequest(1);
  const auto in = world_.CheckIn(request);
  ASSERT_THAT(in, IsOk());
  EXPECT_EQ(in->decision, Decision::kCheckedIn);
  EXPECT_EQ(in->volunteer.value, "v-1");

  // Sent again, much later: the receipt of that time, without looking.
  world_.clock.Advance(std::chrono::hours(20));
  const int before = world_.control.analysed;
  const auto again = world_.CheckIn(request);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->receipt->replayed);
  EXPECT_EQ(again->receipt->sequence, in->receipt->sequence);
  EXPECT_EQ(again->volunteer.value, "v-1");
  EXPECT_EQ(world_.control.analysed, before);
  EXPECT_EQ(world_.LedgerRows(), 1);
}

TEST_F(AttendanceTest, CheckInOfAStrangerIsAnAnswerAndWritesNothing) {
  world_.Enrol("v-1", 1);
  const auto answer = world_.CheckIn(world_.CheckInRequest(77));
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->decision, Decision::kUnknown);
  EXPECT_TRUE(answer->volunteer.empty());
  EXPECT_FALSE(answer->receipt.has_value());
  EXPECT_EQ(world_.LedgerRows(), 0);
}

TEST_F(AttendanceTest, ADeadlineThatHasPassedCommitsNothing) {
  world_.Enrol("v-1", 1);
  const FrameDecision seen = world_.See(1);
  Call call = world_.Call();
  // Passes after the checks, right before the commit.
  int asked = 0;
  call.alive = [&asked] {
    return ++asked < 3 ? absl::OkStatus() : absl::DeadlineExceededError("late");
  };
  absl::Status status;
  world_.app().attendance.Record(call, {world_.NewRequestId(), seen.token, Action::kIn, {}},
                                 [&](absl::StatusOr<AttendanceAnswer> answer) {
                                   status = answer.status();
                                 });
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_EQ(world_.LedgerRows(), 0);
}

}  // namespace
}  // namespace rollcall::app
