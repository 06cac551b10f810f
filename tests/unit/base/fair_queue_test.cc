#include "base/fair_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

namespace rollcall::base {
namespace {

using std::chrono::milliseconds;

constexpr Duration kNow{};

FairQueueGroup Wide() {
  FairQueueGroup group;
  group.waiting_max = 100;
  group.waiting_max_of_a_lane = 100;
  group.running_max = 100;
  group.first_guess = milliseconds(10);
  return group;
}

// Takes `count` items one after the other; each costs what `cost` says of its lane. Their lanes.
std::string Serve(FairQueue<int>& queue, int count,
                  const std::function<Duration(const std::string&)>& cost) {
  std::string lanes;
  for (int i = 0; i < count; ++i) {
    const auto turn = queue.TryTake(kNow);
    if (!turn) break;
    lanes += turn->lane;
    queue.Done(*turn, cost(turn->lane));
  }
  return lanes;
}

Duration TenEach(const std::string&) { return milliseconds(10); }

TEST(FairQueueTest, LanesTakeTurnsWhateverEachAsksFor) {
  FairQueue<int> queue({Wide()});
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(queue.TryPush(0, "a", int{i}, kNow));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(queue.TryPush(0, "b", int{i}, kNow));
  EXPECT_EQ(Serve(queue, 9, TenEach), "abababaaa");
  EXPECT_FALSE(queue.TryTake(kNow).has_value());
}

TEST(FairQueueTest, WhoeverCostsMoreHasFewerTurns) {
  FairQueue<int> queue({Wide()});
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(queue.TryPush(0, "a", int{i}, kNow));
    ASSERT_TRUE(queue.TryPush(0, "b", int{i}, kNow));
  }
  const std::string served = Serve(queue, 24, [](const std::string& lane) -> Duration {
    return lane == "a" ? milliseconds(30) : milliseconds(10);
  });
  EXPECT_EQ(std::count(served.begin(), served.end(), 'a'), 6);
}

TEST(FairQueueTest, ALaneThatWasAwaySavesNothingUp) {
  FairQueue<int> queue({Wide()});
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(queue.TryPush(0, "a", int{i}, kNow));
  Serve(queue, 20, TenEach);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(queue.TryPush(0, "b", int{i}, kNow));
  const std::string served = Serve(queue, 10, TenEach);
  EXPECT_EQ(std::count(served.begin(), served.end(), 'b'), 5) << served;
}

TEST(FairQueueTest, AnItemThatCostNothingKeepsItsPlace) {
  FairQueue<int> queue({Wide()});
  ASSERT_TRUE(queue.TryPush(0, "a", 1, kNow));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(queue.TryPush(0, "b", int{i}, kNow));
  const auto free = queue.TryTake(kNow);
  ASSERT_EQ(free->lane, "a");
  queue.Done(*free, Duration::zero(), /*counts=*/false);
  EXPECT_EQ(queue.typical_cost(0), Duration(milliseconds(10)));
  EXPECT_EQ(Serve(queue, 1, TenEach), "b");
  ASSERT_TRUE(queue.TryPush(0, "a", 2, kNow));
  EXPECT_EQ(queue.TryTake(kNow)->lane, "a");
}

TEST(FairQueueTest, LimitsOfLanesGroupsAndWhatRuns) {
  FairQueueGroup narrow = Wide();
  narrow.waiting_max = 3;
  narrow.waiting_max_of_a_lane = 2;
  narrow.running_max = 1;
  FairQueue<int> queue({Wide(), narrow});
  EXPECT_TRUE(queue.TryPush(1, "a", 1, kNow));
  EXPECT_TRUE(queue.TryPush(1, "a", 2, kNow));
  EXPECT_FALSE(queue.TryPush(1, "a", 3, kNow));
  EXPECT_TRUE(queue.TryPush(1, "b", 4, kNow));
  EXPECT_FALSE(queue.TryPush(1, "c", 5, kNow));
  EXPECT_TRUE(queue.TryPush(0, "a", 6, kNow));  // a stranger of the same name
  EXPECT_EQ(queue.waiting(), 4u);
  const auto first = queue.TryTake(kNow);
  ASSERT_EQ(first->group, 1u);
  const auto second = queue.TryTake(kNow);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->group, 0u);
  EXPECT_FALSE(queue.TryTake(kNow).has_value()) << "group 1 runs one at a time";
  queue.Done(*first, milliseconds(10));
  EXPECT_EQ(queue.TryTake(kNow)->group, 1u);
}

TEST(FairQueueTest, TellsHowLongAnItemWaitedAndLearnsWhatItemsCost) {
  FairQueue<int> queue({Wide()});
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(queue.TryPush(0, "a", int{i}, milliseconds(5)));
    const auto turn = queue.TryTake(milliseconds(12));
    EXPECT_EQ(turn->waited, Duration(milliseconds(7)));
    queue.Done(*turn, milliseconds(50));
  }
  EXPECT_GT(queue.typical_cost(0), Duration(milliseconds(49)));
}

TEST(FairQueueTest, LanesThatAreDoneAreForgotten) {
  FairQueue<int> queue({Wide()});
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(queue.TryPush(0, std::to_string(i), 1, kNow));
    const auto turn = queue.TryTake(kNow);
    queue.Done(*turn, milliseconds(10));
    EXPECT_LT(queue.lanes(), 3u);
  }
}

}  // namespace
}  // namespace rollcall::base
