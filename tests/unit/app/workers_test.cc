#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "app/recognition_workers.h"
#include "app_testing/fake_pipeline.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using support::HasReason;
using support::IsOk;

class WorkersTest : public ::testing::Test {
 protected:
  std::unique_ptr<RecognitionWorkers> Make(size_t threads, size_t queue) {
    auto workers = RecognitionWorkers::Create(
        [this]() -> absl::StatusOr<std::unique_ptr<recognition::FacePipeline>> {
          return testing::MakeFakePipeline(control_);
        },
        threads, queue, clock_, metrics_);
    EXPECT_THAT(workers, IsOk());
    return *std::move(workers);
  }
  static bool Analyse(recognition::FacePipeline& pipeline) {
    return pipeline.Analyse({1, 1, {0, 0, 0}}, {}).ok();
  }
  static WorkLane Door(const char* kiosk) { return WorkLane::Doorway(domain::KioskId(kiosk)); }

  base::ManualClock clock_{base::FromUnixMicros(0)};
  base::Metrics metrics_;
  testing::FakeControl control_;
};

TEST_F(WorkersTest, EveryThreadHasAPipelineOfItsOwn) {
  int made = 0;
  const auto workers = RecognitionWorkers::Create(
      [&]() -> absl::StatusOr<std::unique_ptr<recognition::FacePipeline>> {
        ++made;
        return testing::MakeFakePipeline(control_);
      },
      3, 1, clock_, metrics_);
  ASSERT_THAT(workers, IsOk());
  EXPECT_EQ(made, 3);
  EXPECT_EQ((*workers)->model_id(), testing::kFakeModel);
}

TEST_F(WorkersTest, AFactoryThatFailsStopsTheStart) {
  const auto workers = RecognitionWorkers::Create(
      []() -> absl::StatusOr<std::unique_ptr<recognition::FacePipeline>> {
        return base::MakeError(absl::StatusCode::kDataLoss, "MODEL_CHANGED", "changed");
      },
      1, 1, clock_, metrics_);
  EXPECT_THAT(workers.status(), HasReason("MODEL_CHANGED"));
}

TEST_F(WorkersTest, AFullQueueRefusesWithARetryHintAndGoesOnAfterwards) {
  const auto workers = Make(1, 1);
  control_.Hold();
  ASSERT_THAT(workers->Post(Door("1"), Analyse), IsOk());
  control_.WaitUntilHeld();
  std::atomic<int> ran{0};
  ASSERT_THAT(workers->Post(Door("2"), [&](auto&) { return ++ran > 0; }), IsOk());  // waits
  const absl::Status refused = workers->Post(Door("3"), [&](auto&) { return (ran += 100) > 0; });
  EXPECT_THAT(refused, HasReason("BUSY"));
  EXPECT_TRUE(RetryAfter(refused).has_value());
  EXPECT_NE(metrics_.Text().find("rollcall_recognition_refused_total 1"), std::string::npos);
  control_.Release();
  workers->Drain();
  EXPECT_EQ(ran, 1);
}

TEST_F(WorkersTest, DrainRunsWhatIsQueuedAndRefusesTheRest) {
  const auto workers = Make(2, 8);
  std::atomic<int> ran{0};
  for (const char* kiosk : {"1", "2", "3", "4", "5", "6", "7", "8"}) {
    ASSERT_THAT(workers->Post(Door(kiosk), [&](auto&) { return ++ran > 0; }), IsOk());
  }
  workers->Drain();
  EXPECT_EQ(ran, 8);
  EXPECT_THAT(workers->Post(Door("2"), [&](auto&) { return ++ran > 0; }), HasReason("SHUTTING_DOWN"));
  workers->Drain();
  EXPECT_EQ(ran, 8);
}

TEST_F(WorkersTest, OneKioskDoesNotFillTheQueue) {
  const auto workers = Make(1, 64);
  control_.Hold();
  ASSERT_THAT(workers->Post(Door("1"), Analyse), IsOk());
  control_.WaitUntilHeld();
  int taken = 0;
  while (workers->Post(Door("1"), [](auto&) { return true; }).ok()) ++taken;
  EXPECT_EQ(taken, 4);
  EXPECT_THAT(workers->Post(Door("2"), [](auto&) { return true; }), IsOk());
  control_.Release();
}

// Two photos keep the desk's one worker busy; whoever stands at the door has the other.
TEST_F(WorkersTest, TheDeskLeavesAWorkerToTheDoorway) {
  const auto workers = Make(2, 8);
  domain::Caller desk;
  desk.identity = "desk-1";
  control_.Hold();
  for (int i = 0; i < 4; ++i) ASSERT_THAT(workers->Post(WorkLane::Desk(desk), Analyse), IsOk());
  control_.WaitUntilHeld();
  EXPECT_THAT(workers->Run({}, Door("1"), [](auto&) { return absl::OkStatus(); }), IsOk());
  EXPECT_EQ(control_.analysed, 1);
  control_.Release();
  workers->Drain();
  EXPECT_EQ(control_.analysed, 4);
}

