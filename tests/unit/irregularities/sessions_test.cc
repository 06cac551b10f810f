#include "irregularities/sessions.h"

#include "made_up.h"

namespace rollcall::irregularities {
namespace {

std::vector<Finding> Of(const World& world, Kind kind) {
  std::vector<Finding> found;
  for (const Finding& finding : world.findings) {
    if (finding.kind == kind) found.push_back(finding);
  }
  return found;
}

TEST(WithoutKioskTest, StrangersWhomOnlyStaffSawAreFound) {
  World world;
  world.Crowd(1, 25, SessionOn(0), Staff());
  world.FinishOn(16);
  ASSERT_EQ(world.findings.size(), 1u);
  const Finding& finding = world.findings.front();
  EXPECT_EQ(finding.kind, Kind::kHoursWithoutKioskEvent);
  EXPECT_EQ(finding.people, 25);
  EXPECT_EQ(finding.minutes, 25 * 240);
  EXPECT_EQ(finding.evidence.size(), 25u);
  EXPECT_EQ(finding.sentence.en,
            "In session org/tea/day-0, 25 of 25 visits (100:00 h, 25 people) were entered by staff "
            "alone, and a machine has seen only 0 of these people at any session.");
  EXPECT_EQ(finding.sentence.zh,
            "场次 org/tea/day-0 的 25 次到访中有 25 次（100:00 小时，25 "
            "人）仅由工作人员录入，其中仅 0 人曾在任何场次被设备识别过。");
}

TEST(WithoutKioskTest, ASmallEventWithABrokenKioskIsDailyLife) {
  World world;
  world.Crowd(1, 24, SessionOn(0), Staff());
  EXPECT_TRUE(world.FinishOn(60).empty());
}

TEST(WithoutKioskTest, NotBeforeTheWaitIsOver) {
  World world;
  world.Crowd(1, 40, SessionOn(0), Staff());
  EXPECT_TRUE(world.FinishOn(14).empty());
}

TEST(WithoutKioskTest, OneEndSeenByAMachineIsEnough) {
  World world;
  const SessionTimes session = SessionOn(0);
  for (int i = 1; i <= 40; ++i) {
    world.Visit(i, session, session.starts + seconds(i), session.ends + seconds(i), Kiosk(),
                Staff());
  }
  EXPECT_TRUE(Of(world, Kind::kHoursWithoutKioskEvent).empty());
  world.FinishOn(60);
  EXPECT_TRUE(Of(world, Kind::kHoursWithoutKioskEvent).empty());
}

TEST(WithoutKioskTest, AClassThatIsSeenAWeekLaterIsNoMatter) {
  World world;
  world.Crowd(1, 40, SessionOn(0), Staff());
  world.Crowd(1, 20, SessionOn(7), Kiosk());
  EXPECT_TRUE(world.FinishOn(60).empty());
}

TEST(WithoutKioskTest, AFewKnownPeopleDoNotCoverTheRest) {
  World world;
  world.Crowd(1, 19, SessionOn(-7), Kiosk());
  world.Crowd(1, 40, SessionOn(0), Staff());
  world.FinishOn(60);
  EXPECT_EQ(Of(world, Kind::kHoursWithoutKioskEvent).size(), 1u);
}

TEST(WithoutKioskTest, BesideAKioskThatWorksThoseWhoRefuseItAreNoMatter) {
  World world;
  world.Crowd(100, 129, SessionOn(0), Kiosk());
  world.Crowd(1, 30, SessionOn(1), Staff());
  world.Crowd(100, 129, SessionOn(1), Kiosk());
  world.FinishOn(60);
  EXPECT_TRUE(Of(world, Kind::kHoursWithoutKioskEvent).empty());
}

// Half of the people by each, both ends.
void CrowdOfTwoRecorders(World& world, int people) {
  const SessionTimes session = SessionOn(0);
  for (int i = 1; i <= people; ++i) {
    const By by = Staff(i % 2 == 0 ? "olga" : "otto");
    world.Visit(i, session, session.starts + seconds(20 * i), session.ends - seconds(20 * i), by,
                by);
  }
  world.FinishOn(60);
}

TEST(WithoutKioskTest, ACoachOfGuestsWhoMetABrokenKioskAndSeveralMembersOfStaffIsNoMatter) {
  World world;
  CrowdOfTwoRecorders(world, 60);
  EXPECT_TRUE(Of(world, Kind::kHoursWithoutKioskEvent).empty());
}

TEST(WithoutKioskTest, SeveralMembersOfStaffDoNotExcuseMoreThanACoach) {
  World enough;
  CrowdOfTwoRecorders(enough, 75);
  EXPECT_EQ(Of(enough, Kind::kHoursWithoutKioskEvent).size(), 1u);
  World less;
  CrowdOfTwoRecorders(less, 74);
  EXPECT_TRUE(Of(less, Kind::kHoursWithoutKioskEvent).empty());
}

TEST(WithoutKioskTest, AHelpingHandIsNoSharedWork) {
  World world;
  const SessionTimes session = SessionOn(0);
  for (int i = 1; i <= 40; ++i) {
    const By by = Staff(i % 4 == 0 ? "otto" : "olga");
    world.Visit(i, session, session.starts + seconds(20 * i), session.ends - seconds(20 * i), by,
                by);
  }
  world.FinishOn(60);
  EXPECT_EQ(Of(world, Kind::kHoursWithoutKioskEvent).size(), 1u) << "olga has 75 %";
}

TEST(CreatedAfterEndTest, ASessionWithoutARowInTimeIsFound) {
  World world;
  const SessionTimes session = SessionOn(0);
  for (int i = 1; i <= 25; ++i) world.Enter(i, session, session.ends + hours(6), 1);
  world.FinishOn(2);
  ASSERT_EQ(world.findings.size(), 1u);
  const Finding& finding = world.findings.front();
  EXPECT_EQ(finding.kind, Kind::kActivityCreatedAfterItsEnd);
  EXPECT_EQ(finding.recorder, "olga");
  EXPECT_EQ(finding.people, 25);
  EXPECT_EQ(finding.minutes, 25 * 240);
  EXPECT_EQ(finding.sentence.en,
            "Session org/tea/day-0 ended at 2026-01-01T12:00:00Z, but its first row, by olga, came "
            "at 2026-01-01T18:00:00Z; kiosks saw only 0 of its 25 people (100:00 h) while it "
            "lasted.");
  EXPECT_EQ(finding.sentence.zh,
            "场次 org/tea/day-0 于 2026-01-01T12:00:00Z 结束，但第一条记录由 olga 于 "
            "2026-01-01T18:00:00Z 录入；25 人（100:00 小时）中仅 0 人在活动期间被设备识别。");
}

TEST(CreatedAfterEndTest, OneRowInTimeIsEnough) {
  World world;
  const SessionTimes session = SessionOn(0);
  world.See(Direction::kIn, 1, session, session.ends - minutes(1), Kiosk());
  for (int i = 2; i <= 40; ++i) world.Enter(i, session, session.ends + hours(6), 1);
  world.FinishOn(2);
  EXPECT_TRUE(Of(world, Kind::kActivityCreatedAfterItsEnd).empty());
}

TEST(CreatedAfterEndTest, TheOutboxOfADayOfflineIsNoSuchThing) {
  World world;
  const SessionTimes session = SessionOn(0);
  for (int i = 1; i <= 50; ++i) {
    By kiosk = Kiosk();
    kiosk.late = hours(10) - seconds(i);
    world.See(Direction::kIn, i, session, session.starts + seconds(2 * i), kiosk);
  }
  EXPECT_TRUE(world.FinishOn(20).empty());
}

TEST(CreatedAfterEndTest, AnOutboxWithABadClockIsNoSuchThingEither) {
  World world;
  // The kiosk's clock is two hours behind, as the days before show.
  for (int hour = 0; hour < 60; hour += 4) {
    By kiosk = Kiosk();
    kiosk.behind = hours(2);
    world.See(Direction::kIn, 1000 + hour, SessionOn(-3), kStart - days(3) + hours(hour), kiosk);
  }
  SessionTimes session = SessionOn(0);
  session.ends = session.starts + minutes(30);
  for (int i = 1; i <= 50; ++i) {
    By kiosk = Kiosk();
    kiosk.behind = hours(2);
    kiosk.late = hours(10);
    world.See(Direction::kIn, i, session, session.starts + seconds(2 * i), kiosk);
  }
  EXPECT_TRUE(world.FinishOn(20).empty());
}

TEST(CreatedAfterEndTest, OutboxesOfTwoDaysInARowAreNoSuchThing) {
  World world;
  for (int day = 0; day < 3; ++day) {
    const SessionTimes session = SessionOn(day);
    for (int i = 1; i <= 150; ++i) {
      By kiosk = Kiosk();
      if (day > 0) kiosk.late = hours(10) - seconds(5 * i) + std::chrono::milliseconds(50 * i);
      world.See(Direction::kIn, i, session, session.starts + seconds(5 * i), kiosk);
    }
  }
  EXPECT_TRUE(world.FinishOn(20).empty());
}

TEST(CreatedAfterEndTest, OneGoodRowDoesNotExcuseTwoHundred) {
  World world;
  const SessionTimes session = SessionOn(0);
  By kiosk = Kiosk();
  kiosk.late = hours(10);
  world.See(Direction::kIn, 1, session, session.starts, kiosk);
  for (int i = 2; i <= 200; ++i) world.Enter(i, session, session.ends + hours(7), 1);
  world.FinishOn(2);
  EXPECT_EQ(Of(world, Kind::kActivityCreatedAfterItsEnd).size(), 1u);
}

TEST(CreatedAfterEndTest, SmallOnesAreFoundOnceThereAreManyOfOneRecorder) {
  World world;
  for (int day = 0; day < 6; ++day) {
    const SessionTimes session = SessionOn(7 * day);
    world.Enter(day, session, session.ends + hours(6), day);
    EXPECT_TRUE(world.findings.empty());
  }
  world.FinishOn(40);
  ASSERT_EQ(world.findings.size(), 1u);
  EXPECT_EQ(world.findings[0].sessions.size(), 6u);
  EXPECT_EQ(world.findings[0].evidence.size(), 6u + 6u - 6u);
}

TEST(CreatedAfterEndTest, ALongForgottenSessionIsNotANewOne) {
  World world;
  const SessionTimes session = SessionOn(0);
  world.Crowd(1, 30, session, Kiosk());
  for (int i = 31; i <= 60; ++i) world.Enter(i, session, session.ends + days(30), 1);
  world.FinishOn(90);
  EXPECT_TRUE(Of(world, Kind::kActivityCreatedAfterItsEnd).empty());
}

TEST(SessionsTest, PracticeIsLeftOut) {
  World world;
  for (int i = 1; i <= 100; ++i) {
    world.See(Direction::kIn, i, SessionOn(0), SessionOn(0).ends + hours(1), Kiosk(), true);
  }
  EXPECT_TRUE(world.FinishOn(60).empty());
}

}  // namespace
}  // namespace rollcall::irregularities
