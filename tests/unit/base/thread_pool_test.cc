#include "base/thread_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <limits>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace rollcall::base {
namespace {

using testing::ElementsAre;

// Keeps one thread of a pool busy until it is released. Must be released before it goes.
class Hold {
 public:
  explicit Hold(ThreadPool& pool) {
    EXPECT_TRUE(pool.TryPost([this] {
      held_.count_down();
      released_.wait();
    }));
    held_.wait();
  }
  void Release() { released_.count_down(); }

 private:
  std::latch held_{1};
  std::latch released_{1};
};

TEST(ThreadPoolTest, RunsWhatWasAcceptedBeforeDrain) {
  std::atomic<int> ran = 0;
  ThreadPool pool(2, 100);
  int accepted = 0;
  for (int i = 0; i < 100; ++i) accepted += pool.TryPost([&ran] { ++ran; }) ? 1 : 0;
  pool.Drain();
  EXPECT_EQ(ran.load(), accepted);
  EXPECT_FALSE(pool.TryPost([] {}));
}

TEST(ThreadPoolTest, AFullQueueRefusesAndWhatItRefusesIsNotRun) {
  ThreadPool pool(1, 2);
  Hold hold(pool);
  std::vector<int> ran;
  EXPECT_TRUE(pool.TryPost([&ran] { ran.push_back(1); }));
  EXPECT_TRUE(pool.TryPost([&ran] { ran.push_back(2); }));
  EXPECT_FALSE(pool.TryPost([&ran] { ran.push_back(3); }));
  hold.Release();
  pool.Drain();
  EXPECT_THAT(ran, ElementsAre(1, 2));
}

TEST(ThreadPoolTest, ThereIsRoomAgainOnceATaskHasBegun) {
  std::promise<void> begun;
  ThreadPool pool(1, 1);
  Hold hold(pool);
  EXPECT_TRUE(pool.TryPost([&begun] { begun.set_value(); }));
  EXPECT_FALSE(pool.TryPost([] {}));
  hold.Release();
  begun.get_future().wait();
  EXPECT_TRUE(pool.TryPost([] {}));
}

TEST(ThreadPoolTest, QueuedCountsWhatHasNotBegun) {
  ThreadPool pool(1, 3);
  EXPECT_EQ(pool.queued(), 0u);
  Hold hold(pool);
  EXPECT_EQ(pool.queued(), 0u);
  EXPECT_TRUE(pool.TryPost([] {}));
  EXPECT_TRUE(pool.TryPost([] {}));
  EXPECT_EQ(pool.queued(), 2u);
  hold.Release();
  pool.Drain();
  EXPECT_EQ(pool.queued(), 0u);
}

TEST(ThreadPoolTest, OneThreadRunsTasksInOrder) {
  std::vector<int> ran;
  ThreadPool pool(1, 100);
  Hold hold(pool);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(pool.TryPost([&ran, i] { ran.push_back(i); }));
  hold.Release();
  pool.Drain();
  ASSERT_EQ(ran.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ran[static_cast<size_t>(i)], i);
}

TEST(ThreadPoolTest, AllThreadsWorkAtOnceAndNoneIsTheCallers) {
  constexpr int kThreads = 3;
  std::latch together(kThreads);
  std::mutex mutex;
  std::set<std::thread::id> ids = {std::this_thread::get_id()};
  ThreadPool pool(kThreads, kThreads);
  for (int i = 0; i < kThreads; ++i) {
    ASSERT_TRUE(pool.TryPost([&] {
      together.arrive_and_wait();  // passed only where all three are running
      const std::lock_guard lock(mutex);
      ids.insert(std::this_thread::get_id());
    }));
  }
  pool.Drain();
  EXPECT_EQ(ids.size(), kThreads + 1u);
}

TEST(ThreadPoolTest, ATaskMayPostAnother) {
  std::promise<void> ran;
  ThreadPool pool(1, 1);
  ASSERT_TRUE(pool.TryPost([&] { EXPECT_TRUE(pool.TryPost([&ran] { ran.set_value(); })); }));
  ran.get_future().wait();
}

TEST(ThreadPoolTest, DrainRefusesWhatATaskPostsAndRunsWhatWasAcceptedTillThen) {
  int accepted = 0;
  int ran = 0;
  ThreadPool pool(1, std::numeric_limits<size_t>::max());  // never full: only Drain can refuse
  std::latch begun(1);
  EXPECT_TRUE(pool.TryPost([&] {
    begun.count_down();
    while (pool.TryPost([&ran] { ++ran; })) {
      ++accepted;
      std::this_thread::yield();
    }
  }));
  begun.wait();
  pool.Drain();
  EXPECT_EQ(ran, accepted);
}

TEST(ThreadPoolTest, DrainMayBeCalledAgain) {
  std::atomic<int> ran = 0;
  ThreadPool pool(2, 2);
  ASSERT_TRUE(pool.TryPost([&ran] { ++ran; }));
  pool.Drain();
  pool.Drain();
  EXPECT_EQ(ran, 1);
}

TEST(ThreadPoolTest, TheDestructorRunsWhatIsQueued) {
  std::latch held(1);
  std::latch queued(1);
  std::atomic<int> ran = 0;
  {
    ThreadPool pool(1, 3);
    ASSERT_TRUE(pool.TryPost([&] {
      held.count_down();
      queued.wait();
    }));
    held.wait();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(pool.TryPost([&ran] { ++ran; }));
    queued.count_down();
  }
  EXPECT_EQ(ran, 3);
}

}  // namespace
}  // namespace rollcall::base
