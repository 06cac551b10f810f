#include "base/clock.h"

#include "absl/time/time.h"

namespace rollcall::base {

std::string FormatTime(Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixMicros(ToUnixMicros(time)),
                          absl::UTCTimeZone());
}

absl::StatusOr<Time> ParseTime(std::string_view text) {
  absl::Time parsed;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, ToAbsl(text), &parsed, &error) ||
      parsed == absl::InfiniteFuture() || parsed == absl::InfinitePast()) {
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
