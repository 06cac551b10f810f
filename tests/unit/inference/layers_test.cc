#include "inference/layers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "inference/fold.h"
#include "inference/onnx_file.h"
#include "inference/operators.h"
#include "inference_testing/model_builder.h"
#include "support/status_matchers.h"

namespace rollcall::inference {
namespace {

using support::IsOk;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using Ints = std::vector<int64_t>;
using Random = std::mt19937;

// `count` numbers from `least` to `most`, the same ones on every machine.
std::vector<float> Numbers(Random& random, int64_t count, float least = -1, float most = 1) {
  std::vector<float> numbers(static_cast<size_t>(count));
  for (float& number : numbers) number = least + (most - least) * static_cast<float>(random() % 1001) / 1000;
  return numbers;
}

// ---- a net, run as layers.h says ----------------------------------------------------------------------

// Sides of a picture, or of a row as a picture of one pixel.
struct Picture {
  explicit Picture(const Shape& shape)
      : batch(shape[0]), channels(shape[1]), height(shape.size() == 4 ? shape[2] : 1),
        width(shape.size() == 4 ? shape[3] : 1) {}

  size_t at(int64_t n, int64_t c, int64_t y, int64_t x) const {
    return static_cast<size_t>(((n * channels + c) * height + y) * width + x);
  }

  int64_t batch, channels, height, width;
};

// bend(v) = min(v, top) where v >= 0, else slope[channel] v.
double Bend(const Convolution& c, size_t channel, double v) {
  if (v < 0) return c.slopes.empty() ? v : c.slopes[channel] * v;
  return c.top.has_value() ? std::min(v, static_cast<double>(*c.top)) : v;
}

// y = bend(sum over the window of w x + bias + residual), one number after the other.
std::vector<float> Convolve(const Convolution& c, const Shape& in_shape, const Shape& out_shape,
                            const std::vector<float>& x, const std::vector<float>* residual) {
  const Picture in(in_shape);
  const Picture out(out_shape);
  const int64_t depth = c.in_channels / c.groups;
  const int64_t each = depth * c.window.height * c.window.width;
  const auto channels = static_cast<size_t>(c.out_channels);
  const bool fits = c.in_channels == in.channels && c.out_channels == out.channels && in.batch == out.batch &&
                    c.window.out_height == out.height && c.window.out_width == out.width &&
                    c.weights.size() == channels * static_cast<size_t>(each) && c.bias.size() == channels &&
                    (c.slopes.empty() || c.slopes.size() == channels);
  std::vector<float> y(static_cast<size_t>(Elements(out_shape)));
  EXPECT_TRUE(fits) << "a convolution whose sizes are not those of its values";
  if (!fits) return y;
  for (int64_t n = 0; n < out.batch; ++n) {
    for (int64_t o = 0; o < out.channels; ++o) {
      const auto channel = static_cast<size_t>(o);
      const int64_t first = o / (c.out_channels / c.groups) * depth;
      for (int64_t out_y = 0; out_y < out.height; ++out_y) {
        for (int64_t out_x = 0; out_x < out.width; ++out_x) {
          double sum = c.bias[channel];
          for (int64_t i = 0; i < each; ++i) {
            const int64_t ky = i / c.window.width % c.window.height;
            const int64_t in_y = out_y * c.window.stride_y - c.window.top + ky * c.window.dilation_y;
            const int64_t in_x =
                out_x * c.window.stride_x - c.window.left + i % c.window.width * c.window.dilation_x;
            if (in_y < 0 || in_y >= in.height || in_x < 0 || in_x >= in.width) continue;
            const int64_t k = i / (c.window.height * c.window.width);
            sum += static_cast<double>(c.weights[static_cast<size_t>(o * each + i)]) *
                   x[in.at(n, first + k, in_y, in_x)];
          }
          const size_t to = out.at(n, o, out_y, out_x);
          if (residual != nullptr) sum += (*residual)[to];
          y[to] = static_cast<float>(Bend(c, channel, sum));
        }
      }
    }
  }
  return y;
}

// What is known when a net runs: its constants, its input, and what the layers so far made.
class Evaluation {
 public:
  Evaluation(const Net& net, const std::vector<float>& input) : graph_(net.graph) {
    values_[graph_.input] = input;
    for (ValueId id = 0; id < graph_.values.size(); ++id) {
      if (graph_.is_constant(id) && graph_.values[id].is_float) values_[id] = graph_.values[id].constant->floats();
    }
    for (const Layer& layer : net.layers) Run(layer);
  }

  std::vector<float> value(ValueId id) const {
    const auto found = values_.find(id);
    EXPECT_NE(found, values_.end()) << graph_.values[id].name << " is never made";
    return found == values_.end() ? std::vector<float>() : found->second;
  }

 private:
  void Run(const Layer& layer) {
    SCOPED_TRACE(layer.name);
    for (const ValueId id : layer.inputs) {
      const bool there = id == kNoValue || values_.contains(id) || !graph_.values[id].is_float;
      ASSERT_TRUE(there) << graph_.values[id].name << " is read before it is made";
    }
    ASSERT_NE(layer.convolution.has_value(), layer.node.has_value()) << "one of the two";
    if (layer.convolution.has_value()) {
      ASSERT_EQ(layer.outputs.size(), 1u);
      const std::vector<float>* residual = nullptr;
      if (layer.inputs.size() > 1) {
        residual = &values_[layer.inputs[1]];
        ASSERT_EQ(graph_.shape(layer.inputs[1]), graph_.shape(layer.outputs[0]));
      }
      values_[layer.outputs[0]] = Convolve(*layer.convolution, graph_.shape(layer.inputs[0]),
                                           graph_.shape(layer.outputs[0]), values_[layer.inputs[0]], residual);
      return;
    }
    const auto operation = Understand(graph_, *layer.node);
    ASSERT_THAT(operation, IsOk());
    std::vector<const float*> from;
    for (const ValueId id : layer.node->inputs) {
      const bool is_float = id != kNoValue && graph_.values[id].is_float;
      from.push_back(is_float ? values_[id].data() : nullptr);
    }
    std::vector<float*> to;
    for (const ValueId id : layer.outputs) {
      values_[id].resize(static_cast<size_t>(Elements(graph_.shape(id))));
      to.push_back(values_[id].data());
    }
    operation->run(from, to);
  }

