#include "inference/quantise.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace rollcall::inference {
namespace {

constexpr float kMaxWeight = 127;
constexpr float kMaxByte = 255;

absl::Status TooLarge() {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_MODEL",
                         "numbers that do not fit the ranges of its activations");
}

bool AllAre(float number, const std::vector<float>& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [number](float each) { return each == number; });
}

std::vector<float> Padded(const std::vector<float>& numbers, size_t columns) {
  std::vector<float> padded = numbers;
  padded.resize(columns, 0.0f);
  return padded;
}

ByteScale Blank(size_t padded) {
  return {std::vector<float>(padded, 1.0f), std::vector<float>(padded, 0.0f), std::vector<float>(padded, 0.0f),
          std::vector<uint8_t>(padded, 0)};
}

// One output channel of weights, in steps of `step`.
struct Row {
  float step = 0;
  double sum_of_zeros = 0;  // sum of weight x zero point of what it multiplies
  double error = 0;         // what rounding the weights adds to the sum on average
  double reach = 0;         // the largest sum of products there can be, in either direction
};

// `weight(i)` is the weight of the row's number i times the scale of what it multiplies, `zero(i)` the zero point.
template <typename Weight, typename Zero, typename Mean>
Row QuantiseRow(size_t count, Weight weight, Zero zero, Mean mean, int8_t* to) {
  float largest = 0;
  for (size_t i = 0; i < count; ++i) largest = std::max(largest, std::fabs(weight(i)));
  Row row;
  row.step = largest / kMaxWeight;
  for (size_t i = 0; i < count; ++i) {
    // A row that is 0, or as good as, stays 0: its step has no inverse.
    const float steps = row.step < std::numeric_limits<float>::min() ? 0 : std::nearbyint(weight(i) / row.step);
    const bool is_number = std::fabs(steps) <= kMaxWeight;  // what a file calls a weight may be none
    to[i] = static_cast<int8_t>(is_number ? steps : 0);
    row.sum_of_zeros += static_cast<double>(steps) * zero(i);
    row.error += (static_cast<double>(steps) * row.step - weight(i)) * (mean(i) - zero(i));
    row.reach += is_number ? std::fabs(static_cast<double>(steps)) * kMaxByte : HUGE_VAL;
  }
  return row;
}

}  // namespace

ByteScale ScaleFor(const std::vector<Range>& ranges, size_t padded) {
  float widest = 0;
  for (const Range& range : ranges) widest = std::max(widest, std::max(range.high, 0.0f) - std::min(range.low, 0.0f));
  const float least = std::max(widest * 1e-4f, 1e-20f) / kMaxByte;
  ByteScale bytes = Blank(padded);
  for (size_t c = 0; c < ranges.size(); ++c) {
    const float low = std::min(ranges[c].low, 0.0f);
    const float high = std::max(ranges[c].high, 0.0f);
    bytes.scale[c] = std::max((high - low) / kMaxByte, least);
    bytes.zero[c] = std::clamp(std::nearbyint(-low / bytes.scale[c]), 0.0f, kMaxByte);
    bytes.mean[c] = ranges[c].mean / bytes.scale[c] + bytes.zero[c];
    bytes.frame[c] = static_cast<uint8_t>(bytes.zero[c]);
  }
  return bytes;
}

ByteScale ScaleForPixels(const PixelScale& pixels, size_t channels, size_t padded) {
  ByteScale bytes = Blank(padded);
  std::fill_n(bytes.scale.begin(), channels, pixels.factor);
  std::fill_n(bytes.zero.begin(), channels, pixels.mean);
  std::fill_n(bytes.mean.begin(), channels, pixels.mean);
  const float frame = std::clamp(std::nearbyint(pixels.mean), 0.0f, kMaxByte);
  std::fill_n(bytes.frame.begin(), channels, static_cast<uint8_t>(frame));
  return bytes;
}

absl::StatusOr<kernels::Int8Layer> QuantiseLayer(const Convolution& c, const std::vector<float>& weights,
                                                 const LayerScales& scales, size_t columns,
                                                 size_t depth) {
  const bool depthwise = c.is_depthwise();
  const size_t each = weights.size() / columns;
  const size_t in_channels = scales.in.scale.size();
  std::vector<int8_t> steps(weights.size());
  kernels::Requantise r;
  const std::vector<float> bias = Padded(c.bias, columns);
  for (size_t n = 0; n < columns; ++n) {
    const auto channel = [=](size_t i) { return depthwise ? n : i % depth % in_channels; };
    const Row row = QuantiseRow(
        each, [&](size_t i) { return weights[n * each + i] * scales.in.scale[channel(i)]; },
        [&](size_t i) { return scales.in.zero[channel(i)]; }, [&](size_t i) { return scales.in.mean[channel(i)]; },
        &steps[n * each]);
    const double out = scales.out == nullptr ? 1.0 : scales.out->scale[n];
    double offset = bias[n] - row.step * row.sum_of_zeros - row.error;
    double reach = row.step * row.reach;
    if (scales.residual != nullptr) {
      offset -= static_cast<double>(scales.residual->scale[n]) * scales.residual->zero[n];
      reach += scales.residual->scale[n] * kMaxByte;
      r.residual_factors.push_back(static_cast<float>(scales.residual->scale[n] / out));
    }
    if (!c.slopes.empty() && n < c.slopes.size()) reach *= std::max(1.0f, std::fabs(c.slopes[n]));
    const double limit = scales.out == nullptr ? std::numeric_limits<float>::max() : 0x1p30;
    if (row.reach > 0x1p30 || !((std::fabs(offset) * 2 + reach) / out < limit)) return TooLarge();
    r.factors.push_back(static_cast<float>(row.step / out));
    r.offsets.push_back(static_cast<float>(offset / out));
    if (c.top.has_value()) r.tops.push_back(static_cast<float>(*c.top / out));
  }
  r.slopes = c.slopes.empty() ? c.slopes : Padded(c.slopes, columns);
  if (scales.out != nullptr) {
    r.zeros = scales.out->zero;
    // Bytes end at 0 and at 255 anyway: a ReLU whose results begin at byte 0, and a top beyond 255 steps, are free.
    if (AllAre(0, r.slopes) && AllAre(0, r.zeros)) r.slopes.clear();
    if (!r.tops.empty() && *std::min_element(r.tops.begin(), r.tops.end()) >= kMaxByte) r.tops.clear();
    if (r.slopes.empty() && r.tops.empty()) {
      for (size_t n = 0; n < columns; ++n) r.offsets[n] += r.zeros[n];
      r.zeros.clear();
    }
  }
  if (!depthwise) return kernels::PackInt8(steps, r, columns);
  std::vector<int8_t> by_tap(steps.size());
  for (size_t n = 0; n < columns; ++n) {
    for (size_t tap = 0; tap < each; ++tap) by_tap[tap * columns + n] = steps[n * each + tap];
  }
  return kernels::PackDepthwiseInt8(by_tap, r, columns);
}

}  // namespace rollcall::inference
