// Each published rule with the figures that it was published with. The sources stand in the policy
// files.
#include "hours/bans.h"
#include "hours/compute.h"
#include "hours/stars.h"
#include "made_up.h"

namespace rollcall::hours {
namespace {

using support::HasReason;
using support::IsOk;
using testing::ElementsAre;

const char* const kSunday = "2026-03-15";

std::vector<int64_t> Tiered(const Policy& policy, const char* presence) {
  const Totals totals = Computed(policy, {Came(1, "a", kSunday, "06:00-22:00", presence)}).totals;
  return {totals.minutes, totals.awaiting_parent, totals.awaiting_province};
}

StarFacts Registered(int64_t hours) {
  StarFacts facts;
  facts.registered = At("2025-01-01 00:00");
  facts.served = {{At("2025-06-01 09:00"), hours * 60, false}};
  return facts;
}

TEST(PublishedRules, GuangdongEightHoursADayAreFinalAtOnce) {
  EXPECT_THAT(Tiered(Shipped("guangdong-izhiyuan"), "08:00-16:00"), ElementsAre(480, 0, 0));
}

TEST(PublishedRules, GuangdongEightToTwelveHoursTheParentBodyApproves) {
  EXPECT_THAT(Tiered(Shipped("guangdong-izhiyuan"), "08:00-18:30"), ElementsAre(480, 150, 0));
  EXPECT_THAT(Tiered(Shipped("guangdong-izhiyuan"), "08:00-20:00"), ElementsAre(480, 240, 0));
}

TEST(PublishedRules, GuangdongAboveTwelveHoursTheProvinceApproves) {
  EXPECT_THAT(Tiered(Shipped("guangdong-izhiyuan"), "08:00-21:00"), ElementsAre(480, 240, 60));
}

TEST(PublishedRules, GuangdongAtMostThreePairsPerPersonActivityAndDay) {
  std::vector<Visit> visits;
  for (int i = 0; i < 5; ++i) {
    const std::string hour = std::to_string(10 + i);
    visits.push_back(Came(i + 1, "a", kSunday, "09:00-17:00", hour + ":00-" + hour + ":30"));
  }
  EXPECT_EQ(MinutesFor(Shipped("guangdong-izhiyuan"), visits), 90);
  visits[4] = Came(5, "b", kSunday, "14:00-17:00", "14:00-14:30");
  EXPECT_EQ(MinutesFor(Shipped("guangdong-izhiyuan"), visits), 120) << "another activity";
}

TEST(PublishedRules, GuangdongCreditsByTheMinute) {
  EXPECT_EQ(MinutesFor(Shipped("guangdong-izhiyuan"),
                       {Came(1, "a", kSunday, "09:00-12:00", "09:07-10:14")}),
            67);
}

TEST(PublishedRules, GuangdongFiveWorkingDaysOfNoticeAndBansOfOneToThreeYears) {
  const Policy policy = Shipped("guangdong-izhiyuan");
  EXPECT_EQ(policy.stars.notice_days, 5);
  EXPECT_TRUE(policy.stars.notice_in_working_days);
  EXPECT_EQ(policy.bans.minimum_days, 365);
  EXPECT_EQ(policy.bans.maximum_days, 3 * 365);
}

TEST(PublishedRules, YunnanGivesNothingBelowSixtyPercent) {
  const Policy policy = Shipped("yunnan-youth");
  const auto minutes = [&](const char* presence) {
    return MinutesFor(policy, {Came(1, "a", kSunday, "09:00-14:00", presence)});  // five hours
  };
  EXPECT_EQ(minutes("09:00-11:59"), 0) << "59.7 %";
  EXPECT_EQ(minutes("09:00-12:00"), 180) << "60 %";
  EXPECT_EQ(minutes("09:00-13:59"), 299);
  Visit visit = Came(1, "a", kSunday, "09:00-14:00", "09:00-12:00");
  *visit.out -= std::chrono::microseconds(1);
  EXPECT_EQ(MinutesFor(policy, {visit}), 0);
}

TEST(PublishedRules, ZhiyuanhuiAMadeUpSignOutIsNeverAboveTheActivitysLength) {
  Visit visit = Came(1, "a", kSunday, "09:00-11:00", "09:30-");
  visit.agreed_end = At("2026-03-15 18:00");
  const Totals totals = Computed(Shipped("zhejiang-zhiyuanhui"), {visit}).totals;
  EXPECT_EQ(totals.minutes, 90) << "and never after the session's end";
  EXPECT_EQ(totals.minutes_entered_afterwards, 90) << "the second of two counters";
  EXPECT_EQ(totals.minutes_witnessed, 0) << "the first, to which no administrator can add";
}

TEST(PublishedRules, ZhiyuanhuiExcludesRestMealsAndTravel) {
  Visit visit = Came(1, "a", kSunday, "08:00-17:00", "08:00-17:00");
  visit.windows = {{WindowKind::kTravel, {At("2026-03-15 08:00"), At("2026-03-15 08:40")}},
                   {WindowKind::kBreak, {At("2026-03-15 12:00"), At("2026-03-15 13:00")}},
                   {WindowKind::kBreak, {At("2026-03-15 15:00"), At("2026-03-15 15:20")}}};
  EXPECT_EQ(MinutesFor(Shipped("zhejiang-zhiyuanhui"), {visit}), 540 - 40 - 60 - 20);
}

TEST(PublishedRules, HandsOnConnectEarlyIsNotCreditedAndLateCountsFromArrival) {
  EXPECT_EQ(MinutesFor(Shipped("default"), {Came(1, "a", kSunday, "09:00-12:00", "08:30-12:00")}),
            180);
  EXPECT_EQ(MinutesFor(Shipped("default"), {Came(1, "a", kSunday, "09:00-12:00", "09:25-12:00")}),
            155);
}

TEST(PublishedRules, GoldenSplitsBackToBackShiftsAtTheScheduledBoundary) {
  std::vector<Visit> visits = {Came(1, "a", kSunday, "09:00-12:00", "09:00-12:04"),
                               Came(2, "a", kSunday, "12:00-14:00", "12:04-14:00")};
  for (Visit& visit : visits) visit.activity_length = Minutes(300);
  const Result result = Computed(Shipped("default"), visits);
  EXPECT_EQ(LineOn(result, 1, DayAt(2026, 3, 15))->minutes, 180);
  EXPECT_EQ(LineOn(result, 2, DayAt(2026, 3, 15))->minutes, 120);
}

// VicTouch credits a fixed amount, CERVIS 0 to 10 h (0 by default), Get Connected default hours at
// midnight, VSys One and VolunteerMatters the shift. Every scheme here: 0, until two people agree.
TEST(PublishedRules, AMissedCheckOutNeverGetsDefaultHours) {
  for (const char* name : {"default", "guangdong-izhiyuan", "yunnan-youth", "national-2012",
                           "fujian", "zhangjiagang", "half-hour-university", "zhejiang-zhiyuanhui",
                           "order-67", "registered-volunteers", "chongqing-2017"}) {
    const Result result = Computed(Shipped(name), {Came(1, "a", kSunday, "09:00-12:00", "09:00-")});
    EXPECT_EQ(result.totals.minutes, 0) << name;
    EXPECT_EQ(result.totals.pending_visits, 1) << name;
  }
}

TEST(PublishedRules, VolunteerMattersCreditToTheShiftsEndIsWhatTwoPeopleMayAgreeOn) {
  Visit visit = Came(1, "a", kSunday, "09:00-12:00", "09:20-");
  visit.agreed_end = visit.session_ends;
  EXPECT_EQ(MinutesFor(Shipped("default"), {visit}), 160);
}

TEST(PublishedRules, ACharityLeavingAndReturningIsANewPair) {
  EXPECT_EQ(MinutesFor(Shipped("default"), {Came(1, "a", kSunday, "09:00-17:00", "09:00-11:00"),
                                            Came(2, "a", kSunday, "09:00-17:00", "13:00-17:00")}),
            360)
      << "the two hours away do not count";
}

TEST(PublishedRules, AUniversityHalfHoursAndMoreThanEightCountAsEight) {
  const Policy policy = Shipped("half-hour-university");
  EXPECT_EQ(MinutesFor(policy, {Came(1, "a", kSunday, "08:00-20:00", "08:00-10:29")}), 120);
  EXPECT_EQ(MinutesFor(policy, {Came(1, "a", kSunday, "08:00-20:00", "08:00-10:30")}), 150);
  EXPECT_EQ(MinutesFor(policy, {Came(1, "a", kSunday, "08:00-20:00", "08:00-19:00")}), 480);
}

TEST(PublishedRules, TheMeasuresOf2012ExcludeTravelAndOrder67DoesNotSay) {
  Visit visit = Came(1, "a", kSunday, "08:00-12:00", "08:00-12:00");
  visit.windows = {{WindowKind::kTravel, {At("2026-03-15 08:00"), At("2026-03-15 09:00")}}};
  EXPECT_EQ(MinutesFor(Shipped("national-2012"), {visit}), 180);
  EXPECT_EQ(MinutesFor(Shipped("order-67"), {visit}), 240);
}

TEST(PublishedRules, Order67HasNoStarThresholds) {
  EXPECT_THAT(CheckApplication(Shipped("order-67"), Registered(5000), 1), HasReason("BAD_STAR"));
  EXPECT_EQ(Shipped("order-67").recording_working_days, 10);
}

TEST(PublishedRules, FiveStarsAt100And300And600And1000And1500Hours) {
  for (const char* name : {"national-2012", "registered-volunteers", "default"}) {
    const Policy policy = Shipped(name);
    const int64_t hours[] = {100, 300, 600, 1000, 1500};
    for (int32_t star = 1; star <= 5; ++star) {
      StarFacts facts = Registered(hours[star - 1]);
      EXPECT_EQ(Standing(policy, facts).earned, star) << name;
      EXPECT_THAT(CheckApplication(policy, facts, star), IsOk()) << name;
      facts.served[0].minutes -= 1;
      EXPECT_EQ(Standing(policy, facts).earned, star - 1) << name;
      EXPECT_THAT(CheckApplication(policy, facts, star), HasReason("STAR_NOT_EARNED")) << name;
    }
  }
}

TEST(PublishedRules, RegisteredVolunteersCountHoursAfterRegistrationOnly) {
  StarFacts facts = Registered(99);
  facts.served.push_back({At("2024-12-31 23:59"), 60'000, false});
  const StarStanding standing = Standing(Shipped("registered-volunteers"), facts);
  EXPECT_EQ(standing.earned, 0);
  EXPECT_EQ(standing.minutes, 99 * 60);
  EXPECT_EQ(standing.minutes_before_registration, 60'000);
}

TEST(PublishedRules, FujianCountyCityAndProvince) {
  EXPECT_THAT(
      Shipped("fujian").stars.approvers,
      ElementsAre(Level::kCounty, Level::kCounty, Level::kCity, Level::kCity, Level::kProvince));
}

TEST(PublishedRules, ZhangjiagangThirtyToThreeHundredHours) {
  const Policy policy = Shipped("zhangjiagang");
  EXPECT_THAT(policy.stars.threshold_hours, ElementsAre(30, 60, 100, 200, 300));
  EXPECT_EQ(Standing(policy, Registered(100)).earned, 3);
}

TEST(PublishedRules, ChongqingFalseHoursCostAYear) {
  const Policy policy = Shipped("chongqing-2017");
  EXPECT_EQ(policy.bans.minimum_days, 365);
  EXPECT_EQ(policy.bans.maximum_days, 365);
}

TEST(PublishedRules, CertificatesAndStarsHaveSevenDaysOfNotice) {
  EXPECT_EQ(Shipped("national-2012").stars.notice_days, 7);
  EXPECT_FALSE(Shipped("national-2012").stars.notice_in_working_days);
}

}  // namespace
}  // namespace rollcall::hours
