#include "irregularities/places.h"

#include "made_up.h"

namespace rollcall::irregularities {
namespace {

class PlacesTest : public ::testing::Test {
 protected:
  // One person from 8 to 12 in one activity, and so in another.
  void TwoVisits(base::Time in, base::Time out, const By& other = Kiosk("gate"),
                 const std::string& activity = "dinner") {
    const SessionTimes tea = SessionOn(0, "tea");
    world_.Visit(1, tea, tea.starts, tea.ends, Kiosk("door"), Kiosk("door"));
    world_.Visit(1, SessionOn(0, activity), in, out, other, other);
    world_.FinishOn(1);
  }

  World world_;
};

TEST_F(PlacesTest, AnOverlapInTwoActivitiesIsFoundWithAllRows) {
  TwoVisits(kStart + hours(2), kStart + hours(6));
  ASSERT_EQ(world_.findings.size(), 1u);
  const Finding& finding = world_.findings.front();
  EXPECT_EQ(finding.kind, Kind::kPersonInTwoPlaces);
  EXPECT_EQ(finding.volunteer_key, Person(1));
  EXPECT_EQ(finding.minutes, 480);
  EXPECT_THAT(finding.evidence, ::testing::ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(finding.sessions,
              ::testing::ElementsAre(SessionOn(0, "dinner").key, SessionOn(0, "tea").key));
  EXPECT_EQ(finding.sentence.en,
            "One person was in session org/tea/day-0 and in session org/dinner/day-0 at once, for "
            "120 minutes from 2026-01-01T10:00:00Z.");
  EXPECT_EQ(finding.sentence.zh,
            "同一人自 2026-01-01T10:00:00Z 起 120 分钟内同时出现在场次 org/tea/day-0 和场次 "
            "org/dinner/day-0。");
}

TEST_F(PlacesTest, HalfAnHourIsAllowedAndNotMore) {
  TwoVisits(kStart + hours(4) - minutes(30), kStart + hours(6));
  EXPECT_TRUE(world_.findings.empty());
}

TEST_F(PlacesTest, AMinuteMoreIsNot) {
  TwoVisits(kStart + hours(4) - minutes(31), kStart + hours(6));
  EXPECT_EQ(world_.findings.size(), 1u);
}

TEST_F(PlacesTest, OneKioskIsOnePlace) {
  TwoVisits(kStart + hours(2), kStart + hours(6), Kiosk("door"));
  EXPECT_TRUE(world_.findings.empty());
}

TEST_F(PlacesTest, ShiftsOfOneActivityAreOnePlace) {
  const SessionTimes early = SessionOn(0);
  SessionTimes second = early;
  second.key.session = domain::SessionId("second");
  world_.Visit(1, early, early.starts, early.ends, Kiosk("door"), Kiosk("door"));
  world_.Visit(1, second, early.starts, early.ends, Kiosk("gate"), Kiosk("gate"));
  EXPECT_TRUE(world_.FinishOn(1).empty());
}

TEST_F(PlacesTest, AnotherPersonIsSomebodyElse) {
  const SessionTimes tea = SessionOn(0, "tea");
  world_.Visit(1, tea, tea.starts, tea.ends, Kiosk("door"), Kiosk("door"));
  world_.Visit(2, SessionOn(0, "dinner"), tea.starts, tea.ends, Kiosk("gate"), Kiosk("gate"));
  EXPECT_TRUE(world_.FinishOn(1).empty());
}

TEST_F(PlacesTest, AnOutboxIsJudgedByWhenItHappenedNotByWhenItCame) {
  // In "tea" in the morning, delivered in the evening while she was at "dinner".
  const SessionTimes tea = SessionOn(0, "tea");
  SessionTimes dinner = SessionOn(0, "dinner");
  dinner.starts = kStart + hours(8);
  dinner.ends = kStart + hours(12);
  const int64_t in = world_.See(Direction::kIn, 1, dinner, dinner.starts, Kiosk("gate"));
  By first = Kiosk("door");
  first.late = hours(9);
  By second = Kiosk("door");
  second.late = hours(7);
  world_.Visit(1, tea, tea.starts, tea.ends, first, second);
  const int64_t out = world_.See(Direction::kOut, 1, dinner, dinner.ends, Kiosk("gate"));
  world_.Credit(1, dinner, in, out, dinner.ends, hours(4));
  EXPECT_TRUE(world_.FinishOn(1).empty());
}

TEST_F(PlacesTest, AnOutboxThatContradictsAnotherKioskIsFound) {
  By late = Kiosk("gate");
  late.late = hours(6);
  TwoVisits(kStart, kStart + hours(3), late);
  EXPECT_EQ(world_.findings.size(), 1u);
}

TEST_F(PlacesTest, HoursEnteredAfterwardsForATimeSpentElsewhereAreFound) {
  const SessionTimes tea = SessionOn(0, "tea");
  const SessionTimes other = SessionOn(0, "dinner");
  world_.Visit(2, other, tea.starts, tea.ends, Kiosk("gate"), Kiosk("gate"));
  world_.Visit(1, tea, tea.starts, tea.ends, Kiosk("door"), Kiosk("door"));
  world_.Enter(1, other, kStart + days(2), 1);
  world_.FinishOn(3);
  ASSERT_EQ(world_.findings.size(), 1u);
  EXPECT_EQ(world_.findings[0].kind, Kind::kPersonInTwoPlaces);
}

TEST_F(PlacesTest, WhatWasTakenBackInTimeIsNothing) {
  const SessionTimes tea = SessionOn(0, "tea");
  const SessionTimes dinner = SessionOn(0, "dinner");
  world_.Visit(1, tea, tea.starts, tea.ends, Kiosk("door"), Kiosk("door"));
  world_.Visit(1, dinner, tea.starts, tea.ends, Kiosk("gate"), Kiosk("gate"));
  world_.TakeBack(1, dinner, 5, tea.ends + minutes(4));
  EXPECT_TRUE(world_.FinishOn(1).empty());
}

}  // namespace
}  // namespace rollcall::irregularities
