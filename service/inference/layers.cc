#include "inference/layers.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "inference/operators.h"

namespace rollcall::inference {
namespace {

// Pictures, or rows that are pictures of one pixel.
bool IsPictureOrRow(const Shape& shape) { return shape.size() == 4 || shape.size() == 2; }

class Fuser {
 public:
  explicit Fuser(Graph graph) : graph_(std::move(graph)), readers_(graph_.values.size(), 0) {
    for (const Node& node : graph_.nodes) {
      for (const ValueId id : node.inputs) {
        if (id != kNoValue) ++readers_[id];
      }
    }
    for (const ValueId id : graph_.outputs) ++readers_[id];
  }

  absl::StatusOr<Net> Run() {
    for (Node& node : graph_.nodes) {
      ASSIGN_OR_RETURN(const bool taken, TakeIn(node));
      if (taken) continue;
      ASSIGN_OR_RETURN(std::optional<Layer> layer, AsConvolution(node));
      if (!layer.has_value()) {
        layer = Layer{.name = node.name, .inputs = node.inputs, .outputs = node.outputs,
                      .convolution = std::nullopt, .node = std::move(node)};
      }
      for (const ValueId id : layer->outputs) made_by_[id] = layers_.size();
      layers_.push_back(*std::move(layer));
    }
    graph_.nodes.clear();
    return Net{.graph = std::move(graph_), .layers = std::move(layers_)};
  }

 private:
  const std::vector<float>* FloatConstant(ValueId id) const {
    return graph_.is_constant(id) && graph_.values[id].is_float ? &graph_.values[id].constant->floats()
                                                                : nullptr;
  }

  // A number for each of `channels` channels (axis 1 of `shape`) from a constant that repeats along every
  // other axis; empty where it does not.
  std::vector<float> PerChannel(ValueId id, const Shape& shape) const {
    const std::vector<float>* numbers = FloatConstant(id);
    if (numbers == nullptr || shape.size() < 2) return {};
    const auto channels = static_cast<size_t>(shape[1]);
    if (numbers->size() == 1 && graph_.shape(id).size() <= shape.size()) {
      return std::vector<float>(channels, numbers->front());
    }
    if (numbers->size() != channels) return {};
    // The only side that is not 1 must be the one that lies over axis 1.
    const Shape& own = graph_.shape(id);
    const size_t behind = shape.size() - 2;  // axes after the channels
    if (own.size() < behind + 1 || own[own.size() - behind - 1] != shape[1]) return {};
    return *numbers;
  }

  // The convolution that made `id`, if nobody else reads it: then what follows can be done by it.
  Layer* Maker(ValueId id) {
    const auto found = made_by_.find(id);
    if (found == made_by_.end() || readers_[id] != 1) return nullptr;
    Layer& layer = layers_[found->second];
    return layer.convolution.has_value() ? &layer : nullptr;
  }

  // The layer now makes what `node` would have made.
  void Rename(Layer& layer, const Node& node) {
    made_by_.erase(layer.outputs[0]);
    layer.outputs[0] = node.outputs[0];
    made_by_[node.outputs[0]] = static_cast<size_t>(&layer - layers_.data());
  }

  // ---- what a convolution takes in -------------------------------------------------------------

  absl::StatusOr<bool> TakeIn(const Node& node) {
    if (node.op == "Add") return TakeInSum(node);
    if (node.inputs.empty() || node.inputs[0] == kNoValue) return false;
    size_t from = 0;
    if (node.op == "Mul" && graph_.is_constant(node.inputs[0])) from = 1;  // either order
    Layer* layer = Maker(node.inputs[from]);
    if (layer == nullptr || !layer->convolution->slopes.empty() || layer->convolution->top.has_value()) {
      return false;
    }
    const Shape& shape = graph_.shape(node.inputs[from]);
    ASSIGN_OR_RETURN(const bool taken, node.op == "Mul" || node.op == "BatchNormalization"
                                           ? TakeInScale(node, from, shape, *layer)
                                           : TakeInActivation(node, shape, *layer));
    if (taken) Rename(*layer, node);
    return taken;
  }

  absl::StatusOr<bool> TakeInScale(const Node& node, size_t from, const Shape& shape, Layer& layer) {
    if (layer.inputs.size() > 1) return false;  // the residual would be scaled too
    std::vector<float> factors;
    std::vector<float> offsets(static_cast<size_t>(layer.convolution->out_channels), 0.0f);
    if (node.op == "Mul") {
      factors = PerChannel(node.inputs[1 - from], shape);
    } else {
      ASSIGN_OR_RETURN(Normalisation by_channel, NormalisationOf(graph_, node));
      factors = std::move(by_channel.factors);
      offsets = std::move(by_channel.offsets);
    }
    if (factors.size() != offsets.size() || graph_.shape(node.outputs[0]) != shape) return false;
    Scale(*layer.convolution, factors, offsets);
    return true;
  }

