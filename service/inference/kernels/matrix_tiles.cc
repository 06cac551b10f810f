#include "inference/kernels/matrix_tiles.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/matrix_unit.h"
#include "inference/kernels/tile_loops.h"

namespace rollcall::inference::kernels {
namespace {

constexpr int64_t kMaxRows = 16;  // of a matrix register
constexpr int64_t kMaxRowBytes = 64;
constexpr int64_t kFewPixels = 4;  // for which filling the registers costs more than it gains

// The largest part of `depth` bytes that fits into a row and divides it; 0: none.
int64_t ChunkOf(int64_t depth) {
  for (int64_t chunk = std::min(depth, kMaxRowBytes); chunk >= 4; --chunk) {
    if (chunk % 4 == 0 && depth % chunk == 0) return chunk;
  }
  return 0;
}

// A run of `length` places at an equal distance in the input, of which each `pitch` begin with `width` pixels.
struct Runs {
  int64_t count = 0, length = 0, pitch = 0;

  int64_t rows() const {
    const int64_t tiles = (length + kMaxRows - 1) / kMaxRows;
    return (length + tiles - 1) / tiles;
  }
  int64_t tiles() const { return count * ((length + rows() - 1) / rows()); }
};

Runs Shortest(const Geometry& g) {
  const auto pixels = static_cast<int64_t>(g.in.size());
  const int64_t height = pixels / g.width;
  const Runs by_row{.count = height, .length = g.width, .pitch = g.width};
  if (height == 1) return by_row;
  const int64_t next_row = g.in[static_cast<size_t>(g.width)] - g.in[0];
  if (next_row % g.step != 0) return by_row;
  const int64_t pitch = next_row / g.step;
  const Runs whole{.count = 1, .length = (height - 1) * pitch + g.width, .pitch = pitch};
  return whole.tiles() < by_row.tiles() ? whole : by_row;
}

}  // namespace

bool HasMatrixTiles() { return HasAvx512() && base::HasMatrixUnit(); }

void PlanMatrixTiles(int64_t element_size, Geometry& g) {
  const int64_t chunk = ChunkOf(g.depth * element_size);
  if (chunk == 0 || static_cast<int64_t>(g.in.size()) < kFewPixels) return;
  const Runs runs = Shortest(g);
  MatrixTiles tiles{.rows = runs.rows(), .chunk = chunk, .in = {}, .pixels = {}};
  for (int64_t run = 0; run < runs.count; ++run) {
    int64_t done = 0;  // places of this run that have their tile
    while (done < runs.length) {
      // The last tile reaches back over what is done: reading on would leave the picture.
      const int64_t first = std::min(done, runs.length - tiles.rows);
      const auto pixel = static_cast<size_t>(run * g.width);
      tiles.in.push_back(static_cast<int32_t>(g.in[pixel] + first * g.step));
      for (int64_t place = first; place < first + tiles.rows; ++place) {
        const bool is_pixel = place >= done && place % runs.pitch < g.width;
        const int64_t number = run * g.width + place / runs.pitch * g.width + place % runs.pitch;
        tiles.pixels.push_back(is_pixel ? static_cast<int32_t>(number) : MatrixTiles::kNone);
      }
      done = first + tiles.rows;
    }
  }
  g.matrix = std::move(tiles);
}

}  // namespace rollcall::inference::kernels
