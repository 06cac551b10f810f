#include "client/when.h"

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

std::string Hours(int64_t minutes) {
  char text[32];
  const int64_t size = std::llabs(minutes);
  std::snprintf(text, sizeof text, "%s%lld:%02lld", minutes < 0 ? "-" : "",
                static_cast<long long>(size / 60), static_cast<long long>(size % 60));
  return text;
}

}  // namespace rollcall::client
