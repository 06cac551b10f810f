// The rules of StreamIdentify.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "integration/service_test_base.h"

namespace rollcall::testing {
namespace {

using grpc::StatusCode;

class StreamTest : public ServiceTest {
 protected:
  void SetUp() override {
    Start();
    MakeActivity();
    Enrol("V1", 1);
  }
};

TEST_F(StreamTest, OpenedComesFirstWithALimitsAndANonce) {
  std::set<std::string> nonces;
  for (int i = 0; i < 3; ++i) {
    KioskStream stream(client());
    stream.SendConfig("a");
    const auto reply = stream.Read();
    ASSERT_TRUE(reply && reply->has_opened());
    EXPECT_EQ(reply->opened().nonce().size(), 16u);
    nonces.insert(reply->opened().nonce());
    EXPECT_EQ(reply->opened().session().organisation_id(), "home");
    EXPECT_EQ(reply->opened().session().session_id(), "s") << "the one that is open now";
    EXPECT_EQ(reply->opened().frame_bytes_max(), 2 << 20);
    EXPECT_EQ(reply->opened().lifetime_seconds(), 600);
    EXPECT_EQ(reply->opened().server_time().seconds(),
              base::ToUnixMicros(clock_.Now()) / 1'000'000);
    stream.HalfClose();
    EXPECT_TRUE(stream.End().ok());
  }
  EXPECT_EQ(nonces.size(), 3u);
}

TEST_F(StreamTest, AFrameBeforeTheConfigEndsIt) {
  KioskStream stream(client());
  stream.SendFrame(Frame(1, Picture(1)));
  const grpc::Status status = stream.End();
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "CONFIG_FIRST");
  EXPECT_EQ(control_.analysed, 3) << "the enrolment's photos only";
}

TEST_F(StreamTest, AnEmptyFirstMessageEndsIt) {
  KioskStream stream(client());
  stream.Send({});
  EXPECT_EQ(ReasonOf(stream.End()), "CONFIG_FIRST");
}

TEST_F(StreamTest, ASecondConfigEndsIt) {
  KioskStream stream(client());
  stream.SendConfig("a");
  ASSERT_TRUE(stream.Read().has_value());
  stream.SendConfig("a");
  const grpc::Status status = stream.End();
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "FRAME_EXPECTED");
}

TEST_F(StreamTest, AZoneThatIsNoneEndsIt) {
  KioskStream stream(client());
  v1::StreamIdentifyRequest request;
  v1::StreamConfig* config = request.mutable_config();
  *config->mutable_session() = SessionOf("a");
  config->set_kiosk_id("door-1");
  config->set_source(v1::CAMERA);
  config->mutable_zone()->set_x1(0.8f);
  config->mutable_zone()->set_x2(0.2f);
  stream.Send(request);
  EXPECT_EQ(ReasonOf(stream.End()), "BAD_ZONE");
}

TEST_F(StreamTest, ABadFrameIsAnErrorInTheStreamAndTheNextOneIsLookedAt) {
  KioskStream stream(client());
  stream.SendConfig("a");
  ASSERT_TRUE(stream.Read().has_value());
  stream.SendFrame(Frame(5, "no picture"));
  auto reply = stream.Read();
  ASSERT_TRUE(reply && reply->has_error());
  EXPECT_EQ(reply->error().frame_id(), 5);
  stream.SendFrame(Frame(5, Picture(1)));
  reply = stream.Read();
  ASSERT_TRUE(reply && reply->has_error());
  EXPECT_EQ(reply->error().reason(), "FRAME_ORDER");
  v1::Frame timeless = Frame(6, Picture(1));
  timeless.clear_capture_time();
  stream.SendFrame(timeless);
  reply = stream.Read();
  ASSERT_TRUE(reply && reply->has_error());
  EXPECT_EQ(reply->error().reason(), "BAD_TIME");
  stream.SendFrame(Frame(7, Picture(1)));
  reply = stream.Read();
  ASSERT_TRUE(reply && reply->has_decision());
  EXPECT_EQ(reply->decision().frame_id(), 7);
}

