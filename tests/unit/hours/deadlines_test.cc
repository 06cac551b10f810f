#include "hours/deadlines.h"

#include "made_up.h"

namespace rollcall::hours {
namespace {

using support::HasReason;
using support::IsOk;

Calendar China() {
  Calendar calendar("cn");
  for (const char* name : {"cn-2025.toml", "cn-2026.toml"}) {
    const auto year = ParseCalendarYear(
        support::ReadFile(support::SourceDir() / "service/hours/calendars" / name), name);
    EXPECT_THAT(year, IsOk());
    EXPECT_THAT(calendar.Add(year.value_or(CalendarYear())), IsOk());
  }
  return calendar;
}

ActivityEnd Ended(const char* activity, const char* time) {
  return {domain::OrganisationId("hall"), domain::ActivityId(activity), At(time), std::nullopt};
}

// MCA Order 67, Art. 11.
TEST(DeadlinesTest, ServiceIsRecordedWithinTenWorkingDaysOfTheEnd) {
  const Policy policy = Shipped("order-67");
  ActivityEnd activity = Ended("a", "2026-02-12 23:30");  // a Thursday before the Spring Festival
  const auto at = [&](const char* now) {
    const auto deadline = DeadlineOf(policy, China(), activity, At(now));
    EXPECT_THAT(deadline, IsOk());
    return deadline.value_or(RecordingDeadline());
  };
  EXPECT_EQ(FormatDay(at("2026-02-13 08:00").due), "2026-03-04");
  EXPECT_EQ(FormatDay(at("2026-02-13 08:00").ended), "2026-02-12") << "in the policy's time zone";
  EXPECT_FALSE(at("2026-03-04 23:59").late) << "the last day counts";
  EXPECT_TRUE(at("2026-03-05 00:00").late);
  EXPECT_EQ(at("2026-03-05 00:00").working_days_late, 1);
  EXPECT_EQ(at("2026-03-09 00:00").working_days_late, 3) << "the weekend between does not count";
  activity.recorded = At("2026-03-04 20:00");
  EXPECT_FALSE(at("2026-06-01 00:00").late);
  activity.recorded = At("2026-03-06 20:00");
  EXPECT_EQ(at("2026-06-01 00:00").working_days_late, 2) << "until it was recorded";
}

TEST(DeadlinesTest, TheOverdueListHasTheLongestOverdueFirst) {
  ActivityEnd done = Ended("done", "2026-03-01 12:00");
  done.recorded = At("2026-05-01 12:00");
  const auto overdue =
      Overdue(Shipped("default"), China(),
              {Ended("b", "2026-03-13 12:00"), Ended("in time", "2026-03-20 12:00"),
               Ended("a", "2026-03-13 12:00"), done, Ended("first", "2026-03-10 12:00"),
               Ended("not over", "2026-12-24 12:00")},
              At("2026-03-30 09:00"));
  ASSERT_THAT(overdue, IsOk());
  std::vector<std::string> names;
  for (const RecordingDeadline& each : *overdue) names.push_back(each.activity.value);
  EXPECT_THAT(names, testing::ElementsAre("first", "a", "b"));
}

TEST(DeadlinesTest, AMissingYearOrRuleIsAnError) {
  EXPECT_THAT(DeadlineOf(Shipped("default"), China(), Ended("a", "2026-12-24 12:00"),
                         At("2026-12-28 12:00")),
              HasReason("NO_CALENDAR"));
  EXPECT_THAT(Overdue(Shipped("default"), China(), {Ended("a", "2026-12-24 12:00")},
                      At("2026-12-28 12:00")),
              HasReason("NO_CALENDAR"));
  EXPECT_THAT(DeadlineOf(Plain({{"recording.working_days", "0"}}), China(),
                         Ended("a", "2026-03-13 12:00"), At("2026-03-14 12:00")),
              HasReason("NO_DEADLINE"));
}

}  // namespace
}  // namespace rollcall::hours
