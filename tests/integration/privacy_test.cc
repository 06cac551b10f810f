// A full run with canaries: what must never be in a log, a metric, an error or an audit line.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/log.h"
#include "integration/service_test_base.h"

namespace rollcall::testing {
namespace {

class PrivacyTest : public ServiceTest {
 protected:
  void SetUp() override {
    base::log::CaptureForTest([this](const std::string& line) {
      const std::lock_guard lock(mutex_);
      log_ += line + "\n";
    });
    // Debug logging too: it writes every request.
    Start([](server::ServerOptions& options) {
      options.config.log_level = base::log::Level::kDebug;
    });
  }
  ~PrivacyTest() override { Stop(); }

  template <typename Response>
  void Expect(const Answer<Response>& answer) {
    errors_ += answer.status.error_message() + "\n" + answer.status.error_details() + "\n";
  }
  std::string log() {
    const std::lock_guard lock(mutex_);
    return log_;
  }

  std::string errors_;

 private:
  std::mutex mutex_;
  std::string log_;
};

constexpr char kName[] = "Canary Wang";
constexpr char kPin[] = "739184";
constexpr char kWrongPin[] = "615243";
constexpr char kGuardian[] = "Canary Guardian";

TEST_F(PrivacyTest, NoNamePinPictureOrScoreLeavesByTheSideDoors) {
  MakeActivity();
  const std::vector<std::string> photos = {Picture(1, 101), Picture(1, 102), Picture(1, 103)};
  v1::EnrolVolunteerRequest enrol = EnrolRequest("V1", kName, photos);
  enrol.mutable_consents(0)->set_guardian(kGuardian);
  enrol.mutable_consents(0)->set_guardian_evidence("form-9");
  ASSERT_TRUE(client().Enrol(enrol).ok());
  ASSERT_TRUE(client().AddToRoster("a", {"V1"}).ok());
  v1::SetPinRequest set;
  set.set_volunteer_id("V1");
  set.set_pin(kPin);
  ASSERT_TRUE(client().Call(*client().enrolment, &v1::EnrolmentService::Stub::SetPin, set).ok());

  // What goes well, and what fails in many ways.
  const v1::FrameDecision seen = See(1);
  ASSERT_EQ(seen.decision(), v1::RECOGNISED);
  ASSERT_EQ(Record(seen.token(), v1::IN).response.decision(), v1::CHECKED_IN);
  EXPECT_EQ(See(9).decision(), v1::UNKNOWN);
  v1::VerifyPinRequest pin;
  *pin.mutable_session() = SessionOf("a");
  pin.set_kiosk_id("door-1");
  pin.set_volunteer_id("V1");
  for (const char* typed : {kWrongPin, kPin, "7391x4"}) {
    pin.set_pin(typed);
    Expect(client().Call(*client().check_in, &v1::CheckInService::Stub::VerifyPin, pin));
  }
  Expect(client().Enrol(EnrolRequest("V1", "Canary Other")));
  Expect(client().Enrol(EnrolRequest("V3", "Canary\nBroken")));
  Expect(client().Enrol(EnrolRequest("V4", "Canary Four", {"Canary bytes, no picture"})));
  Expect(client().Enrol(EnrolRequest("V5", "Canary Five", photos)));  // a possible duplicate
  Expect(Record(seen.token(), v1::OUT));
  Expect(Record("Canary token", v1::OUT));
  control_.fail = true;
  Expect(client().Call(*client().check_in, &v1::CheckInService::Stub::CheckIn, CheckInRequest(1)));
  control_.fail = false;
  const auto metrics =
      client().Call(*client().admin, &v1::AdminService::Stub::GetMetrics, v1::GetMetricsRequest());
  ASSERT_TRUE(metrics.ok());
  Stop();

  std::string trails;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path() / "data/audit")) {
    trails += support::ReadFile(entry.path());
  }
  ASSERT_NE(log().find("rpc_request"), std::string::npos) << "the debug log is on";
  ASSERT_NE(trails.find("\"score\""), std::string::npos) << "scores are in the decision trail";

