#ifndef ROLLCALL_APP_LOOK_INPUT_H_
#define ROLLCALL_APP_LOOK_INPUT_H_

#include <cstdint>
#include <string>

#include "app/settings.h"
#include "base/clock.h"
#include "base/shared_bytes.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/evidence.h"
#include "domain/ids.h"
#include "recognition/face_pipeline.h"

// What a kiosk brings, and whether it may be looked at.
namespace rollcall::app {

// What a frame stream says about itself at its start.
struct LookConfig {
  domain::SessionKey session;  // may leave out what RosterBook::Resolve fills in
  domain::KioskId kiosk;       // empty: the caller's own
  domain::SourceKind source = domain::SourceKind::kCamera;
  recognition::Zone zone;    // 0 <= x1 < x2 <= 1, the same for y
  std::string device;        // what takes the pictures, display text of at most 100 bytes
  bool vouched_for = false;  // `source` and `device` are signed by the kiosk's key
  base::Uuid request;        // of a CheckIn; nil: a stream
};

struct Frame {
  int64_t frame_id = 0;       // above 0 and above that of the frame before
  base::Time capture_time;    // by the kiosk's clock
  base::SharedBytes content;  // JPEG or PNG; of a CheckIn still in the message that came
  bool starts_visit = false;  // what was seen before is forgotten
  bool ends_visit = false;    // decide on what there is
};

// OK when a stream may be opened so. InvalidArgument: BAD_ID (kiosk), BAD_ZONE, BAD_SOURCE (kNone),
// BAD_TEXT (device).
absl::Status ValidateLookConfig(const LookConfig& config);

// OK when a kiosk's `time` is within the tolerance of `now`. FailedPrecondition, reason CLOCK_OFF,
// saying by how many seconds it is off.
absl::Status CheckKioskTime(base::Time time, base::Time now, const ServiceSettings& settings);

// OK when `frame` may follow one with `last_frame_id`. InvalidArgument, reasons FRAME_ORDER,
// FRAME_TOO_LARGE; errors of CheckKioskTime.
absl::Status ValidateFrame(const Frame& frame, int64_t last_frame_id, base::Time now,
                           const ServiceSettings& settings);

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_LOOK_INPUT_H_
