// The main job, end to end, over a real connection: what a volunteer, a desk and an organiser get.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "integration/service_test_base.h"

namespace rollcall::testing {
namespace {

using ::testing::HasSubstr;

class JourneyTest : public ServiceTest {
 protected:
  void SetUp() override { Start(); }

  v1::VolunteerHours HoursOf(const std::string& id) {
    const auto hours = client().Hours(id);
    EXPECT_TRUE(hours.ok()) << hours.status.error_message();
    EXPECT_EQ(hours.response.volunteers_size(), 1);
    return hours.response.volunteers_size() == 1 ? hours.response.volunteers(0)
                                                 : v1::VolunteerHours();
  }
};

TEST_F(JourneyTest, AFaceIsEnrolledRecognisedAndCreditedWithItsHours) {
  MakeActivity();
  Enrol("V1", 1);
  Enrol("V2", 2);

  const v1::FrameDecision seen = See(1);
  EXPECT_EQ(seen.decision(), v1::RECOGNISED);
  EXPECT_EQ(seen.volunteer_id(), "V1");
  EXPECT_EQ(seen.name(), "Name of V1");
  EXPECT_TRUE(seen.visit_decided());
  const auto in = Record(seen.token(), v1::IN);
  ASSERT_TRUE(in.ok()) << in.status.error_message();
  EXPECT_EQ(in.response.decision(), v1::CHECKED_IN);
  EXPECT_EQ(in.response.receipt().sequence(), 1);
  EXPECT_FALSE(in.response.receipt().practice());

  clock_.SetNow(At(11, 30));
  const v1::FrameDecision again = See(1);
  ASSERT_EQ(again.decision(), v1::RECOGNISED);
  const auto out = Record(again.token(), v1::OUT);
  ASSERT_TRUE(out.ok()) << out.status.error_message();
  EXPECT_EQ(out.response.decision(), v1::CHECKED_OUT);
  EXPECT_EQ(out.response.receipt().minutes(), 140);

  const v1::VolunteerHours hours = HoursOf("V1");
  EXPECT_EQ(hours.minutes(), out.response.receipt().minutes());
  EXPECT_EQ(hours.witnessed_minutes(), hours.minutes());
  ASSERT_EQ(hours.visits_size(), 1);
  EXPECT_EQ(hours.visits(0).in_evidence(), v1::FACE);
  const auto verified = client().Verify();
  ASSERT_TRUE(verified.ok());
  EXPECT_TRUE(verified.response.verified());
  EXPECT_EQ(verified.response.events(), 2);
  EXPECT_EQ(verified.response.entries(), 1);
  EXPECT_EQ(verified.response.total_minutes(), hours.minutes());
}

TEST_F(JourneyTest, AStrangerIsUnknownAndGetsNoToken) {
  MakeActivity();
  Enrol("V1", 1);
  const v1::FrameDecision seen = See(77);
  EXPECT_EQ(seen.decision(), v1::UNKNOWN);
  EXPECT_TRUE(seen.volunteer_id().empty());
  EXPECT_TRUE(seen.name().empty());
  EXPECT_TRUE(seen.token().empty());
  EXPECT_FALSE(seen.sentence().empty());
}

TEST_F(JourneyTest, SomebodyEnrolledButNotOnThisRosterIsAStrangerHere) {
  MakeActivity("a");
  MakeActivity("b");
  Enrol("V1", 1, "a");
  Enrol("V2", 2, "b");
  EXPECT_EQ(See(2, "a").decision(), v1::UNKNOWN);
  EXPECT_EQ(See(2, "b").decision(), v1::RECOGNISED);
}

TEST_F(JourneyTest, APinGivesTheSameHours) {
  MakeActivity();
  Register("V9");
  v1::SetPinRequest set;
  set.set_volunteer_id("V9");
  set.set_pin("493817");
  ASSERT_TRUE(client().Call(*client().enrolment, &v1::EnrolmentService::Stub::SetPin, set).ok());

  v1::VerifyPinRequest verify;
  *verify.mutable_session() = SessionOf("a");
  verify.set_kiosk_id("door-1");
  verify.set_volunteer_id("V9");
  verify.set_pin("000000");
  auto pin = client().Call(*client().check_in, &v1::CheckInService::Stub::VerifyPin, verify);
  ASSERT_TRUE(pin.ok()) << pin.status.error_message();
  EXPECT_EQ(pin.response.decision(), v1::WRONG_PIN);
  EXPECT_TRUE(pin.response.token().empty());
  verify.set_pin("493817");
  pin = client().Call(*client().check_in, &v1::CheckInService::Stub::VerifyPin, verify);
  ASSERT_EQ(pin.response.decision(), v1::RECOGNISED);
  EXPECT_EQ(Record(pin.response.token(), v1::IN).response.decision(), v1::CHECKED_IN);
  clock_.SetNow(At(10, 10));
  const auto out = Record(StaffToken("V9"), v1::OUT);
  EXPECT_EQ(out.response.decision(), v1::CHECKED_OUT);
  EXPECT_EQ(out.response.receipt().minutes(), 60);
  EXPECT_EQ(HoursOf("V9").minutes(), 60);
}

TEST_F(JourneyTest, TheSimpleClientsCallLooksAndRecords) {
  MakeActivity();
  Enrol("V1", 1);
  const v1::CheckInRequest request = CheckInRequest(1);
  const auto in = client().Call(*client().check_in, &v1::CheckInService::Stub::CheckIn, request);
  ASSERT_TRUE(in.ok()) << in.status.error_message();
  EXPECT_EQ(in.response.decision(), v1::CHECKED_IN);
  EXPECT_EQ(in.response.volunteer_id(), "V1");
  const auto again = client().Call(*client().check_in, &v1::CheckInService::Stub::CheckIn, request);
  ASSERT_TRUE(again.ok()) << again.status.error_message();
  EXPECT_TRUE(again.response.receipt().replayed());
  EXPECT_EQ(again.response.receipt().event_id(), in.response.receipt().event_id());
  EXPECT_EQ(LedgerRows(), 1);
}

TEST_F(JourneyTest, AMistakeIsUndoneByAReversingEntry) {
  MakeActivity();
  Register("V1");
  const auto in = Record(StaffToken("V1"), v1::IN);
  ASSERT_EQ(in.response.decision(), v1::CHECKED_IN);
  v1::UndoAttendanceRequest undo;
  undo.set_request_id(NewRequestId());
  *undo.mutable_session() = SessionOf("a");
  undo.set_event_id(in.response.receipt().event_id());
  const auto undone =
      client().Call(*client().check_in, &v1::CheckInService::Stub::UndoAttendance, undo);
  ASSERT_TRUE(undone.ok()) << undone.status.error_message();
  EXPECT_EQ(undone.response.decision(), v1::UNDONE);
  EXPECT_EQ(undone.response.receipt().kind(), v1::REVERSAL);
  EXPECT_EQ(Record(StaffToken("V1"), v1::OUT).response.decision(), v1::NOT_CHECKED_IN);
  const auto events = client().Call(*client().ledger, &v1::LedgerService::Stub::ListEvents,
                                    v1::ListEventsRequest());
  ASSERT_EQ(events.response.events_size(), 2);
  EXPECT_EQ(events.response.events(1).reverses_event_id(), in.response.receipt().event_id());
}

TEST_F(JourneyTest, AReceiptIsFoundAgainByItsRequestId) {
  MakeActivity();
  Register("V1");
  const std::string id = NewRequestId();
  v1::GetReceiptRequest ask;
  ask.set_request_id(id);
  EXPECT_EQ(client().Call(*client().ledger, &v1::LedgerService::Stub::GetReceipt, ask).code(),
            grpc::StatusCode::NOT_FOUND);
  const auto in = Record(StaffToken("V1"), v1::IN, id);
  Start();  // also after the server has come back
  const auto receipt = client().Call(*client().ledger, &v1::LedgerService::Stub::GetReceipt, ask);
  ASSERT_TRUE(receipt.ok()) << receipt.status.error_message();
  EXPECT_EQ(receipt.response.event_id(), in.response.receipt().event_id());
  EXPECT_EQ(receipt.response.sequence(), in.response.receipt().sequence());
}

TEST_F(JourneyTest, WithdrawalTakesTheFaceAndLeavesTheHours) {
  MakeActivity();
  Enrol("V1", 1);
  ASSERT_EQ(Record(See(1).token(), v1::IN).response.decision(), v1::CHECKED_IN);
  v1::WithdrawConsentRequest withdraw;
  withdraw.set_volunteer_id("V1");
  withdraw.set_item(v1::RECOGNITION);
  const auto done =
      client().Call(*client().enrolment, &v1::EnrolmentService::Stub::WithdrawConsent, withdraw);
  ASSERT_TRUE(done.ok()) << done.status.error_message();
  EXPECT_EQ(done.response.templates_erased(), 1);
  EXPECT_FALSE(done.response.volunteer().face_enrolled());
  EXPECT_NE(See(1).decision(), v1::RECOGNISED);
  Start();
  EXPECT_EQ(client().Info().response.gallery_size(), 0);
  clock_.SetNow(At(10, 0));
  const auto out = Record(StaffToken("V1"), v1::OUT);
  EXPECT_EQ(out.response.decision(), v1::CHECKED_OUT) << "the open check-in stands";
}

TEST_F(JourneyTest, EverythingIsThereAfterARestart) {
  MakeActivity();
  Enrol("V1", 1);
  ASSERT_EQ(Record(See(1).token(), v1::IN).response.decision(), v1::CHECKED_IN);
  const auto before = client().Info();
  Start();
  const auto after = client().Info();
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(after.response.gallery_size(), 1);
  EXPECT_EQ(after.response.ledger_sequence(), before.response.ledger_sequence());
  clock_.SetNow(At(10, 0));
  EXPECT_EQ(Record(See(1).token(), v1::OUT).response.decision(), v1::CHECKED_OUT);
}

TEST_F(JourneyTest, PicturesMintNoHoursOutsidePractice) {
  MakeActivity("real");
  MakeActivity("drill", true);
  Enrol("V1", 1, "real");
  ASSERT_TRUE(client().AddToRoster("drill", {"V1"}).ok());
  const v1::FrameDecision refused = See(1, "real", v1::PICTURES);
  EXPECT_EQ(refused.decision(), v1::SOURCE_NOT_ALLOWED);
  EXPECT_TRUE(refused.token().empty());
  const v1::FrameDecision practised = See(1, "drill", v1::PICTURES);
  ASSERT_EQ(practised.decision(), v1::RECOGNISED);
  const auto in = Record(practised.token(), v1::IN);
  EXPECT_TRUE(in.response.receipt().practice());
  clock_.SetNow(At(10, 30));
  ASSERT_EQ(Record(StaffToken("V1", "drill"), v1::OUT).response.decision(), v1::CHECKED_OUT);
  const v1::VolunteerHours hours = HoursOf("V1");
  EXPECT_EQ(hours.minutes(), 0);
  EXPECT_GT(hours.practice_minutes(), 0);
  const auto verified = client().Verify();
  EXPECT_EQ(verified.response.practice_minutes(), hours.practice_minutes());
  EXPECT_EQ(verified.response.total_minutes(), 0);
}

TEST_F(JourneyTest, TheDeskNamesTheRosterInAGroupPictureAndNobodyElse) {
  MakeActivity();
  Enrol("V1", 1);
  Enrol("V2", 2);
  v1::IdentifyGroupRequest request;
  *request.mutable_session() = SessionOf("a");
  request.mutable_photo()->set_content(Text(
      FakePicture({{.person = 2, .x = 100}, {.person = 50, .x = 300}, {.person = 1, .x = 500}})));
  const auto group =
      client().Call(*client().enrolment, &v1::EnrolmentService::Stub::IdentifyGroup, request);
  ASSERT_TRUE(group.ok()) << group.status.error_message();
  ASSERT_EQ(group.response.faces_size(), 3);
  EXPECT_EQ(group.response.faces(0).volunteer_id(), "V2");
  EXPECT_EQ(group.response.faces(1).decision(), v1::UNKNOWN);
  EXPECT_TRUE(group.response.faces(1).volunteer_id().empty());
  EXPECT_EQ(group.response.faces(2).volunteer_id(), "V1");
  EXPECT_EQ(LedgerRows(), 0);
}

TEST_F(JourneyTest, ManyKiosksAtOnceCreditEverybodyOnce) {
  MakeActivity();
  constexpr int kPeople = 40;
  std::vector<std::string> ids;
  for (int i = 0; i < kPeople; ++i) {
    ids.push_back(Numbered("V", i));
    ASSERT_TRUE(client().Enrol(EnrolRequest(ids.back(), "Name " + ids.back())).ok());
  }
  ASSERT_TRUE(client().AddToRoster("a", ids).ok());
  std::vector<std::thread> kiosks;
  for (int k = 0; k < 8; ++k) {
    kiosks.emplace_back([&, k] {
      const Client own(server_->address());
      for (int i = k; i < kPeople; i += 8) {
        const auto token = own.Attest("a", ids[static_cast<size_t>(i)]);
        const std::string request_id = NewRequestId();
        // Sent twice, as by a kiosk that did not get the answer.
        const auto first = own.Record(token.response.token(), v1::IN, request_id);
        const auto second = own.Record(token.response.token(), v1::IN, request_id);
        EXPECT_EQ(first.response.decision(), v1::CHECKED_IN);
        EXPECT_EQ(second.response.receipt().event_id(), first.response.receipt().event_id());
      }
    });
  }
  for (std::thread& kiosk : kiosks) kiosk.join();
  EXPECT_EQ(LedgerRows(), kPeople);
}

}  // namespace
}  // namespace rollcall::testing