TEST_F(StreamTest, TheNewestFrameWins) {
  KioskStream stream(client());
  stream.SendConfig("a");
  ASSERT_TRUE(stream.Read().has_value());
  control_.Hold();
  stream.SendFrame(Frame(1, Picture(1, 1)));
  control_.WaitUntilHeld();
  const int64_t last = 9;
  for (int64_t id = 2; id <= last; ++id) stream.SendFrame(Frame(id, Picture(1, 2)));
  // A frame that is refused at once is answered behind those that wait; so all have arrived then.
  stream.SendFrame(Frame(1, Picture(1)));
  auto reply = stream.Read();
  ASSERT_TRUE(reply && reply->has_error());
  control_.Release();
  reply = stream.Read();
  ASSERT_TRUE(reply && reply->has_decision());
  int dropped = reply->decision().frames_dropped();
  // An answer that is not yet on its way when the next one comes gives place to it.
  if (reply->decision().frame_id() != last) {
    EXPECT_EQ(reply->decision().frame_id(), 1);
    reply = stream.Read();
    ASSERT_TRUE(reply && reply->has_decision());
    dropped += reply->decision().frames_dropped();
  }
  EXPECT_EQ(reply->decision().frame_id(), last);
  EXPECT_EQ(dropped, 7);
}

// On a busy machine a frame that has waited too long is answered BUSY at once, the visit goes on, and a
// token that was handed out before is as good as ever.
TEST_F(StreamTest, AFrameThatWaitedTooLongIsShedAndNoConfirmedCheckInIsLost) {
  KioskStream stream(client());
  stream.SendConfig("a");
  ASSERT_TRUE(stream.Read().has_value());
  int64_t id = 0;
  // Half a second after the one before by the kiosk's clock. The server's stands still, as a worker that has answered
  // may not have noted yet how long the look took: a clock that moved then would make looks, and so patience, long.
  const auto next_frame = [&](int seed) {
    ++id;
    return FrameOf(id, clock_.Now() + id * std::chrono::milliseconds(500), Picture(1, seed));
  };
  std::string token;
  for (int i = 1; i <= 8 && token.empty(); ++i) {
    stream.SendFrame(next_frame(i));
    const auto seen = stream.Read();
    ASSERT_TRUE(seen && seen->has_decision());
    token = seen->decision().token();
  }
  ASSERT_FALSE(token.empty());

  control_.Hold();
  stream.SendFrame(next_frame(20));
  control_.WaitUntilHeld();
  stream.SendFrame(next_frame(21));
  const int64_t late = id;
  stream.SendFrame(Frame(1, Picture(1)));  // refused at once, so the one before has arrived by now
  auto reply = stream.Read();
  ASSERT_TRUE(reply && reply->has_error());
  EXPECT_EQ(reply->error().reason(), "FRAME_ORDER");
  clock_.Advance(std::chrono::milliseconds(200));
  EXPECT_EQ(Record(token, v1::IN).response.decision(), v1::CHECKED_IN) << "while all are busy";
  control_.Release();
  reply = stream.Read();
  ASSERT_TRUE(reply && reply->has_decision());
  EXPECT_EQ(reply->decision().decision(), v1::RECOGNISED);
  reply = stream.Read();
  ASSERT_TRUE(reply && reply->has_error());
  EXPECT_EQ(reply->error().frame_id(), late);
  EXPECT_EQ(reply->error().reason(), "BUSY");
  stream.SendFrame(next_frame(22));
  reply = stream.Read();
  ASSERT_TRUE(reply && reply->has_decision());
  EXPECT_EQ(reply->decision().decision(), v1::RECOGNISED) << "the same visit";
}

