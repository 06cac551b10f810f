#include "app/identify_session.h"

#include <gtest/gtest.h>

#include <cmath>
#include <condition_variable>
#include <mutex>
#include <variant>

#include "app_testing/world.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::Decision;
using support::HasReason;
using support::IsOk;
using testing::World;

// Collects the answers of a stream.
class Answers {
 public:
  IdentifySession::Sink sink() {
    return [this](FrameAnswer answer) {
      const std::lock_guard lock(mutex_);
      answers_.push_back(std::move(answer));
      changed_.notify_all();
    };
  }
  std::vector<FrameAnswer> WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return answers_.size() >= count; });
    return answers_;
  }
  size_t size() {
    const std::lock_guard lock(mutex_);
    return answers_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<FrameAnswer> answers_;
};

int64_t FrameIdOf(const FrameAnswer& answer) {
  return std::visit([](const auto& value) { return value.frame_id; }, answer);
}

class IdentifySessionTest : public ::testing::Test {
 protected:
  IdentifySessionTest() { world_->Enrol("v-1", 1); }
  ~IdentifySessionTest() override {
    if (stream_) stream_->Close();
    world_->control.Release();
  }
  void Open() {
    auto opened =
        IdentifySession::Open(world_->services(), world_->Call(), world_->Look(), answers_.sink());
    ASSERT_THAT(opened, IsOk());
    stream_ = *std::move(opened);
  }
  Frame LastFrame(int variant) {
    Frame frame = world_->Frame({{1, variant}});
    frame.ends_visit = true;
    return frame;
  }

  std::unique_ptr<World> world_ = std::make_unique<World>();
  Answers answers_;
  std::shared_ptr<IdentifySession> stream_;
};

TEST_F(IdentifySessionTest, OpenedTellsTheLimitsAndTheSessionMeant) {
  LookConfig config = world_->Look();
  config.session = {{}, domain::ActivityId("a"), {}};
  auto opened =
      IdentifySession::Open(world_->services(), world_->Call(), config, answers_.sink());
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ((*opened)->opened().session, world_->session);
  EXPECT_EQ((*opened)->opened().frame_bytes_max, 2 << 20);
  EXPECT_EQ((*opened)->opened().server_time, world_->clock.Now());
  EXPECT_FALSE((*opened)->opened().nonce.IsNil());
}

TEST_F(IdentifySessionTest, ABadConfigOpensNothing) {
  const auto open = [&](LookConfig config) {
    return IdentifySession::Open(world_->services(), world_->Call(), config, answers_.sink())
        .status();
  };
  LookConfig config = world_->Look();
  config.kiosk = domain::KioskId("");
  EXPECT_THAT(open(config), HasReason("BAD_ID"));
  config = world_->Look();
  config.source = domain::SourceKind::kNone;
  EXPECT_THAT(open(config), HasReason("BAD_SOURCE"));
  config = world_->Look();
  config.zone = {0.5f, 0, 0.5f, 1};
  EXPECT_THAT(open(config), HasReason("BAD_ZONE"));
  config.zone = {0, 0, std::nanf(""), 1};
  EXPECT_THAT(open(config), HasReason("BAD_ZONE"));
  config = world_->Look();
  config.session.activity = domain::ActivityId("unknown");
  EXPECT_THAT(open(config), HasReason("NO_SUCH_ACTIVITY"));
}

TEST_F(IdentifySessionTest, FramesAreAnsweredOnAWorker) {
  Open();
  stream_->Offer(LastFrame(1));
  const auto answers = answers_.WaitFor(1);
  const auto& decision = std::get<FrameDecision>(answers[0]);
  EXPECT_EQ(decision.decision, Decision::kRecognised);
  EXPECT_EQ(world_->services().tokens.Open(decision.token)->stream, stream_->opened().nonce);
}

TEST_F(IdentifySessionTest, TheNewestFrameWinsAndTheDroppedAreCounted) {
  Open();
  world_->control.Hold();
  stream_->Offer(world_->Frame({{1, 1}}));
  world_->control.WaitUntilHeld();
  for (int i = 2; i <= 5; ++i) stream_->Offer(world_->Frame({{1, i}}));
  const Frame last = LastFrame(6);
  stream_->Offer(last);
  world_->control.Release();
  const auto answers = answers_.WaitFor(2);
  EXPECT_EQ(FrameIdOf(answers[1]), last.frame_id);
  EXPECT_EQ(std::get<FrameDecision>(answers[0]).frames_dropped +
                std::get<FrameDecision>(answers[1]).frames_dropped,
            4);
}

TEST_F(IdentifySessionTest, ADroppedEndOfAVisitStillEndsIt) {
  world_->Enrol("v-2", 2);
  Open();
  world_->control.Hold();
  stream_->Offer(world_->Frame({{1, 1}}));
  world_->control.WaitUntilHeld();
  stream_->Offer(LastFrame(2));            // dropped
  stream_->Offer(world_->Frame({{1, 3}}));  // must not see the frame of the visit before
  world_->control.Release();
  answers_.WaitFor(2);
  stream_->Offer(LastFrame(4));
  answers_.WaitFor(3);
  EXPECT_EQ(world_->audit.records().back().frames, 2);  // frames 3 and 4, not 1
}

