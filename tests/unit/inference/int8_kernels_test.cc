#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "inference/kernels/int8.h"
#include "inference/kernels/matrix_tiles.h"
#include "inference_testing/kernel_cases.h"

namespace rollcall::inference::kernels {
namespace {

using Case = KernelCase;

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  float Number(float low, float high) { return std::uniform_real_distribution<float>(low, high)(engine_); }
  int Whole(int low, int high) { return std::uniform_int_distribution<int>(low, high)(engine_); }

 private:
  std::mt19937 engine_;
};

// Everything that a call needs, and the answer worked out one number at a time.
struct Bench : KernelPlaces {
  Aligned<uint8_t> in, residual, bytes;
  Aligned<float> floats;
  std::vector<int8_t> weights;  // columns x taps x depth, or taps x columns
  Requantise requantise;

  // One and three channels are pixels, side by side.
  explicit Bench(const Case& c) : KernelPlaces(c, 4, c.in_channels < 4) { Fill(c); }

  void Fill(const Case& c) {
    Random random(7);
    const auto bytes_of = [&random](int64_t size) {
      auto made = hwy::AllocateAligned<uint8_t>(static_cast<size_t>(size));
      for (int64_t i = 0; i < size; ++i) made[static_cast<size_t>(i)] = static_cast<uint8_t>(random.Whole(0, 255));
      return made;
    };
    in = bytes_of(in_layout.size() + 64);
    residual = bytes_of(out_layout.size());
    bytes = bytes_of(out_layout.size());
    floats = hwy::AllocateAligned<float>(static_cast<size_t>(out_layout.size()));
    for (size_t i = 0; i < static_cast<size_t>(out_layout.size()); ++i) floats[i] = -77;
    weights.resize(columns * each(c));
    for (int8_t& weight : weights) weight = static_cast<int8_t>(random.Whole(-127, 127));
    // So that results lie on both sides of 0, between and beyond 0 and 255.
    const float usual = 100 / (std::sqrt(static_cast<float>(weights.size() / columns)) * 73 * 147);
    const auto numbers = [&](float low, float high) {
      std::vector<float> made(columns);
      for (float& number : made) number = random.Number(low, high);
      return made;
    };
    requantise.factors = numbers(usual / 2, usual);
    requantise.offsets = numbers(-50, 50);
    if (c.residual) requantise.residual_factors = numbers(-0.5f, 0.5f);
    if (c.slopes) requantise.slopes = numbers(-0.3f, c.width % 2 == 0 ? 1.5f : 1.0f);  // both ways to bend
    if (c.top) requantise.tops = numbers(20, 40);
    if (c.slopes || c.top) requantise.zeros = numbers(0, 200);
    for (float& zero : requantise.zeros) zero = std::nearbyint(zero);
  }

  int64_t Sum(const Case& c, size_t pixel, size_t column) const {
    int64_t sum = 0;
    for (size_t tap = 0; tap < taps; ++tap) {
      const uint8_t* at = in.get() + geometry.in[pixel] + geometry.taps[tap];
      if (c.depthwise) {
        sum += at[column] * weights[tap * columns + column];
        continue;
      }
      for (size_t k = 0; k < depth; ++k) sum += at[k] * weights[(column * taps + tap) * depth + k];
    }
    return sum;
  }

  // Before it is rounded to a byte.
  double Expected(const Case& c, size_t pixel, size_t column) const {
    double v = static_cast<double>(Sum(c, pixel, column)) * requantise.factors[column] + requantise.offsets[column];
    if (c.residual) {
      v += static_cast<double>(residual[static_cast<size_t>(geometry.residual[pixel]) + column]) *
           requantise.residual_factors[column];
    }
    if (c.slopes && v < 0) v *= requantise.slopes[column];
    if (c.top) v = std::min<double>(v, requantise.tops[column]);
    return requantise.zeros.empty() ? v : v + requantise.zeros[column];
  }
};

class Int8KernelsTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (!HasInt8()) GTEST_SKIP() << "skipped: this processor has no AVX-512 with VNNI";
  }
};