  const Graph& graph_;
  std::map<ValueId, std::vector<float>> values_;
};

Graph Folded(const ModelBuilder& model) {
  auto graph = ReadOnnx(model.Bytes());
  EXPECT_THAT(graph, IsOk());
  if (!graph.ok()) return {};
  auto folded = Fold(*std::move(graph), {});
  EXPECT_THAT(folded, IsOk());
  return folded.ok() ? *std::move(folded) : Graph{};
}

// Fuses the model, and expects of its layers the numbers that its nodes give, within 1e-5 of the largest (or of 1).
Net FuseAndCompare(const ModelBuilder& model, uint32_t seed = 1) {
  const Graph graph = Folded(model);
  if (graph.values.empty()) return {};
  auto net = Fuse(graph);
  EXPECT_THAT(net, IsOk());
  if (!net.ok()) return {};
  Random random(seed);
  const std::vector<float> input = Numbers(random, Elements(graph.shape(graph.input)), -2, 2);
  const auto outputs = Interpret(graph, input);
  EXPECT_THAT(outputs, IsOk());
  EXPECT_EQ(net->graph.outputs, graph.outputs);
  if (!outputs.ok()) return {};
  const Evaluation evaluation(*net, input);
  for (size_t i = 0; i < outputs->size(); ++i) {
    const std::vector<float>& want = (*outputs)[i].floats();
    const std::vector<float> got = evaluation.value(graph.outputs[i]);
    EXPECT_THAT(got, SizeIs(want.size()));
    if (got.size() != want.size()) continue;
    float largest = 1;
    float worst = 0;
    for (size_t k = 0; k < want.size(); ++k) {
      EXPECT_TRUE(std::isfinite(want[k]) && std::isfinite(got[k]));
      largest = std::max(largest, std::abs(want[k]));
      worst = std::max(worst, std::abs(want[k] - got[k]));
    }
    EXPECT_LE(worst, 1e-5f * largest) << "output " << i;
  }
  return *std::move(net);
}

// The layers in a word each: "conv", with "+r" where it adds a residual, "+b" where it bends what is below 0 and
// "+t" where it has a top; plain nodes by their operator.
std::vector<std::string> Words(const Net& net) {
  std::vector<std::string> words;
  for (const Layer& layer : net.layers) {
    if (layer.node.has_value()) {
      words.push_back(layer.node->op);
      continue;
    }
    std::string word = "conv";
    if (layer.inputs.size() > 1) word += "+r";
    if (!layer.convolution->slopes.empty()) word += "+b";
    if (layer.convolution->top.has_value()) word += "+t";
    words.push_back(word);
  }
  return words;
}

std::vector<std::string> FusedWords(const ModelBuilder& model) { return Words(FuseAndCompare(model)); }

// ---- models to begin with -----------------------------------------------------------------------------

// x of 2 x 5 x 4, and c of 3 x 5 x 4 by a convolution of 3 x 3. What a test adds reads c.
ModelBuilder ConvOfX() {
  Random random(7);
  return ModelBuilder(13)
      .Input("x", {1, 2, 5, 4})
      .Floats("w", {3, 2, 3, 3}, Numbers(random, 54))
      .Floats("b", {3}, Numbers(random, 3))
      .Op("Conv", {"x", "w", "b"}, {"c"}, {{"pads", Ints{1, 1, 1, 1}}});
}

// Adds the convolution `to` of `from`, which has `in` channels, into 3 channels of the same size.
ModelBuilder& AddConv(ModelBuilder& model, const std::string& from, int64_t in, const std::string& to) {
  Random random(11);
  return model.Floats(to + " w", {3, in, 1, 1}, Numbers(random, 3 * in)).Op("Conv", {from, to + " w"}, {to});
}

// Adds a batch normalisation of 3 channels.
ModelBuilder& AddNormalisation(ModelBuilder& model, const std::string& from, const std::string& to) {
  return model.Floats(to + " scale", {3}, {2, -1, 0.5f})
      .Floats(to + " shift", {3}, {0.25f, 0, -3})
      .Floats(to + " mean", {3}, {0.5f, -0.25f, 0})
      .Floats(to + " variance", {3}, {4, 0.25f, 1})
      .Op("BatchNormalization", {from, to + " scale", to + " shift", to + " mean", to + " variance"}, {to},
          {{"epsilon", 0.01f}});
}

// x of 2 rows of 3 numbers.
ModelBuilder Rows() { return ModelBuilder(13).Input("x", {2, 3}); }

// Six numbers for matrices of 3 x 2 or 2 x 3.
const std::vector<float> kSix = {1, 2, 3, -4, 0.5f, -0.25f};

// ---- what a convolution takes in ------------------------------------------------------------------------

TEST(FuseTest, AConvolutionAloneIsALayer) {
  const Net net = FuseAndCompare(ConvOfX().Output("c"));
  ASSERT_THAT(Words(net), ElementsAre("conv"));
  const Layer& layer = net.layers[0];
  EXPECT_EQ(layer.name, "c");
  EXPECT_THAT(net.graph.nodes, IsEmpty()) << "they are layers now";
  EXPECT_FALSE(layer.convolution->is_depthwise());
  EXPECT_FALSE(layer.convolution->window.is_pointwise());
  EXPECT_EQ(layer.convolution->macs(), 3 * 2 * 3 * 3 * 5 * 4);
  EXPECT_EQ(layer.convolution->bias.size(), 3u);
}

TEST(FuseTest, StridesPadsDilationsAndGroupsStayTheConvolutionsOwn) {
  Random random(5);
  const Net net = FuseAndCompare(
      ModelBuilder()
          .Input("x", {2, 4, 7, 6})
          .Floats("w", {6, 2, 2, 3}, Numbers(random, 72))
          .Floats("deep", {6, 1, 3, 3}, Numbers(random, 54))
          .Floats("point", {1, 6, 1, 1}, Numbers(random, 6))
          .Op("Conv", {"x", "w"}, {"c"},
              {{"group", 2}, {"strides", Ints{2, 1}}, {"dilations", Ints{1, 2}}, {"pads", Ints{1, 0, 0, 2}}})
          .Op("Conv", {"c", "deep"}, {"d"}, {{"group", 6}, {"auto_pad", "SAME_LOWER"}, {"strides", Ints{2, 2}}})
          .Op("Conv", {"d", "point"}, {"y"})
          .Output("y"));
  ASSERT_THAT(Words(net), ElementsAre("conv", "conv", "conv"));
  EXPECT_FALSE(net.layers[0].convolution->is_depthwise());
  EXPECT_TRUE(net.layers[1].convolution->is_depthwise());
  EXPECT_TRUE(net.layers[2].convolution->window.is_pointwise());
}

TEST(FuseTest, TakesInABatchNormalisation) {
  ModelBuilder model = ConvOfX();
  const Net net = FuseAndCompare(AddNormalisation(model, "c", "y").Output("y"));
  ASSERT_THAT(Words(net), ElementsAre("conv"));
  EXPECT_EQ(net.graph.values[net.layers[0].outputs[0]].name, "y");
}

TEST(FuseTest, TakesInFactorsAndOffsetsInEitherOrder) {
  for (const bool constant_first : {false, true}) {
    SCOPED_TRACE(constant_first);
    const auto pair = [constant_first](const std::string& value, const std::string& constant) {
      return constant_first ? std::vector{constant, value} : std::vector{value, constant};
    };
    EXPECT_THAT(FusedWords(ConvOfX()
                               .Floats("factors", {3, 1, 1}, {2, -0.5f, 3})
                               .Floats("offsets", {1, 3, 1, 1}, {1, 2, -3})
                               .Op("Mul", pair("c", "factors"), {"m"})
                               .Op("Add", pair("m", "offsets"), {"y"})
                               .Output("y")),
                ElementsAre("conv"));
  }
}

TEST(FuseTest, TakesInOneFactorAndOneOffsetForAllChannels) {
  EXPECT_THAT(FusedWords(ConvOfX()
                             .Floats("factor", {}, {-2})
                             .Floats("offset", {1}, {0.5f})
                             .Op("Mul", {"c", "factor"}, {"m"})
                             .Op("Add", {"m", "offset"}, {"y"})
                             .Output("y")),
              ElementsAre("conv"));
}

TEST(FuseTest, TakesInARelu) {
  EXPECT_THAT(FusedWords(ConvOfX().Op("Relu", {"c"}, {"y"}).Output("y")), ElementsAre("conv+b"));
}

// Where nets end in pictures of one pixel or two, most of a window may lie on padding at all of its places.
TEST(FuseTest, WeightsThatOnlyMeetPaddingAreLeftAway) {
  const auto window_of = [](const Shape& shape, const Ints& kernel, const Attributes& attributes) {
    Random random(17);
    const Net net = FuseAndCompare(
        ModelBuilder()
            .Input("x", shape)
            .Floats("w", {3, shape[1], kernel[0], kernel[1]}, Numbers(random, 3 * shape[1] * kernel[0] * kernel[1]))
            .Op("Conv", {"x", "w"}, {"y"}, attributes)
            .Output("y"));
    const Window& w = net.layers[0].convolution->window;
    return Ints{w.height, w.width, w.top, w.left, w.bottom, w.right};
  };
  const Ints pads{1, 1, 1, 1};
  EXPECT_THAT(window_of({1, 2, 1, 1}, {3, 3}, {{"pads", pads}}), ElementsAre(1, 1, 0, 0, 0, 0));
  EXPECT_THAT(window_of({1, 2, 1, 4}, {3, 3}, {{"pads", pads}}), ElementsAre(1, 3, 0, 1, 0, 1));
  EXPECT_THAT(window_of({1, 2, 2, 2}, {3, 3}, {{"pads", pads}}), ElementsAre(3, 3, 1, 1, 1, 1));
  EXPECT_THAT(window_of({1, 2, 2, 2}, {3, 3}, {{"pads", pads}, {"strides", Ints{2, 2}}}),
              ElementsAre(2, 2, 0, 0, 1, 1));
  EXPECT_THAT(window_of({1, 2, 2, 2}, {3, 3}, {{"pads", Ints{2, 2, 2, 2}}, {"dilations", Ints{2, 2}}}),
              ElementsAre(1, 1, 0, 0, 0, 0));
  EXPECT_THAT(window_of({1, 2, 1, 1}, {2, 2}, {{"pads", Ints{3, 3, 3, 3}}, {"strides", Ints{2, 2}}}),
              ElementsAre(1, 1, 2, 2, 3, 3));
}

// As ResNets have it where they halve the picture: the mean of the way around, with zeros for the new channels.
TEST(FuseTest, AMeanOverWindowsAndZerosAroundItAreConvolutions) {
  Random random(13);
  const Net net = FuseAndCompare(
      ModelBuilder()
          .Input("x", {1, 2, 5, 6})
          .Floats("w", {5, 2, 3, 3}, Numbers(random, 90))
          .Op("Conv", {"x", "w"}, {"c"}, {{"strides", Ints{2, 2}}})
          .Ints("corner", {8}, {0, 0, 0, 0, 0, 0, 0, 1})
          .Op("Pad", {"c", "corner"}, {"padded"})
          .Op("AveragePool", {"x"}, {"mean"}, {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}})
          .Ints("channels", {8}, {0, 1, 0, 0, 0, 2, 0, 0})
          .Op("Pad", {"mean", "channels"}, {"around"})
          .Op("Add", {"padded", "around"}, {"sum"})
          .Op("Relu", {"sum"}, {"y"})
          .Output("y"));
  ASSERT_THAT(Words(net), ElementsAre("conv", "conv", "conv", "conv+r+b"));
  EXPECT_TRUE(net.layers[1].convolution->is_depthwise());
  EXPECT_TRUE(net.layers[2].convolution->is_depthwise());
}

TEST(FuseTest, AMeanThatPaddingChangesStaysWhatItIs) {
  const auto pooled = [](const Attributes& more) {
    Attributes attributes = {{"kernel_shape", Ints{2, 3}}};
    attributes.insert(more.begin(), more.end());
    return FusedWords(ModelBuilder().Input("x", {1, 2, 5, 4}).Op("AveragePool", {"x"}, {"y"}, attributes).Output("y"));
  };
  EXPECT_THAT(pooled({}), ElementsAre("conv"));
  EXPECT_THAT(pooled({{"pads", Ints{1, 0, 1, 0}}, {"count_include_pad", 1}}), ElementsAre("conv"));
  EXPECT_THAT(pooled({{"pads", Ints{1, 0, 0, 0}}}), ElementsAre("AveragePool"));
  EXPECT_THAT(pooled({{"pads", Ints{0, 0, 0, 1}}}), ElementsAre("AveragePool"));
  EXPECT_THAT(pooled({{"strides", Ints{2, 2}}, {"ceil_mode", 1}}), ElementsAre("AveragePool"));
}

TEST(FuseTest, WhatElseIsPaddedStaysWhatItIs) {
  const auto padded = [](const Shape& shape, const Ints& pads, float value) {
    return FusedWords(ModelBuilder(9)
                          .Input("x", shape)
                          .Op("Pad", {"x"}, {"y"}, {{"pads", pads}, {"value", value}})
                          .Output("y"));
  };
  EXPECT_THAT(padded({1, 2, 3, 3}, {0, 0, 1, 2, 0, 0, 3, 0}, 0), ElementsAre("conv"));
  EXPECT_THAT(padded({1, 2, 3, 3}, {0, 0, 1, 2, 0, 0, 3, 0}, 1), ElementsAre("Pad"));
  EXPECT_THAT(padded({2, 2, 3, 3}, {0, 0, 1, 0, 0, 0, 0, 0}, 0), ElementsAre("Pad"));
  EXPECT_THAT(padded({1, 2, 3, 3}, {0, 0, 0, 0, 1, 0, 0, 0}, 0), ElementsAre("Pad"));
  EXPECT_THAT(padded({1, 2}, {0, 1, 0, 0}, 0), ElementsAre("Pad"));
  EXPECT_THAT(padded({1, 1, 1, 1}, {0, 0, 0, 0, 0, 4000, 0, 0}, 0), ElementsAre("conv"));
  EXPECT_THAT(padded({1, 300, 1, 1}, {0, 0, 0, 0, 0, 4000, 0, 0}, 0), ElementsAre("Pad")) << "too many weights";
}

TEST(FuseTest, TakesInALeakyRelu) {
  const Net net = FuseAndCompare(ConvOfX().Op("LeakyRelu", {"c"}, {"y"}, {{"alpha", 0.125f}}).Output("y"));
  ASSERT_THAT(Words(net), ElementsAre("conv+b"));
  EXPECT_THAT(net.layers[0].convolution->slopes, ElementsAre(0.125f, 0.125f, 0.125f));
  EXPECT_THAT(FusedWords(ConvOfX().Op("LeakyRelu", {"c"}, {"y"}).Output("y")), ElementsAre("conv+b"));
}

TEST(FuseTest, TakesInAPRelu) {
  const Net net = FuseAndCompare(
      ConvOfX().Floats("slopes", {3, 1, 1}, {0.5f, 0, -1}).Op("PRelu", {"c", "slopes"}, {"y"}).Output("y"));
  ASSERT_THAT(Words(net), ElementsAre("conv+b"));
  EXPECT_THAT(net.layers[0].convolution->slopes, ElementsAre(0.5f, 0.0f, -1.0f));
  EXPECT_THAT(FusedWords(ConvOfX().Floats("slope", {1}, {0.5f}).Op("PRelu", {"c", "slope"}, {"y"}).Output("y")),
              ElementsAre("conv+b"));
}

TEST(FuseTest, TakesInAClipFrom0) {
  const Net net = FuseAndCompare(ConvOfX()
                                     .Floats("low", {}, {0})
                                     .Floats("high", {}, {6})
                                     .Op("Clip", {"c", "low", "high"}, {"y"})
                                     .Output("y"));
  ASSERT_THAT(Words(net), ElementsAre("conv+b+t"));
  EXPECT_EQ(net.layers[0].convolution->top, 6.0f);
  // A top that the numbers reach, and bounds as older operator sets write them.
  ModelBuilder old = ConvOfX();
  old.proto().mutable_opset_import(0)->set_version(10);
  EXPECT_THAT(FusedWords(old.Op("Clip", {"c"}, {"y"}, {{"min", 0.0f}, {"max", 0.5f}}).Output("y")),
              ElementsAre("conv+b+t"));
}

TEST(FuseTest, TakesInAnEarlierValueAndThenAnActivation) {
  ModelBuilder model = ConvOfX();
  model.Op("Sigmoid", {"c"}, {"s"});
  AddConv(model, "s", 3, "d").Op("Add", {"d", "s"}, {"sum"}).Op("Relu", {"sum"}, {"y"}).Output("y");
  const Net net = FuseAndCompare(model);
  ASSERT_THAT(Words(net), ElementsAre("conv", "Sigmoid", "conv+r+b"));
  EXPECT_EQ(net.graph.values[net.layers[2].inputs[1]].name, "s");
}

TEST(FuseTest, TakesInTheModelsInputAsAResidual) {
  ModelBuilder model = ModelBuilder().Input("x", {1, 3, 2, 2});
  AddConv(model, "x", 3, "d").Op("Add", {"x", "d"}, {"y"}).Output("y");
  EXPECT_THAT(FusedWords(model), ElementsAre("conv+r"));
}

// Both could take the other in; only the later one finds the other's numbers made.
TEST(FuseTest, OfTwoConvolutionsTheLaterOneTakesInTheEarlier) {
  for (const bool later_first : {false, true}) {
    SCOPED_TRACE(later_first);
    ModelBuilder model = ConvOfX();
    AddConv(model, "x", 2, "d");
    const std::vector<std::string> terms = later_first ? std::vector<std::string>{"d", "c"}
                                                       : std::vector<std::string>{"c", "d"};
    const Net net = FuseAndCompare(model.Op("Add", terms, {"y"}).Output("y"));
    ASSERT_THAT(Words(net), ElementsAre("conv", "conv+r"));
    EXPECT_EQ(net.layers[1].name, "d");
  }
}

// A block of a residual net as a whole: what was taken in by one block is the residual of the next.
TEST(FuseTest, ChainsOfResidualBlocksBecomeConvolutionsOnly) {
  ModelBuilder model = ConvOfX();
  AddNormalisation(model, "c", "n0").Op("Relu", {"n0"}, {"r0"});
  for (const auto& [before, after] : {std::pair("0", "1"), std::pair("1", "2")}) {
    const std::string i = after;
    const std::string from = std::string("r") + before;
    AddConv(model, from, 3, "a" + i);
    AddNormalisation(model, "a" + i, "n" + i).Op("Relu", {"n" + i}, {"m" + i});
    AddConv(model, "m" + i, 3, "d" + i);
    AddNormalisation(model, "d" + i, "k" + i).Op("Add", {"k" + i, from}, {"s" + i}).Op("Relu", {"s" + i}, {"r" + i});
  }
  EXPECT_THAT(FusedWords(model.Output("r2")),
              ElementsAre("conv+b", "conv+b", "conv+r+b", "conv+b", "conv+r+b"));
}

// ---- what becomes a convolution -------------------------------------------------------------------------

TEST(FuseTest, AGemmIsAConvolutionOverOnePixel) {
  for (const bool turned : {false, true}) {
    SCOPED_TRACE(turned);
    const Shape shape = turned ? Shape{2, 3} : Shape{3, 2};
    const Net net = FuseAndCompare(
        Rows()
            .Floats("w", shape, kSix)
            .Floats("b", {2}, {10, -20})
            .Op("Gemm", {"x", "w", "b"}, {"y"}, {{"transB", turned ? 1 : 0}, {"alpha", 0.5f}, {"beta", 3.0f}})
            .Output("y"));
    ASSERT_THAT(Words(net), ElementsAre("conv"));
    EXPECT_TRUE(net.layers[0].convolution->window.is_pointwise());
    EXPECT_THAT(net.layers[0].convolution->bias, ElementsAre(30.0f, -60.0f));
  }
}

TEST(FuseTest, TheThirdInputOfAGemmMayBeLeftOutOrOneNumberOrARow) {
  const auto model = [] { return Rows().Floats("w", {3, 2}, kSix); };
  EXPECT_THAT(FusedWords(model().Op("Gemm", {"x", "w"}, {"y"}).Output("y")), ElementsAre("conv"));
  EXPECT_THAT(FusedWords(model().Floats("b", {}, {7}).Op("Gemm", {"x", "w", "b"}, {"y"}).Output("y")),
              ElementsAre("conv"));
  EXPECT_THAT(FusedWords(model().Floats("b", {1, 2}, {7, 8}).Op("Gemm", {"x", "w", "b"}, {"y"}).Output("y")),
              ElementsAre("conv"));
}

TEST(FuseTest, AMatMulIsAConvolutionAndTakesInWhatFollows) {
  EXPECT_THAT(FusedWords(Rows()
                             .Floats("w", {3, 2}, kSix)
                             .Floats("factors", {1, 2}, {2, -1})
                             .Floats("offsets", {2}, {1, 5})
                             .Op("MatMul", {"x", "w"}, {"m"})
                             .Op("Mul", {"factors", "m"}, {"f"})
                             .Op("Add", {"f", "offsets"}, {"a"})
                             .Op("Relu", {"a"}, {"y"})
                             .Output("y")),
              ElementsAre("conv+b"));
}

TEST(FuseTest, ALoneBatchNormalisationIsADepthwiseConvolution) {
  ModelBuilder picture = ModelBuilder().Input("x", {1, 3, 2, 4});
  const Net net = FuseAndCompare(AddNormalisation(picture, "x", "n").Op("Relu", {"n"}, {"y"}).Output("y"));
  ASSERT_THAT(Words(net), ElementsAre("conv+b"));
  EXPECT_TRUE(net.layers[0].convolution->is_depthwise());
  EXPECT_TRUE(net.layers[0].convolution->window.is_pointwise());
  ModelBuilder rows = Rows();
  EXPECT_THAT(FusedWords(AddNormalisation(rows, "x", "y").Output("y")), ElementsAre("conv"));
}

TEST(FuseTest, OtherNodesStayWhatTheyAre) {
  ModelBuilder model = ConvOfX();
  const Net net = FuseAndCompare(model.Op("MaxPool", {"c"}, {"p"}, {{"kernel_shape", Ints{2, 2}}})
                                     .Op("Split", {"p"}, {"left", "right"}, {{"axis", 2}})
                                     .Op("Concat", {"right", "left", "p"}, {"t"}, {{"axis", 2}})
                                     .Op("Relu", {"t"}, {"y"})
                                     .Output("y"));
  ASSERT_THAT(Words(net), ElementsAre("conv", "MaxPool", "Split", "Concat", "Relu"));
  EXPECT_EQ(net.layers[2].outputs.size(), 2u);
}

// ---- what is not taken in -------------------------------------------------------------------------------

// Each of these follows a convolution and would be taken in, if nobody else wanted the value in between.
struct Follower {
  const char* op;
  std::vector<std::string> constants;  // inputs behind the value
};

std::vector<Follower> Followers() {
  return {{"Relu", {}},
          {"LeakyRelu", {}},
          {"PRelu", {"three"}},
          {"Clip", {"low", "high"}},
          {"Mul", {"three"}},
          {"Add", {"three"}},
          {"Add", {"residual"}},
          {"BatchNormalization", {"row", "row", "row", "row"}}};
}

// x, a value "residual" that is made of it, and then c; and the constants that the followers read.
ModelBuilder ConvForFollowers() {
  ModelBuilder model = ModelBuilder()
                           .Input("x", {1, 3, 2, 2})
                           .Floats("three", {3, 1, 1}, {2, 0.5f, 0.25f})
                           .Floats("row", {3}, {2, 0.5f, 0.25f})
                           .Floats("low", {}, {0})
                           .Floats("high", {}, {1})
                           .Op("Sigmoid", {"x"}, {"residual"});
  return AddConv(model, "x", 3, "c");
}

ModelBuilder& Follow(ModelBuilder& model, const Follower& follower, const std::string& from, const std::string& to) {
  std::vector<std::string> inputs = {from};
  inputs.insert(inputs.end(), follower.constants.begin(), follower.constants.end());
  return model.Op(follower.op, inputs, {to});
}

TEST(FuseTest, NothingIsTakenInWhereAnotherNodeReadsTheValueInBetween) {
  for (const Follower& follower : Followers()) {
    SCOPED_TRACE(testing::PrintToString(follower.constants) + follower.op);
    ModelBuilder alone = ConvForFollowers();
    Follow(alone, follower, "c", "y").Output("y").Output("residual");
    EXPECT_THAT(FuseAndCompare(alone).layers, SizeIs(2)) << "taken in, as long as nobody else reads it";
    for (const bool other_first : {false, true}) {
      ModelBuilder model = ConvForFollowers();
      if (other_first) model.Op("Exp", {"c"}, {"other"});
      Follow(model, follower, "c", "y").Output("y").Output("residual");
      if (!other_first) model.Op("Exp", {"c"}, {"other"});
      EXPECT_THAT(FuseAndCompare(model.Output("other")).layers, SizeIs(4));
    }
  }
}

TEST(FuseTest, NothingIsTakenInWhereTheValueInBetweenIsAnOutput) {
  for (const Follower& follower : Followers()) {
    SCOPED_TRACE(testing::PrintToString(follower.constants) + follower.op);
    ModelBuilder model = ConvForFollowers();
    Follow(model, follower, "c", "y").Output("y").Output("residual").Output("c");
    EXPECT_THAT(FuseAndCompare(model).layers, SizeIs(3));
  }
}

// bend() comes last. Everything else behind it, another bend included, has to wait.
TEST(FuseTest, NothingIsTakenInBehindAnActivation) {
  for (const Follower& activation : Followers()) {
    if (std::string(activation.op) == "Mul" || std::string(activation.op) == "Add") continue;
    if (std::string(activation.op) == "BatchNormalization") continue;
    for (const Follower& follower : Followers()) {
      SCOPED_TRACE(std::string(activation.op) + ", " + follower.op);
      ModelBuilder model = ConvForFollowers();
      Follow(model, activation, "c", "a");
      Follow(model, follower, "a", "y").Output("y").Output("residual");
      const Net net = FuseAndCompare(model);
      ASSERT_THAT(net.layers, SizeIs(3));
      if (std::string(follower.op) != "BatchNormalization") {
        EXPECT_TRUE(net.layers[2].node.has_value());
      }
    }
  }
}

TEST(FuseTest, NoClipIsTakenInThatDoesNotStartAt0) {
  for (const auto& [low, high] : {std::pair(-1.0f, 1.0f), std::pair(0.25f, 1.0f), std::pair(-0.5f, 0.0f)}) {
    SCOPED_TRACE(low);
    EXPECT_THAT(FusedWords(ConvOfX()
                               .Floats("low", {}, {low})
                               .Floats("high", {}, {high})
                               .Op("Clip", {"c", "low", "high"}, {"y"})
                               .Output("y")),
                ElementsAre("conv", "Clip"));
  }
  EXPECT_THAT(FusedWords(ConvOfX().Floats("high", {}, {1}).Op("Clip", {"c", "", "high"}, {"y"}).Output("y")),
              ElementsAre("conv", "Clip"));
  EXPECT_THAT(FusedWords(ConvOfX().Op("Clip", {"c"}, {"y"}).Output("y")), ElementsAre("conv", "Clip"));
  // Without a top it is a ReLU, and may become one or not.
  FuseAndCompare(ConvOfX().Floats("low", {}, {0}).Op("Clip", {"c", "low"}, {"y"}).Output("y"));
}

TEST(FuseTest, NoResidualIsTakenInThatIsMadeLater) {
  ModelBuilder model = ModelBuilder().Input("x", {1, 3, 2, 2});
  AddConv(model, "x", 3, "c").Op("Sigmoid", {"x"}, {"late"}).Op("Add", {"c", "late"}, {"y"}).Output("y");
  EXPECT_THAT(FusedWords(model), ElementsAre("conv", "Sigmoid", "Add"));
}

// The later convolution has its activation already; the earlier one cannot wait for it.
TEST(FuseTest, AnEarlierConvolutionDoesNotTakeInALaterOne) {
  ModelBuilder model = ConvOfX();
  AddConv(model, "x", 2, "d").Op("Relu", {"d"}, {"r"}).Op("Add", {"c", "r"}, {"y"}).Output("y");
  EXPECT_THAT(FusedWords(model), ElementsAre("conv", "conv+b", "Add"));
}

TEST(FuseTest, NothingScalesAResidualThatWasTakenIn) {
  for (const Follower& follower : Followers()) {
    const std::string op = follower.op;
    if (op != "Mul" && op != "BatchNormalization") continue;
    SCOPED_TRACE(op);
    ModelBuilder model = ConvForFollowers();
    model.Op("Add", {"c", "residual"}, {"sum"});
    const Net net = FuseAndCompare(Follow(model, follower, "sum", "y").Output("y"));
    ASSERT_THAT(net.layers, SizeIs(3));
    EXPECT_EQ(Words(net)[1], "conv+r");
  }
}

TEST(FuseTest, ASecondResidualIsNotTakenIn) {
  ModelBuilder model = ConvForFollowers();
  model.Op("Add", {"c", "residual"}, {"sum"}).Op("Add", {"sum", "x"}, {"y"}).Output("y");
  EXPECT_THAT(FusedWords(model), ElementsAre("Sigmoid", "conv+r", "Add"));
}

// Constants that are not one number per channel: along the width, per pixel, per row.
TEST(FuseTest, ConstantsThatDifferWithinAChannelAreNotTakenIn) {
  const std::vector<std::pair<Shape, int64_t>> shapes = {{{3}, 3}, {{3, 1}, 3}, {{3, 3}, 9}, {{1, 3, 3, 3}, 27}};
  for (const auto& [shape, count] : shapes) {
    for (const char* op : {"Mul", "Add", "PRelu"}) {
      SCOPED_TRACE(testing::PrintToString(shape) + op);
      Random random(3);
      // As many pixels across and down as channels, so that only the axis tells them apart.
      ModelBuilder model = ModelBuilder().Input("x", {1, 2, 3, 3}).Floats("k", shape, Numbers(random, count));
      AddConv(model, "x", 2, "c").Op(op, {"c", "k"}, {"y"}).Output("y");
      EXPECT_THAT(FusedWords(model), ElementsAre("conv", op));
    }
  }
}

// The result is larger than what the convolution makes.
TEST(FuseTest, ConstantsAndValuesThatStretchTheResultAreNotTakenIn) {
  for (const char* op : {"Mul", "Add"}) {
    SCOPED_TRACE(op);
    ModelBuilder constant = ModelBuilder().Input("x", {1, 2, 1, 1});
    constant.Floats("k", {1, 3, 2, 2}, std::vector<float>(12, 2));
    AddConv(constant, "x", 2, "c").Op(op, {"c", "k"}, {"y"}).Output("y");
    EXPECT_THAT(FusedWords(constant), ElementsAre("conv", op));

    ModelBuilder deeper = ModelBuilder().Input("x", {1, 2, 1, 1}).Floats("k", {1, 1, 1, 1, 1}, {3});
    AddConv(deeper, "x", 2, "c").Op(op, {"c", "k"}, {"y"}).Output("y");
    EXPECT_THAT(FusedWords(deeper), ElementsAre("conv", op));

    ModelBuilder value = ModelBuilder().Input("x", {1, 3, 2, 2}).Op("GlobalAveragePool", {"x"}, {"mean"});
    AddConv(value, "mean", 3, "c").Op(op, {"x", "c"}, {"y"}).Output("y");
    EXPECT_THAT(FusedWords(value), ElementsAre("GlobalAveragePool", "conv", op));

    ModelBuilder stretched = ModelBuilder().Input("x", {1, 3, 2, 2}).Op("GlobalAveragePool", {"x"}, {"mean"});
    AddConv(stretched, "x", 3, "c").Op(op, {"mean", "c"}, {"y"}).Output("y");
    EXPECT_THAT(FusedWords(stretched), ElementsAre("GlobalAveragePool", "conv", op));
  }
}

TEST(FuseTest, AConvolutionIsNotAddedToItself) {
  EXPECT_THAT(FusedWords(ConvOfX().Op("Add", {"c", "c"}, {"y"}).Output("y")), ElementsAre("conv", "Add"));
}

TEST(FuseTest, AProductOfTwoValuesIsNotTakenIn) {
  ModelBuilder model = ConvForFollowers();
  EXPECT_THAT(FusedWords(model.Op("Mul", {"c", "residual"}, {"y"}).Output("y")),
              ElementsAre("Sigmoid", "conv", "Mul"));
}

TEST(FuseTest, ProductsThatAreNoRowsTimesAKnownMatrixStayPlain) {
  // The input transposed.
  EXPECT_THAT(FusedWords(Rows().Floats("w", {2, 3}, kSix).Op("Gemm", {"x", "w"}, {"y"}, {{"transA", 1}}).Output("y")),
              ElementsAre("Gemm"));
  // Another third row for each row, and another number.
  EXPECT_THAT(FusedWords(Rows()
                             .Floats("w", {3, 2}, kSix)
                             .Floats("b", {2, 2}, {1, 2, 3, 4})
                             .Op("Gemm", {"x", "w", "b"}, {"y"})
                             .Output("y")),
              ElementsAre("Gemm"));
  EXPECT_THAT(FusedWords(Rows()
                             .Floats("w", {3, 2}, kSix)
                             .Floats("b", {2, 1}, {1, 2})
                             .Op("Gemm", {"x", "w", "b"}, {"y"})
                             .Output("y")),
              ElementsAre("Gemm"));
  // A third input that is not known.
  EXPECT_THAT(FusedWords(Rows().Floats("w", {3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}).Op("Gemm", {"x", "w", "x"}, {"y"})
                             .Output("y")),
              ElementsAre("Gemm"));
  // The matrix first, the input second.
  EXPECT_THAT(FusedWords(Rows().Floats("w", {3, 2}, kSix).Op("MatMul", {"w", "x"}, {"y"}).Output("y")),
              ElementsAre("MatMul"));
  // A stack of rows.
  EXPECT_THAT(FusedWords(ModelBuilder()
                             .Input("x", {1, 2, 3})
                             .Floats("w", {3, 2}, kSix)
                             .Op("MatMul", {"x", "w"}, {"y"})
                             .Output("y")),
              ElementsAre("MatMul"));
}

TEST(FuseTest, AConvolutionWhoseWeightsAreComputedStaysPlain) {
  Random random(2);
  EXPECT_THAT(FusedWords(ModelBuilder()
                             .Input("x", {1, 1, 2, 2})
                             .Floats("picture", {1, 1, 3, 3}, Numbers(random, 9))
                             .Op("Conv", {"picture", "x"}, {"c"})
                             .Op("Relu", {"c"}, {"y"})
                             .Output("y")),
              ElementsAre("Conv", "Relu"));
}

TEST(FuseTest, ABatchNormalisationOfNoPictureStaysPlain) {
  ModelBuilder model = ModelBuilder().Input("x", {1, 3, 2});
  EXPECT_THAT(FusedWords(AddNormalisation(model, "x", "y").Output("y")), ElementsAre("BatchNormalization"));
}

// ---- odd models -----------------------------------------------------------------------------------------

// A MatMul has no attributes. If one gets through nevertheless, nodes and layers must agree on it.
TEST(FuseTest, AMatMulWithTheAttributesOfAGemmMeansTheSameToNodesAndLayers) {
  for (const auto& [name, value] : Attributes{{"transB", 1}, {"alpha", 5.0f}, {"transA", 1}}) {
    SCOPED_TRACE(name);
    auto graph = ReadOnnx(Rows()
                              .Floats("w", {3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9})
                              .Op("MatMul", {"x", "w"}, {"y"}, {{name, value}})
                              .Output("y")
                              .Bytes());
    ASSERT_THAT(graph, IsOk());
    const auto folded = Fold(*std::move(graph), {});
    if (!folded.ok()) continue;  // the best answer
    const std::vector<float> input = {1, 2, 3, 4, 5, 6};
    const auto outputs = Interpret(*folded, input);
    ASSERT_THAT(outputs, IsOk());
    const auto net = Fuse(*folded);
    if (!net.ok()) continue;
    EXPECT_EQ(Evaluation(*net, input).value(folded->outputs[0]), (*outputs)[0].floats());
  }
}

TEST(FuseDeathTest, AMatrixWithoutColumnsDoesNotEndTheProgram) {
  const auto fuse = [] {
    const auto graph = ReadOnnx(Rows()
                                    .Floats("w", {3, 0}, {})
                                    .Floats("factor", {1}, {2})
                                    .Op("MatMul", {"x", "w"}, {"m"})
                                    .Op("Mul", {"m", "factor"}, {"y"})
                                    .Output("y")
                                    .Bytes());
    if (graph.ok()) {
      const auto folded = Fold(*graph, {});
      if (folded.ok()) (void)Fuse(*folded);
    }
    std::exit(0);
  };
  EXPECT_EXIT(fuse(), testing::ExitedWithCode(0), "");
}

// ---- random nets ----------------------------------------------------------------------------------------

// A small net of random steps: chains with residuals and forks, some with a head of rows.
class RandomNet {
 public:
  explicit RandomNet(uint32_t seed) : random_(seed) {
    const Shape shape = {Any(1, 2), Any(1, 4), Any(2, 6), Any(2, 6)};
    model_.Input("x", shape);
    made_.push_back({"x", shape});
    const int64_t steps = Any(3, 10);
    for (int64_t i = 0; i < steps; ++i) {
      if (made_.back().shape.size() == 2) {
        RowStep();
      } else {
        PictureStep();
      }
    }
    model_.Output(made_.back().name);
    if (Any(0, 2) == 0) model_.Output(Pick().name);
  }

