#include <vector>

#include "base/toml_reader.h"
#include "hours/calendar.h"

namespace rollcall::hours {
namespace {

// A year has few exceptions; a file with more is a mistake.
constexpr size_t kMaxDays = 150;

std::set<Day> ReadDays(base::TomlReader& file, const char* key, int32_t year) {
  const std::vector<Day> list = file.Days(key, kMaxDays);
  std::set<Day> days;
  for (const Day day : list) {
    if (std::chrono::year_month_day(day).year() != std::chrono::year(year)) {
      file.Complain(key, FormatDay(day) + " is not in " + std::to_string(year));
    }
    if (!days.insert(day).second) file.Complain(key, FormatDay(day) + " is given twice");
  }
  return days;
}

}  // namespace

absl::StatusOr<CalendarYear> ParseCalendarYear(std::string_view text,
                                               const std::string& file_name) {
  ASSIGN_OR_RETURN(base::TomlReader file, base::TomlReader::Parse(text, file_name, "BAD_CALENDAR"));
  CalendarYear year;
  year.name = file.Id("name");
  year.year = static_cast<int32_t>(file.Integer("year", 1970, 2199));
  year.source = file.Text("source", 1000);
  year.holidays = ReadDays(file, "holidays", year.year);
  year.working_days = ReadDays(file, "working_days", year.year);
  for (const Day day : year.working_days) {
    if (year.holidays.contains(day)) {
      file.Complain("working_days", FormatDay(day) + " is among the holidays too");
    }
    if (std::chrono::weekday(day).iso_encoding() <= 5) {
      file.Complain("working_days",
                    FormatDay(day) + " is no Saturday or Sunday: a working day anyhow");
    }
  }
  RETURN_IF_ERROR(file.Finish());
  return year;
}

}  // namespace rollcall::hours
