#include "base/clock.h"

#include "absl/time/time.h"

namespace rollcall::base {
namespace {

// Whether `text` is written as RFC 3339 demands (5.6); what the numbers mean is another question.
// absl also takes blanks at either end, single digits, long years and offsets without a colon.
bool IsWrittenAsTime(std::string_view text) {
  const auto take = [&text](std::string_view shape) {  // where 0 stands for any digit
    if (text.size() < shape.size()) return false;
    for (size_t i = 0; i < shape.size(); ++i) {
      const bool digit = text[i] >= '0' && text[i] <= '9';
      if (shape[i] == '0' ? !digit : text[i] != shape[i]) return false;
    }
    text.remove_prefix(shape.size());
    return true;
  };
  if (!take("0000-00-00") || !(take("T") || take("t")) || !take("00:00:00")) return false;
  if (take(".")) {
    if (!take("0")) return false;
    while (take("0")) {
    }
  }
  return (take("Z") || take("z") || take("+00:00") || take("-00:00")) && text.empty();
}

}  // namespace

std::string FormatTime(Time time) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%SZ", absl::FromUnixMicros(ToUnixMicros(time)),
                          absl::UTCTimeZone());
}

absl::StatusOr<Time> ParseTime(std::string_view text) {
  absl::Time parsed;
  std::string error;
  if (!IsWrittenAsTime(text) ||
      !absl::ParseTime(absl::RFC3339_full, ToAbsl(text), &parsed, &error)) {
    return MakeError(absl::StatusCode::kInvalidArgument, "BAD_TIME",
                     "expected a time such as 2026-11-24T08:00:00+08:00 (RFC 3339 with an offset)");
  }
  return FromUnixMicros(absl::ToUnixMicros(parsed));
}

Time SystemClock::Now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

Duration SystemClock::Monotonic() const {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace rollcall::base
