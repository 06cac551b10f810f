#include "irregularities/detector.h"

#include <set>

#include "made_up.h"

namespace rollcall::irregularities {
namespace {

TEST(DetectorTest, AnEmptyLedgerHasNothing) {
  World world;
  EXPECT_TRUE(world.FinishOn(1).empty());
}

TEST(DetectorTest, FactsThatFitNothingAreLeftOut) {
  World world;
  world.See(Direction::kOut, 1, SessionOn(0), kStart, Staff());
  world.Credit(1, SessionOn(0), 77, 78, kStart, hours(1));
  world.TakeBack(1, SessionOn(0), 99, kStart);
  EXPECT_TRUE(world.FinishOn(60).empty());
}

TEST(DetectorTest, AServerClockThatStepsBackChangesNothing) {
  World world;
  world.See(Direction::kIn, 1, SessionOn(0), kStart + hours(3), Kiosk());
  world.Crowd(2, 30, SessionOn(0), Staff());
  world.FinishOn(40);
  ASSERT_EQ(world.findings.size(), 1u);
  EXPECT_EQ(world.findings[0].kind, Kind::kHoursWithoutKioskEvent);
}

TEST(DetectorTest, KindsHaveNamesAndNumbersThatStay) {
  const std::vector<std::pair<int, std::string_view>> kinds = {
      {1, "HOURS_WITHOUT_KIOSK_EVENT"},      {2, "MANY_ENTRIES_WITHIN_MINUTES"},
      {3, "ACTIVITY_CREATED_AFTER_ITS_END"}, {4, "ORGANISER_CREDITS_MANY_STRANGERS"},
      {5, "PERSON_IN_TWO_PLACES"},           {6, "PRACTICE_IN_TOTAL"}};
  EXPECT_EQ(kinds.size(), static_cast<size_t>(kKinds));
  for (const auto& [number, name] : kinds) EXPECT_EQ(ToString(static_cast<Kind>(number)), name);
}

TEST(DetectorTest, AHostileIdentityCannotWriteIntoASentence) {
  World world;
  for (int i = 1; i <= 80; ++i) {
    world.See(Direction::kIn, i, SessionOn(0), kStart + seconds(i), Staff("o\n\x1b[2J{9}"));
  }
  world.FinishOn(1);
  ASSERT_EQ(world.findings.size(), 1u);
  EXPECT_TRUE(world.findings[0].sentence.en.starts_with("o\\x0a\\x1b[2J{9} entered 80 rows"))
      << world.findings[0].sentence.en;
}

}  // namespace
}  // namespace rollcall::irregularities
