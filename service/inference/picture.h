#ifndef ROLLCALL_INFERENCE_PICTURE_H_
#define ROLLCALL_INFERENCE_PICTURE_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "inference/graph.h"
#include "inference/kernels/tile.h"
#include "inference/window.h"

// A value of a net as the loops of kernels/ want it: a picture with its channels together and a frame around it.
namespace rollcall::inference {

// How a byte u of channel c stands for a number: x = scale[c] (u - zero[c]). One entry per padded channel; the
// channels that only pad have scale 1 and zero 0. Scales are above 0.
struct ByteScale {
  std::vector<float> scale;
  std::vector<float> zero;
  std::vector<float> mean;  // the channel's mean, as a byte
};

// The byte next to `steps`, ties to even. (Adding 1.5 x 2^23 leaves no room for a fraction: a rounding that compilers
// turn into vector instructions, unlike std::nearbyint.)
inline uint8_t ToByte(float steps) {
  constexpr float kNoFraction = 12582912.0f;
  const float limited = std::min(std::max(steps, 0.0f), 255.0f);
  return static_cast<uint8_t>(static_cast<int32_t>((limited + kNoFraction) - kNoFraction));
}

// `shape` seen as a picture: 1 x c x h x w, or 1 x c as a picture of one pixel. Fills the sizes of `layout`, leaves
// its frame, and sets `channels` to c without padding. False for any other shape.
bool AsPicture(const Shape& shape, kernels::PictureLayout& layout, int64_t& channels);

// Widens the frame to what `window` reaches when it slides over the picture.
void WidenFrame(const Window& window, kernels::PictureLayout& layout);

// Where a convolution reads and writes. `residual` may be null.
kernels::Geometry MakeGeometry(const Window& window, const kernels::PictureLayout& in,
                               const kernels::PictureLayout& out, const kernels::PictureLayout* residual);

// Writes the frame: zeros, or bytes that stand for zero.
void FillFrame(const kernels::PictureLayout& layout, float* picture);
void FillFrame(const kernels::PictureLayout& layout, const ByteScale& bytes, uint8_t* picture);

// From row-major numbers (c h w) to a picture, frame included, and back. `channels`: without padding.
void RowsToPicture(const kernels::PictureLayout& layout, int64_t channels, const float* rows, float* picture);
void RowsToPicture(const kernels::PictureLayout& layout, int64_t channels, const ByteScale& bytes, const float* rows,
                   uint8_t* picture);
void PictureToRows(const kernels::PictureLayout& layout, int64_t channels, const float* picture, float* rows);
void PictureToRows(const kernels::PictureLayout& layout, int64_t channels, const ByteScale& bytes,
                   const uint8_t* picture, float* rows);

// From h w c bytes to a picture, frame included: of numbers (byte - mean) factor, or of the bytes as they are.
void PixelsToPicture(const kernels::PictureLayout& layout, int64_t channels, float mean, float factor,
                     const uint8_t* pixels, float* picture);
void PixelsToPicture(const kernels::PictureLayout& layout, int64_t channels, const ByteScale& bytes,
                     const uint8_t* pixels, uint8_t* picture);

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_PICTURE_H_
