#include "base/bounded_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace rollcall::base {
namespace {

using testing::Each;
using testing::IsNull;
using testing::Pointee;

TEST(BoundedQueueTest, ComesOutInTheOrderItWentIn) {
  BoundedQueue<int> queue(3);
  for (int i = 1; i <= 3; ++i) EXPECT_TRUE(queue.TryPush(int{i}));
  EXPECT_EQ(queue.Pop(), 1);
  EXPECT_EQ(queue.TryPop(), 2);
  EXPECT_EQ(queue.Pop(), 3);
}

TEST(BoundedQueueTest, RefusesWhenFullAndDrainsAfterClose) {
  BoundedQueue<int> queue(2);
  EXPECT_TRUE(queue.TryPush(1));
  EXPECT_TRUE(queue.TryPush(2));
  EXPECT_FALSE(queue.TryPush(3));
  queue.Close();
  EXPECT_FALSE(queue.TryPush(4));
  EXPECT_EQ(queue.Pop(), 1);
  EXPECT_EQ(queue.Pop(), 2);
  EXPECT_EQ(queue.Pop(), std::nullopt);
}

TEST(BoundedQueueTest, ARefusedItemIsLeftAsItWas) {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  auto first = std::make_unique<int>(1);
  ASSERT_TRUE(queue.TryPush(std::move(first)));
  EXPECT_THAT(first, IsNull());
  auto second = std::make_unique<int>(2);
  EXPECT_FALSE(queue.TryPush(std::move(second))) << "full";
  EXPECT_THAT(second, Pointee(2));
  ASSERT_TRUE(queue.Pop().has_value());
  queue.Close();
  EXPECT_FALSE(queue.TryPush(std::move(second))) << "closed";
  EXPECT_THAT(second, Pointee(2));
}

TEST(BoundedQueueTest, APopMakesRoomForOne) {
  BoundedQueue<int> queue(1);
  ASSERT_TRUE(queue.TryPush(1));
  ASSERT_FALSE(queue.TryPush(2));
  ASSERT_EQ(queue.Pop(), 1);
  EXPECT_TRUE(queue.TryPush(3));
  EXPECT_FALSE(queue.TryPush(4));
  EXPECT_EQ(queue.Pop(), 3);
}

TEST(BoundedQueueTest, WithoutCapacityRefusesEverything) {
  BoundedQueue<int> queue(0);
  EXPECT_FALSE(queue.TryPush(1));
  EXPECT_EQ(queue.TryPop(), std::nullopt);
}

TEST(BoundedQueueTest, TryPopOfAnEmptyQueueIsNothingAtOnce) {
  BoundedQueue<int> queue(1);
  EXPECT_EQ(queue.TryPop(), std::nullopt);
  queue.Close();
  EXPECT_EQ(queue.TryPop(), std::nullopt);
}

TEST(BoundedQueueTest, TryPopDrainsAClosedQueueToo) {
  BoundedQueue<int> queue(1);
  ASSERT_TRUE(queue.TryPush(7));
  queue.Close();
  EXPECT_EQ(queue.TryPop(), 7);
  EXPECT_EQ(queue.TryPop(), std::nullopt);
}

TEST(BoundedQueueTest, TellsHowMuchItHolds) {
  BoundedQueue<int> queue(2);
  EXPECT_EQ(queue.capacity(), 2u);
  EXPECT_EQ(queue.size(), 0u);
  ASSERT_TRUE(queue.TryPush(1));
  EXPECT_EQ(queue.size(), 1u);
  ASSERT_TRUE(queue.TryPush(2));
  ASSERT_FALSE(queue.TryPush(3));
  EXPECT_EQ(queue.size(), 2u);
  queue.TryPop();
  EXPECT_EQ(queue.size(), 1u);
  EXPECT_EQ(queue.capacity(), 2u);
}

TEST(BoundedQueueTest, ClosesOnceAndForAll) {
  BoundedQueue<int> queue(1);
  EXPECT_FALSE(queue.closed());
  queue.Close();
  EXPECT_TRUE(queue.closed());
  queue.Close();
  EXPECT_TRUE(queue.closed());
}

TEST(BoundedQueueTest, APopThatWaitsGetsWhatComes) {
  BoundedQueue<int> queue(1);
  std::latch waiting(1);
  auto popped = std::async(std::launch::async, [&] {
    waiting.count_down();
    return queue.Pop();
  });
  waiting.wait();
  ASSERT_TRUE(queue.TryPush(5));
  EXPECT_EQ(popped.get(), 5);
}

TEST(BoundedQueueTest, CloseWakesEveryPopThatWaits) {
  BoundedQueue<int> queue(1);
  std::latch waiting(3);
  std::vector<std::future<std::optional<int>>> popped;
  for (int i = 0; i < 3; ++i) {
    popped.push_back(std::async(std::launch::async, [&] {
      waiting.count_down();
      return queue.Pop();
    }));
  }
  waiting.wait();
  queue.Close();
  for (auto& result : popped) EXPECT_EQ(result.get(), std::nullopt);
}

TEST(BoundedQueueTest, AmongThreadsEveryItemComesOutOnce) {
  constexpr size_t kThreads = 2;
  constexpr size_t kItems = 2'000;
  BoundedQueue<size_t> queue(8);
  std::vector<std::vector<size_t>> popped(kThreads);
  std::vector<std::jthread> consumers;
  for (auto& mine : popped) {
    consumers.emplace_back([&queue, &mine] {
      while (const auto item = queue.Pop()) mine.push_back(*item);
    });
  }
  std::vector<std::jthread> producers;
  for (size_t t = 0; t < kThreads; ++t) {
    producers.emplace_back([&queue, t] {
      for (size_t i = t; i < kItems; i += kThreads) {
        while (!queue.TryPush(size_t{i})) std::this_thread::yield();
      }
    });
  }
  producers.clear();
  queue.Close();
  consumers.clear();
  std::vector<int> times(kItems, 0);
  for (const auto& mine : popped) {
    for (const size_t item : mine) ++times[item];
  }
  EXPECT_THAT(times, Each(1));
}

}  // namespace
}  // namespace rollcall::base