TEST_F(WorkersTest, HowLongWorkWaitedIsMeasured) {
  const auto workers = Make(1, 8);
  ASSERT_THAT(workers->Run({}, Door("1"), [](auto&) { return absl::OkStatus(); }), IsOk());
  workers->Drain();
  EXPECT_NE(metrics_.Text().find(
                "rollcall_recognition_wait_seconds_count{kind=\"doorway\"} 1"),
            std::string::npos);
}

TEST_F(WorkersTest, RunHandsBackTheTasksStatus) {
  const auto workers = Make(1, 1);
  EXPECT_THAT(workers->Run({}, Door("1"), [](auto&) { return absl::OkStatus(); }), IsOk());
  EXPECT_THAT(workers->Run({}, Door("1"), [](auto&) { return BusyError(base::Duration(5)); }),
              HasReason("BUSY"));
}

TEST_F(WorkersTest, WorkThatSomebodyWaitsForIsDoneOnHerOwnThreadWhereNobodyElseWaits) {
  const auto workers = Make(2, 8);
  const auto where = [&] {
    std::thread::id ran;
    EXPECT_THAT(workers->Run({}, Door("1"),
                             [&](auto&) {
                               ran = std::this_thread::get_id();
                               return absl::OkStatus();
                             }),
                IsOk());
    return ran;
  };
  EXPECT_EQ(where(), std::this_thread::get_id());
  control_.Hold();
  ASSERT_THAT(workers->Post(Door("2"), Analyse), IsOk());
  control_.WaitUntilHeld();
  EXPECT_EQ(where(), std::this_thread::get_id()) << "the second pipeline is free";
  control_.Release();
}

// No more pictures are looked at at a time than there are pipelines, whoever looks.
TEST_F(WorkersTest, WithoutAFreePipelineItWaitsForItsTurn) {
  const auto workers = Make(1, 8);
  std::vector<std::string> order;  // by one pipeline, one after the other
  control_.Hold();
  std::thread first([&] {
    EXPECT_THAT(workers->Run({}, Door("1"),
                             [&](recognition::FacePipeline& pipeline) {
                               Analyse(pipeline);
                               order.push_back("first");
                               return absl::OkStatus();
                             }),
                IsOk());
  });
  control_.WaitUntilHeld();
  ASSERT_THAT(workers->Post(Door("2"),
                            [&](auto&) {
                              order.push_back("second");
                              return true;
                            }),
              IsOk());
  std::thread third([&] {
    EXPECT_THAT(workers->Run({}, Door("3"),
                             [&](auto&) {
                               order.push_back("third");
                               return absl::OkStatus();
                             }),
                IsOk());
  });
  while (metrics_.Text().find("rollcall_recognition_queue 2") == std::string::npos) {
    std::this_thread::yield();
  }
  control_.Release();
  first.join();
  third.join();
  EXPECT_EQ(order, (std::vector<std::string>{"first", "second", "third"}));
}

TEST_F(WorkersTest, DrainWaitsForWhoIsStillLooking) {
  const auto workers = Make(1, 8);
  std::atomic<bool> ended{false};
  control_.Hold();
  std::thread looking([&] {
    EXPECT_THAT(workers->Run({}, Door("1"),
                             [&](recognition::FacePipeline& pipeline) {
                               Analyse(pipeline);
                               ended = true;
                               return absl::OkStatus();
                             }),
                IsOk());
  });
  control_.WaitUntilHeld();
  std::thread releasing([&] { control_.Release(); });
  workers->Drain();
  EXPECT_TRUE(ended);
  EXPECT_THAT(workers->Run({}, Door("1"), [](auto&) { return absl::OkStatus(); }),
              HasReason("SHUTTING_DOWN"));
  looking.join();
  releasing.join();
}

TEST_F(WorkersTest, WorkThatNobodyWaitsForAnyMoreIsNotDone) {
  const auto workers = Make(1, 1);
  Call call;
  call.alive = [] { return absl::DeadlineExceededError("too late"); };
  bool ran = false;
  EXPECT_TRUE(absl::IsDeadlineExceeded(workers->Run(call, Door("1"), [&](auto&) {
    ran = true;
    return absl::OkStatus();
  })));
  EXPECT_FALSE(ran);

  // The deadline passes while the task waits for its turn.
  std::atomic<int> asked{0};
  call.alive = [&] {
    return ++asked == 1 ? absl::OkStatus() : absl::CancelledError("gone");
  };
  EXPECT_TRUE(absl::IsCancelled(workers->Run(call, Door("1"), [&](auto&) {
    ran = true;
    return absl::OkStatus();
  })));
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace rollcall::app
