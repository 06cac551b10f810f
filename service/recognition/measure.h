#ifndef ROLLCALL_RECOGNITION_MEASURE_H_
#define ROLLCALL_RECOGNITION_MEASURE_H_

#include "base/status.h"
#include "recognition/geometry.h"
#include "recognition/types.h"

namespace rollcall::recognition {

// Cuts the aligned 112 x 112 crop out of `picture`: bilinear, black beyond the border.
// Requires a usable matrix. Internal where OpenCV fails.
absl::StatusOr<Picture> CutAligned(const Picture& picture, const Affine& matrix);

// What the aligned crop and the landmarks say: brightness, contrast, sharpness, lower face, pose.
// Leaves side_px, embedding_length, live_probability and eyes_open_probability alone.
// Requires a 112 x 112 crop. Internal where OpenCV fails.
absl::Status MeasureCrop(const Picture& crop, const Landmarks& landmarks, FaceQuality& quality);

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_MEASURE_H_
