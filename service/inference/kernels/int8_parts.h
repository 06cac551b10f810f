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
// right: register j, lane l holds column Woven(16 j + l). The instructions that pack work within quarters.
constexpr size_t Woven(size_t i) { return i % 16 / 4 * 16 + i / 16 * 4 + i % 4; }

// `numbers` in the order `order(i)`, i < size; null where there are none.
template <typename Order>
Aligned<float> Reordered(const std::vector<float>& numbers, size_t size, Order order) {
  if (numbers.empty()) return nullptr;
  auto to = hwy::AllocateAligned<float>(size);
  for (size_t i = 0; i < size; ++i) to[i] = numbers[order(i)];
  return to;
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
  return layer;
}

}  // namespace rollcall::inference::kernels

ROLLCALL_PUSH_INT8_ATTRIBUTES
namespace rollcall::inference::kernels {

// What follows the sum and the residual. `at`: the place in the layer's vectors.
HWY_INLINE __m512 Bent(__m512 v, const Int8Layer& layer, size_t at) {
  if (layer.slopes) {
    const __m512 slopes = _mm512_load_ps(layer.slopes.get() + at);
    const __m512 zero = _mm512_setzero_ps();
    // With slopes up to 1 the larger of v and its bent self is the right one on either side of 0.
    v = layer.gentle ? _mm512_max_ps(v, _mm512_mul_ps(slopes, v))
                     : _mm512_fmadd_ps(slopes, _mm512_min_ps(v, zero), _mm512_max_ps(v, zero));
  }
  if (layer.tops) v = _mm512_min_ps(v, _mm512_load_ps(layer.tops.get() + at));
  if (layer.zeros) v = _mm512_add_ps(v, _mm512_load_ps(layer.zeros.get() + at));
  return v;
}

HWY_INLINE __m512 Scaled(__m512i sums, const Int8Layer& layer, size_t at) {
  return _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums), _mm512_load_ps(layer.factors.get() + at),
                         _mm512_load_ps(layer.offsets.get() + at));
}

// `bytes`, in natural order, times the residual's factors, added.
HWY_INLINE __m512 AddResidual(__m512 v, __m512i bytes, const Int8Layer& layer, size_t at) {
  return _mm512_fmadd_ps(_mm512_cvtepi32_ps(bytes), _mm512_load_ps(layer.residual_factors.get() + at), v);
}

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
