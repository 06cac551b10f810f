#include "hours/recompute.h"

#include "made_up.h"

namespace rollcall::hours {
namespace {

using support::HasReason;
using support::IsOk;
using testing::ElementsAre;

const char* const kSaturday = "2026-03-14";

TEST(RecomputeTest, ShowsTheDifferenceToWhatStandsAndWhy) {
  // An hour and 20 minutes of three hours, credited in full by the default: Yunnan gives nothing.
  const Facts facts{.visits = {Came(1, "a", kSaturday, "09:00-12:00", "08:50-10:20"),
                               Came(2, "b", kSaturday, "14:00-16:00", "14:00-16:00")},
                    .approvals = {}};
  const Policy policy = Shipped("yunnan-youth");
  const auto result =
      Recompute(policy, facts, {{Id(2), 120, "default/2"}, {Id(1), 80, "default/2"}});
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->policy, "yunnan-youth/1");
  EXPECT_EQ(result->policy_hash, policy.hash);
  EXPECT_EQ(result->standing, 200);
  EXPECT_EQ(result->difference, -80);
  ASSERT_EQ(result->entries.size(), 2u);
  EXPECT_EQ(result->entries[0].visit, Id(1));
  EXPECT_EQ(result->entries[0].difference, -80);
  EXPECT_EQ(result->entries[1].difference, 0);
  EXPECT_THAT(
      ExplainEntry(policy, result->entries[0], Language::kEnglish),
      ElementsAre("2026-03-14: 0 min credited",
                  "  in 08:50 counts from 09:00: early arrival is not credited",
                  "  80 min present are below 60 % of the activity's length: nothing counts",
                  "stands: 80 min under default/2", "difference under yunnan-youth/1: -80 min"));
  EXPECT_THAT(ExplainEntry(policy, result->entries[1], Language::kChinese),
              ElementsAre("2026-03-14：计入 120 分钟", "现有记录：120 分钟，依据 default/2",
                          "与下列规则的差额 yunnan-youth/1: 0 分钟"));
}

TEST(RecomputeTest, AVisitOverMidnightIsOneEntryWithTwoLines) {
  const auto result = Recompute(
      Shipped("default"),
      {.visits = {Came(1, "a", kSaturday, "22:00-02:00", "22:00-02:00")}, .approvals = {}}, {});
  ASSERT_THAT(result, IsOk());
  ASSERT_EQ(result->entries.size(), 1u);
  EXPECT_EQ(result->entries[0].minutes, 240);
  EXPECT_EQ(result->entries[0].lines.size(), 2u);
  EXPECT_EQ(result->entries[0].difference, 240) << "nothing stands";
  EXPECT_THAT(ExplainEntry(Shipped("default"), result->entries[0], Language::kEnglish),
              ElementsAre("2026-03-14: 120 min credited", "2026-03-15: 120 min credited",
                          "stands: nothing", "difference under default/2: +240 min"));
}

TEST(RecomputeTest, WhatAwaitsApprovalIsNoCreditAndPracticeIsApart) {
  Visit practice = Came(2, "b", kSaturday, "09:00-10:00", "09:00-10:00");
  practice.practice = true;
  const auto result =
      Recompute(Shipped("default"),
                {.visits = {Came(1, "a", kSaturday, "08:00-20:30", "08:00-20:30"), practice},
                 .approvals = {}},
                {{Id(1), 480, "default/2"}, {Id(2), 60, "default/2"}});
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->entries[0].minutes, 480);
  EXPECT_EQ(result->entries[0].awaiting, 270);
  EXPECT_EQ(result->entries[0].difference, 0);
  EXPECT_EQ(result->standing, 480);
  EXPECT_EQ(result->difference, 0);
}

TEST(RecomputeTest, EntriesOfNoVisitOrTwiceAreRefused) {
  const Facts facts{.visits = {Came(1, "a", kSaturday, "09:00-12:00", "09:00-12:00")},
                    .approvals = {}};
  EXPECT_THAT(Recompute(Plain(), facts, {{Id(9), 1, "p/1"}}), HasReason("BAD_FACTS"));
  EXPECT_THAT(Recompute(Plain(), facts, {{Id(1), 1, "p/1"}, {Id(1), 1, "p/1"}}),
              HasReason("BAD_FACTS"));
}

}  // namespace
}  // namespace rollcall::hours