TEST_P(Int8KernelsTest, BytesAreWhatTheFormulaSays) {
  const Case& c = GetParam();
  Bench bench(c);
  const uint8_t* residual = c.residual ? bench.residual.get() : nullptr;
  const std::vector<uint8_t> before(bench.bytes.get(), bench.bytes.get() + bench.out_layout.size());
  if (c.depthwise) {
    const Int8Layer layer = PackDepthwiseInt8(bench.weights, bench.requantise, bench.columns);
    DepthwiseInt8(bench.geometry, layer, bench.in.get(), residual, bench.bytes.get());
  } else {
    const Int8Layer layer = PackInt8(bench.weights, bench.requantise, bench.columns);
    ConvolveInt8(bench.geometry, layer, bench.in.get(), residual, bench.bytes.get());
  }
  std::vector<bool> written(before.size());
  size_t limited = 0;
  for (size_t p = 0; p < bench.geometry.out.size(); ++p) {
    for (size_t column = 0; column < bench.columns; ++column) {
      const size_t at = static_cast<size_t>(bench.geometry.out[p]) + column;
      const double expected = std::clamp(bench.Expected(c, p, column), 0.0, 255.0);
      if (expected == 0 || expected == 255) ++limited;
      // Half a step for the rounding, and what float32 may lose before it.
      ASSERT_NEAR(bench.bytes[at], expected, 0.5001) << "pixel " << p << " channel " << column;
      written[at] = true;
    }
  }
  EXPECT_LT(limited * 10, written.size() * 9) << "most results are at the limits: they show little";
  for (size_t i = 0; i < before.size(); ++i) {
    if (written[i]) continue;
    ASSERT_EQ(bench.bytes[i], before[i]) << "wrote beside the picture at " << i;
  }
}

// Depthwise layers write bytes alone.
using DenseInt8KernelsTest = Int8KernelsTest;

TEST_P(DenseInt8KernelsTest, FloatsAreWhatTheFormulaSays) {
  const Case& c = GetParam();
  Bench bench(c);
  const Int8Layer layer = PackInt8(bench.weights, bench.requantise, bench.columns);
  ConvolveInt8(bench.geometry, layer, bench.in.get(), c.residual ? bench.residual.get() : nullptr,
               bench.floats.get());
  std::vector<bool> written(static_cast<size_t>(bench.out_layout.size()));
  for (size_t p = 0; p < bench.geometry.out.size(); ++p) {
    for (size_t column = 0; column < bench.columns; ++column) {
      const size_t at = static_cast<size_t>(bench.geometry.out[p]) + column;
      ASSERT_NEAR(bench.floats[at], bench.Expected(c, p, column), 2e-3) << "pixel " << p << " channel " << column;
      written[at] = true;
    }
  }
  for (size_t i = 0; i < written.size(); ++i) {
    if (written[i]) continue;
    ASSERT_EQ(bench.floats[i], -77) << "wrote beside the picture at " << i;
  }
}

// Sums of whole numbers are exact, so not a bit may differ.
TEST_P(DenseInt8KernelsTest, MatrixRegistersGiveTheSameBits) {
  if (!HasMatrixTiles()) GTEST_SKIP() << "skipped: this processor has no AMX, or the system keeps it to itself";
  const Case& c = GetParam();
  Bench plain(c), matrix(c);
  PlanMatrixTiles(1, matrix.geometry);
  EXPECT_EQ(matrix.geometry.matrix.rows > 0, plain.geometry.in.size() >= 4);
  for (Bench* bench : {&plain, &matrix}) {
    const Int8Layer layer = PackInt8(bench->weights, bench->requantise, bench->columns);
    const uint8_t* residual = c.residual ? bench->residual.get() : nullptr;
    ConvolveInt8(bench->geometry, layer, bench->in.get(), residual, bench->bytes.get());
    ConvolveInt8(bench->geometry, layer, bench->in.get(), residual, bench->floats.get());
  }
  for (size_t i = 0; i < plain.out_size(); ++i) {
    ASSERT_EQ(plain.bytes[i], matrix.bytes[i]) << i;
    ASSERT_EQ(plain.floats[i], matrix.floats[i]) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Dense, Int8KernelsTest, testing::ValuesIn(DenseCases()), KernelCaseName);
INSTANTIATE_TEST_SUITE_P(Depthwise, Int8KernelsTest, testing::ValuesIn(DepthwiseCases()), KernelCaseName);
INSTANTIATE_TEST_SUITE_P(Dense, DenseInt8KernelsTest, testing::ValuesIn(DenseCases()), KernelCaseName);

}  // namespace
}  // namespace rollcall::inference::kernels
