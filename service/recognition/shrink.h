#ifndef ROLLCALL_RECOGNITION_SHRINK_H_
#define ROLLCALL_RECOGNITION_SHRINK_H_

#include <cstddef>
#include <cstdint>

#include "recognition/types.h"

namespace rollcall::recognition {

// Draws `picture`, made smaller by a whole number, into rows of `stride` bytes: each pixel is the mean of
// factor x factor, rounded as cv::resize with INTER_AREA rounds it, so that the two agree bit for bit.
//
// `bgr`: (picture.height / factor - 1) * stride + picture.width / factor * 3 bytes; what lies between the rows is
// left alone. Requires a picture whose buffer fits its size, whose sides are multiples of `factor`, and a factor
// of 2..kMaxShrink. Thread-safe.
void ShrinkByWhole(const Picture& picture, int32_t factor, uint8_t* bgr, size_t stride);
inline constexpr int32_t kMaxShrink = 16;

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_SHRINK_H_
