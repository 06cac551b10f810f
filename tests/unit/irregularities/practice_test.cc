#include "irregularities/practice.h"

#include "made_up.h"

namespace rollcall::irregularities {
namespace {

// One visit of practice in which the credit says `credited`.
std::vector<Finding> Credited(bool practice, bool credited, bool from_files) {
  World world;
  const SessionTimes session = SessionOn(0);
  Sighting seen;
  seen.session = session;
  seen.volunteer_key = Person(1);
  seen.machine = true;
  seen.practice = practice;
  seen.from_files = from_files;
  seen.sequence = 1;
  seen.event = Id(1);
  seen.captured = seen.recorded = session.starts;
  world.detector.Take(seen);
  seen.sequence = 2;
  seen.event = Id(2);
  seen.direction = Direction::kOut;
  seen.captured = seen.recorded = session.ends;
  world.detector.Take(seen);
  world.sequence = 2;
  world.Credit(1, session, 1, 2, session.ends, hours(4), credited);
  return world.FinishOn(1);
}

TEST(PracticeTest, PracticeCreditedAsPracticeIsNothing) {
  EXPECT_TRUE(Credited(true, true, true).empty());
  EXPECT_TRUE(Credited(false, false, false).empty());
}

TEST(PracticeTest, PracticeThatEntersATotalIsFound) {
  const auto findings = Credited(true, false, false);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].kind, Kind::kPracticeInTotal);
  EXPECT_THAT(findings[0].evidence, ::testing::ElementsAre(1, 2, 3));
  EXPECT_EQ(findings[0].sentence.en,
            "In session org/tea/day-0, 240 minutes of practice were credited as real hours.");
  EXPECT_EQ(findings[0].sentence.zh, "场次 org/tea/day-0 中有 240 分钟演练时长被计为正式时长。");
}

TEST(PracticeTest, PicturesOutsidePracticeAreFound) {
  const auto findings = Credited(false, false, true);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].kind, Kind::kPracticeInTotal);
}

TEST(PracticeTest, AnActivityThatIsBothIsFoundOnce) {
  World world;
  world.See(Direction::kIn, 1, SessionOn(0), kStart, Kiosk(), true);
  world.See(Direction::kIn, 2, SessionOn(0), kStart, Kiosk(), false);
  world.See(Direction::kIn, 3, SessionOn(0), kStart, Kiosk(), false);
  world.See(Direction::kIn, 3, SessionOn(0, "other"), kStart, Kiosk(), true);
  world.FinishOn(1);
  ASSERT_EQ(world.findings.size(), 1u);
  EXPECT_THAT(world.findings[0].evidence, ::testing::ElementsAre(1, 2));
}

}  // namespace
}  // namespace rollcall::irregularities
