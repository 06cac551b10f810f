#include "app/alarm.h"

#include <string>

#include "base/log.h"

namespace rollcall::app {

std::string_view ToString(Alarm alarm) {
  switch (alarm) {
    case Alarm::kFrameRepeated:
      return "frame_repeated";
    case Alarm::kFaceStill:
      return "face_still";
    case Alarm::kEnrolmentPhoto:
      return "enrolment_photo";
    case Alarm::kFaceAttempts:
      return "face_attempts";
    case Alarm::kPinAttempts:
      return "pin_attempts";
    case Alarm::kPinLocked:
      return "pin_locked";
  }
  return "unknown";
}

void Raise(base::Metrics& metrics, Alarm alarm, const domain::KioskId& kiosk) {
  metrics
      .GetCounter("rollcall_alarms_total", "What somebody should look into, by kind",
                  {{"alarm", std::string(ToString(alarm))}})
      .Add();
  base::log::Warning("alarm", {{"alarm", ToString(alarm)}, {"kiosk", kiosk.value}});
}

}  // namespace rollcall::app
