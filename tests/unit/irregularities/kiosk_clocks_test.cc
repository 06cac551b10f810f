#include "irregularities/kiosk_clocks.h"

#include "made_up.h"

namespace rollcall::irregularities {
namespace {

constexpr base::Duration kLate = minutes(15);

class KioskClocksTest : public ::testing::Test {
 protected:
  // When a row captured and recorded so happened.
  base::Time Take(base::Time captured, base::Time recorded, bool* by_kiosk_clock) {
    Sighting seen;
    seen.session = SessionOn(0);
    seen.kiosk = domain::KioskId("door");
    seen.machine = true;
    seen.captured = captured;
    seen.recorded = recorded;
    clocks_.Take(seen);
    return clocks_.TimeOf(seen, kLate, by_kiosk_clock);
  }

  KioskClocks clocks_;
  bool by_kiosk_clock_ = false;
};

TEST_F(KioskClocksTest, WhatComesAtOnceHappenedWhenItWasRecorded) {
  EXPECT_EQ(Take(kStart, kStart + seconds(2), &by_kiosk_clock_), kStart + seconds(2));
  EXPECT_FALSE(by_kiosk_clock_);
}

TEST_F(KioskClocksTest, AnOutboxKeepsItsCaptureTimes) {
  Take(kStart - days(1), kStart - days(1), &by_kiosk_clock_);
  EXPECT_EQ(Take(kStart, kStart + hours(9), &by_kiosk_clock_), kStart);
  EXPECT_TRUE(by_kiosk_clock_);
}

TEST_F(KioskClocksTest, TheOutboxOfANewKioskToo) {
  EXPECT_EQ(Take(kStart, kStart + hours(9), &by_kiosk_clock_), kStart);
  EXPECT_TRUE(by_kiosk_clock_);
}

TEST_F(KioskClocksTest, AClockThatIsBehindIsNoOutbox) {
  // Two hours behind, for two days.
  for (int i = 0; i < 30; ++i) {
    const base::Time at = kStart + hours(2 * i);
    Take(at - hours(2), at, &by_kiosk_clock_);
  }
  const base::Time at = kStart + days(3);
  EXPECT_EQ(Take(at - hours(2), at, &by_kiosk_clock_), at);
  EXPECT_FALSE(by_kiosk_clock_);
  // And its outbox is told apart from that.
  EXPECT_EQ(Take(at - hours(2), at + hours(5), &by_kiosk_clock_), at);
  EXPECT_TRUE(by_kiosk_clock_);
}

TEST_F(KioskClocksTest, AClockThatIsAheadCountsAsRecorded) {
  EXPECT_EQ(Take(kStart + hours(1), kStart, &by_kiosk_clock_), kStart);
  EXPECT_FALSE(by_kiosk_clock_);
}

TEST_F(KioskClocksTest, StaffHaveNoKioskClock) {
  Sighting seen;
  seen.session = SessionOn(0);
  seen.captured = kStart;
  seen.recorded = kStart + hours(5);
  clocks_.Take(seen);
  EXPECT_EQ(clocks_.TimeOf(seen, kLate, &by_kiosk_clock_), seen.recorded);
}

}  // namespace
}  // namespace rollcall::irregularities
