#include "hours/calendar.h"

#include <utility>

namespace rollcall::hours {
namespace {

using std::chrono::days;

int32_t YearOf(Day day) {
  return static_cast<int32_t>(static_cast<int>(std::chrono::year_month_day(day).year()));
}

absl::Status BadCount(std::string_view what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_COUNT", what);
}

}  // namespace

absl::Status Calendar::Add(CalendarYear year) {
  if (year.name != name_) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument, "BAD_CALENDAR",
        "a year of the calendar \"" + year.name + "\" is none of \"" + name_ + "\"");
  }
  const int32_t number = year.year;
  if (!years_.try_emplace(number, std::move(year)).second) {
    return base::MakeError(absl::StatusCode::kAlreadyExists, "CALENDAR_YEAR_TWICE",
                           "calendar " + name_ + ": two files for " + std::to_string(number));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Calendar::IsWorkingDay(Day day) const {
  const auto year = years_.find(YearOf(day));
  if (year == years_.end()) {
    const std::string number = std::to_string(YearOf(day));
    return base::MakeError(
        absl::StatusCode::kFailedPrecondition, "NO_CALENDAR",
        "no holidays are known for " + number + ": add " + name_ + "-" + number + ".toml");
  }
  if (year->second.working_days.contains(day)) return true;
  if (year->second.holidays.contains(day)) return false;
  return std::chrono::weekday(day).iso_encoding() <= 5;
}

absl::StatusOr<Day> Calendar::AddWorkingDays(Day day, int32_t count) const {
  if (count < 0 || count > kMaxWorkingDays) {
    return BadCount("working days must be from 0 to " + std::to_string(kMaxWorkingDays));
  }
  while (count > 0) {
    day += days(1);
    ASSIGN_OR_RETURN(const bool works, IsWorkingDay(day));
    if (works) --count;
  }
  return day;
}

absl::StatusOr<int32_t> Calendar::WorkingDaysBetween(Day from, Day to) const {
  if (to - from > days(3660)) return BadCount("working days are counted over at most ten years");
  int32_t count = 0;
  for (Day day = from + days(1); day <= to; day += days(1)) {
    ASSIGN_OR_RETURN(const bool works, IsWorkingDay(day));
    if (works) ++count;
  }
  return count;
}

}  // namespace rollcall::hours
