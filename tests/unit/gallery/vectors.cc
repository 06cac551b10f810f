#include "vectors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "gallery/kernels/sums.h"

#define HWY_WANT_AVX3_DL  // as the kernels do
#include <hwy/highway.h>
#include <hwy/targets.h>

namespace rollcall::gallery {

base::Uuid Subject(uint32_t n) {
  base::Uuid uuid;
  uuid.bytes[0] = 1;
  for (size_t i = 0; i < 4; ++i) uuid.bytes[15 - i] = static_cast<uint8_t>(n >> (8 * i));
  return uuid;
}

std::vector<float> Normalised(std::vector<float> v) {
  double sum = 0;
  for (const float x : v) sum += static_cast<double>(x) * x;
  for (float& x : v) x = static_cast<float>(x / std::sqrt(sum));
  return v;
}

std::vector<float> RandomUnit(std::mt19937& random, size_t dimension) {
  std::normal_distribution<float> normal;
  std::vector<float> v(dimension);
  for (float& x : v) x = normal(random);
  return Normalised(std::move(v));
}

std::vector<float> Near(std::mt19937& random, const std::vector<float>& centre, float distance) {
  const std::vector<float> away = RandomUnit(random, centre.size());
  std::vector<float> v(centre.size());
  for (size_t i = 0; i < v.size(); ++i) v[i] = centre[i] + distance * away[i];
  return Normalised(std::move(v));
}

Template Make(uint32_t subject, std::vector<float> mean) {
  return {Subject(subject), mean, {mean}};
}

double Cosine(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i)
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

namespace {

float Largest(std::span<const float> v) {
  float largest = 0;
  for (const float x : v) largest = std::max(largest, std::abs(x));
  return largest;
}

}  // namespace

float PlainSimilarity(std::span<const float> mean, std::span<const float> probe) {
  const auto n = static_cast<double>(probe.size());
  const double step =
      std::min(256.0, std::floor(std::numeric_limits<int32_t>::max() / (127.5 * 127 * n)));
  const double scale =
      (127 * step + std::floor((step - 1) / 2)) / static_cast<double>(Largest(probe));
  const float row_scale = 127 / Largest(mean);
  int64_t squares = 0;
  int64_t sum = 0;
  for (size_t i = 0; i < probe.size(); ++i) {
    const auto code = static_cast<int64_t>(std::round(mean[i] * row_scale));
    const auto p = static_cast<int64_t>(std::round(static_cast<double>(probe[i]) * scale));
    squares += code * code;
    sum += code * p;
  }
  const auto inverse_norm = static_cast<float>(1 / std::sqrt(static_cast<double>(squares)));
  return static_cast<float>(static_cast<double>(sum) * (1 / scale) *
                            static_cast<double>(inverse_norm));
}

uint8_t NumberOf(const Halves& row, size_t i) {
  const size_t byte = i / 128 * 64 + i % 64;
  const int shift = i % 128 < 64 ? 0 : 4;
  const int upper = row.upper[byte] >> shift & 15;
  const int lower = row.lower[byte] >> shift & 15;
  return static_cast<uint8_t>(16 * upper + lower);
}

void ForEachTarget(const std::function<void()>& work) {
  const auto choose = [](int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  };
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    choose(target);
    work();
    if (target != HWY_AVX3_DL) continue;
    SCOPED_TRACE("without the matrix unit");
    kernels::AllowMatrixUnit(false);
    work();
    kernels::AllowMatrixUnit(true);
  }
  choose(0);  // what the processor has
}

}  // namespace rollcall::gallery
