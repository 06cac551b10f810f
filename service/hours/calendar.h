#ifndef ROLLCALL_HOURS_CALENDAR_H_
#define ROLLCALL_HOURS_CALENDAR_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/status.h"
#include "hours/zone.h"

namespace rollcall::hours {

// One year of one country: what differs from "Monday to Friday are working days".
struct CalendarYear {
  std::string name;  // of the calendar: "cn"
  int32_t year = 0;
  std::string source;
  std::set<Day> holidays;      // weekends among them may stand here too
  std::set<Day> working_days;  // Saturdays and Sundays on which people work in exchange
};

// Reads one calendar file (TOML; service/hours/calendars has examples). `file_name`: for messages.
// InvalidArgument, reason BAD_CALENDAR: not TOML, an unknown or missing key, a wrong value, a day
// of another year, a day given twice, a working day that is a holiday or no Saturday or Sunday. The
// message names file, line and key.
absl::StatusOr<CalendarYear> ParseCalendarYear(std::string_view text, const std::string& file_name);

constexpr int32_t kMaxWorkingDays = 400;

// The years of one calendar. A year that is missing is an error, never a guess: holidays are
// decided anew each autumn. Const methods may be called concurrently.
class Calendar {
 public:
  explicit Calendar(std::string name) : name_(std::move(name)) {}

  // AlreadyExists, reason CALENDAR_YEAR_TWICE. InvalidArgument, reason BAD_CALENDAR: of another
  // calendar.
  absl::Status Add(CalendarYear year);

  // FailedPrecondition, reason NO_CALENDAR: the year was not added; the message names the file that
  // is missing ("cn-2027.toml"). So for all that follow.
  absl::StatusOr<bool> IsWorkingDay(Day day) const;
  // The `count`th working day after `day`, which does not count itself; `day` where count is 0.
  // InvalidArgument, reason BAD_COUNT: not from 0 to kMaxWorkingDays.
  absl::StatusOr<Day> AddWorkingDays(Day day, int32_t count) const;
  // Working days after `from` up to `to` and with it; 0 where `to` is not after `from`.
  // InvalidArgument, reason BAD_COUNT: more than ten years.
  absl::StatusOr<int32_t> WorkingDaysBetween(Day from, Day to) const;

 private:
  std::string name_;
  std::map<int32_t, CalendarYear> years_;
};

}  // namespace rollcall::hours

#endif  // ROLLCALL_HOURS_CALENDAR_H_
