#ifndef ROLLCALL_RECOGNITION_MEASURE_H_
#define ROLLCALL_RECOGNITION_MEASURE_H_

#include "recognition/geometry.h"
#include "recognition/types.h"

namespace rollcall::recognition {

// Cuts the aligned 112 x 112 crop out of `picture`: bilinear, black beyond the border (warp.h). `crop`'s memory is
// used again: a face after the first allocates nothing. Requires a usable matrix and a picture whose buffer fits
// its size.
void CutAligned(const Picture& picture, const Affine& matrix, Picture& crop);

// What the aligned crop and the landmarks say: brightness, contrast, sharpness, lower face, pose.
// Leaves side_px, embedding_length, live_probability and eyes_open_probability alone.
// Requires a 112 x 112 crop. Allocates nothing.
void MeasureCrop(const Picture& crop, const Landmarks& landmarks, FaceQuality& quality);

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_MEASURE_H_