TEST_F(StreamTest, TheLastFramesAreAnsweredAfterTheClientsEnd) {
  KioskStream stream(client());
  stream.SendConfig("a");
  ASSERT_TRUE(stream.Read().has_value());
  control_.Hold();
  stream.SendFrame(Frame(1, Picture(1)));
  stream.HalfClose();
  control_.WaitUntilHeld();
  control_.Release();
  const auto reply = stream.Read();
  ASSERT_TRUE(reply && reply->has_decision());
  EXPECT_TRUE(stream.End().ok());
}

TEST_F(StreamTest, ADecidedVisitKeepsItsAnswer) {
  KioskStream stream(client());
  stream.SendConfig("a");
  ASSERT_TRUE(stream.Read().has_value());
  std::vector<v1::FrameDecision> decisions;
  for (int i = 1; i <= 8; ++i) {
    stream.SendFrame(Frame(i, Picture(1, i)));
    const auto reply = stream.Read();
    ASSERT_TRUE(reply && reply->has_decision()) << i;
    decisions.push_back(reply->decision());
    clock_.Advance(std::chrono::milliseconds(500));
  }
  EXPECT_EQ(decisions.front().decision(), v1::NEED_MORE_FRAMES);
  EXPECT_TRUE(decisions.front().token().empty());
  ASSERT_EQ(decisions.back().decision(), v1::RECOGNISED);
  EXPECT_TRUE(decisions.back().visit_decided());
  EXPECT_EQ(decisions[6].token(), decisions[7].token()) << "one visit, one token";
}

// Of an activity "strict" whose session asks for a turn of the head and refuses what is held up.
TEST_F(StreamTest, ASessionsPresentationRulesReachTheKiosk) {
  using Stub = v1::ActivityService::Stub;
  v1::CreateActivityRequest create;
  create.mutable_activity()->set_organisation_id("home");
  create.mutable_activity()->set_activity_id("strict");
  const auto activity = client().Call(*client().activities, &Stub::CreateActivity, create);
  ASSERT_TRUE(activity.ok()) << activity.status.error_message();
  v1::AddSessionRequest add;
  v1::Session& session = *add.mutable_session();
  *session.mutable_session() = SessionOf("strict");
  session.mutable_session()->set_session_id("s");
  session.mutable_start_time()->set_seconds(base::ToUnixMicros(At(9, 0)) / 1'000'000);
  session.mutable_end_time()->set_seconds(base::ToUnixMicros(At(12, 0)) / 1'000'000);
  session.set_presentation(v1::REFUSE);
  session.set_challenge(v1::TURN);
  const auto made = client().Call(*client().activities, &Stub::AddSession, add);
  ASSERT_TRUE(made.ok()) << made.status.error_message();
  EXPECT_EQ(made.response.presentation(), v1::REFUSE);
  EXPECT_EQ(made.response.challenge(), v1::TURN);
  Enrol("V2", 2, "strict");

  KioskStream stream(client());
  stream.SendConfig("strict");
  ASSERT_TRUE(stream.Read().has_value());
  int64_t id = 0;
  const auto show = [&](int variant, uint8_t fault) {
    const base::Bytes picture = FakePicture({{2, variant, 160, 320, 240, fault}});
    stream.SendFrame(Frame(++id, std::string(picture.begin(), picture.end())));
    const auto reply = stream.Read();
    clock_.Advance(std::chrono::milliseconds(500));
    EXPECT_TRUE(reply && reply->has_decision());
    return reply ? reply->decision() : v1::FrameDecision();
  };
  v1::FrameDecision seen;
  for (const int degrees : {-8, -3, 2, 7, 0}) seen = show(TurnedBy(degrees), kHeldUp);
  EXPECT_EQ(seen.decision(), v1::SUSPECTED_PICTURE);
  EXPECT_TRUE(seen.token().empty());
  for (const int degrees : {-8, -3, 2, 7, 0}) seen = show(TurnedBy(degrees), kNoFault);
  ASSERT_TRUE(seen.decision() == v1::TURN_LEFT || seen.decision() == v1::TURN_RIGHT);
  EXPECT_FALSE(seen.sentence().empty());
  EXPECT_FALSE(seen.sentence_zh().empty());
  EXPECT_TRUE(seen.has_challenge_expire_time());
  EXPECT_TRUE(seen.name().empty());
  seen = show(TurnedBy(seen.decision() == v1::TURN_LEFT ? -30 : 30), kNoFault);
  EXPECT_EQ(seen.decision(), v1::RECOGNISED);
  EXPECT_EQ(seen.volunteer_id(), "V2");
}

