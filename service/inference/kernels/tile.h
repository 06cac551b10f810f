#ifndef ROLLCALL_INFERENCE_KERNELS_TILE_H_
#define ROLLCALL_INFERENCE_KERNELS_TILE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <hwy/aligned_allocator.h>

// The loops in which a net spends its time, for pictures whose channels lie together (n h w c), each pixel
// with a multiple of 16 channels (zeros where the model has fewer).
//
// A picture has a frame of padding around it that holds what the model pads with, as wide as the widest window
// that slides over it wants. So no loop asks where the picture ends, and a window is a list of offsets.
namespace rollcall::inference::kernels {

inline constexpr int64_t kChannelStep = 16;

// `channels` rounded up to what a pixel holds.
constexpr int64_t PaddedChannels(int64_t channels) {
  return (channels + kChannelStep - 1) / kChannelStep * kChannelStep;
}

// Where the pixels of a picture lie in its buffer. Counts elements, not bytes.
struct PictureLayout {
  int64_t height = 0, width = 0;
  int64_t channels = 0;            // padded
  int64_t top = 0, left = 0, bottom = 0, right = 0;  // the frame, in pixels

  int64_t row() const { return (left + width + right) * channels; }
  int64_t size() const { return (top + height + bottom) * row(); }
  int64_t offset(int64_t y, int64_t x) const { return (top + y) * row() + (left + x) * channels; }
};

// The pixels of a convolution in tiles for matrix registers; see matrix_tiles.h.
struct MatrixTiles {
  static constexpr int32_t kNone = -1;

  int64_t rows = 0;             // pixels in a tile, up to 16; 0: the convolution is done without
  int64_t chunk = 0;            // bytes of the depth that are multiplied at once, up to 64
  std::vector<int32_t> in;      // per tile: as Geometry::in, for the first of its places, which lie Geometry::step apart
  std::vector<int32_t> pixels;  // per tile, `rows` of them: the output pixel, or kNone: the result counts for nothing
};

// Where each result of a convolution reads and writes. Output pixels are numbered row by row.
struct Geometry {
  std::vector<int32_t> in;        // per output pixel: the window's first pixel in the input's buffer
  std::vector<int32_t> out;       // per output pixel: its place in the output's buffer
  std::vector<int32_t> residual;  // likewise in the residual's buffer; empty without one
  std::vector<int32_t> taps;      // per pixel of the window: what to add to `in`
  int64_t width = 0;              // output pixels in a row
  int64_t step = 0;               // from one pixel's `in` to the next one's in its row
  int64_t depth = 0;              // channels read per tap; need not be padded
  int64_t columns = 0;            // channels written per pixel, padded
  MatrixTiles matrix;             // from PlanMatrixTiles; by default none
};

template <typename T>
using Aligned = hwy::AlignedFreeUniquePtr<T[]>;

// What follows the sum: min(v, top) where v >= 0, else slope v. See layers.h.
struct Bend {
  const float* slopes = nullptr;  // `columns`, aligned; null: no activation
  float top = 0;                  // used where has_top
  bool has_top = false;
};

// Weights as ConvolveF32 wants them on this processor. `weights`: columns x taps x depth, already padded with
// zeros. Cost: a copy.
Aligned<float> PackF32(std::span<const float> weights, size_t columns, size_t taps, size_t depth);

// out[p][c] = bend(bias[c] + residual[p][c] + sum over taps and k of in[p + tap][k] weights[c][tap][k]).
// `weights` from PackF32. Buffers as `geometry` says, aligned to 64 bytes; none overlaps `out`. `residual` is null
// exactly where geometry.residual is empty. The order of the additions, and so the last bit of a result, depends
// on the processor alone.
void ConvolveF32(const Geometry& geometry, const float* weights, const float* bias, Bend bend, const float* in,
                 const float* residual, float* out);

// Depthwise: out[p][c] = bend(bias[c] + residual[p][c] + sum over taps of in[p + tap][c] weights[tap][c]).
// `weights`: taps x columns, aligned to 64 bytes. geometry.depth is not looked at.
void DepthwiseF32(const Geometry& geometry, const float* weights, const float* bias, Bend bend, const float* in,
                  const float* residual, float* out);

}  // namespace rollcall::inference::kernels

#endif  // ROLLCALL_INFERENCE_KERNELS_TILE_H_