  const std::string everywhere = log() + metrics.response.text() + errors_;
  const std::string token_bytes = seen.token();
  for (const std::string& secret :
       {std::string("Canary"), std::string(kPin), std::string(kWrongPin), token_bytes,
        photos[0].substr(48, 14)}) {
    EXPECT_EQ(everywhere.find(secret), std::string::npos) << secret;
    EXPECT_EQ(trails.find(secret), std::string::npos) << secret;
  }
  for (const char* word : {"\"score\"", "score=", "cosine", "threshold", "similarity"}) {
    EXPECT_EQ(everywhere.find(word), std::string::npos) << word;
  }
  // No embedding anywhere, the trails included: not as bytes and not as text.
  const std::vector<float> embedding = FakeEmbedding(1, 101);
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), embedding.data(), bytes.size());
  EXPECT_EQ((everywhere + trails).find(bytes), std::string::npos);
  EXPECT_EQ((everywhere + trails).find(std::to_string(embedding[0]).substr(0, 7)),
            std::string::npos);
}

TEST_F(PrivacyTest, NoAnswerToAKioskHoldsAScore) {
  // By the contract: no field of any answer is called so.
  for (const auto* file :
       {v1::FrameDecision::descriptor()->file(), v1::EnrolVolunteerResponse::descriptor()->file(),
        v1::VolunteerHours::descriptor()->file()}) {
    for (int m = 0; m < file->message_type_count(); ++m) {
      const auto& message = *file->message_type(m);
      for (int f = 0; f < message.field_count(); ++f) {
        for (const char* word : {"score", "similarity", "distance", "embedding", "threshold"}) {
          EXPECT_EQ(message.field(f)->name().find(word), std::string::npos)
              << message.field(f)->full_name();
        }
      }
    }
  }
}

