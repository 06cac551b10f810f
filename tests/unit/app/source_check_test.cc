#include "app/source_check.h"

#include <gtest/gtest.h>

#include <future>
#include <variant>

#include "app/identify_session.h"
#include "app_testing/kiosk_key.h"
#include "app_testing/world.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::Decision;
using domain::SourceKind;
using std::chrono::seconds;
using support::HasReason;
using support::IsOk;
using testing::KioskKey;
using testing::World;

class SourceCheckTest : public ::testing::Test {
 protected:
  SourceCheckTest() { world_->Enrol("v-1", 1); }
  ~SourceCheckTest() override {
    if (stream_) stream_->Close();
  }
  static LookConfig Camera() {
    LookConfig config;
    config.session = {{}, domain::ActivityId("a"), {}};
    config.device = "Webcam 1f";
    return config;
  }
  void Open(const LookConfig& config) {
    auto opened =
        IdentifySession::Open(world_->services(), key_.Call(), config,
                              [this](FrameAnswer answer) { answer_.set_value(std::move(answer)); });
    ASSERT_THAT(opened, IsOk());
    stream_ = *std::move(opened);
  }
  void OpenCamera() { Open(Camera()); }
  // What the kiosk should say of the stream that is open.
  domain::SourceStatement Statement() const {
    domain::SourceStatement statement;
    statement.nonce = stream_->opened().nonce;
    statement.session = stream_->opened().session;
    statement.source = SourceKind::kCamera;
    statement.device = "Webcam 1f";
    statement.time = world_->clock.Now();
    return statement;
  }
  FrameAnswer Show() {
    answer_ = {};
    Frame frame = world_->Frame({{1, 1}});
    frame.ends_visit = true;
    stream_->Offer(frame);
    return answer_.get_future().get();
  }
  std::string ShownReason() {
    const FrameAnswer answer = Show();
    const auto* error = std::get_if<FrameError>(&answer);
    return error == nullptr ? "" : base::ErrorReason(error->status);
  }

  std::unique_ptr<World> world_ = std::make_unique<World>();
  KioskKey key_{"door-1", world_->clock.Now()};
  std::promise<FrameAnswer> answer_;
  std::shared_ptr<IdentifySession> stream_;
};

TEST_F(SourceCheckTest, ACameraBehindACertificateIsLookedAtOnceItsKioskHasSigned) {
  OpenCamera();
  const int analysed = world_->control.analysed;
  EXPECT_EQ(ShownReason(), "SOURCE_NOT_SIGNED");
  EXPECT_EQ(world_->control.analysed, analysed) << "nobody was looked at";
  ASSERT_THAT(stream_->SignSource(key_.Sign(Statement())), IsOk());
  const FrameAnswer answer = Show();
  const auto* seen = std::get_if<FrameDecision>(&answer);
  ASSERT_NE(seen, nullptr);
  ASSERT_EQ(seen->decision, Decision::kRecognised);
  const auto token = world_->services().tokens.Open(seen->token);
  ASSERT_THAT(token, IsOk());
  ASSERT_EQ(token->proofs.size(), 2u);
  EXPECT_EQ(token->proofs[1].detail, "signed by the kiosk: camera Webcam 1f");
}

TEST_F(SourceCheckTest, ASignatureForAnythingElseVouchesForNothing) {
  OpenCamera();
  const auto wrong = [&](auto change) {
    domain::SourceStatement statement = Statement();
    change(statement);
    SourceSignature signature = key_.Sign(statement);
    signature.time = world_->clock.Now();
    EXPECT_THAT(stream_->SignSource(signature), HasReason("SOURCE_SIGNATURE_WRONG"));
  };
  wrong([](auto& s) { s.nonce.bytes[0] ^= 1; });
  wrong([](auto& s) { s.session.organisation.value = "elsewhere"; });
  wrong([](auto& s) { s.session.activity.value = "b"; });
  wrong([](auto& s) { s.session.session.value = "t"; });
  wrong([](auto& s) { s.source = SourceKind::kVideoFile; });
  wrong([](auto& s) { s.device = "Webcam 2f"; });
  wrong([](auto& s) { s.time -= base::Duration(1); });
  const KioskKey other("door-2", world_->clock.Now());
  EXPECT_THAT(stream_->SignSource(other.Sign(Statement())), HasReason("SOURCE_SIGNATURE_WRONG"));
  EXPECT_THAT(stream_->SignSource({world_->clock.Now(), {}}), HasReason("SOURCE_SIGNATURE_WRONG"));
  EXPECT_EQ(ShownReason(), "SOURCE_NOT_SIGNED");
}

