#ifndef ROLLCALL_INFERENCE_KERNELS_INT8_PARTS_H_
#define ROLLCALL_INFERENCE_KERNELS_INT8_PARTS_H_

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <hwy/base.h>
#include <immintrin.h>

#include "inference/kernels/int8.h"

// What the two int8 loops share. For their files alone.

// (Highway 1.0.3 has a target with these instructions, but does not tell the compiler of VNNI.)
#define ROLLCALL_PUSH_INT8_ATTRIBUTES HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,fma")

namespace rollcall::inference::kernels {

// Sixty-four columns are worked on in an order in which packing four registers of sums into one of bytes puts them
// right: register j, lane l holds column Woven(16 j + l). The instructions that pack work within quarters. Likewise 32
// columns in two registers; one and three registers hold their columns in natural order.
constexpr size_t Woven(size_t i, size_t registers = 4) {
  return registers % 2 == 1 ? i : i % 16 / 4 * (4 * registers) + i / 16 * 4 + i % 4;
}

// `numbers` in the order `order(i)`, i < size; null where there are none.
template <typename Order>
Aligned<float> Reordered(const std::vector<float>& numbers, size_t size, Order order) {
  if (numbers.empty()) return nullptr;
  auto to = hwy::AllocateAligned<float>(size);
  for (size_t i = 0; i < size; ++i) to[i] = numbers[order(i)];
  return to;
}

// The larger of v and s v, and the zero point on top, is the larger of u and s u + (1 - s) z with u = v + z, which is in
// the offset for nothing.
inline void AddZerosFirst(Int8Layer& layer, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    const float zero = layer.zeros[i];
    layer.offsets[i] += zero;
    if (layer.tops) layer.tops[i] += zero;
    layer.zeros[i] = (1 - layer.slopes[i]) * zero;
  }
}

template <typename Order>
Int8Layer ReorderedLayer(const Requantise& r, size_t size, Order order) {
  Int8Layer layer;
  layer.factors = Reordered(r.factors, size, order);
  layer.offsets = Reordered(r.offsets, size, order);
  layer.residual_factors = Reordered(r.residual_factors, size, order);
  layer.slopes = Reordered(r.slopes, size, order);
  layer.tops = Reordered(r.tops, size, order);
  layer.zeros = Reordered(r.zeros, size, order);
  layer.gentle = std::all_of(r.slopes.begin(), r.slopes.end(), [](float slope) { return slope <= 1; });
  if (layer.gentle && layer.slopes && layer.zeros) AddZerosFirst(layer, size);
  return layer;
}

}  // namespace rollcall::inference::kernels

ROLLCALL_PUSH_INT8_ATTRIBUTES
namespace rollcall::inference::kernels {

// What follows the sums of kVectors registers of columns, from `at` in the layer's vectors on. To be made before a loop
// over pixels: the compiler cannot keep in registers what bytes written through a pointer might change.
template <size_t kVectors>
class Ending {
 public:
  HWY_INLINE Ending(const Int8Layer& layer, size_t at)
      : has_slopes_(layer.slopes != nullptr),
        gentle_(layer.gentle),
        has_tops_(layer.tops != nullptr),
        has_zeros_(layer.zeros != nullptr) {
    for (size_t i = 0; i < kVectors; ++i, at += 16) {
      factors_[i] = _mm512_load_ps(layer.factors.get() + at);
      offsets_[i] = _mm512_load_ps(layer.offsets.get() + at);
      residual_factors_[i] = LoadOrZero(layer.residual_factors, at);
      slopes_[i] = LoadOrZero(layer.slopes, at);
      tops_[i] = LoadOrZero(layer.tops, at);
      zeros_[i] = LoadOrZero(layer.zeros, at);
    }
  }

  // All for register i.
  HWY_INLINE __m512 Scaled(__m512i sums, size_t i) const {
    return _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums), factors_[i], offsets_[i]);
  }
  // `bytes`, as whole numbers in the order of the columns, times the residual's factors, added.
  HWY_INLINE __m512 AddResidual(__m512 v, __m512i bytes, size_t i) const {
    return _mm512_fmadd_ps(_mm512_cvtepi32_ps(bytes), residual_factors_[i], v);
  }
  // What follows the sum and the residual.
  HWY_INLINE __m512 Bent(__m512 v, size_t i) const {
    if (has_slopes_ && gentle_) {
      // With slopes up to 1 the larger of v and its bent self is the right one on either side of 0.
      v = _mm512_max_ps(v, _mm512_fmadd_ps(slopes_[i], v, zeros_[i]));
      return has_tops_ ? _mm512_min_ps(v, tops_[i]) : v;
    }
    if (has_slopes_) {
      const __m512 zero = _mm512_setzero_ps();
      v = _mm512_fmadd_ps(slopes_[i], _mm512_min_ps(v, zero), _mm512_max_ps(v, zero));
    }
    if (has_tops_) v = _mm512_min_ps(v, tops_[i]);
    if (has_zeros_) v = _mm512_add_ps(v, zeros_[i]);
    return v;
  }

 private:
  static HWY_INLINE __m512 LoadOrZero(const Aligned<float>& numbers, size_t at) {
    return numbers ? _mm512_load_ps(numbers.get() + at) : _mm512_setzero_ps();
  }

  const bool has_slopes_, gentle_, has_tops_, has_zeros_;
  __m512 factors_[kVectors], offsets_[kVectors], residual_factors_[kVectors], slopes_[kVectors], tops_[kVectors],
      zeros_[kVectors];
};

HWY_INLINE __m512i SixteenBytes(const uint8_t* from) {
  return _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}

HWY_INLINE void StoreSixteen(__m512 v, uint8_t* to) {
  const __m512i whole = _mm512_max_epi32(_mm512_cvtps_epi32(v), _mm512_setzero_si512());
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_cvtusepi32_epi8(whole));
}

// Four registers in woven order to 64 bytes in natural order.
HWY_INLINE __m512i PackWoven(const __m512 (&v)[4]) {
  return _mm512_packus_epi16(_mm512_packs_epi32(_mm512_cvtps_epi32(v[0]), _mm512_cvtps_epi32(v[1])),
                             _mm512_packs_epi32(_mm512_cvtps_epi32(v[2]), _mm512_cvtps_epi32(v[3])));
}

}  // namespace rollcall::inference::kernels
HWY_POP_ATTRIBUTES

#endif  // ROLLCALL_INFERENCE_KERNELS_INT8_PARTS_H_
