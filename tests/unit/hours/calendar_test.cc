#include "hours/calendar.h"

#include "made_up.h"

namespace rollcall::hours {
namespace {

using support::HasReason;
using support::IsOk;

CalendarYear Shipped(int year) {
  const std::string name = "cn-" + std::to_string(year) + ".toml";
  const auto parsed = ParseCalendarYear(
      support::ReadFile(support::SourceDir() / "service/hours/calendars" / name), name);
  EXPECT_THAT(parsed, IsOk());
  return parsed.value_or(CalendarYear());
}

Calendar China() {
  Calendar calendar("cn");
  EXPECT_THAT(calendar.Add(Shipped(2025)), IsOk());
  EXPECT_THAT(calendar.Add(Shipped(2026)), IsOk());
  return calendar;
}

bool Works(const Calendar& calendar, Day day) {
  const auto works = calendar.IsWorkingDay(day);
  EXPECT_THAT(works, IsOk());
  return works.value_or(false);
}

// The official notices give the days of each holiday, 28 in 2025 and 33 in 2026.
TEST(CalendarTest, TheYearsThatComeAlongHaveTheOfficialDays) {
  EXPECT_EQ(Shipped(2025).holidays.size(), 1u + 8 + 3 + 5 + 3 + 8);
  EXPECT_EQ(Shipped(2025).working_days.size(), 5u);
  EXPECT_EQ(Shipped(2026).holidays.size(), 3u + 9 + 3 + 5 + 3 + 3 + 7);
  EXPECT_EQ(Shipped(2026).working_days.size(), 6u);
  // 365 days without 104 weekend days are 261 in both years; holidays take away those on weekdays,
  // exchanged weekends give some back.
  Calendar calendar = China();
  EXPECT_EQ(calendar.WorkingDaysBetween(DayAt(2025, 1, 1), DayAt(2025, 12, 31)).value(), 248);
  EXPECT_EQ(calendar.WorkingDaysBetween(DayAt(2026, 1, 1), DayAt(2026, 12, 31)).value(), 248);
}

TEST(CalendarTest, HolidaysAreFreeAndExchangedWeekendsAreWorked) {
  const Calendar calendar = China();
  EXPECT_FALSE(Works(calendar, DayAt(2025, 1, 28)))
      << "New Year's Eve of the lunar year, a Tuesday";
  EXPECT_TRUE(Works(calendar, DayAt(2025, 1, 26))) << "a Sunday worked in exchange";
  EXPECT_FALSE(Works(calendar, DayAt(2025, 10, 8)));
  EXPECT_TRUE(Works(calendar, DayAt(2025, 10, 11)));
  EXPECT_FALSE(Works(calendar, DayAt(2026, 2, 23)));
  EXPECT_TRUE(Works(calendar, DayAt(2026, 2, 28)));
  EXPECT_TRUE(Works(calendar, DayAt(2026, 9, 20)));
  EXPECT_TRUE(Works(calendar, DayAt(2026, 3, 13))) << "an ordinary Friday";
  EXPECT_FALSE(Works(calendar, DayAt(2026, 3, 14))) << "an ordinary Saturday";
}

TEST(CalendarTest, WorkingDaysAreAddedOverHolidaysAndShiftedDays) {
  const Calendar calendar = China();
  const auto add = [&](Day day, int32_t count) {
    return FormatDay(calendar.AddWorkingDays(day, count).value_or(Day()));
  };
  EXPECT_EQ(add(DayAt(2026, 3, 13), 0), "2026-03-13");
  EXPECT_EQ(add(DayAt(2026, 3, 13), 1), "2026-03-16") << "Friday to Monday";
  EXPECT_EQ(add(DayAt(2026, 3, 14), 1), "2026-03-16") << "from a Saturday";
  EXPECT_EQ(add(DayAt(2026, 3, 13), 10), "2026-03-27");
  // From Thursday 12 February: Friday, Saturday (worked), 24 to 28 February (the 28th a Saturday),
  // 2 to 4 March.
  EXPECT_EQ(add(DayAt(2026, 2, 12), 10), "2026-03-04");
  EXPECT_EQ(add(DayAt(2025, 12, 30), 2), "2026-01-04")
      << "over New Year to a Sunday that is worked";
  EXPECT_EQ(calendar.WorkingDaysBetween(DayAt(2026, 2, 12), DayAt(2026, 3, 4)).value_or(0), 10);
  EXPECT_EQ(calendar.WorkingDaysBetween(DayAt(2026, 3, 4), DayAt(2026, 2, 12)).value_or(-1), 0);
}

TEST(CalendarTest, AMissingYearIsAnErrorThatNamesTheFile) {
  const Calendar calendar = China();
  for (const auto& status :
       {calendar.AddWorkingDays(DayAt(2026, 12, 25), 10).status(),
        calendar.IsWorkingDay(DayAt(2027, 1, 1)).status(),
        calendar.WorkingDaysBetween(DayAt(2026, 12, 1), DayAt(2027, 1, 5)).status()}) {
    EXPECT_THAT(status, HasReason("NO_CALENDAR"));
    EXPECT_NE(base::Message(status).find("2027: add cn-2027.toml"), std::string::npos);
  }
  EXPECT_THAT(calendar.AddWorkingDays(DayAt(2026, 12, 17), 10), IsOk()) << "ends in the known year";
  EXPECT_THAT(Calendar("cn").IsWorkingDay(DayAt(2026, 1, 5)), HasReason("NO_CALENDAR"));
}

TEST(CalendarTest, CountsAreBounded) {
  const Calendar calendar = China();
  EXPECT_THAT(calendar.AddWorkingDays(DayAt(2025, 1, 1), -1), HasReason("BAD_COUNT"));
  EXPECT_THAT(calendar.AddWorkingDays(DayAt(2025, 1, 1), 401), HasReason("BAD_COUNT"));
  EXPECT_THAT(calendar.AddWorkingDays(DayAt(2025, 1, 1), 400), IsOk());
  EXPECT_THAT(calendar.WorkingDaysBetween(DayAt(2000, 1, 1), DayAt(2026, 1, 1)),
              HasReason("BAD_COUNT"));
}

TEST(CalendarTest, AYearIsAddedOnceAndToItsOwnCalendar) {
  Calendar calendar = China();
  EXPECT_THAT(calendar.Add(Shipped(2026)), HasReason("CALENDAR_YEAR_TWICE"));
  EXPECT_THAT(Calendar("de").Add(Shipped(2026)), HasReason("BAD_CALENDAR"));
}

TEST(CalendarFileTest, FaultsAreNamedWithFileLineAndKey) {
  const auto complaint = [](const std::string& holidays, const std::string& working_days,
                            const std::string& rest = "") {
    const auto year =
        ParseCalendarYear("name = \"cn\"\nyear = 2026\nsource = \"x\"\nholidays = [" + holidays +
                              "]\nworking_days = [" + working_days + "]\n" + rest,
                          "cn-2026.toml");
    EXPECT_THAT(year, HasReason("BAD_CALENDAR"));
    return base::Message(year.status());
  };
  EXPECT_EQ(complaint("2025-12-31", ""), "cn-2026.toml:4: holidays: 2025-12-31 is not in 2026");
  EXPECT_EQ(complaint("2026-01-01, 2026-01-01", ""),
            "cn-2026.toml:4: holidays: 2026-01-01 is given twice");
  EXPECT_EQ(complaint("2026-01-03", "2026-01-03"),
            "cn-2026.toml:5: working_days: 2026-01-03 is among the holidays too");
  EXPECT_EQ(
      complaint("", "2026-01-05"),
      "cn-2026.toml:5: working_days: 2026-01-05 is no Saturday or Sunday: a working day anyhow");
  EXPECT_EQ(complaint("\"2026-01-01\"", ""),
            "cn-2026.toml:4: holidays: must be days such as 2026-01-01, without quotes");
  EXPECT_EQ(complaint("2026-02-29", "").rfind("cn-2026.toml:4: ", 0), 0u) << "no leap year";
  EXPECT_EQ(complaint("", "", "weekend = 1\n"), "cn-2026.toml:6: weekend: no such key");
  EXPECT_THAT(ParseCalendarYear("name = \"cn\"\n", "c.toml"), HasReason("BAD_CALENDAR"));
  EXPECT_THAT(ParseCalendarYear("year = [", "c.toml"), HasReason("BAD_CALENDAR"));
}

}  // namespace
}  // namespace rollcall::hours