TEST_F(StreamTest, AStreamEndsAfterItsLifetime) {
  Start([](server::ServerOptions& options) {
    options.config.stream_lifetime = std::chrono::seconds(1);
  });
  KioskStream stream(client());
  stream.SendConfig("a");
  const auto opened = stream.Read();
  ASSERT_TRUE(opened && opened->has_opened());
  EXPECT_EQ(opened->opened().lifetime_seconds(), 1);
  EXPECT_TRUE(stream.End().ok()) << "an end, not an error";
}

TEST_F(StreamTest, ACancelledStreamFreesItsPlace) {
  for (int i = 0; i < 40; ++i) {  // more than one connection may have open at once
    KioskStream stream(client());
    stream.SendConfig("a");
    ASSERT_TRUE(stream.Read().has_value()) << i;
    stream.SendFrame(Frame(1, Picture(1)));
    stream.Cancel();
    EXPECT_EQ(stream.End().error_code(), StatusCode::CANCELLED);
  }
  EXPECT_EQ(See(1).decision(), v1::RECOGNISED);
  // Their reactors are gone too: the gauge falls to 0 once the last has been cleared away.
  std::string text;
  for (int i = 0; i < 500 && text.find("rollcall_streams_open 0") == std::string::npos; ++i) {
    text = client()
               .Call(*client().admin, &v1::AdminService::Stub::GetMetrics, v1::GetMetricsRequest())
               .response.text();
    std::this_thread::yield();
  }
  EXPECT_NE(text.find("rollcall_streams_open 0"), std::string::npos);
}

TEST_F(StreamTest, AReaderThatNeverReadsCostsNoMemoryAndNobodyElse) {
  KioskStream lazy(client());
  lazy.SendConfig("a");
  for (int i = 1; i <= 500; ++i) {
    if (!lazy.SendFrame(Frame(i, Picture(1, 1)))) break;  // ended: also an answer
  }
  EXPECT_EQ(See(1).decision(), v1::RECOGNISED);
  lazy.Cancel();
}

TEST_F(StreamTest, AStoppingServerEndsItsStreamsAndSaysSo) {
  KioskStream stream(client());
  stream.SendConfig("a");
  ASSERT_TRUE(stream.Read().has_value());
  std::thread stopping([this] { server_->Shutdown(); });
  const grpc::Status status = stream.End();
  stopping.join();
  EXPECT_EQ(status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "SHUTTING_DOWN");
  EXPECT_TRUE(RetryDelayOf(status).has_value());
}

TEST_F(StreamTest, ATokenIsBoundToItsPersonAndSpentOnce) {
  const v1::FrameDecision seen = See(1);
  ASSERT_EQ(seen.decision(), v1::RECOGNISED);
  EXPECT_GT(seen.token_expire_time().seconds(), base::ToUnixMicros(clock_.Now()) / 1'000'000);
  const auto in = Record(seen.token(), v1::IN);
  EXPECT_EQ(in.response.volunteer_id(), "V1");
  EXPECT_EQ(Record(seen.token(), v1::OUT).reason(), "TOKEN_USED");
  EXPECT_EQ(LedgerRows(), 1);
}

}  // namespace
}  // namespace rollcall::testing