  const ModelBuilder& model() const { return model_; }

 private:
  struct Made {
    std::string name;
    Shape shape;
  };

  int64_t Any(int64_t least, int64_t most) {
    return least + static_cast<int64_t>(random_() % static_cast<uint32_t>(most - least + 1));
  }
  // Any value so far.
  const Made& Pick() { return made_[static_cast<size_t>(Any(0, static_cast<int64_t>(made_.size()) - 1))]; }
  // The value to go on from: nearly always the last one, so that there is something to take in.
  Made From() {
    if (Any(0, 9) > 0) return made_.back();
    const Made& picked = Pick();
    return picked.shape.size() == made_.back().shape.size() ? picked : made_.back();
  }

  std::string NewName() { return "v" + std::to_string(++names_); }
  std::string Constant(const Shape& shape, float least = -1, float most = 1) {
    const std::string name = NewName();
    model_.Floats(name, shape, Numbers(random_, Elements(shape), least, most));
    return name;
  }
  void Step(const std::string& op, const std::vector<std::string>& inputs, const Shape& shape,
            const Attributes& attributes = {}) {
    const std::string name = NewName();
    model_.Op(op, inputs, {name}, attributes);
    made_.push_back({name, shape});
  }

  // A constant that fits `shape`: for all, per channel, or per number.
  std::string Fitting(const Shape& shape, float least, float most) {
    const int64_t channels = shape[1];
    switch (Any(0, 3)) {
      case 0: return Constant({}, least, most);
      case 1: return Constant(shape, least, most);
      default: return Constant(shape.size() == 4 ? Shape{channels, 1, 1} : Shape{channels}, least, most);
    }
  }