TEST_F(IdentifySessionTest, RefusedFramesAreAnsweredAtOnceAndTheStreamGoesOn) {
  Open();
  Frame frame = LastFrame(1);
  frame.frame_id = 100;
  stream_->Offer(frame);
  answers_.WaitFor(1);
  const auto refuse = [&](const Frame& bad, size_t count) {
    stream_->Offer(bad);
    return std::get<FrameError>(answers_.WaitFor(count).back()).status;
  };
  EXPECT_THAT(refuse(frame, 2), HasReason("FRAME_ORDER"));
  frame.frame_id = 101;
  frame.capture_time = world_->clock.Now() - std::chrono::seconds(31);
  EXPECT_THAT(refuse(frame, 3), HasReason("CLOCK_OFF"));
  frame.frame_id = 102;
  frame.capture_time = world_->clock.Now() + std::chrono::hours(10);
  EXPECT_THAT(refuse(frame, 4), HasReason("CLOCK_OFF"));
  frame.frame_id = 103;
  frame.capture_time = world_->clock.Now();
  frame.content = base::Bytes((2 << 20) + 1);
  EXPECT_THAT(refuse(frame, 5), HasReason("FRAME_TOO_LARGE"));
  frame = LastFrame(1);
  frame.frame_id = 104;
  stream_->Offer(frame);
  EXPECT_EQ(std::get<FrameDecision>(answers_.WaitFor(6).back()).decision, Decision::kRecognised);
}

TEST_F(IdentifySessionTest, AFullQueueIsSaidInTheStream) {
  world_ = std::make_unique<World>(World::Options{.workers = 1, .queue = 1});
  world_->Enrol("v-1", 1);
  Open();
  world_->control.Hold();
  const auto analyse = [](recognition::FacePipeline& pipeline) {
    return pipeline.Analyse({1, 1, {0, 0, 0}}, {}).ok();
  };
  const WorkLane elsewhere = WorkLane::Doorway(domain::KioskId("door-2"));
  ASSERT_THAT(world_->workers().Post(elsewhere, analyse), IsOk());
  world_->control.WaitUntilHeld();
  ASSERT_THAT(world_->workers().Post(elsewhere, analyse), IsOk());
  stream_->Offer(LastFrame(1));
  const auto answers = answers_.WaitFor(1);
  EXPECT_THAT(std::get<FrameError>(answers[0]).status, HasReason("BUSY"));
  world_->control.Release();
}

// On a busy machine: the frame that waited for longer than anybody waits for an answer is not looked
// at; the next one is, and starts the visit that the lost one should have started.
TEST_F(IdentifySessionTest, AFrameThatWaitedTooLongIsSaidToBeShed) {
  Open();
  world_->control.Hold();
  stream_->Offer(world_->Frame({{1, 1}}));
  world_->control.WaitUntilHeld();
  const int analysed = world_->control.analysed;
  Frame late = world_->Frame({{1, 2}});
  late.starts_visit = true;
  stream_->Offer(late);
  world_->clock.Advance(std::chrono::milliseconds(100));
  world_->control.Release();
  const auto answers = answers_.WaitFor(2);
  EXPECT_EQ(FrameIdOf(answers[1]), late.frame_id);
  EXPECT_THAT(std::get<FrameError>(answers[1]).status, HasReason("BUSY"));
  EXPECT_EQ(world_->control.analysed, analysed);
  EXPECT_NE(world_->metrics.Text().find("rollcall_frames_shed_total{why=\"waited_too_long\"} 1"),
            std::string::npos);
  stream_->Offer(world_->Frame({{1, 3}}));
  answers_.WaitFor(3);
  stream_->Offer(LastFrame(4));
  answers_.WaitFor(4);
  EXPECT_EQ(world_->audit.records().back().frames, 2);  // 3 and 4, not 1
}

TEST_F(IdentifySessionTest, AFrameThatEndsItsVisitIsLookedAtHoweverLate) {
  Open();
  world_->control.Hold();
  stream_->Offer(world_->Frame({{1, 1}}));
  world_->control.WaitUntilHeld();
  stream_->Offer(LastFrame(2));
  world_->clock.Advance(std::chrono::milliseconds(500));
  world_->control.Release();
  EXPECT_EQ(std::get<FrameDecision>(answers_.WaitFor(2)[1]).decision, Decision::kRecognised);
}

TEST_F(IdentifySessionTest, NothingIsAnsweredAfterClose) {
  Open();
  world_->control.Hold();
  stream_->Offer(world_->Frame({{1, 1}}));
  world_->control.WaitUntilHeld();
  stream_->Offer(LastFrame(2));
  stream_->Close();
  world_->control.Release();
  stream_->Offer(LastFrame(3));
  world_->workers().Drain();
  EXPECT_EQ(answers_.size(), 0u);
}

}  // namespace
}  // namespace rollcall::app
