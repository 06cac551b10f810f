#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "inference/kernels/bf16.h"
#include "inference/kernels/matrix_tiles.h"
#include "inference_testing/kernel_cases.h"

namespace rollcall::inference::kernels {
namespace {

TEST(Bf16Test, KeepsTheUpperHalfRoundedToTheNearest) {
  EXPECT_EQ(ToFloat(ToBf16(0.0f)), 0.0f);
  EXPECT_EQ(ToFloat(ToBf16(1.0f)), 1.0f);
  EXPECT_EQ(ToFloat(ToBf16(-2.5f)), -2.5f);
  EXPECT_EQ(ToFloat(ToBf16(1.0f + 0x1p-8f)), 1.0f);            // half way: to the even one
  EXPECT_EQ(ToFloat(ToBf16(1.0f + 0x3p-8f)), 1.0f + 0x1p-6f);  // likewise, upwards
  EXPECT_EQ(ToFloat(ToBf16(1.0f + 0x1.1p-8f)), 1.0f + 0x1p-7f);
  EXPECT_EQ(ToFloat(ToBf16(std::numeric_limits<float>::max())), std::numeric_limits<float>::infinity());
  EXPECT_EQ(ToFloat(ToBf16(-HUGE_VALF)), -HUGE_VALF);
  EXPECT_TRUE(std::isnan(ToFloat(ToBf16(std::nanf("")))));
}

using Case = KernelCase;

// Everything that a call needs, and the answer worked out one number at a time.
struct Bench : KernelPlaces {
  Aligned<Bf16> in, residual, out;
  Aligned<float> bias, slopes, by_tap, floats;
  std::vector<float> weights;  // columns x taps x depth, or taps x columns
  Bend bend;

  explicit Bench(const Case& c) : KernelPlaces(c, 2, false) {
    std::mt19937 engine(7);
    std::uniform_real_distribution<float> pick(-1, 1);
    const auto numbers = [&](size_t size) {
      auto made = hwy::AllocateAligned<float>(size);
      for (size_t i = 0; i < size; ++i) made[i] = pick(engine);
      return made;
    };
    const auto halves = [&](size_t size) {
      auto made = hwy::AllocateAligned<Bf16>(size);
      for (size_t i = 0; i < size; ++i) made[i] = ToBf16(pick(engine));
      return made;
    };
    in = halves(in_size() + 32);
    residual = halves(out_size());
    out = halves(out_size());
    floats = numbers(out_size());
    bias = numbers(columns);
    slopes = numbers(columns);
    by_tap = numbers(columns * each(c));
    weights.assign(by_tap.get(), by_tap.get() + columns * each(c));
    // Weights that are bfloat16 already: what is tested is the arithmetic.
    if (!c.depthwise) {
      for (float& weight : weights) weight = ToFloat(ToBf16(weight));
    }
    bend = {.slopes = c.slopes ? slopes.get() : nullptr, .top = 0.5f, .has_top = c.top};
  }

  float Expected(const Case& c, size_t pixel, size_t column) const {
    double sum = bias[column];
    for (size_t tap = 0; tap < taps; ++tap) {
      const Bf16* at = in.get() + geometry.in[pixel] + geometry.taps[tap];
      if (c.depthwise) {
        sum += static_cast<double>(ToFloat(at[column])) * by_tap[tap * columns + column];
        continue;
      }
      for (size_t k = 0; k < depth; ++k) {
        sum += static_cast<double>(ToFloat(at[k])) * weights[(column * taps + tap) * depth + k];
      }
    }
    if (c.residual) sum += ToFloat(residual[static_cast<size_t>(geometry.residual[pixel]) + column]);
    if (c.slopes && sum < 0) sum *= slopes[column];
    return static_cast<float>(c.top ? std::min(sum, 0.5) : sum);
  }
};

class Bf16KernelsTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (!HasBf16()) GTEST_SKIP() << "skipped: this processor has no AVX-512 with BF16";
  }
  static void ExpectHalves(const Case& c, Bench bench);
  static void ExpectFloats(const Case& c, Bench bench);
};

