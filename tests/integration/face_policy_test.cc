// Whether, where and how long faces are used, over a real connection.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <thread>
#include <vector>

#include "integration/service_test_base.h"
#include "support/status_matchers.h"

namespace rollcall::testing {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// The address of every client here is 127.0.0.1.
void AmongStrangers(server::ServerOptions& options) {
  options.config.face_networks = {"10.0.0.0/8"};
}
void AmongStrangersWithTheSwitch(server::ServerOptions& options) {
  AmongStrangers(options);
  options.config.face_allow_wider_networks = true;
}
void WithFaceOff(server::ServerOptions& options) {
  options.config.face = {};
  options.config.face.mode = domain::FaceMode::kOff;
  options.recognition.reset();
  options.manifest = "/nonexistent/manifest.json";
}

class FacePolicyTest : public ServiceTest {
 protected:
  void SetPin(const std::string& id) {
    v1::SetPinRequest set;
    set.set_volunteer_id(id);
    set.set_pin("739184");
    ASSERT_TRUE(client().Call(*client().enrolment, &v1::EnrolmentService::Stub::SetPin, set).ok());
  }
  std::string PinToken(const std::string& id) {
    v1::VerifyPinRequest pin;
    *pin.mutable_session() = SessionOf("a");
    pin.set_kiosk_id("door-1");
    pin.set_volunteer_id(id);
    pin.set_pin("739184");
    const auto answer =
        client().Call(*client().check_in, &v1::CheckInService::Stub::VerifyPin, pin);
    EXPECT_TRUE(answer.ok()) << answer.status.error_message();
    return answer.response.token();
  }
  // Minutes of a visit from 09:10 to 11:30, with a token of `token` each time.
  template <typename Token>
  int64_t Visit(Token token) {
    clock_.SetNow(At(9, 10));
    EXPECT_EQ(Record(token(), v1::IN).response.decision(), v1::CHECKED_IN);
    clock_.SetNow(At(11, 30));
    const auto out = Record(token(), v1::OUT);
    EXPECT_EQ(out.response.decision(), v1::CHECKED_OUT);
    return out.response.receipt().minutes();
  }
  // The reason with which each of the calls that carry pictures ends.
  std::vector<std::string> RefusalsOfPictures() {
    std::vector<std::string> reasons;
    reasons.push_back(client().Enrol(EnrolRequest("V9", "Nine", {Picture(9, 101)})).reason());
    v1::CheckPhotosRequest check;
    check.add_photos()->set_content(Picture(9, 101));
    reasons.push_back(
        client()
            .Call(*client().enrolment, &v1::EnrolmentService::Stub::CheckPhotos, check)
            .reason());
    v1::IdentifyGroupRequest group;
    *group.mutable_session() = SessionOf("a");
    group.mutable_photo()->set_content(Picture(1));
    reasons.push_back(
        client()
            .Call(*client().enrolment, &v1::EnrolmentService::Stub::IdentifyGroup, group)
            .reason());
    reasons.push_back(
        client()
            .Call(*client().check_in, &v1::CheckInService::Stub::CheckIn, CheckInRequest(1))
            .reason());
    KioskStream stream(client());
    reasons.push_back(ReasonOf(stream.End()));
    return reasons;
  }
  v1::Volunteer Get(const std::string& id) {
    v1::GetVolunteerRequest request;
    request.set_volunteer_id(id);
    return client()
        .Call(*client().enrolment, &v1::EnrolmentService::Stub::GetVolunteer, request)
        .response;
  }
  Answer<v1::PrivacyReport> Report(const std::string& id) {
    v1::GetPrivacyReportRequest request;
    request.set_volunteer_id(id);
    return client().Call(*client().privacy, &v1::PrivacyService::Stub::GetPrivacyReport, request);
  }
};

TEST_F(FacePolicyTest, WithFaceOffPinAndStaffGiveTheSameHoursAsAFace) {
  Start();
  MakeActivity();
  Enrol("V1", 1);
  const int64_t by_face = Visit([this] { return See(1).token(); });
  ASSERT_GT(by_face, 0);

  Start(WithFaceOff);
  EXPECT_TRUE(IsServing(client(), "").response);
  const auto info = client().Info().response;
  EXPECT_EQ(info.face_mode(), v1::FACE_OFF);
  EXPECT_EQ(info.gallery_size(), 0);
  EXPECT_EQ(info.face_persons(), 1) << "what is still held is counted";
  Register("V2");
  Register("V3");
  SetPin("V2");
  EXPECT_EQ(Visit([this] { return PinToken("V2"); }), by_face);
  EXPECT_EQ(Visit([this] { return StaffToken("V3"); }), by_face);
  const auto hours = client().Hours().response;
  ASSERT_EQ(hours.volunteers_size(), 3);
  for (const auto& volunteer : hours.volunteers()) EXPECT_EQ(volunteer.minutes(), by_face);
  EXPECT_EQ(Get("V2").face_off_reason(), "face recognition is switched off on this server");
  LedgerRows();
}

TEST_F(FacePolicyTest, WithFaceOffNoPictureIsTakenIn) {
  Start(WithFaceOff);
  MakeActivity();
  Register("V1");
  EXPECT_THAT(RefusalsOfPictures(), Each(std::string("FACE_OFF")));
  EXPECT_EQ(Get("V9").volunteer_id(), "") << "nothing of the request was stored";
  EXPECT_EQ(LedgerRows(), 0);
  // And a consent can still be recorded and withdrawn.
  v1::EnrolVolunteerRequest consent = EnrolRequest("V1", "Name of V1", {Picture(1, 101)});
  consent.clear_photos();
  EXPECT_TRUE(client().Enrol(consent).ok());
  v1::WithdrawConsentRequest withdraw;
  withdraw.set_volunteer_id("V1");
  withdraw.set_item(v1::RECOGNITION);
  EXPECT_TRUE(client()
                  .Call(*client().enrolment, &v1::EnrolmentService::Stub::WithdrawConsent, withdraw)
                  .ok());
}

TEST_F(FacePolicyTest, PicturesFromAForeignNetworkAreRefusedAndEverythingElseWorks) {
  Start();
  MakeActivity();
  Enrol("V1", 1);
  Start(AmongStrangers);
  EXPECT_THAT(RefusalsOfPictures(), Each(std::string("FOREIGN_NETWORK")));
  EXPECT_EQ(Get("V9").volunteer_id(), "");
  EXPECT_EQ(LedgerRows(), 0);
  Register("V2");
  SetPin("V2");
  EXPECT_GT(Visit([this] { return PinToken("V2"); }), 0);
  Stop();
  EXPECT_THAT(support::ReadFile(folder_.path() / "data/audit/calls.jsonl"),
              HasSubstr("\"outcome\":\"FOREIGN_NETWORK\""));
}

TEST_F(FacePolicyTest, OverAWiderNetworkOnlyThoseAreComparedWhoConsentedToThat) {
  Start();
  MakeActivity();
  Enrol("V1", 1);
  const auto transfer = [](v1::EnrolVolunteerRequest request) {
    v1::Consent* consent = request.add_consents();
    consent->set_item(v1::NETWORK_TRANSFER);
    consent->set_form(v1::PAPER);
    consent->set_reference("form-net");
    return request;
  };
  ASSERT_TRUE(
      client().Enrol(transfer(EnrolRequest("V2", "Two", {Picture(2, 101), Picture(2, 102)}))).ok());
  ASSERT_TRUE(client().AddToRoster("a", {"V2"}).ok());
  EXPECT_EQ(See(1).decision(), v1::RECOGNISED);
  EXPECT_EQ(See(2).decision(), v1::RECOGNISED);

  Start(AmongStrangersWithTheSwitch);
  EXPECT_EQ(See(1).decision(), v1::UNKNOWN);
  EXPECT_EQ(See(2).decision(), v1::RECOGNISED);
  const auto check_in =
      client().Call(*client().check_in, &v1::CheckInService::Stub::CheckIn, CheckInRequest(1));
  ASSERT_TRUE(check_in.ok());
  EXPECT_EQ(check_in.response.decision(), v1::UNKNOWN);
  EXPECT_EQ(client().Enrol(EnrolRequest("V3", "Three", {Picture(3, 101)})).reason(),
            "CONSENT_NEEDED");
  EXPECT_FALSE(
      client().Enrol(transfer(EnrolRequest("V3", "Three", {Picture(3, 101)}))).response.refused());
  // Pictures of whoever happens to be in them are nobody's to agree to.
  v1::CheckPhotosRequest check;
  check.add_photos()->set_content(Picture(2, 101));
  EXPECT_EQ(
      client().Call(*client().enrolment, &v1::EnrolmentService::Stub::CheckPhotos, check).reason(),
      "FOREIGN_NETWORK");
}

TEST_F(FacePolicyTest, WithoutPapersFacesAreForPracticeOnly) {
  Start([](server::ServerOptions& options) { options.config.face = {}; });
  const auto info = client().Info().response;
  EXPECT_EQ(info.face_mode(), v1::FACE_PRACTICE_ONLY);
  EXPECT_THAT(info.face_mode_reason(), HasSubstr("face.retention_days"));
  MakeActivity("real");
  MakeActivity("try", true);
  Enrol("V1", 1, "try");
  EXPECT_EQ(See(1, "try").decision(), v1::RECOGNISED);
  ASSERT_TRUE(client().AddToRoster("real", {"V1"}).ok());
  KioskStream stream(client());
  stream.SendConfig("real");
  EXPECT_EQ(ReasonOf(stream.End()), "FACE_PRACTICE_ONLY");
  EXPECT_EQ(
      client()
          .Call(*client().check_in, &v1::CheckInService::Stub::CheckIn, CheckInRequest(1, "real"))
          .reason(),
      "FACE_PRACTICE_ONLY");
}

TEST_F(FacePolicyTest, FaceModeWithoutItsPapersIsNotStarted) {
  server::ServerOptions options = Options();
  options.config.face.impact_assessment.clear();
  const auto server = server::Server::Start(std::move(options));
  EXPECT_THAT(server.status(), support::HasReason("BAD_CONFIG"));
  EXPECT_THAT(base::Message(server.status()), HasSubstr("face.impact_assessment"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "data"));
}

TEST_F(FacePolicyTest, TheNoticeIsThereForWhoeverShowsIt) {
  Start();
  const auto notice = client().Call(*client().privacy, &v1::PrivacyService::Stub::GetPrivacyNotice,
                                    v1::GetPrivacyNoticeRequest());
  ASSERT_TRUE(notice.ok());
  EXPECT_EQ(notice.response.operator_name(), "Test Station");
  EXPECT_EQ(notice.response.text(), "What people are told.");
  EXPECT_EQ(notice.response.text_zh(), "告知书");
  EXPECT_EQ(notice.response.version(), "n-1");
  EXPECT_EQ(notice.response.retention_days(), 365);
  EXPECT_EQ(notice.response.impact_assessment(), "PIA-1");
}

TEST_F(FacePolicyTest, TheReportTellsWhatIsHeldWhoLookedAndWhatWasErased) {
  Start();
  MakeActivity();
  Enrol("V1", 1);
  ASSERT_EQ(Record(See(1).token(), v1::IN).response.decision(), v1::CHECKED_IN);
  const auto before = Report("V1");
  ASSERT_TRUE(before.ok()) << before.status.error_message();
  EXPECT_EQ(before.response.name(), "Name of V1");
  const auto& held = before.response.held();
  const auto face = std::find_if(held.begin(), held.end(), [](const v1::HeldData& data) {
    return data.data_class() == v1::FACE_TEMPLATE;
  });
  ASSERT_NE(face, held.end());
  EXPECT_EQ(face->count(), 3);
  EXPECT_EQ(face->model_id(), kFakeModel);
  EXPECT_EQ(face->consent_reference(), "form-V1");
  EXPECT_EQ(face->notice_version(), "n-1");
  EXPECT_TRUE(face->has_erase_time());
  EXPECT_FALSE(face->label_zh().empty());
  EXPECT_EQ(before.response.processing().rbegin()->kind(), v1::REPORT);

  v1::WithdrawConsentRequest withdraw;
  withdraw.set_volunteer_id("V1");
  withdraw.set_item(v1::RECOGNITION);
  ASSERT_TRUE(client()
                  .Call(*client().enrolment, &v1::EnrolmentService::Stub::WithdrawConsent, withdraw)
                  .ok());
  Start();
  const auto after = Report("V1");
  ASSERT_TRUE(after.ok());
  for (const auto& data : after.response.held()) EXPECT_NE(data.data_class(), v1::FACE_TEMPLATE);
  std::vector<v1::ProcessingKind> kinds;
  for (const auto& entry : after.response.processing()) {
    kinds.push_back(entry.kind());
    EXPECT_EQ(entry.actor(), "local");
    EXPECT_FALSE(entry.label().empty());
    EXPECT_FALSE(entry.label_zh().empty());
  }
  EXPECT_EQ(kinds,
            (std::vector<v1::ProcessingKind>{v1::CONSENT_GIVEN, v1::ENROLMENT, v1::REPORT,
                                             v1::CONSENT_WITHDRAWN, v1::ERASURE, v1::REPORT}));
  EXPECT_THAT(after.response.consents(), SizeIs(1));
  EXPECT_EQ(Report("nobody").reason(), "NO_SUCH_VOLUNTEER");
}

TEST_F(FacePolicyTest, ARunningServerErasesWhatIsBeyondItsTime) {
  Start([](server::ServerOptions& options) {
    options.housekeeping_interval = std::chrono::milliseconds(5);
  });
  MakeActivity();
  Enrol("V1", 1);
  EXPECT_EQ(client().Info().response.face_persons(), 1);
  clock_.Advance(std::chrono::hours(24 * 366));
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (client().Info().response.face_persons() > 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
  }
  EXPECT_EQ(client().Info().response.face_persons(), 0);
  EXPECT_FALSE(Get("V1").face_enrolled());
  const auto report = Report("V1");
  EXPECT_EQ(report.response.processing(report.response.processing_size() - 2).actor(), "retention");
}

}  // namespace
}  // namespace rollcall::testing
