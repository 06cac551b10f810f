#ifndef ROLLCALL_HOURS_ZONE_H_
#define ROLLCALL_HOURS_ZONE_H_

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/status.h"

namespace date {
class time_zone;
}

namespace rollcall::hours {

// A day of the calendar where the activity is, without a clock time.
using Day = std::chrono::local_days;

// "2026-11-24".
std::string FormatDay(Day day);

// A time zone of the IANA database by its name. Instants stay UTC everywhere; a zone only says on
// which day an instant falls and what the clock on the wall showed. Copying is free. Thread-safe.
class Zone {
 public:
  Zone() = default;  // UTC

  // InvalidArgument, reason BAD_TIME_ZONE: the machine's database (Debian package tzdata) knows no
  // such name.
  static absl::StatusOr<Zone> Find(std::string_view name);

  std::string name() const;
  Day DayOf(base::Time time) const;
  // The first instant of `day`. Where the clock is put forward over midnight, that is the instant
  // after the gap; where midnight comes twice, the first one.
  base::Time StartOf(Day day) const;
  // "09:00", or "09:00:07" where the seconds are not zero.
  std::string ClockTime(base::Time time) const;

 private:
  const date::time_zone* zone_ = nullptr;  // null: UTC
};

}  // namespace rollcall::hours

#endif  // ROLLCALL_HOURS_ZONE_H_
