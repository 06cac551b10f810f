#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>

#include <hwy/base.h>
#include <immintrin.h>

#include "inference/kernels/bf16.h"
#include "inference/kernels/matrix_loops.h"
#include "inference/kernels/matrix_tiles.h"
#include "inference/kernels/tile_loops.h"

HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,fma")
namespace rollcall::inference::kernels {
namespace {

constexpr size_t kLanes = TilesOf32Registers::kLanes;  // sums in a register
constexpr size_t kBlock = TilesOf32Registers::kMaxVectors * kLanes;

template <typename Out>
struct Call {
  const Geometry& geometry;
  const float* bias;
  Bend bend;
  const Bf16* in;
  const Bf16* residual;
  Out* out;
};

HWY_INLINE __m512 Load(const Bf16* from) {
  const __m256i half = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}

HWY_INLINE void Store(__m512 v, Bf16* to) {
  const __m256bh half = _mm512_cvtneps_pbh(v);
  std::memcpy(to, &half, sizeof(half));
}
HWY_INLINE void Store(__m512 v, float* to) { _mm512_storeu_ps(to, v); }

// The order of the operands matters where a sum is no number: see convolve_f32.cc.
HWY_INLINE __m512 Bent(__m512 v, __m512 slopes) {
  const __m512 zero = _mm512_setzero_ps();
  return _mm512_fmadd_ps(slopes, _mm512_min_ps(zero, v), _mm512_max_ps(zero, v));
}

// What follows the sums of kVectors registers of columns. To be made before a loop over pixels.
template <size_t kVectors>
class Ending {
 public:
  HWY_INLINE Ending(const float* bias, const Bend& bend, size_t column)
      : has_slopes_(bend.slopes != nullptr), has_top_(bend.has_top), top_(_mm512_set1_ps(bend.top)) {
    for (size_t v = 0; v < kVectors; ++v) {
      bias_[v] = _mm512_load_ps(bias + column + v * kLanes);
      slopes_[v] = has_slopes_ ? _mm512_load_ps(bend.slopes + column + v * kLanes) : _mm512_setzero_ps();
    }
  }

  HWY_INLINE __m512 bias(size_t v) const { return bias_[v]; }

  // The results of one pixel. `sums`: with the bias in them.
  template <typename Out>
  HWY_INLINE void Finish(const Call<Out>& call, size_t pixel, size_t column, const __m512 (&sums)[kVectors]) const {
    Out* out = call.out + call.geometry.out[pixel] + column;
    const Bf16* residual = call.residual == nullptr ? nullptr : call.residual + call.geometry.residual[pixel] + column;
    for (size_t v = 0; v < kVectors; ++v) {
      __m512 sum = sums[v];
      if (residual != nullptr) sum = _mm512_add_ps(sum, Load(residual + v * kLanes));
      if (has_slopes_) sum = Bent(sum, slopes_[v]);
      Store(has_top_ ? _mm512_min_ps(top_, sum) : sum, out + v * kLanes);
    }
  }

 private:
  const bool has_slopes_, has_top_;
  const __m512 top_;
  __m512 bias_[kVectors], slopes_[kVectors];
};

// kRows pixels by kVectors vectors of columns, all their sums in registers; two neighbours of the depth are one step.
template <size_t kRows, size_t kVectors, typename Out>
void Tile(const Call<Out>& call, size_t first, size_t column, const Bf16* HWY_RESTRICT w) {
  const Geometry& g = call.geometry;
  const Ending<kVectors> ending(call.bias, call.bend, column);
  __m512 sums[kRows][kVectors];
  for (size_t v = 0; v < kVectors; ++v) {
    for (size_t r = 0; r < kRows; ++r) sums[r][v] = ending.bias(v);
  }
  const auto depth = static_cast<size_t>(g.depth);
  for (const int32_t tap : g.taps) {
    const Bf16* HWY_RESTRICT rows[kRows];
    for (size_t r = 0; r < kRows; ++r) rows[r] = call.in + g.in[first + r] + tap;
    for (size_t k = 0; k < depth; k += 2, w += kVectors * 32) {
      __m512bh weights[kVectors];
      for (size_t v = 0; v < kVectors; ++v) std::memcpy(&weights[v], w + v * 32, sizeof(__m512bh));
      for (size_t r = 0; r < kRows; ++r) {
        int32_t two;
        std::memcpy(&two, rows[r] + k, sizeof(two));
        const __m512i pairs = _mm512_set1_epi32(two);
        __m512bh x;
        std::memcpy(&x, &pairs, sizeof(x));
        for (size_t v = 0; v < kVectors; ++v) sums[r][v] = _mm512_dpbf16_ps(sums[r][v], x, weights[v]);
      }
    }
  }
  for (size_t r = 0; r < kRows; ++r) ending.Finish(call, first + r, column, sums[r]);
}

struct Tiles : TilesOf32Registers {
  template <size_t kRows, size_t kVectors, typename Out>
  static void Run(const Call<Out>& call, size_t first, size_t column, const Bf16* weights) {
    Tile<kRows, kVectors>(call, first, column, weights);
  }
};

// ---- matrix registers --------------------------------------------------------------------------------------

struct MatrixKind {
  using Sum = float;