  // Steps of pictures and rows alike.
  void CommonStep(const Made& from) {
    const int64_t channels = from.shape[1];
    const std::string& x = from.name;
    switch (Any(0, 10)) {
      case 0: return Step("Relu", {x}, from.shape);
      case 1: return Step("LeakyRelu", {x}, from.shape, {{"alpha", 0.25f}});
      case 2: return Step("PRelu", {x, Fitting(from.shape, -0.5f, 1)}, from.shape);
      case 3: {
        const std::string low = Any(0, 1) == 0 ? Constant({}, 0, 0) : Constant({}, -1, 0);
        return Step("Clip", {x, low, Constant({}, 0.5f, 2)}, from.shape);
      }
      case 4: return AnyOrder("Mul", x, Fitting(from.shape, -1.5f, 1.5f), from.shape);
      case 5: return AnyOrder("Add", x, Fitting(from.shape, -1, 1), from.shape);
      case 6:
        return Step("BatchNormalization",
                    {x, Constant({channels}), Constant({channels}), Constant({channels}),
                     Constant({channels}, 0.5f, 2)},
                    from.shape);
      default: return Combine(from);
    }
  }

  void AnyOrder(const std::string& op, const std::string& a, const std::string& b, const Shape& shape) {
    Step(op, Any(0, 1) == 0 ? std::vector{a, b} : std::vector{b, a}, shape);
  }

