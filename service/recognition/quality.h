#ifndef ROLLCALL_RECOGNITION_QUALITY_H_
#define ROLLCALL_RECOGNITION_QUALITY_H_

#include "recognition/types.h"

namespace rollcall::recognition {

// Why a face is not used. kGood first; the order is the order in which faults are reported (largest
// fault first). Persistent in audit records: never renumber.
enum class QualityFault {
  kGood = 0,
  kTooSmall = 1,
  kTooDark = 2,
  kTooBright = 3,
  kBlurred = 4,
  kTurnedAway = 5,    // yaw or pitch
  kTilted = 6,        // roll beyond 45 degrees: detected does not mean usable
  kFaceCovered = 7,   // lower face hidden, or backlight
  kUnclear = 8,       // embedding length: nothing in particular, but not a good face
};

// What the gate asks for. The values are measured; models/README.md ("The gate") gives the table. The
// members' own values are the check-in's.
struct QualityPolicy {
  float min_side_px = 48;       // recognition is steady from here on; detection starts at 20
  float min_brightness = 25;
  float max_brightness = 215;
  float min_contrast = 10;
  float min_sharpness = 5;
  float max_yaw_degrees = 45;
  float max_pitch_degrees = 35;
  float max_roll_degrees = 45;  // beyond, a face is still detected but its embedding means nothing
  float min_embedding_length = 2.0f;
  float min_lower_face_contrast = 0.15f;

  static QualityPolicy ForCheckIn();
  // Stricter, since a template is used for years and whoever enrols can take another picture.
  static QualityPolicy ForEnrolment();
};

// Returns the first fault of `quality` under `policy`, kGood where there is none. Pure.
// An embedding_length of 0 means "not embedded yet" and is not judged.
QualityFault JudgeQuality(const FaceQuality& quality, const QualityPolicy& policy);

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_QUALITY_H_