void Bf16KernelsTest::ExpectHalves(const Case& c, Bench bench) {
  const Bf16* residual = c.residual ? bench.residual.get() : nullptr;
  const std::vector<Bf16> before(bench.out.get(), bench.out.get() + bench.out_layout.size());
  if (c.depthwise) {
    DepthwiseBf16(bench.geometry, bench.by_tap.get(), bench.bias.get(), bench.bend, bench.in.get(), residual,
                  bench.out.get());
  } else {
    const auto packed = PackBf16(bench.weights, bench.columns, bench.taps, bench.depth);
    ConvolveBf16(bench.geometry, packed.get(), bench.bias.get(), bench.bend, bench.in.get(), residual,
                 bench.out.get());
  }
  std::vector<bool> written(before.size());
  for (size_t p = 0; p < bench.geometry.out.size(); ++p) {
    for (size_t column = 0; column < bench.columns; ++column) {
      const size_t at = static_cast<size_t>(bench.geometry.out[p]) + column;
      const float expected = bench.Expected(c, p, column);
      ASSERT_NEAR(ToFloat(bench.out[at]), expected, std::abs(expected) * 0x1p-8 + 1e-4)
          << "pixel " << p << " channel " << column;
      written[at] = true;
    }
  }
  for (size_t i = 0; i < before.size(); ++i) {
    if (written[i]) continue;
    ASSERT_EQ(bench.out[i], before[i]) << "wrote beside the picture at " << i;
  }
}

void Bf16KernelsTest::ExpectFloats(const Case& c, Bench bench) {
  const auto packed = PackBf16(bench.weights, bench.columns, bench.taps, bench.depth);
  ConvolveBf16(bench.geometry, packed.get(), bench.bias.get(), bench.bend, bench.in.get(),
               c.residual ? bench.residual.get() : nullptr, bench.floats.get());
  for (size_t p = 0; p < bench.geometry.out.size(); ++p) {
    for (size_t column = 0; column < bench.columns; ++column) {
      const size_t at = static_cast<size_t>(bench.geometry.out[p]) + column;
      ASSERT_NEAR(bench.floats[at], bench.Expected(c, p, column), 1e-4) << "pixel " << p << " channel " << column;
    }
  }
}

TEST_P(Bf16KernelsTest, HalvesAreWhatTheFormulaSays) { ExpectHalves(GetParam(), Bench(GetParam())); }

// Depthwise layers write bfloat16 alone, and have no use for matrix registers.
using DenseBf16KernelsTest = Bf16KernelsTest;

TEST_P(DenseBf16KernelsTest, FloatsAreWhatTheFormulaSays) { ExpectFloats(GetParam(), Bench(GetParam())); }

TEST_P(DenseBf16KernelsTest, TheSameInMatrixRegisters) {
  if (!HasMatrixTiles()) GTEST_SKIP() << "skipped: this processor has no AMX, or the system keeps it to itself";
  Bench halves(GetParam());
  PlanMatrixTiles(sizeof(Bf16), halves.geometry);
  ExpectHalves(GetParam(), std::move(halves));
  Bench floats(GetParam());
  PlanMatrixTiles(sizeof(Bf16), floats.geometry);
  ExpectFloats(GetParam(), std::move(floats));
}

INSTANTIATE_TEST_SUITE_P(Dense, Bf16KernelsTest, testing::ValuesIn(DenseCases()), KernelCaseName);
INSTANTIATE_TEST_SUITE_P(Depthwise, Bf16KernelsTest, testing::ValuesIn(DepthwiseCases()), KernelCaseName);
INSTANTIATE_TEST_SUITE_P(Dense, DenseBf16KernelsTest, testing::ValuesIn(DenseCases()), KernelCaseName);

}  // namespace
}  // namespace rollcall::inference::kernels