  // With any value of the same shape; with itself where there is no other.
  void Combine(const Made& from) {
    std::vector<std::string> others;
    for (const Made& made : made_) {
      if (made.shape == from.shape) others.push_back(made.name);
    }
    const std::string other = others[static_cast<size_t>(Any(0, static_cast<int64_t>(others.size()) - 1))];
    AnyOrder(Any(0, 5) == 0 ? "Mul" : "Add", from.name, other, from.shape);
  }

  void PictureStep() {
    const Made from = From();
    switch (Any(0, 8)) {
      case 0: case 1: case 2: return Convolve(from);
      case 3:
        if (Any(0, 1) == 0) return Step("Sigmoid", {from.name}, from.shape);
        Step("GlobalAveragePool", {from.name}, {from.shape[0], from.shape[1], 1, 1});
        return Step("Flatten", {made_.back().name}, {from.shape[0], from.shape[1]});
      default: return CommonStep(from);
    }
  }

  // Mostly of the size of its input, so that residuals fit.
  void Convolve(const Made& from) {
    const int64_t channels = from.shape[1];
    const int64_t side = Any(0, 1) == 0 ? 1 : 3;
    const int64_t stride = Any(0, 4) == 0 ? 2 : 1;
    const int64_t groups = Any(0, 2) == 0 ? channels : 1;
    const int64_t out = Any(0, 2) > 0 ? channels : groups * Any(1, 2);
    const float most = 2.0f / static_cast<float>(channels / groups * side * side);  // numbers keep their size
    std::vector<std::string> inputs = {from.name, Constant({out, channels / groups, side, side}, -most, most)};
    if (Any(0, 1) == 0) inputs.push_back(Constant({out}));
    const Shape shape = {from.shape[0], out, (from.shape[2] + stride - 1) / stride,
                         (from.shape[3] + stride - 1) / stride};
    Step("Conv", inputs, shape,
         {{"auto_pad", Any(0, 1) == 0 ? "SAME_UPPER" : "SAME_LOWER"}, {"strides", Ints{stride, stride}},
          {"group", groups}});
  }

