// R9 through a real client: what a kiosk with a certificate has sent is sent again, by itself and
// by others.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "certificates/bundle.h"
#include "client/source_signer.h"
#include "integration/secure_service_test.h"

namespace rollcall::testing {
namespace {

using certificates::Bundle;

constexpr int kPeople = 6;
constexpr int kReplays = 3000;

class ReplayOverTlsTest : public SecureServiceTest {
 protected:
  void SetUp() override {
    SecureServiceTest::SetUp();
    MakeOrganisation("elsewhere");
    bundle_ = Identity("door-1", v1::KIOSK);
    here_ = Connect(bundle_);
    there_ = Connect(Identity("door-2", v1::KIOSK));
    elsewhere_ = Connect(Identity("door-3", v1::KIOSK, "elsewhere"));
    organiser_ = Connect(Identity("olga", v1::ORGANISER));
    desk_ = Connect(Identity("dora", v1::DESK));
    MakeActivityAt(*organiser_, "a");
    for (int person = 1; person <= kPeople; ++person) {
      const std::string id = Numbered("v-", person);
      ASSERT_TRUE(desk_
                      ->Enrol(EnrolRequest(
                          id, "Name of " + id,
                          {Picture(person, 101), Picture(person, 102), Picture(person, 103)}))
                      .ok());
      ASSERT_TRUE(organiser_->AddToRoster("a", {id}).ok());
    }
  }

  // A client can be neither copied nor moved: it is made in place.
  std::unique_ptr<Client> Connect(const Bundle& bundle) const {
    return std::unique_ptr<Client>(new Client(As(bundle)));
  }

  // Shows a person and returns the token; the frames are kept.
  std::string See(int person) {
    const auto stream = OpenCamera(*here_, bundle_, "a");
    if (stream == nullptr) return "";
    std::string token;
    for (int i = 1; i <= 3; ++i) {
      v1::Frame frame = Frame(i, Picture(person, i));
      frame.set_ends_visit(i == 3);
      frames_.push_back(frame);
      stream->SendFrame(frame);
      const auto reply = stream->Read();
      if (!reply || !reply->has_decision()) return "";
      token = reply->decision().token();
      clock_.Advance(std::chrono::milliseconds(500));
    }
    return token;
  }
  v1::VerifyLedgerResponse Ledger() const {
    const Client auditor = Administrator();
    return auditor.Verify().response;
  }
  // The reason, or ACCEPTED.
  static std::string Outcome(const Answer<v1::RecordAttendanceResponse>& answer) {
    if (!answer.ok()) return answer.reason();
    return answer.response.has_receipt() ? "ACCEPTED"
                                         : v1::Decision_Name(answer.response.decision());
  }

