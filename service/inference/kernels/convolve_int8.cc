#include "inference/kernels/int8_parts.h"
#include "inference/kernels/tile_loops.h"

ROLLCALL_PUSH_INT8_ATTRIBUTES
namespace rollcall::inference::kernels {
namespace {

constexpr size_t kLanes = 16;  // sums in a register
constexpr size_t kMaxVectors = 4;
constexpr size_t kBlock = kMaxVectors * kLanes;

template <typename Out>
struct Call {
  const Geometry& geometry;
  const Int8Layer& layer;
  const uint8_t* in;
  const uint8_t* residual;
  Out* out;
};

// Results of one pixel. A full block of 64 columns lies in woven order, less in natural order.
template <size_t kVectors>
HWY_INLINE void Finish(const __m512i (&sums)[kVectors], const Int8Layer& layer, size_t column,
                       const uint8_t* residual, uint8_t* out) {
  __m512 v[kVectors];
  for (size_t i = 0; i < kVectors; ++i) v[i] = Scaled(sums[i], layer, column + i * kLanes);
  if constexpr (kVectors == kMaxVectors) {
    if (residual != nullptr) {
      const __m512i zero = _mm512_setzero_si512();
      const __m512i bytes = _mm512_loadu_si512(residual);
      const __m512i low = _mm512_unpacklo_epi8(bytes, zero);
      const __m512i high = _mm512_unpackhi_epi8(bytes, zero);
      v[0] = AddResidual(v[0], _mm512_unpacklo_epi16(low, zero), layer, column);
      v[1] = AddResidual(v[1], _mm512_unpackhi_epi16(low, zero), layer, column + kLanes);
      v[2] = AddResidual(v[2], _mm512_unpacklo_epi16(high, zero), layer, column + 2 * kLanes);
      v[3] = AddResidual(v[3], _mm512_unpackhi_epi16(high, zero), layer, column + 3 * kLanes);
    }
    for (size_t i = 0; i < kVectors; ++i) v[i] = Bent(v[i], layer, column + i * kLanes);
    _mm512_storeu_si512(out, PackWoven(v));
  } else {
    for (size_t i = 0; i < kVectors; ++i) {
      const size_t at = i * kLanes;
      if (residual != nullptr) v[i] = AddResidual(v[i], SixteenBytes(residual + at), layer, column + at);
      StoreSixteen(Bent(v[i], layer, column + at), out + at);
    }
  }
}

// Floats leave in the order of the columns; there are few such layers, the last ones of a net.
template <size_t kVectors>
HWY_INLINE void Finish(const __m512i (&sums)[kVectors], const Int8Layer& layer, size_t column,
                       const uint8_t* residual, float* out) {
  for (size_t i = 0; i < kVectors; ++i) {
    const size_t at = i * kLanes;
    alignas(64) float done[kLanes];
    __m512 v = Scaled(sums[i], layer, column + at);
    if (residual != nullptr) {
      alignas(16) uint8_t bytes[kLanes];
      for (size_t l = 0; l < kLanes; ++l) bytes[l] = residual[kVectors == kMaxVectors ? Woven(at + l) : at + l];
      v = AddResidual(v, SixteenBytes(bytes), layer, column + at);
    }
    _mm512_store_ps(done, Bent(v, layer, column + at));
    for (size_t l = 0; l < kLanes; ++l) out[kVectors == kMaxVectors ? Woven(at + l) : at + l] = done[l];
  }
}

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
  for (size_t r = 0; r < kRows; ++r) {
    const uint8_t* residual = call.residual == nullptr ? nullptr : call.residual + g.residual[first + r] + column;
    Finish<kVectors>(sums[r], call.layer, column, residual, call.out + g.out[first + r] + column);
  }
}

struct Tiles {
  static constexpr size_t kLanes = kernels::kLanes;
  static constexpr size_t kMaxVectors = kernels::kMaxVectors;
  static constexpr size_t MaxRows(size_t vectors) { return RowsOf32Registers(vectors); }
  template <size_t kRows, size_t kVectors, typename Out>
  static void Run(const Call<Out>& call, size_t first, size_t column, const int8_t* weights) {
    Tile<kRows, kVectors>(call, first, column, weights);
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
    return block + kBlock <= columns ? block + Woven(i - block) : i;
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
  RunTiles<Tiles>(Call<uint8_t>{geometry, layer, in, residual, out}, layer.weights.get());
}

void ConvolveInt8(const Geometry& geometry, const Int8Layer& layer, const uint8_t* in, const uint8_t* residual,
                  float* out) {
  RunTiles<Tiles>(Call<float>{geometry, layer, in, residual, out}, layer.weights.get());
}

}  // namespace rollcall::inference::kernels