// Whoever may call everything asks for everything: nothing brings a picture or a template back.
TEST_F(PrivacyTest, NoAnswerOfAnyMethodHoldsAnEmbeddingOrAPicture) {
  MakeActivity();
  const std::vector<std::string> photos = {Picture(1, 101), Picture(1, 102), Picture(1, 103)};
  const v1::EnrolVolunteerRequest enrol = EnrolRequest("V1", "A Name", photos);
  const auto enrolled = client().Enrol(enrol);
  ASSERT_TRUE(enrolled.ok());
  ASSERT_TRUE(client().AddToRoster("a", {"V1"}).ok());
  const v1::FrameDecision seen = See(1);
  ASSERT_EQ(seen.decision(), v1::RECOGNISED);
  const auto recorded = Record(seen.token(), v1::IN);
  ASSERT_TRUE(recorded.ok());

  v1::GetVolunteerRequest volunteer;
  volunteer.set_volunteer_id("V1");
  v1::CheckPhotosRequest check;
  for (const std::string& photo : photos) check.add_photos()->set_content(photo);
  v1::IdentifyGroupRequest group;
  *group.mutable_session() = SessionOf("a");
  group.mutable_photo()->set_content(Picture(1, 4));
  v1::ListRosterRequest roster;
  *roster.mutable_session() = SessionOf("a");
  v1::ListSessionsRequest sessions;
  sessions.set_activity_id("a");
  v1::ListEventsRequest events;
  events.set_activity_id("a");
  v1::GetReceiptRequest receipt;
  receipt.set_request_id(recorded.response.receipt().request_id());
  v1::CheckInRequest check_in = CheckInRequest(1);
  check_in.set_action(v1::OUT);
  // Asked for with content; every other method with nothing, so that it says at least no.
  const std::map<std::string, std::string> asked = {
      {"EnrolVolunteer", enrol.SerializeAsString()},
      {"GetVolunteer", volunteer.SerializeAsString()},
      {"ListVolunteers", ""},
      {"CheckPhotos", check.SerializeAsString()},
      {"IdentifyGroup", group.SerializeAsString()},
      {"ListRoster", roster.SerializeAsString()},
      {"ListActivities", ""},
      {"ListOrganisations", ""},
      {"ListSessions", sessions.SerializeAsString()},
      {"ListEvents", events.SerializeAsString()},
      {"ListHours", ""},
      {"GetReceipt", receipt.SerializeAsString()},
      {"VerifyLedger", ""},
      {"CheckIn", check_in.SerializeAsString()},
      {"GetServerInfo", ""},
      {"GetMetrics", ""},
      {"ListIdentities", ""},
  };
  std::string answers = seen.SerializeAsString() + enrolled.response.SerializeAsString() +
                        recorded.response.SerializeAsString();
  size_t answered = 0;
  for (const auto* file :
       {v1::Activity::descriptor()->file()->pool()->FindFileByName(
            "rollcall/v1/activity_service.proto"),
        v1::GetMetricsRequest::descriptor()->file(), v1::FrameDecision::descriptor()->file(),
        v1::EnrolVolunteerRequest::descriptor()->file(),
        v1::CreateIdentityRequest::descriptor()->file(),
        v1::ListHoursRequest::descriptor()->file()}) {
    ASSERT_NE(file, nullptr);
    for (int i = 0; i < file->service(0)->method_count(); ++i) {
      const auto& method = *file->service(0)->method(i);
      if (method.server_streaming()) continue;
      const auto found = asked.find(method.name());
      const auto answer =
          RawCall(client(), "/" + file->service(0)->full_name() + "/" + method.name(),
                  found == asked.end() ? "" : found->second);
      if (found != asked.end()) {
        EXPECT_TRUE(answer.ok()) << method.name() << " " << answer.reason();
        ++answered;
      }
      answers += answer.response + answer.status.error_details();
    }
  }
  EXPECT_EQ(answered, asked.size());
  ASSERT_NE(answers.find("V1"), std::string::npos) << "the answers are about her";

  for (int variant : {101, 102, 103, 1, 4}) {
    const std::vector<float> embedding = FakeEmbedding(1, variant);
    for (size_t i = 0; i + 1 < embedding.size(); i += 2) {
      std::string bytes(8, '\0');
      std::memcpy(bytes.data(), &embedding[i], bytes.size());
      EXPECT_EQ(answers.find(bytes), std::string::npos) << "as floats";
      EXPECT_EQ(answers.find(base::ToHex(base::AsBytes(bytes))), std::string::npos);
      EXPECT_EQ(answers.find(std::to_string(embedding[i]).substr(0, 8)), std::string::npos)
          << "as text";
    }
  }
  for (const std::string& photo : photos) {
    EXPECT_EQ(answers.find(photo.substr(41, 20)), std::string::npos) << "the picture itself";
  }
  EXPECT_EQ(answers.find("IHDR"), std::string::npos);
}

TEST_F(PrivacyTest, NothingAtRestHoldsAPictureAndTheVaultNoName) {
  MakeActivity();
  const std::vector<std::string> photos = {Picture(1, 101)};
  // Long enough that no ciphertext holds it by chance.
  const std::string id = "volunteer-at-rest";
  ASSERT_TRUE(client().Enrol(EnrolRequest(id, kName, photos)).ok());
  Stop();
  const std::vector<float> embedding = FakeEmbedding(1, 101);
  std::string bytes(16, '\0');
  std::memcpy(bytes.data(), embedding.data(), bytes.size());
  EXPECT_EQ(std::filesystem::status(folder_.path() / "data").permissions(),
            std::filesystem::perms::owner_all);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path() / "data")) {
    if (!entry.is_regular_file()) continue;
    const std::string content = support::ReadFile(entry.path());
    EXPECT_EQ(content.find(photos[0].substr(48, 14)), std::string::npos) << entry.path();
    EXPECT_EQ(content.find(bytes), std::string::npos) << entry.path();
    if (entry.path().filename().string().starts_with("vault.db")) {
      EXPECT_EQ(content.find(kName), std::string::npos) << entry.path();
      EXPECT_EQ(content.find(id), std::string::npos) << entry.path();
    }
  }
}

}  // namespace
}  // namespace rollcall::testing