  template <size_t kVectors, typename Out>
  static void Finish(const Call<Out>& call, std::span<const int32_t> pixels, size_t column,
                     const float (&products)[16][kVectors][kLanes]) {
    const Ending<kVectors> ending(call.bias, call.bend, column);
    for (size_t r = 0; r < pixels.size(); ++r) {
      if (pixels[r] == MatrixTiles::kNone) continue;
      __m512 sums[kVectors];
      for (size_t v = 0; v < kVectors; ++v) sums[v] = _mm512_add_ps(_mm512_load_ps(products[r][v]), ending.bias(v));
      ending.Finish(call, static_cast<size_t>(pixels[r]), column, sums);
    }
  }
};

// ---- depthwise -------------------------------------------------------------------------------------------

// kPixels results of a 3 x 3 window at a time, kStride columns of the picture apart. A column that several windows share
// is turned into floats once, which costs more than to multiply it. `next`: from one column to the next.
template <size_t kPixels, size_t kStride>
HWY_INLINE void NineTaps(const Bf16* const (&rows)[3], size_t next, const __m512 (&w)[9], __m512 slopes, __m512 top,
                         __m512 bias, Bf16* out, size_t out_step) {
  __m512 sums[kPixels];
  for (size_t p = 0; p < kPixels; ++p) sums[p] = bias;
  for (size_t y = 0; y < 3; ++y) {
    for (size_t column = 0; column < (kPixels - 1) * kStride + 3; ++column) {
      const __m512 in = Load(rows[y] + column * next);
      for (size_t p = 0; p < kPixels; ++p) {
        if (column >= p * kStride && column < p * kStride + 3) {
          sums[p] = _mm512_fmadd_ps(in, w[y * 3 + column - p * kStride], sums[p]);
        }
      }
    }
  }
  for (size_t p = 0; p < kPixels; ++p) {
    Store(_mm512_min_ps(top, Bent(sums[p], slopes)), out + p * out_step);
  }
}

// For windows kStride columns apart.
template <size_t kStride>
void Nine(const Geometry& g, const float* weights, const float* bias_of, const Bend& bend, const Bf16* in_all,
          Bf16* out_all) {
  const auto columns = static_cast<size_t>(g.columns);
  const auto width = static_cast<size_t>(g.width);
  const auto step = static_cast<size_t>(g.step);
  const size_t next = step / kStride;
  const __m512 top = _mm512_set1_ps(bend.has_top ? bend.top : HUGE_VALF);
  for (size_t column = 0; column < columns; column += kLanes) {
    __m512 w[9];
    for (size_t t = 0; t < 9; ++t) w[t] = _mm512_load_ps(weights + t * columns + column);
    const __m512 bias = _mm512_load_ps(bias_of + column);
    const __m512 slopes = bend.slopes == nullptr ? _mm512_set1_ps(1) : _mm512_load_ps(bend.slopes + column);
    for (size_t first = 0; first < g.out.size(); first += width) {
      const Bf16* in = in_all + g.in[first] + column;
      Bf16* out = out_all + g.out[first] + column;
      size_t x = 0;
      for (; x + 4 <= width; x += 4, in += 4 * step, out += 4 * columns) {
        NineTaps<4, kStride>({in, in + g.taps[3], in + g.taps[6]}, next, w, slopes, top, bias, out, columns);
      }
      for (; x < width; ++x, in += step, out += columns) {
        NineTaps<1, kStride>({in, in + g.taps[3], in + g.taps[6]}, next, w, slopes, top, bias, out, columns);
      }
    }
  }
}

void Any(const Call<Bf16>& call, const float* weights) {
  const Geometry& g = call.geometry;
  const auto columns = static_cast<size_t>(g.columns);
  for (size_t column = 0; column < columns; column += kLanes) {
    const Ending<1> ending(call.bias, call.bend, column);
    for (size_t p = 0; p < g.out.size(); ++p) {
      const Bf16* in = call.in + g.in[p] + column;
      __m512 sum = ending.bias(0);
      for (size_t t = 0; t < g.taps.size(); ++t) {
        sum = _mm512_fmadd_ps(Load(in + g.taps[t]), _mm512_load_ps(weights + t * columns + column), sum);
      }
      ending.Finish(call, p, column, {sum});
    }
  }
}

// ---- is it worth it? -----------------------------------------------------------------------------------

constexpr int kChains = 12;  // enough that no instruction waits for the one before
constexpr int kLinks = 500;

HWY_INLINE __m512 AddPairs(__m512 sum, __m512 x) {
  __m512bh pairs;
  std::memcpy(&pairs, &x, sizeof(pairs));
  return _mm512_dpbf16_ps(sum, pairs, pairs);
}
HWY_INLINE __m512 AddOne(__m512 sum, __m512 x) { return _mm512_fmadd_ps(x, x, sum); }

// The shortest of several times that kChains x kLinks of `add` took.
template <__m512 (*kAdd)(__m512, __m512)>
std::chrono::nanoseconds Shortest() {
  auto shortest = std::chrono::nanoseconds::max();
  for (int trial = 0; trial < 20; ++trial) {
    __m512 sums[kChains];
    for (auto& sum : sums) sum = _mm512_setzero_ps();
    __m512 x = _mm512_set1_ps(1);
    asm volatile("" : "+v"(x));  // NOLINT: the loop must not be worked out by the compiler
    const auto start = std::chrono::steady_clock::now();
    for (int link = 0; link < kLinks; ++link) {
      for (auto& sum : sums) sum = kAdd(sum, x);
      for (auto& sum : sums) asm volatile("" : "+v"(sum));
    }
    shortest = std::min<std::chrono::nanoseconds>(shortest, std::chrono::steady_clock::now() - start);
  }
  return shortest;
}

}  // namespace
}  // namespace rollcall::inference::kernels
HWY_POP_ATTRIBUTES

