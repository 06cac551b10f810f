#include "recognition/quality.h"

#include <cmath>

namespace rollcall::recognition {

QualityPolicy QualityPolicy::ForCheckIn() { return QualityPolicy{}; }

QualityPolicy QualityPolicy::ForEnrolment() {
  QualityPolicy policy;
  policy.min_side_px = 80;
  policy.min_brightness = 35;
  policy.max_brightness = 205;
  policy.min_contrast = 15;
  policy.min_sharpness = 9;
  policy.max_yaw_degrees = 40;
  policy.min_embedding_length = 2.3f;
  return policy;
}

QualityFault JudgeQuality(const FaceQuality& quality, const QualityPolicy& policy) {
  // A value that is not a number fails every one of these comparisons, hence the negations.
  if (!(quality.side_px >= policy.min_side_px)) return QualityFault::kTooSmall;
  if (!(quality.brightness >= policy.min_brightness)) return QualityFault::kTooDark;
  if (!(quality.brightness <= policy.max_brightness)) return QualityFault::kTooBright;
  if (!(quality.sharpness >= policy.min_sharpness)) return QualityFault::kBlurred;
  if (!(std::abs(quality.yaw_degrees) <= policy.max_yaw_degrees) ||
      !(std::abs(quality.pitch_degrees) <= policy.max_pitch_degrees)) {
    return QualityFault::kTurnedAway;
  }
  if (!(std::abs(quality.roll_degrees) <= policy.max_roll_degrees)) return QualityFault::kTilted;
  if (!(quality.lower_face_contrast >= policy.min_lower_face_contrast)) {
    return QualityFault::kFaceCovered;
  }
  if (!(quality.contrast >= policy.min_contrast)) return QualityFault::kUnclear;
  if (quality.embedding_length != 0 &&
      !(quality.embedding_length >= policy.min_embedding_length)) {
    return QualityFault::kUnclear;
  }
  return QualityFault::kGood;
}

}  // namespace rollcall::recognition
