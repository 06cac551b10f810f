#include "irregularities/people.h"

#include "made_up.h"

namespace rollcall::irregularities {
namespace {

// `count` people, two a session, both ends by `recorder`.
void Sell(World& world, int count, const std::string& recorder = "olga") {
  for (int i = 0; i < count; ++i) {
    const SessionTimes session = SessionOn(i / 2);
    // Others, whom the kiosk sees.
    if (i % 2 == 0) {
      for (int other = 0; other < 10; ++other) {
        world.Visit(1000 + other, session, session.starts + minutes(other),
                    session.starts + minutes(60 + other), Kiosk(), Kiosk());
      }
    }
    world.Visit(i, session, session.starts + hours(2), session.ends, Staff(recorder),
                Staff(recorder));
  }
}

TEST(PeopleTest, OneRecorderWithManyStrangersIsFound) {
  World world;
  Sell(world, 20);
  world.FinishOn(45);
  ASSERT_EQ(world.findings.size(), 1u);
  const Finding& finding = world.findings.front();
  EXPECT_EQ(finding.kind, Kind::kOrganiserCreditsManyStrangers);
  EXPECT_EQ(finding.recorder, "olga");
  EXPECT_EQ(finding.people, 20);
  EXPECT_EQ(finding.minutes, 20 * 120);
  EXPECT_EQ(finding.evidence.size(), 20u);
  EXPECT_EQ(finding.sessions.size(), 10u);
  EXPECT_EQ(finding.sentence.en,
            "olga alone vouches for 20 people in 10 sessions (40:00 h) whom no machine has ever "
            "seen.");
  EXPECT_EQ(finding.sentence.zh,
            "olga 一人在 10 个场次为 20 名从未被任何设备识别过的人作证（40:00 小时）。");
}

TEST(PeopleTest, OneLessIsNot) {
  World world;
  Sell(world, 19);
  EXPECT_TRUE(world.FinishOn(45).empty());
}

TEST(PeopleTest, NotBeforeTheyHadTimeToBeSeen) {
  World world;
  Sell(world, 20);
  EXPECT_TRUE(world.FinishOn(38).empty());
}

TEST(PeopleTest, WhoIsSeenByAMachineBeforeOrAfterIsNoStranger) {
  World after;
  Sell(after, 20);
  const SessionTimes later = SessionOn(20);
  after.Visit(3, later, later.starts, later.ends, Kiosk(), Kiosk());
  EXPECT_TRUE(after.FinishOn(60).empty());

  World before;
  const SessionTimes earlier = SessionOn(-5);
  before.Visit(3, earlier, earlier.starts, earlier.ends, Kiosk(), Kiosk());
  Sell(before, 20);
  EXPECT_TRUE(before.FinishOn(60).empty());
}

TEST(PeopleTest, WhoRefusesMachinesMeetsSeveralRecorders) {
  World world;
  Sell(world, 20);
  const SessionTimes later = SessionOn(20);
  world.Visit(3, later, later.starts, later.ends, Staff("otto"), Staff("otto"));
  EXPECT_TRUE(world.FinishOn(60).empty());
}

TEST(PeopleTest, GuestsOfOneDayAreOneOccasion) {
  World world;
  for (int i = 0; i < 24; ++i) {
    const SessionTimes session = SessionOn(0);
    world.Visit(i, session, session.starts + minutes(i), session.ends + minutes(i), Staff(),
                Staff());
  }
  EXPECT_TRUE(world.FinishOn(60).empty());
}

TEST(PeopleTest, RaisedAgainWhenTheyHaveDoubled) {
  World world;
  Sell(world, 50);
  world.FinishOn(90);
  ASSERT_EQ(world.findings.size(), 2u);
  EXPECT_EQ(world.findings[1].people, 40);
}

TEST(PeopleTest, HoursEnteredAfterwardsCountForTheirProposer) {
  World world;
  for (int i = 0; i < 20; ++i) {
    const SessionTimes session = SessionOn(i);
    world.See(Direction::kIn, 1000, session, session.starts, Kiosk());
    world.Enter(i, session, session.ends + hours(2), i);
  }
  world.FinishOn(90);
  ASSERT_EQ(world.findings.size(), 1u);
  EXPECT_EQ(world.findings[0].kind, Kind::kOrganiserCreditsManyStrangers);
}

TEST(PeopleTest, AForgottenCheckOutThatAKioskSawBeginIsNoStranger) {
  World world;
  for (int i = 0; i < 20; ++i) {
    const SessionTimes session = SessionOn(i);
    const int64_t in = world.See(Direction::kIn, i, session, session.starts, Kiosk());
    world.Enter(i, session, session.ends + hours(20), i, "olga", in);
  }
  EXPECT_TRUE(world.FinishOn(90).empty());
}

}  // namespace
}  // namespace rollcall::irregularities
