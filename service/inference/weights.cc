#include "inference/weights.h"

#include <algorithm>
#include <utility>

namespace rollcall::inference {

using kernels::Geometry;
using kernels::PictureLayout;

std::vector<float> DenseWeights(const Convolution& c, const Geometry& g) {
  const auto taps = static_cast<int64_t>(g.taps.size());
  const int64_t depth = c.in_channels / c.groups;
  std::vector<float> dense(static_cast<size_t>(g.columns * taps * g.depth), 0.0f);
  for (int64_t out = 0; out < c.out_channels; ++out) {
    const int64_t first = out / (c.out_channels / c.groups) * depth;
    for (int64_t k = 0; k < depth; ++k) {
      for (int64_t tap = 0; tap < taps; ++tap) {
        dense[static_cast<size_t>((out * taps + tap) * g.depth + first + k)] =
            c.weights[static_cast<size_t>((out * depth + k) * taps + tap)];
      }
    }
  }
  return dense;
}

void JoinTaps(const Window& w, const PictureLayout& in, Geometry& g) {
  if (w.width == 1 || w.dilation_x != 1 || in.channels != g.depth) return;
  std::vector<int32_t> rows;
  for (size_t tap = 0; tap < g.taps.size(); tap += static_cast<size_t>(w.width)) rows.push_back(g.taps[tap]);
  g.taps = std::move(rows);
  g.depth *= w.width;
}

std::vector<float> Deepen(const std::vector<float>& weights, int64_t step, Geometry& g) {
  const int64_t depth = (g.depth + step - 1) / step * step;
  if (depth == g.depth) return weights;
  const size_t rows = weights.size() / static_cast<size_t>(g.depth);
  std::vector<float> deep(rows * static_cast<size_t>(depth), 0.0f);
  for (size_t row = 0; row < rows; ++row) {
    std::copy_n(weights.begin() + static_cast<int64_t>(row) * g.depth, g.depth,
                deep.begin() + static_cast<int64_t>(row) * depth);
  }
  g.depth = depth;
  return deep;
}

std::vector<float> ColumnWeights(const Convolution& c, const Geometry& g) {
  std::vector<float> weights = c.weights;
  weights.resize(static_cast<size_t>(g.columns) * g.taps.size(), 0.0f);
  return weights;
}

std::vector<float> TapWeights(const Convolution& c, const Geometry& g) {
  const size_t taps = g.taps.size();
  const auto columns = static_cast<size_t>(g.columns);
  std::vector<float> weights(taps * columns, 0.0f);
  for (size_t channel = 0; channel < static_cast<size_t>(c.out_channels); ++channel) {
    for (size_t tap = 0; tap < taps; ++tap) weights[tap * columns + channel] = c.weights[channel * taps + tap];
  }
  return weights;
}

}  // namespace rollcall::inference
