#ifndef ROLLCALL_INFERENCE_KERNELS_MATRIX_LOOPS_H_
#define ROLLCALL_INFERENCE_KERNELS_MATRIX_LOOPS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <hwy/base.h>

#include "base/matrix_unit.h"
#include "inference/kernels/tile.h"
#include "inference/kernels/tile_loops.h"

// A convolution over matrix registers (matrix_tiles.h), the same for bytes and bfloat16. For the kernels' own files.
//
// `Kind` says what the numbers are:
//   Sum                                             float for bfloat16, int32_t for bytes
//   Finish<vectors>(call, pixels, column, sums)     results of a tile: sums[r][v] are 16 Sums, aligned to 64 bytes, of
//                                                   pixel pixels[r], unless that is kNone
namespace rollcall::inference::kernels {

// Four registers of sums, two of pixels, two of weights.
inline constexpr int kFirstPixels = 4;
inline constexpr int kFirstWeights = 6;

inline base::MatrixSizes SizesFor(const MatrixTiles& tiles) {
  std::array<base::MatrixSizes::Size, 8> sizes;
  for (int matrix = 0; matrix < 8; ++matrix) {
    const bool is_weights = matrix >= kFirstWeights;
    const bool is_pixels = matrix >= kFirstPixels && !is_weights;
    sizes[static_cast<size_t>(matrix)] = {.rows = is_weights ? tiles.chunk / 4 : tiles.rows,
                                          .row_bytes = is_pixels ? tiles.chunk : 64};
  }
  return base::MatrixSizes(sizes);
}

// One chunk of the depth: kTiles tiles of pixels by kVectors vectors of columns, from the v-th vector and the t-th tile.
template <typename Sum, size_t kTiles, size_t kVectors, size_t v = 0, size_t t = 0>
HWY_INLINE void MultiplyChunk(const std::byte* const (&pixels)[kTiles], size_t pixel_step, const std::byte* weights,
                              size_t weight_step) {
  constexpr int kPixels = kFirstPixels + static_cast<int>(t % 2);
  constexpr int kWeights = kFirstWeights + static_cast<int>(v % 2);
  if constexpr (t == 0) base::LoadMatrix<kWeights>(weights + v * 64, weight_step);
  if constexpr (v == 0) base::LoadMatrix<kPixels>(pixels[t], pixel_step);
  base::MultiplyMatrix<Sum, static_cast<int>(t * kVectors + v), kPixels, kWeights>();
  if constexpr (t + 1 < kTiles) {
    MultiplyChunk<Sum, kTiles, kVectors, v, t + 1>(pixels, pixel_step, weights, weight_step);
  } else if constexpr (v + 1 < kVectors) {
    MultiplyChunk<Sum, kTiles, kVectors, v + 1, 0>(pixels, pixel_step, weights, weight_step);
  }
}

template <size_t kCount, size_t i = 0>
HWY_INLINE void ZeroSums() {
  base::ZeroMatrix<static_cast<int>(i)>();
  if constexpr (i + 1 < kCount) ZeroSums<kCount, i + 1>();
}

// sums[tile][row][vector] are 64 bytes.
template <size_t kTiles, size_t kVectors, typename Sum, size_t i = 0>
HWY_INLINE void StoreSums(Sum (&sums)[kTiles][16][kVectors][16]) {
  base::StoreMatrix<static_cast<int>(i)>(sums[i / kVectors][0][i % kVectors], kVectors * 64);
  if constexpr (i + 1 < kTiles * kVectors) StoreSums<kTiles, kVectors, Sum, i + 1>(sums);
}

// All pixels of kVectors vectors of columns from `column` on. `weights`: theirs, packed in blocks of `block` columns.
template <typename Kind, size_t kVectors, typename Call>
void MatrixColumns(const Call& call, size_t column, const std::byte* weights, size_t block) {
  // No more than two vectors at a time share their registers with two tiles of pixels.
  constexpr size_t kTiles = kVectors > 2 ? 1 : kVectors == 2 ? 2 : 4;
  const Geometry& g = call.geometry;
  const MatrixTiles& m = g.matrix;
  const auto chunk = static_cast<size_t>(m.chunk);
  const auto rows = static_cast<size_t>(m.rows);
  const size_t chunks = static_cast<size_t>(g.depth) * sizeof(*call.in) / chunk;
  const size_t pixel_step = static_cast<size_t>(g.step) * sizeof(*call.in);
  const size_t weight_step = block * 4;
  for (size_t first = 0; first < m.in.size(); first += kTiles) {
    const size_t count = std::min(kTiles, m.in.size() - first);
    ZeroSums<kTiles * kVectors>();
    const std::byte* w = weights;
    for (const int32_t tap : g.taps) {
      const std::byte* pixels[kTiles];
      for (size_t t = 0; t < kTiles; ++t) {
        const int32_t in = m.in[first + std::min(t, count - 1)];
        pixels[t] = reinterpret_cast<const std::byte*>(call.in + in + tap);
      }
      for (size_t k = 0; k < chunks; ++k, w += chunk / 4 * weight_step) {
        MultiplyChunk<typename Kind::Sum, kTiles, kVectors>(pixels, pixel_step, w, weight_step);
        for (auto& pixel : pixels) pixel += chunk;
      }
    }
    alignas(64) typename Kind::Sum sums[kTiles][16][kVectors][16];
    StoreSums<kTiles, kVectors>(sums);
    for (size_t t = 0; t < count; ++t) {
      Kind::template Finish<kVectors>(call, std::span(&m.pixels[(first + t) * rows], rows), column, sums[t]);
    }
  }
}

// All pixels and columns of `call.geometry`, which has matrix tiles. `weights`: as for RunTiles, in blocks of 64
// columns.
template <typename Kind, typename Call, typename Weight>
void RunMatrixTiles(const Call& call, const Weight* weights) {
  const base::MatrixSizes sizes = SizesFor(call.geometry.matrix);
  const auto columns = static_cast<size_t>(call.geometry.columns);
  const size_t row = call.geometry.taps.size() * static_cast<size_t>(call.geometry.depth);
  for (size_t column = 0; column < columns; column += 64) {
    const size_t block = std::min<size_t>(64, columns - column);
    const auto* w = reinterpret_cast<const std::byte*>(weights + column * row);
    if (block == 64) MatrixColumns<Kind, 4>(call, column, w, block);
    if (block == 48) MatrixColumns<Kind, 3>(call, column, w, block);
    if (block == 32) MatrixColumns<Kind, 2>(call, column, w, block);
    if (block == 16) MatrixColumns<Kind, 1>(call, column, w, block);
  }
}

// All pixels and columns: in matrix registers where `call.geometry` has tiles for them, else in `Tiles` (tile_loops.h).
template <typename Kind, typename Tiles, typename Call, typename Weight>
void RunConvolution(const Call& call, const Weight* weights) {
  if (call.geometry.matrix.rows > 0) {
    RunMatrixTiles<Kind>(call, weights);
  } else {
    RunTiles<Tiles>(call, weights);
  }
}

}  // namespace rollcall::inference::kernels

#endif  // ROLLCALL_INFERENCE_KERNELS_MATRIX_LOOPS_H_
