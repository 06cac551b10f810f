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

TEST_F(KioskClocksTest, ABadClockOfANewKioskIsToldAsSoonAsTwoRowsKeepTheirPace) {
  EXPECT_EQ(Take(kStart - hours(2), kStart, &by_kiosk_clock_), kStart - hours(2));
  EXPECT_TRUE(by_kiosk_clock_) << "it may be an outbox";
  const base::Time next = kStart + minutes(3);
  EXPECT_EQ(Take(next - hours(2), next, &by_kiosk_clock_), next);
  EXPECT_FALSE(by_kiosk_clock_);
}

// On each day 200 rows of half an hour, which an outbox delivers within 20 s.
TEST_F(KioskClocksTest, OutboxesOfSeveralDaysInARowAreNoClockError) {
  Take(kStart - days(1), kStart - days(1), &by_kiosk_clock_);
  for (int day = 0; day < 4; ++day) {
    for (int i = 0; i < 200; ++i) {
      const base::Time captured = kStart + days(day) + seconds(9 * i);
      const base::Time recorded = captured + hours(7) - std::chrono::milliseconds(8900 * i);
      EXPECT_EQ(Take(captured, recorded, &by_kiosk_clock_), captured) << day << " " << i;
      EXPECT_TRUE(by_kiosk_clock_);
    }
  }
}

TEST_F(KioskClocksTest, OutboxesOfTheSameDelayADayLaterAreNotComparedWithEachOther) {
  Take(kStart - days(1), kStart - days(1), &by_kiosk_clock_);
  for (int day = 0; day < 6; ++day) {
    const base::Time captured = kStart + days(day);
    EXPECT_EQ(Take(captured, captured + hours(9), &by_kiosk_clock_), captured) << day;
  }
}

TEST_F(KioskClocksTest, RowsWithinSecondsTellNoPace) {
  Take(kStart - days(1), kStart - days(1), &by_kiosk_clock_);
  for (int day = 0; day < 4; ++day) {
    for (int i = 0; i < 20; ++i) {
      const base::Time captured = kStart + days(day) + seconds(i);
      EXPECT_EQ(Take(captured, kStart + days(day) + hours(7), &by_kiosk_clock_), captured);
    }
  }
}

TEST_F(KioskClocksTest, AClockThatWasSetRightIsRightAtOnce) {
  for (int i = 0; i < 30; ++i) {
    const base::Time at = kStart + hours(2 * i);
    Take(at - hours(2), at, &by_kiosk_clock_);
  }
  const base::Time set_right = kStart + days(3);
  Take(set_right, set_right + seconds(1), &by_kiosk_clock_);
  EXPECT_EQ(Take(set_right, set_right + hours(2), &by_kiosk_clock_), set_right + seconds(1));
  EXPECT_TRUE(by_kiosk_clock_) << "late, not behind";
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
