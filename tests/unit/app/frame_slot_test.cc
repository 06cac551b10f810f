#include "app/frame_slot.h"

#include <gtest/gtest.h>

namespace rollcall::app {
namespace {

using std::chrono::milliseconds;

constexpr base::Duration kPatience = milliseconds(60);

Frame MakeFrame(int64_t id, bool starts = false, bool ends = false) {
  Frame frame;
  frame.frame_id = id;
  frame.starts_visit = starts;
  frame.ends_visit = ends;
  return frame;
}

TEST(FrameSlotTest, TheNewestFrameWinsAndOneTurnIsAskedFor) {
  FrameSlot slot;
  EXPECT_TRUE(slot.Put(MakeFrame(1), milliseconds(0)));
  EXPECT_FALSE(slot.Put(MakeFrame(2), milliseconds(10)));
  EXPECT_FALSE(slot.Put(MakeFrame(3), milliseconds(20)));
  EXPECT_EQ(slot.Take(milliseconds(30), kPatience)->frame.frame_id, 3);
  EXPECT_EQ(slot.TakeDropped(), 2);
  EXPECT_EQ(slot.TakeDropped(), 0);
  EXPECT_FALSE(slot.Put(MakeFrame(4), milliseconds(40))) << "the turn is still under way";
  EXPECT_TRUE(slot.Done());
  EXPECT_EQ(slot.Take(milliseconds(50), kPatience)->frame.frame_id, 4);
  EXPECT_FALSE(slot.Done());
  EXPECT_TRUE(slot.Put(MakeFrame(5), milliseconds(60)));
}

TEST(FrameSlotTest, AFrameThatWaitedTooLongIsLostUnlessItEndsItsVisit) {
  FrameSlot slot;
  slot.Put(MakeFrame(1), milliseconds(0));
  EXPECT_FALSE(slot.Take(milliseconds(60), kPatience)->too_late);
  slot.Put(MakeFrame(2), milliseconds(100));
  EXPECT_TRUE(slot.Take(milliseconds(161), kPatience)->too_late);
  slot.Put(MakeFrame(3, false, /*ends=*/true), milliseconds(200));
  EXPECT_FALSE(slot.Take(milliseconds(900), kPatience)->too_late);
  // The age is that of the frame, not of the turn.
  slot.Put(MakeFrame(4), milliseconds(1000));
  slot.Put(MakeFrame(5), milliseconds(1090));
  EXPECT_FALSE(slot.Take(milliseconds(1100), kPatience)->too_late);
}

TEST(FrameSlotTest, VisitsNeverRunTogetherByALostFrame) {
  for (const bool ends : {false, true}) {
    const Frame edge = MakeFrame(1, !ends, ends);
    FrameSlot replaced;
    replaced.Put(edge, milliseconds(0));
    replaced.Put(MakeFrame(2), milliseconds(1));
    EXPECT_TRUE(replaced.Take(milliseconds(2), kPatience)->frame.starts_visit);
    FrameSlot refused;
    refused.Lose(edge);
    refused.Put(MakeFrame(2), milliseconds(1));
    EXPECT_TRUE(refused.Take(milliseconds(2), kPatience)->frame.starts_visit);
    refused.Put(MakeFrame(3), milliseconds(3));
    EXPECT_FALSE(refused.Take(milliseconds(4), kPatience)->frame.starts_visit);
  }
  // One that came too late, while a newer one waits already.
  FrameSlot late;
  late.Put(MakeFrame(1, /*starts=*/true), milliseconds(0));
  const auto taken = late.Take(milliseconds(100), kPatience);
  ASSERT_TRUE(taken->too_late);
  late.Put(MakeFrame(2), milliseconds(101));
  EXPECT_TRUE(late.Take(milliseconds(102), kPatience)->frame.starts_visit);
}

TEST(FrameSlotTest, ARefusedTurnGivesTheFrameBack) {
  FrameSlot slot;
  slot.Put(MakeFrame(1), milliseconds(0));
  EXPECT_EQ(slot.GiveUp()->frame_id, 1);
  EXPECT_FALSE(slot.GiveUp().has_value());
  EXPECT_TRUE(slot.Put(MakeFrame(2), milliseconds(1)));
  slot.Clear();
  EXPECT_FALSE(slot.Take(milliseconds(2), kPatience).has_value());
  EXPECT_FALSE(slot.Done());
}

}  // namespace
}  // namespace rollcall::app
