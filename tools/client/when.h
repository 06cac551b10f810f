#ifndef ROLLCALL_CLIENT_WHEN_H_
#define ROLLCALL_CLIENT_WHEN_H_

#include <google/protobuf/timestamp.pb.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/status.h"

namespace rollcall::client {

base::Time FromProto(const google::protobuf::Timestamp& timestamp);
google::protobuf::Timestamp ToProto(base::Time time);

// Reads a time as a person writes it: "now", RFC 3339 ("2026-11-24T08:00:00+08:00"), or a distance
// from `origin` in days, hours and minutes ("+3h", "+1h30m", "-10m", "+2d").
// InvalidArgument, reason BAD_TIME, with the accepted forms: anything else.
absl::StatusOr<base::Time> ParseWhen(std::string_view text, base::Time now, base::Time origin);

struct Stretch {
  base::Time starts;
  base::Time ends;
};

// Reads a part of something that begins at `origin`: "12:00-13:00", clock times of this machine's
// time zone, the first ones not before `origin`; or two times as ParseWhen reads them with a slash
// between, the second counted from the first ("+4h/+1h").
// InvalidArgument, reason BAD_TIME, with the accepted forms: anything else.
absl::StatusOr<Stretch> ParseStretch(std::string_view text, base::Time now, base::Time origin);

// "2026-11-24 16:00" in this machine's time zone; "" for an unset timestamp.
std::string LocalTime(const google::protobuf::Timestamp& timestamp);

// "16:00" in this machine's time zone.
std::string LocalClock(const google::protobuf::Timestamp& timestamp);

// Minutes as hours: "2:05", "0:00", "-1:30".
std::string Hours(int64_t minutes);

}  // namespace rollcall::client

#endif  // ROLLCALL_CLIENT_WHEN_H_