  void RowStep() {
    const Made from = From();
    if (Any(0, 2) > 0) return CommonStep(from);
    const int64_t depth = from.shape[1];
    const int64_t columns = Any(0, 1) == 0 ? depth : Any(1, 4);
    const Shape shape = {from.shape[0], columns};
    if (Any(0, 1) == 0) return Step("MatMul", {from.name, Constant({depth, columns})}, shape);
    const int64_t turned = Any(0, 1);
    const Shape matrix = turned != 0 ? Shape{columns, depth} : Shape{depth, columns};
    Step("Gemm", {from.name, Constant(matrix), Constant({columns})}, shape,
         {{"transB", turned}, {"alpha", 0.5f}, {"beta", 2.0f}});
  }

  Random random_;
  ModelBuilder model_{13};
  std::vector<Made> made_;
  int names_ = 0;
};

// Whatever is taken in by whom: layers give the numbers that the nodes give.
TEST(FuseTest, RandomNetsGiveTheSameNumbersAsLayers) {
  std::map<std::string, int> seen;
  size_t nodes = 0;
  size_t layers = 0;
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomNet random(seed);
    const Graph graph = Folded(random.model());
    const Net net = FuseAndCompare(random.model(), seed);
    if (HasFailure()) {
      for (const Node& node : graph.nodes) ADD_FAILURE() << node.op << " " << node.name;
      return;  // the first one is enough to look at
    }
    nodes += graph.nodes.size();
    layers += net.layers.size();
    for (const std::string& word : Words(net)) ++seen[word];
  }
  // The nets have enough of everything to say something.
  EXPECT_LT(layers * 10, nodes * 9) << layers << " layers of " << nodes << " nodes";
  for (const char* word : {"conv", "conv+b", "conv+r", "conv+b+t", "conv+r+b", "Add", "Mul", "Relu", "Clip"}) {
    EXPECT_GE(seen[word], 3) << word;
  }
}

}  // namespace
}  // namespace rollcall::inference
