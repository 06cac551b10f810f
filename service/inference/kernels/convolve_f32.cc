#include <algorithm>
#include <cmath>

#include "inference/kernels/tile.h"
#include "inference/kernels/tile_loops.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "inference/kernels/convolve_f32.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rollcall::inference::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = HWY_FULL(float);
using V = hn::Vec<D>;

constexpr size_t kLanes = HWY_LANES(float);

// A tile is kRows pixels by kVectors vectors of channels, all its sums in registers: with 32 of them (AVX-512)
// 6 x 4, 8 x 3 or 12 x 2 sums, with 16 of them 6 x 2.
constexpr size_t kMaxVectors = HWY_TARGET <= HWY_AVX3 ? 4 : 2;
constexpr size_t MaxRows(size_t vectors) {
  if (HWY_TARGET > HWY_AVX3) return 6;
  return TilesOf32Registers::MaxRows(vectors);
}

struct Call {
  const Geometry& geometry;
  const float* bias;
  Bend bend;
  const float* in;
  const float* residual;
  float* out;
};

// The order of the operands of Min and Max matters: x86 answers with the second one where one is no number, and a
// sum that overflowed must not become a harmless 0.
HWY_INLINE V Bent(V v, V slopes, V zero) { return hn::MulAdd(slopes, hn::Min(zero, v), hn::Max(zero, v)); }

HWY_INLINE V Finish(D d, V v, const Bend& bend, size_t column) {
  if (bend.slopes != nullptr) v = Bent(v, hn::Load(d, bend.slopes + column), hn::Zero(d));
  return bend.has_top ? hn::Min(hn::Set(d, bend.top), v) : v;
}

// Pixels first .. first + kRows, channels column .. column + kVectors vectors; `w`: their packed weights.
template <size_t kRows, size_t kVectors>
void Tile(const Call& call, size_t first, size_t column, const float* HWY_RESTRICT w) {
  const D d;
  const Geometry& g = call.geometry;
  V sums[kRows][kVectors];
  for (size_t v = 0; v < kVectors; ++v) {
    const V bias = hn::Load(d, call.bias + column + v * kLanes);
    for (size_t r = 0; r < kRows; ++r) sums[r][v] = bias;
  }
  const auto depth = static_cast<size_t>(g.depth);
  for (const int32_t tap : g.taps) {
    const float* HWY_RESTRICT rows[kRows];
    for (size_t r = 0; r < kRows; ++r) rows[r] = call.in + g.in[first + r] + tap;
    for (size_t k = 0; k < depth; ++k, w += kVectors * kLanes) {
      V weights[kVectors];
      for (size_t v = 0; v < kVectors; ++v) weights[v] = hn::Load(d, w + v * kLanes);
      for (size_t r = 0; r < kRows; ++r) {
        const V x = hn::Set(d, rows[r][k]);
        for (size_t v = 0; v < kVectors; ++v) sums[r][v] = hn::MulAdd(x, weights[v], sums[r][v]);
      }
    }
  }
  for (size_t r = 0; r < kRows; ++r) {
    float* out = call.out + g.out[first + r] + column;
    const float* residual = call.residual == nullptr ? nullptr : call.residual + g.residual[first + r] + column;
    for (size_t v = 0; v < kVectors; ++v) {
      V sum = sums[r][v];
      if (residual != nullptr) sum = hn::Add(sum, hn::Load(d, residual + v * kLanes));
      hn::Store(Finish(d, sum, call.bend, column + v * kLanes), d, out + v * kLanes);
    }
  }
}

struct Tiles {
  static constexpr size_t kLanes = HWY_NAMESPACE::kLanes;
  static constexpr size_t kMaxVectors = HWY_NAMESPACE::kMaxVectors;
  static constexpr size_t MaxRows(size_t vectors) { return HWY_NAMESPACE::MaxRows(vectors); }
  template <size_t kRows, size_t kVectors>
  static void Run(const Call& call, size_t first, size_t column, const float* weights) {
    Tile<kRows, kVectors>(call, first, column, weights);
  }
};

void Convolve(const Geometry& geometry, const float* weights, const float* bias, Bend bend, const float* in,
              const float* residual, float* out) {
  RunTiles<Tiles>(Call{geometry, bias, bend, in, residual, out}, weights);
}

// Weights of a block of columns lie together, tap by tap, number by number of the depth.
void Pack(const float* from, size_t columns, size_t taps, size_t depth, float* to) {
  for (size_t column = 0; column < columns;) {
    const size_t block = std::min(kMaxVectors, (columns - column) / kLanes) * kLanes;
    for (size_t i = 0; i < taps * depth; ++i) {
      for (size_t c = 0; c < block; ++c) *to++ = from[(column + c) * taps * depth + i];
    }
    column += block;
  }
}