namespace rollcall::inference::kernels {

bool HasBf16() { return HasAvx512() && __builtin_cpu_supports("avx512bf16"); }

bool Bf16Pays() {
  static const bool pays = HasBf16() && (HasMatrixTiles() || 2 * Shortest<AddOne>() > 1.3 * Shortest<AddPairs>());
  return pays;
}

// Blocks of 64 columns (the last one of what is left), tap by tap, two numbers of the depth at a time, the two of a
// column together.
Aligned<Bf16> PackBf16(std::span<const float> weights, size_t columns, size_t taps, size_t depth) {
  auto packed = hwy::AllocateAligned<Bf16>(weights.size());
  Bf16* to = packed.get();
  const size_t row = taps * depth;
  for (size_t column = 0; column < columns; column += kBlock) {
    const size_t end = std::min(column + kBlock, columns);
    for (size_t k = 0; k < row; k += 2) {
      for (size_t c = column; c < end; ++c) {
        *to++ = ToBf16(weights[c * row + k]);
        *to++ = ToBf16(weights[c * row + k + 1]);
      }
    }
  }
  return packed;
}

void ConvolveBf16(const Geometry& geometry, const Bf16* weights, const float* bias, Bend bend, const Bf16* in,
                  const Bf16* residual, Bf16* out) {
  RunConvolution<MatrixKind, Tiles>(Call<Bf16>{geometry, bias, bend, in, residual, out}, weights);
}

void ConvolveBf16(const Geometry& geometry, const Bf16* weights, const float* bias, Bend bend, const Bf16* in,
                  const Bf16* residual, float* out) {
  RunConvolution<MatrixKind, Tiles>(Call<float>{geometry, bias, bend, in, residual, out}, weights);
}

void DepthwiseBf16(const Geometry& geometry, const float* weights, const float* bias, Bend bend, const Bf16* in,
                   const Bf16* residual, Bf16* out) {
  const bool is_nine = geometry.taps.size() == 9 && residual == nullptr;
  const int64_t next = geometry.taps.size() > 1 ? geometry.taps[1] - geometry.taps[0] : 0;
  if (is_nine && geometry.step == next) {
    Nine<1>(geometry, weights, bias, bend, in, out);
  } else if (is_nine && geometry.step == 2 * next) {
    Nine<2>(geometry, weights, bias, bend, in, out);
  } else {
    Any(Call<Bf16>{geometry, bias, bend, in, residual, out}, weights);
  }
}

}  // namespace rollcall::inference::kernels
