#include "app/kiosk_watch.h"

#include <gtest/gtest.h>

#include "app/attempt_budget.h"
#include "base/random.h"

namespace rollcall::app {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class AttemptBudgetTest : public ::testing::Test {
 protected:
  // Spends until the kiosk must wait; how many there were.
  int SpendAll(const std::string& kiosk) {
    int spent = 0;
    while (budget_.WaitFor(kiosk) == base::Duration::zero()) {
      budget_.Spend(kiosk);
      ++spent;
    }
    return spent;
  }

  base::ManualClock clock_{base::FromUnixMicros(0)};
  BudgetSettings settings_{10, seconds(5), seconds(20), 100};
  AttemptBudget budget_{settings_, clock_};
};

TEST_F(AttemptBudgetTest, GivesABurstThenPausesAndRefills) {
  EXPECT_EQ(SpendAll("door"), 10);
  EXPECT_EQ(budget_.WaitFor("door"), seconds(20));
  EXPECT_EQ(budget_.Spend("door"), seconds(20)) << "nothing is there to be spent";
  clock_.Advance(seconds(19));
  EXPECT_EQ(budget_.WaitFor("door"), seconds(1));
  clock_.Advance(seconds(1));
  EXPECT_EQ(SpendAll("door"), 4) << "what twenty seconds have refilled";
  clock_.Advance(hours(1));
  EXPECT_EQ(SpendAll("door"), 10) << "and never more than the burst";
}

TEST_F(AttemptBudgetTest, KnowsTheLastOneAsItIsSpent) {
  for (int i = 1; i < 10; ++i) EXPECT_EQ(budget_.Spend("door").count(), 0);
  EXPECT_EQ(budget_.Spend("door"), seconds(20));
}

TEST_F(AttemptBudgetTest, ARefundUndoesThePauseToo) {
  SpendAll("door");
  budget_.Refund("door");
  EXPECT_EQ(budget_.WaitFor("door").count(), 0);
  EXPECT_EQ(SpendAll("door"), 1);
  budget_.Refund("nobody");
  EXPECT_EQ(SpendAll("nobody"), 10);
}

TEST_F(AttemptBudgetTest, KiosksDoNotPayForEachOther) {
  SpendAll("door");
  EXPECT_EQ(SpendAll("gate"), 10);
}

TEST_F(AttemptBudgetTest, ForgetsWhoHasTheMostLeft) {
  settings_.kiosks_max = 2;
  SpendAll("door");
  budget_.Spend("gate");
  budget_.Spend("hall");
  EXPECT_GT(budget_.WaitFor("door").count(), 0);
  EXPECT_EQ(SpendAll("gate"), 10) << "forgotten";
}

class KioskWatchTest : public ::testing::Test {
 protected:
  static recognition::Picture Picture(int32_t width, int32_t height, uint8_t value) {
    recognition::Picture picture{width, height, {}};
    picture.bgr.assign(static_cast<size_t>(width * height * 3), value);
    return picture;
  }

  base::ManualClock clock_{base::FromUnixMicros(0)};
  base::SeededRandom random_{1};
  WatchSettings settings_;
  KioskWatch watch_{settings_, clock_, random_};
  const base::Uuid none_{};
};

TEST_F(KioskWatchTest, OneChangedPixelOrAnotherShapeIsAnotherPicture) {
  const recognition::Picture picture = Picture(40, 30, 7);
  EXPECT_EQ(watch_.HashOf(picture), watch_.HashOf(Picture(40, 30, 7)));
  recognition::Picture other = picture;
  other.bgr.back() ^= 1;
  EXPECT_NE(watch_.HashOf(other), watch_.HashOf(picture));
  EXPECT_NE(watch_.HashOf(Picture(30, 40, 7)), watch_.HashOf(picture));
}

TEST_F(KioskWatchTest, ALargePictureWithNoiseInEveryRowIsAnotherOneEachTime) {
  recognition::Picture picture = Picture(16, 2000, 7);
  const uint64_t before = watch_.HashOf(picture);
  for (size_t row = 0; row < 2000; ++row) picture.bgr[row * 48] ^= 1;
  EXPECT_NE(watch_.HashOf(picture), before);
}

TEST_F(KioskWatchTest, TheHashesOfAnotherProcessAreOthers) {
  const KioskWatch other(settings_, clock_, random_);
  EXPECT_NE(other.HashOf(Picture(4, 4, 7)), watch_.HashOf(Picture(4, 4, 7)));
}

TEST_F(KioskWatchTest, NoticesARepetitionAtTheSameKioskForAWhile) {
  EXPECT_FALSE(watch_.Repeats("door", 1, none_));
  EXPECT_FALSE(watch_.Repeats("gate", 1, none_));
  EXPECT_TRUE(watch_.Repeats("door", 1, none_));
  clock_.Advance(settings_.frames_for + seconds(1));
  EXPECT_FALSE(watch_.Repeats("door", 1, none_));
}

TEST_F(KioskWatchTest, ARequestMayRepeatItselfAndNothingElse) {
  base::Uuid request;
  request.bytes[0] = 1;
  base::Uuid other;
  other.bytes[0] = 2;
  EXPECT_FALSE(watch_.Repeats("door", 1, request));
  EXPECT_FALSE(watch_.Repeats("door", 1, request));
  EXPECT_TRUE(watch_.Repeats("door", 1, other));
  EXPECT_TRUE(watch_.Repeats("door", 1, none_));
  EXPECT_FALSE(watch_.Repeats("door", 2, none_));
  EXPECT_TRUE(watch_.Repeats("door", 2, request));
}

TEST_F(KioskWatchTest, RemembersABoundedNumberOfPicturesAndKiosks) {
  settings_.frames_remembered = 100;
  settings_.kiosks_max = 2;
  for (uint64_t picture = 1; picture <= 200; ++picture) {
    EXPECT_FALSE(watch_.Repeats("door", picture, none_));
  }
  EXPECT_TRUE(watch_.Repeats("door", 200, none_));
  EXPECT_FALSE(watch_.Repeats("door", 1, none_));
  for (const char* kiosk : {"b", "c"}) {
    clock_.Advance(seconds(1));
    EXPECT_FALSE(watch_.Repeats(kiosk, 1, none_));
  }
  EXPECT_TRUE(watch_.Repeats("b", 1, none_));
  clock_.Advance(seconds(1));
  EXPECT_FALSE(watch_.Repeats("door", 200, none_)) << "the longest unseen was forgotten";
}

}  // namespace
}  // namespace rollcall::app