  static void Scale(Convolution& convolution, const std::vector<float>& factors,
                    const std::vector<float>& offsets) {
    const size_t each = convolution.weights.size() / factors.size();
    for (size_t c = 0; c < factors.size(); ++c) {
      for (size_t i = 0; i < each; ++i) convolution.weights[c * each + i] *= factors[c];
      convolution.bias[c] = convolution.bias[c] * factors[c] + offsets[c];
    }
  }

  absl::StatusOr<bool> TakeInActivation(const Node& node, const Shape& shape, Layer& layer) {
    const auto channels = static_cast<size_t>(layer.convolution->out_channels);
    if (node.op == "Relu") {
      layer.convolution->slopes.assign(channels, 0.0f);
    } else if (node.op == "LeakyRelu") {
      ASSIGN_OR_RETURN(const float slope, FloatAttribute(node, "alpha", 0.01f));
      layer.convolution->slopes.assign(channels, slope);
    } else if (node.op == "PRelu") {
      layer.convolution->slopes = PerChannel(node.inputs[1], shape);
      return !layer.convolution->slopes.empty();
    } else if (node.op == "Clip") {
      return TakeInClip(node, layer);
    } else {
      return false;
    }
    return true;
  }

  absl::StatusOr<bool> TakeInClip(const Node& node, Layer& layer) {
    float bounds[2] = {-1, -1};
    const char* names[2] = {"min", "max"};
    for (size_t i = 0; i < 2; ++i) {
      ASSIGN_OR_RETURN(bounds[i], FloatAttribute(node, names[i], bounds[i]));
      if (node.inputs.size() <= i + 1 || node.inputs[i + 1] == kNoValue) continue;
      const std::vector<float>* given = FloatConstant(node.inputs[i + 1]);
      if (given == nullptr || given->size() != 1) return false;
      bounds[i] = given->front();
    }
    if (bounds[0] != 0 || bounds[1] <= 0) return false;
    layer.convolution->slopes.assign(static_cast<size_t>(layer.convolution->out_channels), 0.0f);
    layer.convolution->top = bounds[1];
    return true;
  }

  // conv + constant, or conv + an earlier value. The later of two convolutions takes the other's output.
  absl::StatusOr<bool> TakeInSum(const Node& node) {
    Layer* best = nullptr;
    ValueId other = kNoValue;
    for (size_t i = 0; i < 2 && node.inputs.size() == 2; ++i) {
      Layer* layer = Maker(node.inputs[i]);
      if (layer == nullptr || !layer->convolution->slopes.empty() || layer->convolution->top.has_value() ||
          layer->inputs.size() > 1 || graph_.shape(node.inputs[i]) != graph_.shape(node.outputs[0]) ||
          (best != nullptr && layer < best)) {
        continue;
      }
      best = layer;
      other = node.inputs[1 - i];
    }
    if (best == nullptr) return false;
    if (graph_.is_constant(other)) {
      const std::vector<float> offsets = PerChannel(other, graph_.shape(node.outputs[0]));
      if (offsets.size() != best->convolution->bias.size()) return false;
      for (size_t c = 0; c < offsets.size(); ++c) best->convolution->bias[c] += offsets[c];
    } else {
      const auto maker = made_by_.find(other);
      const auto own = static_cast<size_t>(best - layers_.data());
      const bool earlier = maker == made_by_.end() || maker->second < own;
      if (!earlier || graph_.shape(other) != graph_.shape(node.outputs[0])) return false;
      best->inputs.push_back(other);
    }
    Rename(*best, node);
    return true;
  }

  // ---- what becomes a convolution ----------------------------------------------------------------

  absl::StatusOr<std::optional<Layer>> AsConvolution(const Node& node) {
    std::optional<Convolution> convolution;
    if (node.op == "Conv") {
      ASSIGN_OR_RETURN(convolution, FromConv(node));
    } else if (node.op == "Gemm" || node.op == "MatMul") {
      ASSIGN_OR_RETURN(convolution, FromProduct(node));
    } else if (node.op == "BatchNormalization" && IsPictureOrRow(graph_.shape(node.inputs[0])) &&
               Elements(graph_.shape(node.inputs[0])) > 0) {
      ASSIGN_OR_RETURN(convolution, FromNormalisation(node));
    } else if (node.op == "AveragePool") {
      ASSIGN_OR_RETURN(convolution, FromAveragePool(node));
    } else if (node.op == "Pad") {
      ASSIGN_OR_RETURN(convolution, FromPad(node));
    }
    if (!convolution.has_value()) return std::optional<Layer>();
    return Layer{.name = node.name, .inputs = {node.inputs[0]}, .outputs = node.outputs,
                 .convolution = std::move(convolution), .node = std::nullopt};
  }