  Bundle bundle_;
  std::unique_ptr<Client> here_;
  std::unique_ptr<Client> there_;
  std::unique_ptr<Client> elsewhere_;
  std::unique_ptr<Client> organiser_;
  std::unique_ptr<Client> desk_;
  std::vector<v1::Frame> frames_;
};

TEST_F(ReplayOverTlsTest, ThousandsOfReplaysAndNoneIsAccepted) {
  struct Visit {
    std::string token;
    std::string request_id;
  };
  std::vector<Visit> visits;
  for (int person = 1; person <= kPeople; ++person) {
    visits.push_back({See(person), NewRequestId()});
    ASSERT_EQ(Outcome(here_->Record(visits.back().token, v1::IN, visits.back().request_id)),
              "ACCEPTED");
  }
  std::mt19937 random(20261124);
  const auto any = [&]() -> const Visit& { return visits[random() % visits.size()]; };
  struct Way {
    std::string expected;
    std::function<Answer<v1::RecordAttendanceResponse>()> replay;
  };
  const std::vector<Way> ways = {
      {"TOKEN_USED", [&] { return here_->Record(any().token, v1::AUTO, NewRequestId()); }},
      {"KIOSK_MISMATCH", [&] { return there_->Record(any().token, v1::IN, NewRequestId()); }},
      {"OUTSIDE_ORGANISATION",
       [&] { return elsewhere_->Record(any().token, v1::IN, NewRequestId()); }},
      {"REQUEST_ID_REUSED",
       [&] {
         const Visit& visit = any();
         return here_->Record(visit.token, v1::OUT, visit.request_id);
       }},
      {"TOKEN_INVALID",
       [&] {
         std::string token = any().token;
         token[random() % token.size()] ^= static_cast<char>(1u << random() % 8);
         return here_->Record(token, v1::IN, NewRequestId());
       }},
  };
  std::map<std::string, int> tried;
  for (int i = 0; i < kReplays; ++i) {
    const Way& way = ways[random() % ways.size()];
    ++tried[way.expected];
    ASSERT_EQ(Outcome(way.replay()), way.expected) << "replay " << i;
  }
  EXPECT_EQ(tried.size(), ways.size());
}

TEST_F(ReplayOverTlsTest, RecordedFramesComeToNothingInWhateverStream) {
  ASSERT_FALSE(See(1).empty());
  // With their own time, too late.
  clock_.Advance(std::chrono::seconds(40));
  const auto stream = OpenCamera(*here_, bundle_, "a");
  ASSERT_NE(stream, nullptr);
  stream->SendFrame(frames_[0]);
  auto reply = stream->Read();
  ASSERT_TRUE(reply && reply->has_error());
  EXPECT_EQ(reply->error().reason(), "CLOCK_OFF");
  // As of now: the kiosk has shown these pixels before.
  for (int i = 0; i < 3; ++i) {
    v1::Frame frame = Frame(i + 2, frames_[static_cast<size_t>(i)].content());
    frame.set_ends_visit(i == 2);
    stream->SendFrame(frame);
    reply = stream->Read();
    ASSERT_TRUE(reply && reply->has_decision());
    EXPECT_TRUE(reply->decision().token().empty());
  }
  EXPECT_EQ(reply->decision().decision(), v1::SUSPECTED_PICTURE);
  const Client administrator = Administrator();
  const auto metrics = administrator.Call(*administrator.admin, &v1::AdminService::Stub::GetMetrics,
                                          v1::GetMetricsRequest());
  EXPECT_NE(metrics.response.text().find("rollcall_alarms_total{alarm=\"frame_repeated\"} 1"),
            std::string::npos);
}

TEST_F(ReplayOverTlsTest, AStreamIsLookedAtOnceItsKioskHasSignedForIt) {
  KioskStream silent(*here_);
  silent.SendConfig("a", v1::CAMERA, "");
  const auto opened = silent.Read();
  ASSERT_TRUE(opened && opened->has_opened());
  silent.SendFrame(Frame(1, Picture(1, 1)));
  const auto refused = silent.Read();
  ASSERT_TRUE(refused && refused->has_error());
  EXPECT_EQ(refused->error().reason(), "SOURCE_NOT_SIGNED");

  // What was signed for one stream is no word for another, nor is somebody else's.
  const auto signer = Must(client::SourceSigner::Create(bundle_));
  const auto send_wrong = [&](auto change) {
    KioskStream stream(*here_);
    v1::StreamIdentifyRequest request;
    *request.mutable_config()->mutable_session() = SessionOf("a");
    request.mutable_config()->set_source(v1::CAMERA);
    stream.Send(request);
    auto reply = stream.Read();
    v1::StreamIdentifyRequest vouching;
    *vouching.mutable_source_signature() = change(request.config(), reply->opened());
    stream.Send(vouching);
    const grpc::Status ended = stream.End();
    EXPECT_EQ(ended.error_code(), grpc::StatusCode::PERMISSION_DENIED);
    return ReasonOf(ended);
  };
  EXPECT_EQ(send_wrong([&](const auto& config, const auto&) {
              return Must(signer.Sign(config, opened->opened()));
            }),
            "SOURCE_SIGNATURE_WRONG");
  EXPECT_EQ(send_wrong([&](auto config, const auto& now) {
              config.set_device("another");
              return Must(signer.Sign(config, now));
            }),
            "SOURCE_SIGNATURE_WRONG");
  EXPECT_EQ(send_wrong([&](const auto& config, const auto& now) {
              return Must(Must(client::SourceSigner::Create(administrator_)).Sign(config, now));
            }),
            "SOURCE_SIGNATURE_WRONG");
  EXPECT_EQ(send_wrong([&](const auto&, const auto&) {
              v1::SourceSignature none;
              none.mutable_time()->set_seconds(base::ToUnixMicros(clock_.Now()) / 1'000'000);
              return none;
            }),
            "SOURCE_SIGNATURE_WRONG");

  // One word a stream, and before the first frame.
  const auto stream = OpenCamera(*here_, bundle_, "a");
  ASSERT_NE(stream, nullptr);
  v1::StreamIdentifyRequest again;
  again.mutable_source_signature()->mutable_time()->set_seconds(1);
  stream->Send(again);
  EXPECT_EQ(ReasonOf(stream->End()), "FRAME_EXPECTED");
}

TEST_F(ReplayOverTlsTest, ASimpleClientSignsItsRequest) {
  const auto signer = Must(client::SourceSigner::Create(bundle_));
  v1::CheckInRequest request = CheckInRequest(1);
  request.set_kiosk_id("");
  request.set_device("Webcam 1f");
  const auto call = [&](const v1::CheckInRequest& sent) {
    return here_->Call(*here_->check_in, &v1::CheckInService::Stub::CheckIn, sent);
  };
  EXPECT_EQ(call(request).reason(), "SOURCE_NOT_SIGNED");
  *request.mutable_source_signature() = Must(signer.Sign(request, clock_.Now()));
  v1::CheckInRequest other = request;
  other.set_request_id(NewRequestId());
  EXPECT_EQ(call(other).reason(), "SOURCE_SIGNATURE_WRONG");
  EXPECT_EQ(Outcome(call(request)), "ACCEPTED");
  EXPECT_EQ(call(request).response.receipt().replayed(), true);
}

}  // namespace
}  // namespace rollcall::testing