TEST_F(SourceCheckTest, ASignatureIsGoodForOneStreamAndForAMoment) {
  OpenCamera();
  const SourceSignature recorded = key_.Sign(Statement());
  ASSERT_THAT(stream_->SignSource(recorded), IsOk());
  stream_->Close();
  OpenCamera();
  EXPECT_THAT(stream_->SignSource(recorded), HasReason("SOURCE_SIGNATURE_WRONG"));
  const SourceSignature early = key_.Sign(Statement());
  world_->clock.Advance(seconds(31));
  EXPECT_THAT(stream_->SignSource(early), HasReason("CLOCK_OFF"));
  domain::SourceStatement late = Statement();
  late.time += seconds(31);
  EXPECT_THAT(stream_->SignSource(key_.Sign(late)), HasReason("CLOCK_OFF"));
}

TEST_F(SourceCheckTest, NobodySignsWithoutACertificateNorInPractice) {
  LookConfig config = Camera();
  EXPECT_TRUE(NeedsSourceSignature(key_.Call(), config, false));
  EXPECT_FALSE(NeedsSourceSignature(key_.Call(), config, true));
  EXPECT_FALSE(NeedsSourceSignature(world_->Call(), config, false));
  config.source = SourceKind::kPictures;
  EXPECT_FALSE(NeedsSourceSignature(key_.Call(), config, false)) << "not allowed anyway";
  Open(config);
  const FrameAnswer answer = Show();
  EXPECT_EQ(std::get<FrameDecision>(answer).decision, Decision::kSourceNotAllowed);
}

TEST_F(SourceCheckTest, ADeviceHasAShortPrintableName) {
  LookConfig config = world_->Look();
  config.device = std::string(101, 'x');
  EXPECT_THAT(ValidateLookConfig(config), HasReason("BAD_TEXT"));
  config.device = "two\nlines";
  EXPECT_THAT(ValidateLookConfig(config), HasReason("BAD_TEXT"));
}

TEST_F(SourceCheckTest, ACheckInSignsItsRequestId) {
  const auto check_in = [&](const Attendance::CheckInRequest& request) {
    std::promise<absl::StatusOr<AttendanceAnswer>> answer;
    world_->app().attendance.CheckIn(key_.Call(), request,
                                     [&](auto value) { answer.set_value(std::move(value)); });
    return answer.get_future().get();
  };
  Attendance::CheckInRequest request = world_->CheckInRequest(1);
  request.look.device = "Webcam 1f";
  EXPECT_THAT(check_in(request), HasReason("SOURCE_NOT_SIGNED"));
  domain::SourceStatement statement;
  statement.nonce = request.request_id;
  statement.session = request.look.session;
  statement.source = SourceKind::kCamera;
  statement.device = "Webcam 1f";
  statement.time = world_->clock.Now();
  request.source_signature = key_.Sign(statement);
  Attendance::CheckInRequest other = request;
  other.request_id = world_->NewRequestId();
  EXPECT_THAT(check_in(other), HasReason("SOURCE_SIGNATURE_WRONG"));
  EXPECT_EQ(world_->LedgerRows(), 0);
  const auto answer = check_in(request);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->decision, Decision::kCheckedIn);
  // Sent again, and signed again: the same receipt.
  world_->clock.Advance(seconds(5));
  statement.time = world_->clock.Now();
  request.source_signature = key_.Sign(statement);
  const auto again = check_in(request);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->receipt->event_id, answer->receipt->event_id);
}

}  // namespace
}  // namespace rollcall::app
