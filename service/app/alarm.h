#ifndef ROLLCALL_APP_ALARM_H_
#define ROLLCALL_APP_ALARM_H_

#include <string_view>

#include "base/metrics.h"
#include "domain/ids.h"

namespace rollcall::app {

// What somebody should look into. Each is likely a trick and may be an accident.
enum class Alarm {
  kFrameRepeated,    // a camera showed exactly the same pixels again
  kFaceStill,        // a face that never moved
  kEnrolmentPhoto,   // almost exactly a picture of the enrolment
  kFaceAttempts,     // a kiosk used up its AttemptBudget for faces
  kPinAttempts,      // likewise for PINs
  kPinLocked,        // too many wrong PINs in a row for one number at one kiosk
};

// "frame_repeated", ...: stable.
std::string_view ToString(Alarm alarm);

// Counts it in rollcall_alarms_total{alarm} and writes a warning "alarm" with the kiosk's id. Nothing
// about a person. Thread-safe.
void Raise(base::Metrics& metrics, Alarm alarm, const domain::KioskId& kiosk);

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_ALARM_H_
