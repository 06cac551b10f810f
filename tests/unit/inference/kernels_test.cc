#include <gtest/gtest.h>

#include <cmath>
#include <hwy/highway.h>
#include <hwy/targets.h>
#include <random>

#include "inference/kernels/tile.h"
#include "inference_testing/kernel_cases.h"

namespace rollcall::inference::kernels {
namespace {

using Case = KernelCase;

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
struct Bench : KernelPlaces {
  Aligned<float> in, residual, bias, slopes, out;
  std::vector<float> dense;     // columns x taps x depth, or
  Aligned<float> by_tap;        // taps x columns
  Bend bend;

  explicit Bench(const Case& c) : KernelPlaces(c, 1, false) {
    Numbers numbers(7);
    in = numbers.Make(in_size() + 16);
    residual = numbers.Make(out_size());
    bias = numbers.Make(columns);
    slopes = numbers.Make(columns, 0, 0.5f);
    out = numbers.Make(out_size());
    by_tap = numbers.Make(columns * each(c));
    dense.assign(by_tap.get(), by_tap.get() + columns * each(c));
    bend = {.slopes = c.slopes ? slopes.get() : nullptr, .top = 0.5f, .has_top = c.top};
  }

  float Expected(const Case& c, size_t pixel, size_t column) const {
    double sum = bias[column];
    for (size_t tap = 0; tap < taps; ++tap) {
      const float* at = in.get() + geometry.in[pixel] + geometry.taps[tap];
      if (c.depthwise) {
        sum += static_cast<double>(at[column]) * by_tap[tap * columns + column];
        continue;
      }
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
      const auto packed = PackF32(bench.dense, bench.columns, bench.taps, bench.depth);
      ConvolveF32(bench.geometry, packed.get(), bench.bias.get(), bench.bend, bench.in.get(), residual,
                  bench.out.get());
    }
    std::vector<bool> written(before.size());
    for (size_t p = 0; p < bench.geometry.out.size(); ++p) {
      for (size_t column = 0; column < bench.columns; ++column) {
        const size_t at = static_cast<size_t>(bench.geometry.out[p]) + column;
        ASSERT_NEAR(bench.out[at], bench.Expected(c, p, column), 5e-5) << "pixel " << p << " channel " << column;
        written[at] = true;
      }
    }
    for (size_t i = 0; i < before.size(); ++i) {
      if (written[i]) continue;
      ASSERT_EQ(bench.out[i], before[i]) << "wrote beside the picture at " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Dense, KernelsTest, testing::ValuesIn(DenseCases()), KernelCaseName);
INSTANTIATE_TEST_SUITE_P(Depthwise, KernelsTest, testing::ValuesIn(DepthwiseCases()), KernelCaseName);

}  // namespace
}  // namespace rollcall::inference::kernels
