#ifndef ROLLCALL_INFERENCE_KERNELS_BF16_H_
#define ROLLCALL_INFERENCE_KERNELS_BF16_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "inference/kernels/tile.h"

// The same loops over pictures of bfloat16: the upper half of a float32, so that a number keeps its reach and loses 16
// of 24 binary digits. One instruction (vdpbf16ps) multiplies and adds two pairs in each lane; sums are float32.
namespace rollcall::inference::kernels {

// A bfloat16 by its bits.
using Bf16 = uint16_t;

inline float ToFloat(Bf16 number) { return std::bit_cast<float>(static_cast<uint32_t>(number) << 16); }

// The nearest, ties to even. Numbers that are not finite stay so.
inline Bf16 ToBf16(float number) {
  const auto bits = std::bit_cast<uint32_t>(number);
  const uint32_t rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
  const bool is_nan = (bits & 0x7FFFFFFF) > 0x7F800000;
  return static_cast<Bf16>(is_nan ? (bits >> 16) | 0x40 : rounded);
}

// Whether this processor has the instructions (AVX-512 with BF16: Cooper Lake, Sapphire Rapids, Zen 4 and later).
// Without them ConvolveBf16 and DepthwiseBf16 may not be called.
bool HasBf16();

// Whether bfloat16 is worth it here: that there are matrix registers for it (matrix_tiles.h), or that its instruction
// does at least 1.3 times as many multiplications as float32's. It does twice as many on Zen 4, and fewer on Sapphire
// Rapids, which has the registers. Measured at the first call, in less than a millisecond. False where HasBf16 is.
// Thread-safe.
bool Bf16Pays();

// Weights as ConvolveBf16 wants them. `weights`: columns x taps x depth, padded with zeros; depth is even, columns a
// multiple of 16. Cost: a copy.
Aligned<Bf16> PackBf16(std::span<const float> weights, size_t columns, size_t taps, size_t depth);

// As ConvolveF32, over bfloat16, with geometry.depth as packed: what is read behind the picture's own channels must be
// finite, as its weights are 0. Bfloat16 or floats out.
void ConvolveBf16(const Geometry& geometry, const Bf16* weights, const float* bias, Bend bend, const Bf16* in,
                  const Bf16* residual, Bf16* out);
void ConvolveBf16(const Geometry& geometry, const Bf16* weights, const float* bias, Bend bend, const Bf16* in,
                  const Bf16* residual, float* out);

// As DepthwiseF32; the weights stay float32, `weights`: taps x columns, aligned to 64 bytes.
void DepthwiseBf16(const Geometry& geometry, const float* weights, const float* bias, Bend bend, const Bf16* in,
                   const Bf16* residual, Bf16* out);

}  // namespace rollcall::inference::kernels

#endif  // ROLLCALL_INFERENCE_KERNELS_BF16_H_
