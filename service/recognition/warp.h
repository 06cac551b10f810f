#ifndef ROLLCALL_RECOGNITION_WARP_H_
#define ROLLCALL_RECOGNITION_WARP_H_

#include <cstdint>
#include <span>

#include "recognition/geometry.h"
#include "recognition/types.h"

namespace rollcall::recognition {

// Draws `picture`, moved by `matrix` (picture to crop), into a crop of width x height pixels: bilinear, black
// beyond the border. Places are rounded to 1/32 pixel and values as cv::warpAffine rounds them, so that the two
// agree bit for bit; only the crop's pixels cost anything.
//
// `bgr`: width * height * 3 bytes; every one is written. Requires a picture whose buffer fits its size, width in
// 1..kMaxWarpSide and a Usable matrix. Allocates nothing. Thread-safe.
void WarpBilinear(const Picture& picture, const Affine& matrix, int32_t width, int32_t height,
                  std::span<uint8_t> bgr);
inline constexpr int32_t kMaxWarpSide = 256;

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_WARP_H_