// One vector of channels at a time, so that its weights stay in registers while the pixels pass. For windows of
// any size the weights are read again for each pixel.
void DepthwiseAny(const Call& call, const float* HWY_RESTRICT weights) {
  const D d;
  const Geometry& g = call.geometry;
  const auto columns = static_cast<size_t>(g.columns);
  for (size_t column = 0; column < columns; column += kLanes) {
    const V bias = hn::Load(d, call.bias + column);
    for (size_t p = 0; p < g.out.size(); ++p) {
      const float* in = call.in + g.in[p] + column;
      V sum = bias;
      if (call.residual != nullptr) sum = hn::Add(sum, hn::Load(d, call.residual + g.residual[p] + column));
      for (size_t t = 0; t < g.taps.size(); ++t) {
        sum = hn::MulAdd(hn::Load(d, in + g.taps[t]), hn::Load(d, weights + t * columns + column), sum);
      }
      hn::Store(Finish(d, sum, call.bend, column), d, call.out + g.out[p] + column);
    }
  }
}

// Nine taps, kPixels results at a time.
template <size_t kPixels>
HWY_INLINE void NineTaps(D d, const float* const (&rows)[3], size_t next, size_t step, const V (&w)[9], V slopes,
                         V top, V bias, float* out, size_t out_step) {
  V sums[kPixels];
  for (size_t p = 0; p < kPixels; ++p) sums[p] = bias;
  for (size_t y = 0; y < 3; ++y) {
    for (size_t x = 0; x < 3; ++x) {
      for (size_t p = 0; p < kPixels; ++p) {
        sums[p] = hn::MulAdd(hn::Load(d, rows[y] + p * step + x * next), w[y * 3 + x], sums[p]);
      }
    }
  }
  const V zero = hn::Zero(d);
  for (size_t p = 0; p < kPixels; ++p) {
    hn::Store(hn::Min(top, Bent(sums[p], slopes, zero)), d, out + p * out_step);
  }
}

void DepthwiseNine(const Call& call, const float* weights) {
  const D d;
  const Geometry& g = call.geometry;
  const auto columns = static_cast<size_t>(g.columns);
  const auto width = static_cast<size_t>(g.width);
  const auto step = static_cast<size_t>(g.step);
  const auto next = static_cast<size_t>(g.taps[1] - g.taps[0]);
  const V one = hn::Set(d, 1.0f);
  const V top = hn::Set(d, call.bend.has_top ? call.bend.top : HUGE_VALF);
  for (size_t column = 0; column < columns; column += kLanes) {
    V w[9];
    for (size_t t = 0; t < 9; ++t) w[t] = hn::Load(d, weights + t * columns + column);
    const V bias = hn::Load(d, call.bias + column);
    const V slopes = call.bend.slopes == nullptr ? one : hn::Load(d, call.bend.slopes + column);
    for (size_t first = 0; first < g.out.size(); first += width) {
      const float* in = call.in + g.in[first] + column;
      float* out = call.out + g.out[first] + column;
      size_t x = 0;
      for (; x + 4 <= width; x += 4, in += 4 * step, out += 4 * columns) {
        NineTaps<4>(d, {in, in + g.taps[3], in + g.taps[6]}, next, step, w, slopes, top, bias, out, columns);
      }
      for (; x < width; ++x, in += step, out += columns) {
        NineTaps<1>(d, {in, in + g.taps[3], in + g.taps[6]}, next, step, w, slopes, top, bias, out, columns);
      }
    }
  }
}

void Depthwise(const Geometry& geometry, const float* weights, const float* bias, Bend bend, const float* in,
               const float* residual, float* out) {
  const Call call{geometry, bias, bend, in, residual, out};
  if (geometry.taps.size() == 9 && residual == nullptr) {
    DepthwiseNine(call, weights);
  } else {
    DepthwiseAny(call, weights);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace rollcall::inference::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rollcall::inference::kernels {

HWY_EXPORT(Convolve);
HWY_EXPORT(Depthwise);
HWY_EXPORT(Pack);

Aligned<float> PackF32(std::span<const float> weights, size_t columns, size_t taps, size_t depth) {
  auto packed = hwy::AllocateAligned<float>(weights.size());
  HWY_DYNAMIC_DISPATCH(Pack)(weights.data(), columns, taps, depth, packed.get());
  return packed;
}

void ConvolveF32(const Geometry& geometry, const float* weights, const float* bias, Bend bend, const float* in,
                 const float* residual, float* out) {
  HWY_DYNAMIC_DISPATCH(Convolve)(geometry, weights, bias, bend, in, residual, out);
}

void DepthwiseF32(const Geometry& geometry, const float* weights, const float* bias, Bend bend, const float* in,
                  const float* residual, float* out) {
  HWY_DYNAMIC_DISPATCH(Depthwise)(geometry, weights, bias, bend, in, residual, out);
}

}  // namespace rollcall::inference::kernels
#endif
