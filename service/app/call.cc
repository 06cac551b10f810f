#include "app/call.h"

#include <charconv>
#include <string>

#include "absl/strings/cord.h"

namespace rollcall::app {
namespace {
constexpr char kRetryUrl[] = "rollcall.v1/retry_after_us";
}

absl::Status CheckRequestId(const base::Uuid& id) {
  if (!id.IsNil()) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_REQUEST_ID",
                         "request_id: a UUID of your own is needed");
}

absl::Status BusyError(base::Duration retry_after) {
  absl::Status status = base::MakeError(absl::StatusCode::kResourceExhausted, "BUSY",
                                        "the server has as much work as it can take; try again "
                                        "shortly");
  status.SetPayload(kRetryUrl, absl::Cord(std::to_string(retry_after.count())));
  return status;
}

std::optional<base::Duration> RetryAfter(const absl::Status& status) {
  const auto payload = status.GetPayload(kRetryUrl);
  if (!payload.has_value()) return std::nullopt;
  const std::string text(*payload);
  int64_t micros = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), micros);
  if (parsed.ec != std::errc()) return std::nullopt;
  return base::Duration(micros);
}

}  // namespace rollcall::app
