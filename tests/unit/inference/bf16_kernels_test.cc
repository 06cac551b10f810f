#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "inference/kernels/bf16.h"

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

struct Case {
  std::string what;
  int64_t height, width, in_channels, out_channels, kernel, stride;
  bool depthwise, residual, slopes, top;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.what; }

// Everything that a call needs, and the answer worked out one number at a time.
struct Bench {
  Geometry geometry;
  PictureLayout in_layout, out_layout;
  size_t taps = 0, columns = 0, depth = 0;
  Aligned<Bf16> in, residual, out;
  Aligned<float> bias, slopes, by_tap, floats;
  std::vector<float> weights;  // columns x taps x depth, or taps x columns
  Bend bend;

  explicit Bench(const Case& c) {
    const int64_t pad = c.kernel / 2;
    in_layout = {.height = c.height, .width = c.width, .channels = PaddedChannels(c.in_channels),
                 .top = pad, .left = pad + 1, .bottom = pad, .right = pad};
    const int64_t out_height = (c.height - 1) / c.stride + 1;
    const int64_t out_width = (c.width - 1) / c.stride + 1;
    out_layout = {.height = out_height, .width = out_width, .channels = PaddedChannels(c.out_channels),
                  .top = 0, .left = 1, .bottom = 1, .right = 0};
    geometry.width = out_width;
    geometry.step = c.stride * in_layout.channels;
    geometry.depth = (c.in_channels + 1) / 2 * 2;
    geometry.columns = out_layout.channels;
    for (int64_t y = 0; y < out_height; ++y) {
      for (int64_t x = 0; x < out_width; ++x) {
        geometry.in.push_back(static_cast<int32_t>(in_layout.offset(y * c.stride - pad, x * c.stride - pad)));
        geometry.out.push_back(static_cast<int32_t>(out_layout.offset(y, x)));
        if (c.residual) geometry.residual.push_back(static_cast<int32_t>(out_layout.offset(y, x)));
      }
    }
    for (int64_t y = 0; y < c.kernel; ++y) {
      for (int64_t x = 0; x < c.kernel; ++x) {
        geometry.taps.push_back(static_cast<int32_t>(y * in_layout.row() + x * in_layout.channels));
      }
    }
    taps = geometry.taps.size();
    columns = static_cast<size_t>(geometry.columns);
    depth = static_cast<size_t>(geometry.depth);
    std::mt19937 engine(7);
    std::uniform_real_distribution<float> pick(-1, 1);
    const auto numbers = [&](size_t size) {
      auto made = hwy::AllocateAligned<float>(size);
      for (size_t i = 0; i < size; ++i) made[i] = pick(engine);
      return made;
    };
    const auto halves = [&](int64_t size) {
      auto made = hwy::AllocateAligned<Bf16>(static_cast<size_t>(size));
      for (int64_t i = 0; i < size; ++i) made[static_cast<size_t>(i)] = ToBf16(pick(engine));
      return made;
    };
    in = halves(in_layout.size() + 32);
    residual = halves(out_layout.size());
    out = halves(out_layout.size());
    floats = numbers(static_cast<size_t>(out_layout.size()));
    bias = numbers(columns);
    slopes = numbers(columns);
    by_tap = numbers(columns * taps * (c.depthwise ? 1 : depth));
    weights.assign(by_tap.get(), by_tap.get() + columns * taps * (c.depthwise ? 1 : depth));
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
};

TEST_P(Bf16KernelsTest, HalvesAreWhatTheFormulaSays) {
  const Case& c = GetParam();
  Bench bench(c);
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

// Depthwise layers write bfloat16 alone.
using DenseBf16KernelsTest = Bf16KernelsTest;

TEST_P(DenseBf16KernelsTest, FloatsAreWhatTheFormulaSays) {
  const Case& c = GetParam();
  Bench bench(c);
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

const std::vector<Case> kDense = {
    {"pointwise", 5, 7, 64, 128, 1, 1, false, false, true, false},
    {"pointwise with residual", 7, 7, 128, 64, 1, 1, false, true, false, false},
    {"one pixel", 1, 1, 512, 136, 1, 1, false, false, false, false},
    {"48 columns", 4, 5, 20, 48, 1, 1, false, true, true, true},
    {"80 columns", 9, 3, 16, 80, 1, 1, false, true, true, false},
    {"three channels", 12, 10, 3, 64, 3, 2, false, false, true, false},
    {"few channels out", 6, 8, 32, 12, 3, 1, false, false, false, false},
    {"5 x 5", 8, 8, 24, 32, 5, 2, false, true, true, true}};

const std::vector<Case> kDepthwise = {
    {"depthwise", 14, 14, 128, 128, 3, 1, true, false, true, false},
    {"depthwise, every second", 15, 13, 48, 48, 3, 2, true, false, true, true},
    {"depthwise, one column", 5, 1, 32, 32, 3, 1, true, false, false, false},
    {"depthwise with residual", 6, 6, 32, 32, 3, 1, true, true, true, false},
    {"depthwise 7 x 7", 7, 7, 64, 64, 7, 7, true, false, false, false}};

std::string Name(const testing::TestParamInfo<Case>& test) {
  std::string name = test.param.what;
  for (char& ch : name) {
    if (std::isalnum(static_cast<unsigned char>(ch)) == 0) ch = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Dense, Bf16KernelsTest, testing::ValuesIn(kDense), Name);
INSTANTIATE_TEST_SUITE_P(Depthwise, Bf16KernelsTest, testing::ValuesIn(kDepthwise), Name);
INSTANTIATE_TEST_SUITE_P(Dense, DenseBf16KernelsTest, testing::ValuesIn(kDense), Name);

}  // namespace
}  // namespace rollcall::inference::kernels
