#include "app/look_input.h"

#include <chrono>
#include <cstdlib>
#include <string_view>

#include "base/text.h"

namespace rollcall::app {
namespace {

constexpr size_t kMaxDevice = 100;

absl::Status Invalid(std::string_view reason, std::string_view message) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, reason, message);
}

}  // namespace

absl::Status ValidateLookConfig(const LookConfig& config) {
  RETURN_IF_ERROR(base::ValidateId(config.kiosk.value, "kiosk_id"));
  if (config.source == domain::SourceKind::kNone) {
    return Invalid("BAD_SOURCE", "say what the source is: a camera, a video file or pictures");
  }
  if (!config.device.empty()) {
    RETURN_IF_ERROR(base::ValidateDisplayText(config.device, "device", kMaxDevice));
  }
  const recognition::Zone& zone = config.zone;
  // Written so that a NaN is refused.
  if (!(zone.x1 >= 0 && zone.x1 < zone.x2 && zone.x2 <= 1) ||
      !(zone.y1 >= 0 && zone.y1 < zone.y2 && zone.y2 <= 1)) {
    return Invalid("BAD_ZONE", "a zone is a rectangle in fractions of the picture, 0 to 1");
  }
  return absl::OkStatus();
}

absl::Status ValidateFrame(const Frame& frame, int64_t last_frame_id, base::Time now,
                           const ServiceSettings& settings) {
  if (frame.frame_id <= 0 || frame.frame_id <= last_frame_id) {
    return Invalid("FRAME_ORDER", "frame_id must be above 0 and grow from frame to frame");
  }
  if (frame.content.size() > static_cast<size_t>(settings.stream.frame_bytes_max)) {
    return Invalid("FRAME_TOO_LARGE",
                   "a frame has at most " + std::to_string(settings.stream.frame_bytes_max) +
                       " bytes, this one " + std::to_string(frame.content.size()));
  }
  return CheckKioskTime(frame.capture_time, now, settings);
}

absl::Status CheckKioskTime(base::Time time, base::Time now, const ServiceSettings& settings) {
  const base::Duration off = time - now;
  if (off > settings.clock_tolerance || off < -settings.clock_tolerance) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(off).count();
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "CLOCK_OFF",
                           "the kiosk's clock is " + std::to_string(std::abs(seconds)) + " s " +
                               (seconds < 0 ? "behind" : "ahead of") + " the server's: set it");
  }
  return absl::OkStatus();
}

}  // namespace rollcall::app
