#ifndef ROLLCALL_BASE_CLOCK_H_
#define ROLLCALL_BASE_CLOCK_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

// Time is injected: nothing outside SystemClock reads the machine's clock.
namespace rollcall::base {

// Microseconds since 1970-01-01T00:00:00Z, without leap seconds. What is stored and compared.
using Time = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;

inline int64_t ToUnixMicros(Time time) { return time.time_since_epoch().count(); }
inline Time FromUnixMicros(int64_t micros) { return Time(Duration(micros)); }

// Returns `time` as RFC 3339 in UTC with seconds, for example 2026-11-24T08:00:00Z.
std::string FormatTime(Time time);

// Parses RFC 3339 with an offset ("2026-11-24T08:00:00+08:00", "...Z").
// InvalidArgument, reason BAD_TIME: anything else, local times without an offset included.
absl::StatusOr<Time> ParseTime(std::string_view text);

// Thread-safety: Now() may be called concurrently.
class Clock {
 public:
  virtual ~Clock() = default;
  // The wall clock. May jump in either direction; never use differences of it to measure waiting.
  virtual Time Now() const = 0;
  // A clock that never goes back; its zero is arbitrary.
  virtual Duration Monotonic() const = 0;
};

class SystemClock final : public Clock {
 public:
  Time Now() const override;
  Duration Monotonic() const override;
};

// A clock moved by hand, for tests. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start) : now_(ToUnixMicros(start)), monotonic_(0) {}
  Time Now() const override { return FromUnixMicros(now_.load()); }
  Duration Monotonic() const override { return Duration(monotonic_.load()); }
  // Moves both clocks; `by` may be negative for the wall clock only (SetNow).
  void Advance(Duration by) {
    now_ += by.count();
    monotonic_ += by.count();
  }
  // Makes the wall clock jump; the monotonic clock stays.
  void SetNow(Time time) { now_ = ToUnixMicros(time); }

 private:
  std::atomic<int64_t> now_;
  std::atomic<int64_t> monotonic_;
};

}  // namespace rollcall::base

#endif  // ROLLCALL_BASE_CLOCK_H_