  absl::StatusOr<std::optional<Convolution>> FromConv(const Node& node) const {
    const std::vector<float>* weights = FloatConstant(node.inputs[1]);
    const bool has_bias = node.inputs.size() > 2 && node.inputs[2] != kNoValue;
    if (weights == nullptr || (has_bias && FloatConstant(node.inputs[2]) == nullptr)) return std::nullopt;
    const Shape& x = graph_.shape(node.inputs[0]);
    const Shape& w = graph_.shape(node.inputs[1]);
    Convolution convolution{.in_channels = x[1], .out_channels = w[0], .weights = *weights};
    ASSIGN_OR_RETURN(convolution.groups, IntAttribute(node, "group", 1));
    ASSIGN_OR_RETURN(convolution.window, ReadWindow(node, w[2], w[3], x[2], x[3]));
    convolution.bias.assign(static_cast<size_t>(w[0]), 0.0f);
    if (has_bias) convolution.bias = *FloatConstant(node.inputs[2]);
    DropUnseen(x, convolution);
    return convolution;
  }

  // The numbers of a window along an axis, first to last, that lie on a pixel at one of its places or more. All of them
  // where what is left would not be a window with padding.
  static std::pair<int64_t, int64_t> Seen(int64_t kernel, int64_t dilation, int64_t stride, int64_t before,
                                          int64_t after, int64_t out, int64_t side) {
    int64_t first = kernel;
    int64_t last = -1;
    for (int64_t k = 0; k < kernel; ++k) {
      for (int64_t place = 0; place < out; ++place) {
        const int64_t at = place * stride - before + k * dilation;
        if (at < 0 || at >= side) continue;
        first = std::min(first, k);
        last = k;
      }
    }
    const bool padded = before >= first * dilation && after >= (kernel - 1 - last) * dilation;
    return last >= 0 && padded ? std::pair(first, last) : std::pair(int64_t{0}, kernel - 1);
  }

  // Leaves away rows and columns of weights that only ever meet padding: eight of nine over a picture of one pixel.
  static void DropUnseen(const Shape& x, Convolution& c) {
    Window& w = c.window;
    const auto [top, bottom] = Seen(w.height, w.dilation_y, w.stride_y, w.top, w.bottom, w.out_height, x[2]);
    const auto [left, right] = Seen(w.width, w.dilation_x, w.stride_x, w.left, w.right, w.out_width, x[3]);
    const int64_t height = bottom - top + 1;
    const int64_t width = right - left + 1;
    if (height == w.height && width == w.width) return;
    std::vector<float> kept;
    for (int64_t filter = 0; filter < c.out_channels * (c.in_channels / c.groups); ++filter) {
      for (int64_t y = top; y <= bottom; ++y) {
        const auto row = c.weights.begin() + (filter * w.height + y) * w.width;
        kept.insert(kept.end(), row + left, row + right + 1);
      }
    }
    c.weights = std::move(kept);
    w.top -= top * w.dilation_y;
    w.bottom -= (w.height - 1 - bottom) * w.dilation_y;
    w.left -= left * w.dilation_x;
    w.right -= (w.width - 1 - right) * w.dilation_x;
    w.height = height;
    w.width = width;
  }

  // Rows times a known matrix, plus a known row.
  absl::StatusOr<std::optional<Convolution>> FromProduct(const Node& node) const {
    const std::vector<float>* matrix = FloatConstant(node.inputs[1]);
    const Shape& x = graph_.shape(node.inputs[0]);
    const Shape& w = graph_.shape(node.inputs[1]);
    if (matrix == nullptr || x.size() != 2 || w.size() != 2 || matrix->empty()) return std::nullopt;
    ASSIGN_OR_RETURN(const int64_t x_turned, IntAttribute(node, "transA", 0));
    ASSIGN_OR_RETURN(const int64_t turned, IntAttribute(node, "transB", 0));
    ASSIGN_OR_RETURN(const float alpha, FloatAttribute(node, "alpha", 1.0f));
    ASSIGN_OR_RETURN(const float beta, FloatAttribute(node, "beta", 1.0f));
    if (x_turned != 0) return std::nullopt;
    const int64_t depth = w[turned ? 1 : 0];
    const int64_t columns = w[turned ? 0 : 1];
    Convolution convolution{.in_channels = depth, .out_channels = columns};
    convolution.window.out_height = convolution.window.out_width = 1;
    convolution.weights.resize(matrix->size());
    for (int64_t o = 0; o < columns; ++o) {
      for (int64_t i = 0; i < depth; ++i) {
        convolution.weights[static_cast<size_t>(o * depth + i)] =
            alpha * (*matrix)[static_cast<size_t>(turned ? o * depth + i : i * columns + o)];
      }
    }
    convolution.bias.assign(static_cast<size_t>(columns), 0.0f);
    if (node.inputs.size() > 2 && node.inputs[2] != kNoValue) {
      const std::vector<float> added = PerRow(node.inputs[2], columns);
      if (added.empty()) return std::nullopt;
      for (size_t o = 0; o < added.size(); ++o) convolution.bias[o] = beta * added[o];
    }
    return convolution;
  }

