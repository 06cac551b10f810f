#include "hours/compute.h"

#include "made_up.h"

namespace rollcall::hours {
namespace {

using support::HasReason;
using testing::ElementsAre;
using testing::IsEmpty;

const char* const kSaturday = "2026-03-14";

TEST(ComputeTest, OneVisitIsItsMinutes) {
  const Result result = Computed(Plain(), {Came(1, "a", kSaturday, "09:00-12:00", "09:10-11:40")});
  ASSERT_EQ(result.lines.size(), 1u);
  const Line& line = result.lines[0];
  EXPECT_EQ(line.minutes, 150);
  EXPECT_EQ(line.status, LineStatus::kCredited);
  EXPECT_EQ(line.day, DayAt(2026, 3, 14));
  EXPECT_EQ(line.counted, Minutes(150));
  EXPECT_THAT(line.steps, IsEmpty());
  EXPECT_EQ(result.totals.minutes, 150);
  EXPECT_EQ(result.totals.minutes_witnessed, 150);
}

TEST(ComputeTest, SecondsAreRoundedDownOncePerStay) {
  Visit visit = Came(1, "a", kSaturday, "09:00-12:00", "09:00-10:00");
  *visit.out -= std::chrono::microseconds(1);
  const Result result = Computed(Plain(), {visit});
  EXPECT_EQ(result.totals.minutes, 59);
  EXPECT_THAT(RulesOf(result.lines[0]), ElementsAre(Rule::kRounded));
  EXPECT_EQ(result.lines[0].steps[0].minutes, 59);
  EXPECT_EQ(result.lines[0].steps[0].limit, 1);
}

TEST(ComputeTest, EarlyAndLateAreCreditedAsFarAsThePolicySays) {
  const Visit visit = Came(1, "a", kSaturday, "09:00-12:00", "08:47-12:20");
  const Result strict = Computed(Plain(), {visit});
  EXPECT_EQ(strict.totals.minutes, 180);
  ASSERT_THAT(RulesOf(strict.lines[0]), ElementsAre(Rule::kEarlyArrival, Rule::kLateLeaving));
  EXPECT_EQ(strict.lines[0].steps[0].from, At("2026-03-14 08:47"));
  EXPECT_EQ(strict.lines[0].steps[0].to, At("2026-03-14 09:00"));
  EXPECT_EQ(strict.lines[0].steps[1].to, At("2026-03-14 12:00"));
  EXPECT_EQ(MinutesFor(Plain({{"session.allowed_early_minutes", "10"}}), {visit}), 190);
  EXPECT_EQ(MinutesFor(Plain({{"session.allowed_early_minutes", "15"}}), {visit}), 193);
  EXPECT_EQ(MinutesFor(Plain({{"session.grace_late_minutes", "15"}}), {visit}), 195);
  EXPECT_EQ(MinutesFor(Plain({{"session.clip", "false"}}), {visit}), 213);
}

TEST(ComputeTest, OutsideTheSessionNothingCounts) {
  const Result result = Computed(Plain(), {Came(1, "a", kSaturday, "09:00-12:00", "12:00-13:00")});
  EXPECT_THAT(RulesOf(result.lines[0]), ElementsAre(Rule::kOutsideSession));
  EXPECT_EQ(result.lines[0].status, LineStatus::kNothing);
  EXPECT_EQ(result.totals, Totals());
}

TEST(ComputeTest, AClockThatWentBackGivesNothing) {
  Visit visit = Came(1, "a", kSaturday, "09:00-12:00", "10:00-10:00");
  *visit.out -= Minutes(5);
  const Result result = Computed(Plain(), {visit});
  EXPECT_THAT(RulesOf(result.lines[0]), ElementsAre(Rule::kNoTime));
  EXPECT_EQ(result.totals.minutes, 0);
}

TEST(ComputeTest, RoundingByPairAndByDay) {
  const std::vector<Visit> visits = {Came(1, "a", kSaturday, "08:00-18:00", "09:00-09:50"),
                                     Came(2, "a", kSaturday, "08:00-18:00", "11:00-11:50")};
  EXPECT_EQ(MinutesFor(Plain({{"rounding.unit_minutes", "30"}}), visits), 60);
  EXPECT_EQ(
      MinutesFor(Plain({{"rounding.unit_minutes", "30"}, {"rounding.per", "\"day\""}}), visits),
      90);
  EXPECT_EQ(
      MinutesFor(Plain({{"rounding.unit_minutes", "30"}, {"rounding.direction", "\"nearest\""}}),
                 visits),
      120);
  EXPECT_EQ(
      MinutesFor(Plain({{"rounding.unit_minutes", "30"}, {"rounding.direction", "\"nearest\""}}),
                 {Came(1, "a", kSaturday, "08:00-18:00", "09:00-09:14")}),
      0);
}

TEST(ComputeTest, DeclaredBreaksAndTravelGo) {
  Visit visit = Came(1, "a", kSaturday, "08:00-18:00", "08:00-18:00");
  visit.windows = {{WindowKind::kBreak, {At("2026-03-14 12:00"), At("2026-03-14 13:00")}},
                   {WindowKind::kBreak, {At("2026-03-14 12:30"), At("2026-03-14 13:15")}},
                   {WindowKind::kTravel, {At("2026-03-14 07:30"), At("2026-03-14 08:20")}}};
  const Result result = Computed(Plain(), {visit});
  EXPECT_EQ(result.totals.minutes, 600 - 75 - 20);
  ASSERT_THAT(RulesOf(result.lines[0]), ElementsAre(Rule::kBreakWindow, Rule::kTravel));
  EXPECT_EQ(result.lines[0].steps[0].amount, Minutes(75));
  EXPECT_EQ(result.lines[0].steps[1].amount, Minutes(20));
  EXPECT_EQ(MinutesFor(Plain({{"travel.excluded", "false"}}), {visit}), 525);
  EXPECT_EQ(MinutesFor(Plain({{"breaks.exclude_windows", "false"}}), {visit}), 580);
}

TEST(ComputeTest, ABreakAfterSomeHoursOfOneStay) {
  const Policy policy = Plain({{"breaks.after_minutes", "360"}, {"breaks.deduct_minutes", "30"}});
  const auto minutes = [&](const char* presence) {
    return MinutesFor(policy, {Came(1, "a", kSaturday, "08:00-20:00", presence)});
  };
  EXPECT_EQ(minutes("08:00-14:00"), 360);
  EXPECT_EQ(minutes("08:00-14:10"), 360) << "staying longer never costs anything";
  EXPECT_EQ(minutes("08:00-14:30"), 360);
  EXPECT_EQ(minutes("08:00-14:40"), 370);
  EXPECT_EQ(MinutesFor(policy, {Came(1, "a", kSaturday, "08:00-20:00", "08:00-12:00"),
                                Came(2, "a", kSaturday, "08:00-20:00", "13:00-17:00")}),
            480)
      << "she had a break of her own";
  EXPECT_EQ(MinutesFor(policy, {Came(1, "a", kSaturday, "08:00-20:00", "08:00-12:00"),
                                Came(2, "a", kSaturday, "08:00-20:00", "12:00-16:00")}),
            450)
      << "out and in at once is no break";
}

TEST(ComputeTest, TheMinimumShareLooksAtAllVisitsOfTheActivity) {
  const Policy policy = Plain({{"activity.minimum_share_percent", "60"}});
  const auto came = [](int id, const char* presence) {
    return Came(id, "a", kSaturday, "09:00-14:00", presence);  // 300 min: 180 are needed
  };
  EXPECT_EQ(MinutesFor(policy, {came(1, "09:00-12:00")}), 180);
  const Result below = Computed(policy, {came(1, "09:00-11:59")});
  EXPECT_EQ(below.totals.minutes, 0);
  ASSERT_THAT(RulesOf(below.lines[0]), ElementsAre(Rule::kBelowShare));
  EXPECT_EQ(below.lines[0].steps[0].amount, Minutes(179));
  EXPECT_EQ(MinutesFor(policy, {came(1, "09:00-10:30"), came(2, "11:00-12:30")}), 180);
  EXPECT_EQ(MinutesFor(policy, {came(1, "09:00-10:30"), came(2, "10:00-11:59")}), 0)
      << "what overlaps is present once";
  EXPECT_EQ(MinutesFor(policy, {came(1, "08:00-11:30")}), 0) << "before the session is not present";
}

TEST(ComputeTest, OverlapsAreCreditedOnceToTheOneThatBeganEarlier) {
  const Visit tea = Came(1, "tea", kSaturday, "09:00-12:00", "09:00-12:00");
  const Visit care = Came(2, "care", kSaturday, "11:00-14:00", "11:00-14:00");
  const Result result = Computed(Plain(), {care, tea});
  EXPECT_EQ(result.totals.minutes, 300);
  const Line* const later = LineOn(result, 2, DayAt(2026, 3, 14));
  ASSERT_NE(later, nullptr);
  EXPECT_EQ(later->minutes, 120);
  ASSERT_THAT(RulesOf(*later), ElementsAre(Rule::kOverlap));
  EXPECT_EQ(later->steps[0].other, Id(1));
  EXPECT_EQ(later->steps[0].amount, Minutes(60));
  EXPECT_EQ(LineOn(result, 1, DayAt(2026, 3, 14))->minutes, 180);
}

TEST(ComputeTest, AnOverlapWithWhatDoesNotCountIsNone) {
  const Policy policy = Plain({{"activity.minimum_share_percent", "60"}});
  // Of the first activity she was there a third only: nothing, and the second keeps its hour.
  EXPECT_EQ(MinutesFor(policy, {Came(1, "a", kSaturday, "09:00-12:00", "09:00-10:00"),
                                Came(2, "b", kSaturday, "09:30-10:30", "09:30-10:30")}),
            60);
  // During the lunch of the first she served at the second.
  Visit first = Came(1, "a", kSaturday, "09:00-17:00", "09:00-17:00");
  first.windows = {{WindowKind::kBreak, {At("2026-03-14 12:00"), At("2026-03-14 13:00")}}};
  EXPECT_EQ(MinutesFor(Plain(), {first, Came(2, "b", kSaturday, "12:00-13:00", "12:00-13:00")}),
            480);
}

TEST(ComputeTest, ThreeActivitiesAtOnceAreStillOnePerson) {
  EXPECT_EQ(MinutesFor(Plain(), {Came(1, "a", kSaturday, "09:00-12:00", "09:00-12:00"),
                                 Came(2, "b", kSaturday, "09:00-12:00", "09:00-12:00"),
                                 Came(3, "c", kSaturday, "08:00-13:00", "10:00-12:30")}),
            210);
}

// Two shifts of one activity, 09:00-12:00 and 12:00-15:00.
std::vector<Visit> Shifts(const std::string& first, const std::string& second) {
  std::vector<Visit> visits = {Came(1, "a", kSaturday, "09:00-12:00", first),
                               Came(2, "a", kSaturday, "12:00-15:00", second)};
  for (Visit& visit : visits) visit.activity_length = Minutes(360);
  return visits;
}

TEST(ComputeTest, BackToBackShiftsAreSplitAtTheBoundary) {
  for (const auto& [change, name] : {std::pair("11:50", "before"), std::pair("12:00", "at"),
                                     std::pair("12:07", "after the boundary")}) {
    const std::string at = change;
    const Result result = Computed(Plain(), Shifts("09:00-" + at, at + "-15:00"));
    EXPECT_EQ(LineOn(result, 1, DayAt(2026, 3, 14))->minutes, 180) << name;
    EXPECT_EQ(LineOn(result, 2, DayAt(2026, 3, 14))->minutes, 180) << name;
  }
  const Result late = Computed(Plain(), Shifts("09:00-12:07", "12:07-15:00"));
  EXPECT_THAT(RulesOf(late.lines[0]), ElementsAre(Rule::kHandedOver));
  EXPECT_THAT(RulesOf(late.lines[1]), ElementsAre(Rule::kTakenOver));
  EXPECT_EQ(late.lines[1].steps[0].amount, Minutes(7));
  EXPECT_EQ(late.lines[1].steps[0].from, At("2026-03-14 12:00"));
}

TEST(ComputeTest, AtAChangeOfShiftOnlyPresenceCounts) {
  EXPECT_EQ(MinutesFor(Plain(), Shifts("09:00-11:55", "12:03-15:00")), 175 + 177);
  EXPECT_EQ(MinutesFor(Plain(), Shifts("09:00-12:30", "14:00-15:00")), 180 + 60)
      << "nobody saw her from 12:30 to 14:00: the half hour is no part of the second visit";
  EXPECT_EQ(MinutesFor(Plain({{"session.grace_late_minutes", "15"}}),
                       Shifts("09:00-12:10", "12:05-15:00")),
            360)
      << "grace doubles nothing";
}

TEST(ComputeTest, LeavingAndReturningMakesSeveralPairs) {
  EXPECT_EQ(MinutesFor(Plain(), {Came(1, "a", kSaturday, "09:00-17:00", "09:00-10:00"),
                                 Came(2, "a", kSaturday, "09:00-17:00", "11:00-12:30"),
                                 Came(3, "a", kSaturday, "09:00-17:00", "14:00-17:00")}),
            60 + 90 + 180);
}

TEST(ComputeTest, OnlySoManyPairsADayCount) {
  const Policy policy = Plain({{"activity.pairs_per_day", "2"}});
  std::vector<Visit> visits = {Came(3, "a", kSaturday, "09:00-17:00", "14:00-17:00"),
                               Came(1, "a", kSaturday, "09:00-17:00", "09:00-10:00"),
                               Came(2, "a", kSaturday, "09:00-17:00", "11:00-12:00"),
                               Came(4, "b", kSaturday, "17:00-18:00", "17:00-18:00"),
                               Came(5, "a", "2026-03-15", "09:00-17:00", "09:00-10:00")};
  for (Visit& visit : visits) visit.activity_length = Minutes(960);
  const Result result = Computed(policy, visits);
  EXPECT_EQ(result.totals.minutes, 240);
  EXPECT_THAT(RulesOf(*LineOn(result, 3, DayAt(2026, 3, 14))), ElementsAre(Rule::kPairLimit));
  // An open visit has its place: closing it takes nothing from the others.
  visits[1].out.reset();
  EXPECT_EQ(MinutesFor(policy, visits), 180);
  visits[1].agreed_end = At("2026-03-14 10:00");
  EXPECT_EQ(MinutesFor(policy, visits), 240);
}

TEST(ComputeTest, TheActivityIsCappedInTheOrderOfTime) {
  const std::vector<Visit> visits = {Came(2, "a", kSaturday, "09:00-17:00", "13:00-15:00"),
                                     Came(1, "a", kSaturday, "09:00-17:00", "09:00-10:00")};
  const Result result = Computed(Plain({{"activity.cap_minutes", "100"}}), visits);
  EXPECT_EQ(result.totals.minutes, 100);
  EXPECT_EQ(LineOn(result, 1, DayAt(2026, 3, 14))->minutes, 60);
  ASSERT_THAT(RulesOf(*LineOn(result, 2, DayAt(2026, 3, 14))), ElementsAre(Rule::kActivityCap));
  EXPECT_EQ(LineOn(result, 2, DayAt(2026, 3, 14))->steps[0].minutes, 80);
  // With grace she could get more than the activity is long.
  const Visit late = Came(1, "a", kSaturday, "09:00-10:00", "09:00-10:30");
  EXPECT_EQ(MinutesFor(Plain({{"session.grace_late_minutes", "30"}}), {late}), 90);
  EXPECT_EQ(
      MinutesFor(Plain({{"session.grace_late_minutes", "30"}, {"activity.cap_at_length", "true"}}),
                 {late}),
      60);
}

TEST(ComputeTest, TheDayIsCappedOverAllActivities) {
  const Result result = Computed(Plain({{"day.cap_minutes", "480"}}),
                                 {Came(1, "a", kSaturday, "08:00-14:00", "08:00-14:00"),
                                  Came(2, "b", kSaturday, "14:00-20:00", "14:00-20:00"),
                                  Came(3, "a", "2026-03-15", "08:00-14:00", "08:00-09:00")});
  EXPECT_EQ(result.totals.minutes, 540);
  EXPECT_THAT(RulesOf(*LineOn(result, 2, DayAt(2026, 3, 14))), ElementsAre(Rule::kDayCap));
}

Policy Tiers() {
  return Plain({{"day.final_until_minutes", "480"}, {"day.parent_until_minutes", "720"}});
}

TEST(ComputeTest, TheTiersOfADayIncludeTheirEnds) {
  const auto totals = [](const char* presence) {
    const Totals all = Computed(Tiers(), {Came(1, "a", kSaturday, "06:00-23:00", presence)}).totals;
    return std::vector<int64_t>{all.minutes, all.awaiting_parent, all.awaiting_province};
  };
  EXPECT_THAT(totals("06:00-14:00"), ElementsAre(480, 0, 0));
  EXPECT_THAT(totals("06:00-14:01"), ElementsAre(480, 1, 0));
  EXPECT_THAT(totals("06:00-18:00"), ElementsAre(480, 240, 0));
  EXPECT_THAT(totals("06:00-18:01"), ElementsAre(480, 240, 1));
}

TEST(ComputeTest, TiersRunOverTheWholeDayAndSayWhoIsAsked) {
  const Result result = Computed(Tiers(), {Came(1, "a", kSaturday, "06:00-13:00", "06:00-13:00"),
                                           Came(2, "b", kSaturday, "13:00-20:00", "13:00-20:00")});
  EXPECT_EQ(result.lines[0].status, LineStatus::kCredited);
  EXPECT_EQ(result.lines[1].status, LineStatus::kAwaitsProvince);
  EXPECT_EQ(result.lines[1].minutes, 60);
  EXPECT_EQ(result.lines[1].awaiting_parent, 240);
  EXPECT_EQ(result.lines[1].awaiting_province, 120);
  EXPECT_THAT(RulesOf(result.lines[1]), ElementsAre(Rule::kAwaitsParent, Rule::kAwaitsProvince));
}

TEST(ComputeTest, AnApprovedTierIsCredited) {
  Facts facts;
  facts.visits = {Came(1, "a", kSaturday, "06:00-20:00", "06:00-20:00")};
  facts.approvals = {{DayAt(2026, 3, 14), Tier::kParent}, {DayAt(2026, 3, 15), Tier::kProvince}};
  const auto result = Compute(Tiers(), facts);
  ASSERT_THAT(result, support::IsOk());
  EXPECT_EQ(result->totals.minutes, 720);
  EXPECT_EQ(result->totals.awaiting_parent, 0);
  EXPECT_EQ(result->totals.awaiting_province, 120) << "approved for another day only";
  EXPECT_THAT(RulesOf(result->lines[0]), ElementsAre(Rule::kParentApproved, Rule::kAwaitsProvince));
}

TEST(ComputeTest, AnOpenVisitIsPendingAndWorthNothing) {
  const Result result = Computed(Plain(), {Came(1, "a", kSaturday, "09:00-12:00", "09:00-")});
  EXPECT_EQ(result.lines[0].status, LineStatus::kPending);
  EXPECT_THAT(RulesOf(result.lines[0]), ElementsAre(Rule::kOpen));
  EXPECT_EQ(result.totals.minutes, 0);
  EXPECT_EQ(result.totals.pending_visits, 1);
}

TEST(ComputeTest, AnAgreedEndIsNeverAboveTheActivitysLength) {
  Visit visit = Came(1, "a", kSaturday, "09:00-12:00", "09:00-");
  visit.agreed_end = At("2026-03-14 11:30");
  const Result agreed = Computed(Plain(), {visit});
  EXPECT_EQ(agreed.totals.minutes, 150);
  EXPECT_EQ(agreed.totals.minutes_entered_afterwards, 150) << "a class of its own";
  EXPECT_THAT(RulesOf(agreed.lines[0]), ElementsAre(Rule::kAgreedEnd));
  visit.agreed_end = At("2026-03-14 17:00");
  const Result capped = Computed(Plain({{"session.clip", "false"}}), {visit});
  EXPECT_EQ(capped.totals.minutes, 180);
  EXPECT_THAT(RulesOf(capped.lines[0]), ElementsAre(Rule::kAgreedEnd, Rule::kAgreedEndCapped));
}

TEST(ComputeTest, TheSweepFindsTheSameWheneverItRuns) {
  const Policy policy = Plain({{"open.pending_after_minutes", "240"}});
  const Facts facts{.visits = {Came(2, "b", kSaturday, "10:00-13:00", "10:00-"),
                               Came(1, "a", kSaturday, "09:00-12:00", "09:00-"),
                               Came(3, "c", kSaturday, "09:00-12:00", "09:00-12:00")},
                    .approvals = {}};
  const PendingVisit first{Id(1), At("2026-03-14 16:00")};
  const PendingVisit second{Id(2), At("2026-03-14 17:00")};
  EXPECT_THAT(SweepPending(policy, facts, At("2026-03-14 15:59:59")), IsEmpty());
  EXPECT_THAT(SweepPending(policy, facts, At("2026-03-14 16:00")), ElementsAre(first));
  EXPECT_THAT(SweepPending(policy, facts, At("2026-03-20 08:00")), ElementsAre(first, second))
      << "after days of downtime";
}

TEST(ComputeTest, PracticeIsNeverInATotal) {
  Visit practice = Came(1, "a", kSaturday, "09:00-12:00", "09:00-12:00");
  practice.practice = true;
  const Visit real = Came(2, "b", kSaturday, "10:00-11:00", "10:00-11:00");
  const Result result = Computed(Plain(), {practice, real});
  EXPECT_EQ(result.totals.minutes, 60) << "no overlap with practice";
  EXPECT_EQ(result.totals.practice_minutes, 180);
  EXPECT_TRUE(LineOn(result, 1, DayAt(2026, 3, 14))->practice);
}

TEST(ComputeTest, APairHasTheClassOfItsWeakerEnd) {
  Visit visit = Came(1, "a", kSaturday, "09:00-12:00", "09:00-10:00");
  visit.out_evidence = domain::EvidenceClass::kStaff;
  EXPECT_EQ(Computed(Plain(), {visit}).totals.minutes_attested, 60);
  visit.in_evidence = domain::EvidenceClass::kBackEntry;
  EXPECT_EQ(Computed(Plain(), {visit}).totals.minutes_entered_afterwards, 60);
  EXPECT_EQ(Computed(Plain(), {visit}).totals.minutes_witnessed, 0);
}

TEST(ComputeTest, MinutesBelongToTheDayOnWhichTheyWereServed) {
  const Result result = Computed(Tiers(), {Came(1, "a", kSaturday, "21:00-03:00", "21:30-02:15")});
  ASSERT_EQ(result.lines.size(), 2u);
  EXPECT_EQ(result.lines[0].day, DayAt(2026, 3, 14));
  EXPECT_EQ(result.lines[0].minutes, 150);
  EXPECT_EQ(result.lines[1].day, DayAt(2026, 3, 15));
  EXPECT_EQ(result.lines[1].from, At("2026-03-15 00:00"));
  EXPECT_EQ(result.lines[1].minutes, 135);
}

TEST(ComputeTest, MidnightCostsNoMinute) {
  Visit visit = Came(1, "a", kSaturday, "21:00-03:00", "23:30-00:30");
  visit.in += std::chrono::seconds(30);  // 29 min 30 s and 30 min
  *visit.out += std::chrono::seconds(30);
  const Result result = Computed(Plain(), {visit});
  EXPECT_EQ(result.totals.minutes, 60);
}

TEST(ComputeTest, LeapDayAndNewYearsEve) {
  const Result leap = Computed(Plain(), {Came(1, "a", "2028-02-28", "22:00-02:00", "22:00-02:00"),
                                         Came(2, "b", "2028-02-29", "22:00-02:00", "22:00-02:00")});
  EXPECT_EQ(LineOn(leap, 1, DayAt(2028, 2, 29))->minutes, 120);
  EXPECT_EQ(LineOn(leap, 2, DayAt(2028, 2, 29))->minutes, 120);
  EXPECT_EQ(LineOn(leap, 2, DayAt(2028, 3, 1))->minutes, 120);
  const Result year = Computed(Plain(), {Came(1, "a", "2026-12-31", "20:00-02:00", "20:00-02:00")});
  EXPECT_EQ(LineOn(year, 1, DayAt(2026, 12, 31))->minutes, 240);
  EXPECT_EQ(LineOn(year, 1, DayAt(2027, 1, 1))->minutes, 120);
}

TEST(ComputeTest, DaylightSavingChangesNoDuration) {
  const Policy berlin = Plain({{"time_zone", "\"Europe/Berlin\""}});
  // Forwards, 2026-03-29: from 22:00 to 06:00 on the wall are seven hours.
  Visit spring = Came(1, "a", "2026-03-28", "22:00-23:00", "22:00-23:00", "+01:00");
  spring.session_ends = At("2026-03-29 06:00", "+02:00");
  spring.out = spring.session_ends;
  spring.activity_length = Minutes(420);
  const Result forward = Computed(berlin, {spring});
  EXPECT_EQ(LineOn(forward, 1, DayAt(2026, 3, 28))->minutes, 120);
  EXPECT_EQ(LineOn(forward, 1, DayAt(2026, 3, 29))->minutes, 300);
  // Back, 2026-10-25: from 22:00 to 06:00 are nine; the hour from 02:00 comes twice and counts
  // twice, since she served it twice.
  Visit autumn = Came(1, "a", "2026-10-24", "22:00-23:00", "22:00-23:00", "+02:00");
  autumn.session_ends = At("2026-10-25 06:00", "+01:00");
  autumn.out = autumn.session_ends;
  autumn.activity_length = Minutes(540);
  const Result back = Computed(berlin, {autumn});
  EXPECT_EQ(LineOn(back, 1, DayAt(2026, 10, 24))->minutes, 120);
  EXPECT_EQ(LineOn(back, 1, DayAt(2026, 10, 25))->minutes, 420);
  EXPECT_EQ(back.totals.minutes, 540);
}

TEST(ComputeTest, BadFactsAreRefusedAndTheVisitIsNamed) {
  const Visit good = Came(1, "a", kSaturday, "09:00-12:00", "09:00-12:00");
  const auto refused = [&](auto&& change, const char* says) {
    Visit bad = good;
    change(bad);
    const auto result = Compute(Plain(), {.visits = {bad}, .approvals = {}});
    EXPECT_THAT(result, HasReason("BAD_FACTS")) << says;
    EXPECT_NE(base::Message(result.status()).find(says), std::string::npos)
        << base::Message(result.status());
  };
  refused([](Visit& v) { v.id = {}; }, "no id");
  refused([](Visit& v) { v.session_ends = v.session_starts; }, "does not end after its start");
  refused([](Visit& v) { v.session_ends += std::chrono::days(40); }, "within 31 days");
  refused([](Visit& v) { v.activity_length = Minutes(0); }, "length is not above 0");
  refused([](Visit& v) { v.windows = {{WindowKind::kBreak, {v.in, v.in}}}; }, "a break");
  refused([](Visit& v) { v.agreed_end = v.out; }, "both");
  refused([](Visit& v) { *v.out += std::chrono::days(40); }, "more than 31 days");
  refused([](Visit& v) { v.in = base::Time::min(); }, Id(1).ToString().c_str());
  EXPECT_THAT(Compute(Plain(), {.visits = {good, good}, .approvals = {}}), HasReason("BAD_FACTS"));
  Visit other = Came(2, "a", kSaturday, "09:00-12:00", "09:00-12:00");
  other.activity_length = Minutes(999);
  EXPECT_THAT(Compute(Plain(), {.visits = {good, other}, .approvals = {}}), HasReason("BAD_FACTS"));
  EXPECT_THAT(Compute(Plain(), {.visits = {}, .approvals = {{DayAt(2026, 1, 1), Tier::kFinal}}}),
              HasReason("BAD_FACTS"));
  EXPECT_EQ(Computed(Plain(), {}), Result());
}

}  // namespace
}  // namespace rollcall::hours
