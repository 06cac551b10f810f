#include "inference/kernels/int8_parts.h"
#include "inference/kernels/matrix_loops.h"
#include "inference/kernels/tile_loops.h"

ROLLCALL_PUSH_INT8_ATTRIBUTES
namespace rollcall::inference::kernels {
namespace {

constexpr size_t kLanes = TilesOf32Registers::kLanes;  // sums in a register
constexpr size_t kBlock = TilesOf32Registers::kMaxVectors * kLanes;

template <typename Out>
struct Call {
  const Geometry& geometry;
  const Int8Layer& layer;
  const uint8_t* in;
  const uint8_t* residual;
  Out* out;
};

// ---- from the sums of a pixel to its results ---------------------------------------------------------------

// The residual's bytes of one pixel as whole numbers, in the order of the columns.
template <size_t kVectors>
HWY_INLINE void LoadResidual(const uint8_t* from, __m512i (&to)[kVectors]) {
  if constexpr (kVectors == 4) {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i bytes = _mm512_loadu_si512(from);
    const __m512i low = _mm512_unpacklo_epi8(bytes, zero);
    const __m512i high = _mm512_unpackhi_epi8(bytes, zero);
    to[0] = _mm512_unpacklo_epi16(low, zero);
    to[1] = _mm512_unpackhi_epi16(low, zero);
    to[2] = _mm512_unpacklo_epi16(high, zero);
    to[3] = _mm512_unpackhi_epi16(high, zero);
  } else if constexpr (kVectors == 2) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    const __m256i woven = _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7));
    to[0] = _mm512_cvtepu8_epi32(_mm256_castsi256_si128(woven));
    to[1] = _mm512_cvtepu8_epi32(_mm256_extracti128_si256(woven, 1));
  } else {
    for (size_t i = 0; i < kVectors; ++i) to[i] = SixteenBytes(from + i * kLanes);
  }
}

template <size_t kVectors>
HWY_INLINE void Store(const __m512 (&v)[kVectors], uint8_t* to) {
  if constexpr (kVectors == 4) {
    _mm512_storeu_si512(to, PackWoven(v));
  } else if constexpr (kVectors == 2) {
    const __m512i words = _mm512_packs_epi32(_mm512_cvtps_epi32(v[0]), _mm512_cvtps_epi32(v[1]));
    const __m512i bytes = _mm512_packus_epi16(words, words);  // each quarter twice
    const __m512i once = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 0, 2, 4, 6), bytes);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_castsi512_si256(once));
  } else {
    for (size_t i = 0; i < kVectors; ++i) StoreSixteen(v[i], to + i * kLanes);
  }
}

// Floats leave in natural order; there are few such layers, the last ones of a net.
template <size_t kVectors>
HWY_INLINE void Store(const __m512 (&v)[kVectors], float* to) {
  for (size_t i = 0; i < kVectors; ++i) {
    alignas(64) float done[kLanes];
    _mm512_store_ps(done, v[i]);
    for (size_t l = 0; l < kLanes; ++l) to[Woven(i * kLanes + l, kVectors)] = done[l];
  }
}

template <size_t kVectors, typename Out>
HWY_INLINE void Finish(const Call<Out>& call, size_t pixel, size_t column, const Ending<kVectors>& ending,
                       const __m512i (&sums)[kVectors]) {
  const Geometry& g = call.geometry;
  __m512 v[kVectors];
  for (size_t i = 0; i < kVectors; ++i) v[i] = ending.Scaled(sums[i], i);
  if (call.residual != nullptr) {
    __m512i residual[kVectors];
    LoadResidual(call.residual + g.residual[pixel] + column, residual);
    for (size_t i = 0; i < kVectors; ++i) v[i] = ending.AddResidual(v[i], residual[i], i);
  }
  for (size_t i = 0; i < kVectors; ++i) v[i] = ending.Bent(v[i], i);
  Store(v, call.out + g.out[pixel] + column);
}

// ---- vector registers --------------------------------------------------------------------------------------

