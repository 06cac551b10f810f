#include "hours/zone.h"

#include "made_up.h"

namespace rollcall::hours {
namespace {

using support::HasReason;
using support::IsOk;

Zone Named(const char* name) {
  const auto zone = Zone::Find(name);
  EXPECT_THAT(zone, IsOk()) << name;
  return zone.value_or(Zone());
}

TEST(ZoneTest, SaysOnWhichDayAnInstantFalls) {
  const Zone shanghai = Named("Asia/Shanghai");
  EXPECT_EQ(shanghai.DayOf(At("2026-11-24 15:59:59", "Z")), DayAt(2026, 11, 24));
  EXPECT_EQ(shanghai.DayOf(At("2026-11-24 16:00", "Z")), DayAt(2026, 11, 25));
  EXPECT_EQ(shanghai.StartOf(DayAt(2026, 11, 25)), At("2026-11-24 16:00", "Z"));
  EXPECT_EQ(Zone().DayOf(At("2026-11-24 23:59:59", "Z")), DayAt(2026, 11, 24));
  EXPECT_EQ(Zone().StartOf(DayAt(2026, 11, 24)), At("2026-11-24 00:00", "Z"));
  EXPECT_EQ(shanghai.name(), "Asia/Shanghai");
  EXPECT_EQ(Zone().name(), "UTC");
}

TEST(ZoneTest, DaysOfTheChangeOfTheClockHave23And25Hours) {
  const Zone berlin = Named("Europe/Berlin");
  const auto length = [&](Day day) {
    return berlin.StartOf(day + std::chrono::days(1)) - berlin.StartOf(day);
  };
  EXPECT_EQ(length(DayAt(2026, 3, 28)), std::chrono::hours(24));
  EXPECT_EQ(length(DayAt(2026, 3, 29)), std::chrono::hours(23));
  EXPECT_EQ(length(DayAt(2026, 10, 25)), std::chrono::hours(25));
}

TEST(ZoneTest, AMidnightThatDoesNotExistIsTheInstantAfterTheGap) {
  const Zone paulo = Named("America/Sao_Paulo");  // 2018-11-04: 00:00 became 01:00
  EXPECT_EQ(paulo.StartOf(DayAt(2018, 11, 4)), At("2018-11-04 03:00", "Z"));
  EXPECT_EQ(paulo.ClockTime(paulo.StartOf(DayAt(2018, 11, 4))), "01:00");
  EXPECT_EQ(paulo.DayOf(At("2018-11-04 02:59:59", "Z")), DayAt(2018, 11, 3));
}

TEST(ZoneTest, ClockTimesAndDaysInText) {
  const Zone shanghai = Named("Asia/Shanghai");
  EXPECT_EQ(shanghai.ClockTime(At("2026-11-24 09:00")), "09:00");
  EXPECT_EQ(shanghai.ClockTime(At("2026-11-24 09:00:07")), "09:00:07");
  EXPECT_EQ(FormatDay(DayAt(2028, 2, 29)), "2028-02-29");
  EXPECT_EQ(FormatDay(DayAt(2026, 12, 31)), "2026-12-31");
}

TEST(ZoneTest, AnUnknownNameIsRefused) {
  for (const char* name : {"", "Asia/Peking2", "../../etc/passwd", "+08:00"}) {
    EXPECT_THAT(Zone::Find(name), HasReason("BAD_TIME_ZONE")) << name;
  }
}

}  // namespace
}  // namespace rollcall::hours
