#include "inference/kernels/matrix_tiles.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "inference_testing/kernel_cases.h"

namespace rollcall::inference::kernels {
namespace {

class MatrixTilesTest : public testing::TestWithParam<KernelCase> {};

TEST_P(MatrixTilesTest, HoldEachPixelOnceAndNeverReadBeyondTheLastOne) {
  for (const int64_t element_size : {1, 2}) {
    Geometry g = KernelPlaces(GetParam(), 4, false).geometry;
    PlanMatrixTiles(element_size, g);
    const MatrixTiles& m = g.matrix;
    if (g.in.size() < 4) {
      EXPECT_EQ(m.rows, 0) << "for a handful of pixels";
      continue;
    }
    ASSERT_TRUE(m.rows >= 1 && m.rows <= 16) << m.rows;
    ASSERT_TRUE(m.chunk >= 4 && m.chunk <= 64 && m.chunk % 4 == 0) << m.chunk;
    EXPECT_EQ(g.depth * element_size % m.chunk, 0);
    const auto rows = static_cast<size_t>(m.rows);
    ASSERT_EQ(m.pixels.size(), m.in.size() * rows);
    std::vector<int> times(g.in.size());
    for (size_t i = 0; i < m.pixels.size(); ++i) {
      const int64_t place = m.in[i / rows] + static_cast<int64_t>(i % rows) * g.step;
      EXPECT_GE(place, g.in.front());
      EXPECT_LE(place, g.in.back());
      if (m.pixels[i] == MatrixTiles::kNone) continue;
      const auto pixel = static_cast<size_t>(m.pixels[i]);
      ASSERT_LT(pixel, times.size());
      EXPECT_EQ(place, g.in[pixel]);
      ++times[pixel];
    }
    EXPECT_EQ(std::count(times.begin(), times.end(), 1), static_cast<int64_t>(times.size()));
  }
}

INSTANTIATE_TEST_SUITE_P(Dense, MatrixTilesTest, testing::ValuesIn(DenseCases()), KernelCaseName);

// 7 x 7 pixels with a frame: 7 tiles of a row each, or 5 over the whole picture.
TEST(MatrixTilesPlanTest, SmallPicturesAreCutAcrossTheirRows) {
  Geometry g = KernelPlaces({"", 7, 7, 64, 64, 3, 1, 1, false, false, false, false}, 4, false).geometry;
  PlanMatrixTiles(1, g);
  EXPECT_EQ(g.matrix.in.size(), 5u);
  EXPECT_EQ(g.matrix.rows, 14);  // 7 rows at a distance of 10, the last one without what follows it: 67 places
}

TEST(MatrixTilesPlanTest, ADepthOfOddBytesIsLeftToTheOtherLoops) {
  Geometry g = KernelPlaces({"", 7, 7, 64, 64, 3, 1, 1, false, false, false, false}, 4, false).geometry;
  g.depth = 33;
  PlanMatrixTiles(1, g);
  EXPECT_EQ(g.matrix.rows, 0);
}

}  // namespace
}  // namespace rollcall::inference::kernels
