#include "irregularities/bursts.h"

#include "made_up.h"

namespace rollcall::irregularities {
namespace {

TEST(BurstsTest, AClassOfFiftyAttestedByOneRecorderIsDailyLife) {
  World world;
  for (int i = 0; i < 60; ++i)
    world.Visit(i, SessionOn(-9), kStart - days(9), kStart - days(9) + hours(4), Kiosk(), Kiosk());
  world.Crowd(1, 50, SessionOn(0), Staff(), seconds(8));
  EXPECT_TRUE(world.FinishOn(30).empty());
}

TEST(BurstsTest, FasterThanAPersonCanLookIsFoundWithEveryRow) {
  World world;
  for (int i = 1; i <= 120; ++i) {
    world.See(Direction::kIn, i, SessionOn(0), kStart + seconds(2 * i), Staff());
  }
  world.See(Direction::kIn, 500, SessionOn(0), kStart + hours(1), Staff());
  ASSERT_EQ(world.findings.size(), 1u);
  const Finding& finding = world.findings.front();
  EXPECT_EQ(finding.kind, Kind::kManyEntriesWithinMinutes);
  EXPECT_EQ(finding.recorder, "olga");
  EXPECT_EQ(finding.people, 120);
  EXPECT_EQ(finding.evidence.size(), 120u);
  EXPECT_EQ(finding.evidence.front(), 1);
  EXPECT_EQ(finding.evidence.back(), 120);
  EXPECT_EQ(finding.sentence.en,
            "olga entered 120 rows for 120 people in 4 minutes from 2026-01-01T08:00:02Z, faster "
            "than a person can look at each of them.");
  EXPECT_EQ(finding.sentence.zh,
            "olga 自 2026-01-01T08:00:02Z 起 4 分钟内为 120 人录入 120 "
            "条记录，快于逐人核对所需的时间。");
}

TEST(BurstsTest, TheBoundIsExact) {
  for (const int rows : {74, 75}) {
    World world;
    for (int i = 1; i <= rows; ++i) {
      world.See(Direction::kIn, i, SessionOn(0), kStart + seconds(i), Staff());
    }
    world.FinishOn(1);
    EXPECT_EQ(world.findings.size(), rows == 75 ? 1u : 0u) << rows;
  }
}

TEST(BurstsTest, TwoRecordersAreNotOne) {
  World world;
  for (int i = 1; i <= 120; ++i) {
    world.See(Direction::kIn, i, SessionOn(0), kStart + seconds(2 * i),
              Staff(i % 2 == 0 ? "olga" : "otto"));
  }
  EXPECT_TRUE(world.FinishOn(1).empty());
}

TEST(BurstsTest, AnOutboxThatDeliversAThousandRowsAtOnceIsNoBurst) {
  World world;
  for (int i = 1; i <= 1000; ++i) {
    By kiosk = Kiosk();
    kiosk.late = hours(10) - seconds(20 * i);
    world.See(Direction::kIn, i, SessionOn(0), kStart + seconds(20 * i), kiosk);
  }
  EXPECT_TRUE(world.FinishOn(1).empty());
}

TEST(BurstsTest, OneListIsOneProposalAndManyProposalsAreABurst) {
  World list;
  for (int i = 1; i <= 200; ++i) {
    list.Visit(i, SessionOn(-20, "other"), kStart - days(20), kStart - days(20) + hours(1), Kiosk(),
               Kiosk());
  }
  list.See(Direction::kIn, 1, SessionOn(0), kStart, Kiosk());
  for (int i = 1; i <= 200; ++i) list.Enter(i, SessionOn(0), kStart + days(1), 77);
  EXPECT_TRUE(list.FinishOn(30).empty());

  World many;
  many.See(Direction::kIn, 1, SessionOn(0), kStart, Kiosk());
  for (int i = 1; i <= 29; ++i) many.Enter(i, SessionOn(0), kStart + hours(6) + seconds(i), i);
  EXPECT_TRUE(many.findings.empty());
  many.Enter(30, SessionOn(0), kStart + hours(6) + minutes(1), 30);
  many.FinishOn(1);
  ASSERT_EQ(many.findings.size(), 1u);
  EXPECT_EQ(many.findings[0].kind, Kind::kManyEntriesWithinMinutes);
  EXPECT_EQ(many.findings[0].minutes, 30 * 240);
}

TEST(BurstsTest, WhatIsEnteredCalmlyAfterwardsIsNotPartOfIt) {
  World world;
  for (int i = 1; i <= 80; ++i) {
    world.See(Direction::kIn, i, SessionOn(0), kStart + seconds(i), Staff());
  }
  for (int i = 1; i <= 20; ++i) {
    world.See(Direction::kIn, 100 + i, SessionOn(0), kStart + minutes(9 + i), Staff());
  }
  world.FinishOn(1);
  ASSERT_EQ(world.findings.size(), 1u);
  EXPECT_LE(world.findings[0].evidence.size(), 82u);
}

}  // namespace
}  // namespace rollcall::irregularities