  // A number per column from a constant that is the same for every row; empty where it is not.
  std::vector<float> PerRow(ValueId id, int64_t columns) const {
    const std::vector<float>* numbers = FloatConstant(id);
    if (numbers == nullptr) return {};
    if (numbers->size() == 1) return std::vector<float>(static_cast<size_t>(columns), numbers->front());
    const Shape& shape = graph_.shape(id);
    return shape.back() == columns && Elements(shape) == columns ? *numbers : std::vector<float>();
  }

  absl::StatusOr<std::optional<Convolution>> FromNormalisation(const Node& node) const {
    const Shape& x = graph_.shape(node.inputs[0]);
    Convolution convolution{.in_channels = x[1], .out_channels = x[1], .groups = x[1]};
    convolution.window.out_height = x.size() == 4 ? x[2] : 1;
    convolution.window.out_width = x.size() == 4 ? x[3] : 1;
    ASSIGN_OR_RETURN(Normalisation by_channel, NormalisationOf(graph_, node));
    convolution.weights = std::move(by_channel.factors);
    convolution.bias = std::move(by_channel.offsets);
    return convolution;
  }

  // A mean over windows none of which reaches into padding, or padding counts: every pixel has the same weight.
  absl::StatusOr<std::optional<Convolution>> FromAveragePool(const Node& node) const {
    const Shape& x = graph_.shape(node.inputs[0]);
    if (x[0] != 1) return std::nullopt;  // a picture at a time
    ASSIGN_OR_RETURN(const auto sides, IntsAttribute(node, "kernel_shape", {}));
    ASSIGN_OR_RETURN(const Window w, ReadWindow(node, sides[0], sides[1], x[2], x[3]));
    ASSIGN_OR_RETURN(const int64_t padding_counts, IntAttribute(node, "count_include_pad", 0));
    const bool inside = w.top == 0 && w.left == 0 && (w.out_height - 1) * w.stride_y + w.height <= x[2] &&
                        (w.out_width - 1) * w.stride_x + w.width <= x[3];
    if (!inside && padding_counts == 0) return std::nullopt;
    Convolution convolution{.window = w, .in_channels = x[1], .out_channels = x[1], .groups = x[1]};
    const int64_t pixels = w.height * w.width;
    convolution.weights.assign(static_cast<size_t>(x[1] * pixels), 1.0f / static_cast<float>(pixels));
    convolution.bias.assign(static_cast<size_t>(x[1]), 0.0f);
    return convolution;
  }

  // Zeros around a picture are what a window of one pixel sees there; zeros for more channels, what channels without
  // weights give. So a sum with what was padded is taken in like any other.
  absl::StatusOr<std::optional<Convolution>> FromPad(const Node& node) const {
    constexpr int64_t kMostWeights = int64_t{1} << 20;
    const Shape& x = graph_.shape(node.inputs[0]);
    ASSIGN_OR_RETURN(const Padding padding, PaddingOf(graph_, node));
    if (x.size() != 4 || x[0] != 1 || padding.value != 0 || padding.before[0] + padding.after[0] != 0) {
      return std::nullopt;
    }
    const Shape& y = graph_.shape(node.outputs[0]);
    const bool deeper = y[1] != x[1];
    if (Elements(x) == 0 || (deeper && x[1] * y[1] > kMostWeights)) return std::nullopt;
    Convolution convolution{.in_channels = x[1], .out_channels = y[1], .groups = deeper ? 1 : x[1]};
    convolution.window.top = padding.before[2];
    convolution.window.left = padding.before[3];
    convolution.window.bottom = padding.after[2];
    convolution.window.right = padding.after[3];
    convolution.window.out_height = y[2];
    convolution.window.out_width = y[3];
    const int64_t depth = x[1] / convolution.groups;
    convolution.weights.assign(static_cast<size_t>(y[1] * depth), 0.0f);
    for (int64_t c = 0; c < x[1]; ++c) {
      convolution.weights[static_cast<size_t>(deeper ? (padding.before[1] + c) * depth + c : c)] = 1;
    }
    convolution.bias.assign(static_cast<size_t>(y[1]), 0.0f);
    return convolution;
  }

  Graph graph_;
  std::vector<Layer> layers_;
  std::map<ValueId, size_t> made_by_;  // value -> layer
  std::vector<size_t> readers_;        // of each value: nodes that read it, and 1 for an output
};

}  // namespace

absl::StatusOr<Net> Fuse(Graph graph) { return Fuser(std::move(graph)).Run(); }

}  // namespace rollcall::inference
