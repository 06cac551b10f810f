#include "client/when.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <optional>

namespace rollcall::client {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
// Longer than any session; keeps sums far from overflow.
constexpr int64_t kMaxDistanceMinutes = 366 * 24 * 60;

// "1h30m", "2d", "90m": one or more numbers, each with its unit.
std::optional<base::Duration> ParseDistance(std::string_view text) {
  int64_t minutes = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto digits = static_cast<size_t>(end - text.data());
    if (error != std::errc() || number < 0 || number > kMaxDistanceMinutes ||
        digits == text.size()) {
      return std::nullopt;
    }
    switch (text[digits]) {
      case 'd':
        minutes += number * 24 * 60;
        break;
      case 'h':
        minutes += number * 60;
        break;
      case 'm':
        minutes += number;
        break;
      default:
        return std::nullopt;
    }
    if (minutes > kMaxDistanceMinutes) return std::nullopt;
    text.remove_prefix(digits + 1);
  }
  return std::chrono::minutes(minutes);
}

// "08:30" as minutes of a day.
std::optional<int> ParseClock(std::string_view text) {
  const auto digit = [&](size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  if (!digit(0) || !digit(1) || !digit(3) || !digit(4)) return std::nullopt;
  const int hours = (text[0] - '0') * 10 + (text[1] - '0');
  const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
  if (hours > 23 || minutes > 59) return std::nullopt;
  return hours * 60 + minutes;
}

// The first moment from `origin` on at which a clock here shows so many minutes of a day.
base::Time NextAtClock(int minutes, base::Time origin) {
  const std::time_t seconds = base::ToUnixMicros(origin) / kMicrosPerSecond;
  std::tm local{};
  localtime_r(&seconds, &local);
  for (int day = 0;; ++day) {
    std::tm wanted{};
    wanted.tm_year = local.tm_year;
    wanted.tm_mon = local.tm_mon;
    wanted.tm_mday = local.tm_mday + day;
    wanted.tm_hour = minutes / 60;
    wanted.tm_min = minutes % 60;
    wanted.tm_isdst = -1;
    const base::Time found = base::FromUnixMicros(std::mktime(&wanted) * kMicrosPerSecond);
    if (found >= origin || day == 1) return found;
  }
}

}  // namespace

base::Time FromProto(const google::protobuf::Timestamp& timestamp) {
  return base::FromUnixMicros(timestamp.seconds() * kMicrosPerSecond + timestamp.nanos() / 1'000);
}

google::protobuf::Timestamp ToProto(base::Time time) {
  const int64_t micros = base::ToUnixMicros(time);
  int64_t seconds = micros / kMicrosPerSecond;
  int64_t rest = micros % kMicrosPerSecond;
  if (rest < 0) {
    seconds -= 1;
    rest += kMicrosPerSecond;
  }
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int32_t>(rest * 1'000));
  return timestamp;
}

absl::StatusOr<base::Time> ParseWhen(std::string_view text, base::Time now, base::Time origin) {
  if (text == "now") return now;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    if (const auto distance = ParseDistance(text.substr(1))) {
      return text[0] == '+' ? origin + *distance : origin - *distance;
    }
  } else if (const auto time = base::ParseTime(text); time.ok()) {
    return *time;
  }
  std::string message = "\"";
  message += text;
  message +=
      "\" is no time; write now, 2026-11-24T08:00:00+08:00, or a distance such as +3h or +1h30m";
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_TIME", message);
}

std::string LocalTime(const google::protobuf::Timestamp& timestamp) {
  if (timestamp.seconds() == 0 && timestamp.nanos() == 0) return "";
  const std::time_t seconds = timestamp.seconds();
  std::tm local{};
  if (localtime_r(&seconds, &local) == nullptr) return base::FormatTime(FromProto(timestamp));
  char text[32];
  return std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local) > 0 ? text : "";
}

absl::StatusOr<Stretch> ParseStretch(std::string_view text, base::Time now, base::Time origin) {
  if (const size_t slash = text.find('/'); slash != std::string_view::npos) {
    ASSIGN_OR_RETURN(const base::Time starts, ParseWhen(text.substr(0, slash), now, origin));
    ASSIGN_OR_RETURN(const base::Time ends, ParseWhen(text.substr(slash + 1), now, starts));
    return Stretch{starts, ends};
  }
  const size_t dash = text.find('-');
  const auto from = ParseClock(text.substr(0, dash));
  const auto until = ParseClock(dash == std::string_view::npos ? "" : text.substr(dash + 1));
  if (from && until) {
    const base::Time starts = NextAtClock(*from, origin);
    return Stretch{starts, NextAtClock(*until, starts)};
  }
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_TIME",
                         "\"" + std::string(text) +
                             "\" is no part of a session; write 12:00-13:00, or two times with a "
                             "slash between, such as +4h/+1h");
}

std::string LocalClock(const google::protobuf::Timestamp& timestamp) {
  const std::string text = LocalTime(timestamp);
  return text.substr(std::min(text.size(), text.find(' ') + 1));
}

std::string Hours(int64_t minutes) {
  char text[32];
  const int64_t size = std::llabs(minutes);
  std::snprintf(text, sizeof text, "%s%lld:%02lld", minutes < 0 ? "-" : "",
                static_cast<long long>(size / 60), static_cast<long long>(size % 60));
  return text;
}

}  // namespace rollcall::client