// kRows pixels by kVectors vectors of columns, all their sums in registers. Four neighbours of the depth are one
// step: each lane adds four products.
template <size_t kRows, size_t kVectors, typename Out>
void Tile(const Call<Out>& call, size_t first, size_t column, const int8_t* HWY_RESTRICT w) {
  const Geometry& g = call.geometry;
  __m512i sums[kRows][kVectors];
  for (size_t r = 0; r < kRows; ++r) {
    for (size_t v = 0; v < kVectors; ++v) sums[r][v] = _mm512_setzero_si512();
  }
  const auto depth = static_cast<size_t>(g.depth);
  for (const int32_t tap : g.taps) {
    const uint8_t* HWY_RESTRICT rows[kRows];
    for (size_t r = 0; r < kRows; ++r) rows[r] = call.in + g.in[first + r] + tap;
    for (size_t k = 0; k < depth; k += 4, w += kVectors * 64) {
      __m512i weights[kVectors];
      for (size_t v = 0; v < kVectors; ++v) weights[v] = _mm512_load_si512(w + v * 64);
      for (size_t r = 0; r < kRows; ++r) {
        int32_t four;
        std::memcpy(&four, rows[r] + k, sizeof(four));
        const __m512i x = _mm512_set1_epi32(four);
        for (size_t v = 0; v < kVectors; ++v) sums[r][v] = _mm512_dpbusd_epi32(sums[r][v], x, weights[v]);
      }
    }
  }
  const Ending<kVectors> ending(call.layer, column);
  for (size_t r = 0; r < kRows; ++r) Finish(call, first + r, column, ending, sums[r]);
}

struct Tiles : TilesOf32Registers {
  template <size_t kRows, size_t kVectors, typename Out>
  static void Run(const Call<Out>& call, size_t first, size_t column, const int8_t* weights) {
    Tile<kRows, kVectors>(call, first, column, weights);
  }
};

// ---- matrix registers --------------------------------------------------------------------------------------

struct MatrixKind {
  using Sum = int32_t;

  template <size_t kVectors, typename Out>
  static void Finish(const Call<Out>& call, std::span<const int32_t> pixels, size_t column,
                     const int32_t (&products)[16][kVectors][kLanes]) {
    const Ending<kVectors> ending(call.layer, column);
    for (size_t r = 0; r < pixels.size(); ++r) {
      if (pixels[r] == MatrixTiles::kNone) continue;
      __m512i sums[kVectors];
      for (size_t v = 0; v < kVectors; ++v) sums[v] = _mm512_load_si512(products[r][v]);
      kernels::Finish(call, static_cast<size_t>(pixels[r]), column, ending, sums);
    }
  }
};

}  // namespace
}  // namespace rollcall::inference::kernels
HWY_POP_ATTRIBUTES

namespace rollcall::inference::kernels {

bool HasInt8() { return HasAvx512() && __builtin_cpu_supports("avx512vnni"); }

// Blocks of 64 columns (the last one of what is left), tap by tap, four numbers of the depth at a time, the four
// of a column together.
Int8Layer PackInt8(const std::vector<int8_t>& weights, const Requantise& requantise, size_t columns) {
  const auto order = [columns](size_t i) {
    const size_t block = i / kBlock * kBlock;
    return block + Woven(i - block, std::min(kBlock, columns - block) / kLanes);
  };
  Int8Layer layer = ReorderedLayer(requantise, columns, order);
  layer.weights = hwy::AllocateAligned<int8_t>(weights.size());
  int8_t* to = layer.weights.get();
  const size_t row = weights.size() / columns;  // taps x depth
  for (size_t column = 0; column < columns; column += kBlock) {
    const size_t end = std::min(column + kBlock, columns);
    for (size_t k = 0; k < row; k += 4) {
      for (size_t c = column; c < end; ++c, to += 4) std::memcpy(to, &weights[order(c) * row + k], 4);
    }
  }
  return layer;
}

void ConvolveInt8(const Geometry& geometry, const Int8Layer& layer, const uint8_t* in, const uint8_t* residual,
                  uint8_t* out) {
  RunConvolution<MatrixKind, Tiles>(Call<uint8_t>{geometry, layer, in, residual, out}, layer.weights.get());
}

void ConvolveInt8(const Geometry& geometry, const Int8Layer& layer, const uint8_t* in, const uint8_t* residual,
                  float* out) {
  RunConvolution<MatrixKind, Tiles>(Call<float>{geometry, layer, in, residual, out}, layer.weights.get());
}

}  // namespace rollcall::inference::kernels
