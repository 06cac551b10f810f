#include "hours/zone.h"

#include <date/date.h>
#include <date/tz.h>

#include <cstdio>
#include <exception>

#include "base/text.h"

namespace rollcall::hours {
namespace {

date::local_time<base::Duration> Local(const date::time_zone* zone, base::Time time) {
  return zone == nullptr ? date::local_time<base::Duration>(time.time_since_epoch())
                         : zone->to_local(time);
}

}  // namespace

std::string FormatDay(Day day) {
  const std::chrono::year_month_day date(day);
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

absl::StatusOr<Zone> Zone::Find(std::string_view name) {
  Zone zone;
  if (name == "UTC") return zone;
  try {
    zone.zone_ = date::locate_zone(std::string(name));
  } catch (const std::exception&) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_TIME_ZONE",
                           "no time zone is called \"" + base::Printable(name, 64) +
                               "\"; names are such as \"Asia/Shanghai\" (package tzdata)");
  }
  return zone;
}

std::string Zone::name() const { return zone_ == nullptr ? "UTC" : zone_->name(); }

Day Zone::DayOf(base::Time time) const {
  return Day(date::floor<date::days>(Local(zone_, time)).time_since_epoch());
}

base::Time Zone::StartOf(Day day) const {
  const base::Duration since(day.time_since_epoch());
  if (zone_ == nullptr) return base::Time(since);
  return zone_->to_sys(date::local_time<base::Duration>(since), date::choose::earliest);
}

std::string Zone::ClockTime(base::Time time) const {
  const auto local = Local(zone_, time);
  const auto seconds = date::floor<std::chrono::seconds>(local - date::floor<date::days>(local));
  const int64_t count = seconds.count();
  char text[32];
  const int length =
      std::snprintf(text, sizeof text, "%02d:%02d:%02d", static_cast<int>(count / 3600),
                    static_cast<int>(count / 60 % 60), static_cast<int>(count % 60));
  return std::string(text, static_cast<size_t>(count % 60 == 0 ? length - 3 : length));
}

}  // namespace rollcall::hours
