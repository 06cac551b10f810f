#ifndef ROLLCALL_INFERENCE_KERNELS_TILE_LOOPS_H_
#define ROLLCALL_INFERENCE_KERNELS_TILE_LOOPS_H_

#include <algorithm>
#include <cstddef>

#include "inference/kernels/tile.h"

// How a convolution falls into tiles: the same for numbers of every kind. For the kernels' own files.
//
// `Tiles` says what a tile is on a processor:
//   kLanes          columns in a register
//   kMaxVectors     registers of columns in a tile, 2 or 4
//   MaxRows(v)      pixels in a tile of v registers of columns, so that all sums stay in registers
//   Run<rows, vectors>(call, first, column, weights)   does pixels first .. first + rows
namespace rollcall::inference::kernels {

// With the 32 registers of AVX-512, sixteen columns in each: 6 x 4, 8 x 3 or 12 x 2 sums.
struct TilesOf32Registers {
  static constexpr size_t kLanes = 16;
  static constexpr size_t kMaxVectors = 4;
  static constexpr size_t MaxRows(size_t vectors) { return vectors == 4 ? 6 : vectors == 3 ? 8 : 12; }
};

// Whether this processor has what all our AVX-512 loops use.
inline bool HasAvx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");
}

// All pixels of some columns, in tiles of as many rows as fit and then of what is left.
template <typename Tiles, size_t kVectors, size_t kRows, typename Call, typename Weight>
void RunColumns(const Call& call, size_t first, size_t column, const Weight* weights) {
  const size_t pixels = call.geometry.out.size();
  for (; first + kRows <= pixels; first += kRows) {
    Tiles::template Run<kRows, kVectors>(call, first, column, weights);
  }
  if constexpr (kRows > 1) {
    if (first < pixels) RunColumns<Tiles, kVectors, kRows - 1>(call, first, column, weights);
  }
}

// All pixels and columns of `call.geometry`. `weights`: of blocks of kMaxVectors registers of columns one after the
// other, the last one of what is left.
template <typename Tiles, typename Call, typename Weight>
void RunTiles(const Call& call, const Weight* weights) {
  const auto columns = static_cast<size_t>(call.geometry.columns);
  const size_t row = call.geometry.taps.size() * static_cast<size_t>(call.geometry.depth);
  const auto run = [&]<size_t kVectors>(size_t column) {
    RunColumns<Tiles, kVectors, Tiles::MaxRows(kVectors)>(call, 0, column, weights + column * row);
  };
  for (size_t column = 0; column < columns;) {
    const size_t vectors = std::min(Tiles::kMaxVectors, (columns - column) / Tiles::kLanes);
    if constexpr (Tiles::kMaxVectors == 4) {
      if (vectors == 4) run.template operator()<4>(column);
      if (vectors == 3) run.template operator()<3>(column);
    }
    if (vectors == 2) run.template operator()<2>(column);
    if (vectors == 1) run.template operator()<1>(column);
    column += vectors * Tiles::kLanes;
  }
}

}  // namespace rollcall::inference::kernels

#endif  // ROLLCALL_INFERENCE_KERNELS_TILE_LOOPS_H_
