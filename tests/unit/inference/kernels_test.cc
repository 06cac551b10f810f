#include <gtest/gtest.h>

#include <cmath>
#include <hwy/highway.h>
#include <hwy/targets.h>
#include <random>

#include "inference/kernels/tile.h"

namespace rollcall::inference::kernels {
namespace {

// A convolution over a picture with a frame of random numbers: what lies in the frame counts as much as the rest.
struct Case {
  std::string what;
  int64_t height, width, in_channels, out_channels, kernel, stride, dilation;
  bool depthwise, residual, slopes, top;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.what; }

class Numbers {
 public:
  explicit Numbers(uint32_t seed) : engine_(seed) {}
  Aligned<float> Make(size_t count, float low = -1, float high = 1) {
    auto numbers = hwy::AllocateAligned<float>(count);
    std::uniform_real_distribution<float> pick(low, high);
    for (size_t i = 0; i < count; ++i) numbers[i] = pick(engine_);
    return numbers;
  }

 private:
  std::mt19937 engine_;
};

float Bent(float v, float slope, const Case& c) {
  if (c.slopes && v < 0) return v * slope;
  return c.top && v > 0.5f ? 0.5f : v;
}

// Everything that a call needs, and the answer worked out one number at a time.
struct Bench {
  Geometry geometry;
  PictureLayout in_layout, out_layout;
  size_t taps = 0;
  Aligned<float> in, residual, bias, slopes, out;
  std::vector<float> dense;     // columns x taps x depth, or
  Aligned<float> by_tap;        // taps x columns
  Bend bend;

  explicit Bench(const Case& c) {
    const int64_t pad = c.kernel / 2 * c.dilation;
    in_layout = {.height = c.height, .width = c.width, .channels = PaddedChannels(c.in_channels),
                 .top = pad, .left = pad + 1, .bottom = pad, .right = pad};
    const int64_t out_height = (c.height - 1) / c.stride + 1;
    const int64_t out_width = (c.width - 1) / c.stride + 1;
    out_layout = {.height = out_height, .width = out_width, .channels = PaddedChannels(c.out_channels),
                  .top = 0, .left = 1, .bottom = 1, .right = 0};
    geometry.width = out_width;
    geometry.step = c.stride * in_layout.channels;
    geometry.depth = c.in_channels;
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
        geometry.taps.push_back(
            static_cast<int32_t>(y * c.dilation * in_layout.row() + x * c.dilation * in_layout.channels));
      }
    }
    taps = geometry.taps.size();
    Numbers numbers(7);
    const auto columns = static_cast<size_t>(geometry.columns);
    in = numbers.Make(static_cast<size_t>(in_layout.size()) + 16);
    residual = numbers.Make(static_cast<size_t>(out_layout.size()));
    bias = numbers.Make(columns);
    slopes = numbers.Make(columns, 0, 0.5f);
    out = numbers.Make(static_cast<size_t>(out_layout.size()));
    const size_t each = c.depthwise ? taps : taps * static_cast<size_t>(geometry.depth);
    by_tap = numbers.Make(columns * each);
    dense.assign(by_tap.get(), by_tap.get() + columns * each);
    bend = {.slopes = c.slopes ? slopes.get() : nullptr, .top = 0.5f, .has_top = c.top};
  }

  float Expected(const Case& c, size_t pixel, size_t column) const {
    double sum = bias[column];
    for (size_t tap = 0; tap < taps; ++tap) {
      const float* at = in.get() + geometry.in[pixel] + geometry.taps[tap];
      if (c.depthwise) {
        sum += static_cast<double>(at[column]) * by_tap[tap * static_cast<size_t>(geometry.columns) + column];
        continue;
      }
      const auto depth = static_cast<size_t>(geometry.depth);
      for (size_t k = 0; k < depth; ++k) {
        sum += static_cast<double>(at[k]) * dense[(column * taps + tap) * depth + k];
      }
    }
    if (c.residual) sum += residual[static_cast<size_t>(geometry.residual[pixel]) + column];
    return Bent(static_cast<float>(sum), slopes[column], c);
  }
};

class KernelsTest : public testing::TestWithParam<Case> {
 protected:
  void TearDown() override { Choose(0); }
  // 0: whatever the processor has.
  static void Choose(int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};

// Also as a processor without AVX-512 runs it, and one without AVX2.
TEST_P(KernelsTest, GivesWhatTheFormulaSays) {
  const Case& c = GetParam();
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    Choose(target);
    Bench bench(c);
    const float* residual = c.residual ? bench.residual.get() : nullptr;
    const std::vector<float> before(bench.out.get(), bench.out.get() + bench.out_layout.size());
    if (c.depthwise) {
      DepthwiseF32(bench.geometry, bench.by_tap.get(), bench.bias.get(), bench.bend, bench.in.get(), residual,
                   bench.out.get());
    } else {
      const auto packed = PackF32(bench.dense, static_cast<size_t>(bench.geometry.columns), bench.taps,
                                  static_cast<size_t>(bench.geometry.depth));
      ConvolveF32(bench.geometry, packed.get(), bench.bias.get(), bench.bend, bench.in.get(), residual,
                  bench.out.get());
    }
    std::vector<bool> written(before.size());
    for (size_t p = 0; p < bench.geometry.out.size(); ++p) {
      for (size_t column = 0; column < static_cast<size_t>(bench.geometry.columns); ++column) {
        const size_t at = static_cast<size_t>(bench.geometry.out[p]) + column;
        ASSERT_NEAR(bench.out[at], bench.Expected(c, p, column), 2e-5) << "pixel " << p << " channel " << column;
        written[at] = true;
      }
    }
    for (size_t i = 0; i < before.size(); ++i) {
      if (written[i]) continue;
      ASSERT_EQ(bench.out[i], before[i]) << "wrote beside the picture at " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, KernelsTest,
    testing::Values(
        Case{"pointwise", 5, 7, 64, 128, 1, 1, 1, false, false, true, false},
        Case{"pointwise with residual", 7, 7, 128, 64, 1, 1, 1, false, true, false, false},
        Case{"one pixel", 1, 1, 512, 136, 1, 1, 1, false, false, false, false},
        Case{"48 columns", 4, 5, 20, 48, 1, 1, 1, false, false, true, true},
        Case{"80 columns", 9, 3, 16, 80, 1, 1, 1, false, true, true, false},
        Case{"first convolution", 12, 10, 3, 64, 3, 2, 1, false, false, true, false},
        Case{"dilated by 3", 9, 11, 16, 16, 3, 1, 3, false, false, false, false},
        Case{"few channels out", 6, 8, 32, 12, 3, 1, 1, false, false, false, false},
        Case{"5 x 5", 8, 8, 24, 32, 5, 2, 1, false, true, true, true},
        Case{"depthwise", 14, 14, 128, 128, 3, 1, 1, true, false, true, false},
        Case{"depthwise, every second", 15, 13, 48, 48, 3, 2, 1, true, false, true, true},
        Case{"depthwise without bend", 5, 3, 16, 16, 3, 1, 1, true, false, false, false},
        Case{"depthwise with residual", 6, 6, 32, 32, 3, 1, 1, true, true, true, false},
        Case{"depthwise 7 x 7", 7, 7, 64, 64, 7, 7, 1, true, false, false, false}),
    [](const auto& test) {
      std::string name = test.param.what;
      for (char& ch : name) {
        if (std::isalnum(static_cast<unsigned char>(ch)) == 0) ch = '_';
      }
      return name;
    });

}  // namespace
}  // namespace rollcall::inference::kernels
