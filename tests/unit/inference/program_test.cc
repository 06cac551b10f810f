#include "inference/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "inference/fold.h"
#include "inference/kernels/bf16.h"
#include "inference/kernels/int8.h"
#include "inference/onnx_file.h"
#include "inference_testing/model_builder.h"
#include "support/status_matchers.h"

namespace rollcall::inference {
namespace {

using support::HasReason;
using support::IsOk;

// Writes a net layer by layer, with random weights.
class RandomNet {
 public:
  explicit RandomNet(uint32_t seed) : engine_(seed) {}

  std::vector<float> Numbers(size_t count) {
    std::uniform_real_distribution<float> pick(-1, 1);
    std::vector<float> numbers(count);
    for (float& number : numbers) number = pick(engine_);
    return numbers;
  }

  ModelBuilder& model() { return model_; }

  // A convolution of x to `out` channels; its name is that of the value that it makes.
  std::string Conv(const std::string& x, int64_t in, int64_t out, int64_t kernel, Attributes attributes,
                   int64_t groups = 1) {
    const std::string y = "v" + std::to_string(++values_);
    model_.Floats(y + "w", {out, in / groups, kernel, kernel},
                  Numbers(static_cast<size_t>(out * (in / groups) * kernel * kernel)));
    model_.Floats(y + "b", {out}, Numbers(static_cast<size_t>(out)));
    attributes["group"] = groups;
    model_.Op("Conv", {x, y + "w", y + "b"}, {y}, attributes);
    return y;
  }

  std::string Op(const std::string& op, const std::vector<std::string>& inputs, const Attributes& attributes = {}) {
    const std::string y = "v" + std::to_string(++values_);
    model_.Op(op, inputs, {y}, attributes);
    return y;
  }

 private:
  std::mt19937 engine_;
  ModelBuilder model_{11};
  int values_ = 0;
};

Attribute Ints(std::vector<int64_t> numbers) { return numbers; }

// Runs the model by the program and by the plain loops and compares. `error`: of the largest number of an output.
void ExpectSameNumbers(RandomNet& net, const Shape& input_shape, const Precision& precision = {},
                       float error = 1e-5f) {
  auto graph = ReadOnnx(net.model().Bytes());
  ASSERT_THAT(graph, IsOk());
  auto folded = Fold(*std::move(graph), {});
  ASSERT_THAT(folded, IsOk());
  const auto fused = Fuse(*folded);
  ASSERT_THAT(fused, IsOk());
  const auto program = Program::Compile(*fused, precision);
  ASSERT_THAT(program, IsOk());
  auto arena = hwy::AllocateAligned<std::byte>((*program)->arena_bytes());
  std::fill_n(arena.get(), (*program)->arena_bytes(), std::byte{0xFF});  // NaN wherever nothing was written
  for (int round = 0; round < 2; ++round) {
    const std::vector<float> input = net.Numbers(static_cast<size_t>(Elements(input_shape)));
    const auto expected = Interpret(*folded, input);
    ASSERT_THAT(expected, IsOk());
    (*program)->Run(input, arena.get());
    for (size_t i = 0; i < expected->size(); ++i) {
      const std::vector<float>& numbers = (*expected)[i].floats();
      const auto found = (*program)->output(i, arena.get());
      ASSERT_EQ(found.size(), numbers.size());
      float largest = 0;  // sums of large numbers that cancel keep the rounding of the large ones
      for (const float number : numbers) largest = std::max(largest, std::abs(number));
      for (size_t k = 0; k < numbers.size(); ++k) {
        ASSERT_NEAR(found[k], numbers[k], error * largest) << "output " << i << ", " << k;
      }
    }
  }
}

// The first layer reads pixels of three numbers without padding, and beyond the last one.
TEST(ProgramTest, Bfloat16ReadsNothingThatNobodyWrote) {
  if (!kernels::HasBf16()) GTEST_SKIP() << "skipped: this processor has no AVX-512 with BF16";
  for (const int64_t dilation : {1, 2}) {
    RandomNet net(11);
    net.model().Input("x", {1, 3, 13, 17});
    const Attributes window = {{"pads", Ints({1, 1, 1, 1})}, {"dilations", Ints({dilation, dilation})}};
    const std::string first = net.Op("Relu", {net.Conv("x", 3, 24, 3, window)});
    net.model().Output(net.Conv(first, 24, 8, 3, window)).Output(net.Conv("x", 3, 16, 1, {}));
    ExpectSameNumbers(net, {1, 3, 13, 17}, {.bfloat16 = true}, 0.02f);
  }
}

TEST(ProgramTest, ConvolutionsOfEveryKindOverOneValue) {
  RandomNet net(1);
  net.model().Input("x", {1, 3, 13, 17});
  const std::string first = net.Op("Relu", {net.Conv("x", 3, 24, 3, {{"pads", Ints({1, 1, 1, 1})}, {"strides", Ints({2, 2})}})});
  const std::string wide = net.Conv(first, 24, 8, 3, {{"pads", Ints({3, 3, 3, 3})}, {"dilations", Ints({3, 3})}});
  const std::string same = net.Conv(first, 24, 8, 3, {{"auto_pad", std::string("SAME_UPPER")}});
  const std::string point = net.Conv(first, 24, 8, 1, {});
  const std::string grouped = net.Conv(first, 24, 8, 3, {{"pads", Ints({1, 1, 1, 1})}}, 4);
  net.model().Output(net.Op("Concat", {wide, same, point, grouped}, {{"axis", int64_t{1}}}));
  ExpectSameNumbers(net, {1, 3, 13, 17});
}

TEST(ProgramTest, ResidualsThatStayAndThatAreReadAgain) {
  RandomNet net(2);
  net.model().Input("x", {1, 16, 9, 9});
  std::string trunk = net.Conv("x", 16, 32, 1, {});
  for (int block = 0; block < 4; ++block) {
    std::string branch = net.Op("Relu", {net.Conv(trunk, 32, 64, 1, {})});
    branch = net.Op("Relu", {net.Conv(branch, 64, 64, 3, {{"pads", Ints({1, 1, 1, 1})}}, 64)});
    trunk = net.Op("Add", {trunk, net.Conv(branch, 64, 32, 1, {})});
  }
  net.model().Output(trunk).Output(net.Op("GlobalAveragePool", {trunk}));
  ExpectSameNumbers(net, {1, 16, 9, 9});
}

// A value that a convolution and a plain operator read lies in both forms.
TEST(ProgramTest, PlainOperatorsBetweenConvolutions) {
  RandomNet net(3);
  net.model().Input("x", {1, 5, 8, 6});
  const std::string a = net.Conv("x", 5, 20, 3, {{"pads", Ints({1, 1, 1, 1})}});
  const std::string weight = net.Op("Sigmoid", {net.Conv(net.Op("GlobalAveragePool", {a}), 20, 20, 1, {})});
  const std::string scaled = net.Op("Mul", {a, weight});
  const std::string pooled =
      net.Op("MaxPool", {scaled}, {{"kernel_shape", Ints({2, 2})}, {"strides", Ints({2, 2})}});
  net.model().Output(net.Conv(pooled, 20, 7, 3, {{"pads", Ints({0, 1, 1, 0})}}));
  net.model().Output(net.Op("Transpose", {a}, {{"perm", Ints({0, 2, 3, 1})}}));
  ExpectSameNumbers(net, {1, 5, 8, 6});
}

// What a squeeze-and-excitation block and a branching net do between convolutions is done where the pictures lie.
TEST(ProgramTest, OperatorsOverPictures) {
  RandomNet net(7);
  net.model().Input("x", {1, 3, 9, 7});
  const std::string a = net.Conv("x", 3, 32, 3, {{"pads", Ints({1, 1, 1, 1})}});
  const std::string b = net.Conv("x", 3, 32, 1, {});
  const std::string sum = net.Op("Add", {net.Op("Sigmoid", {net.Conv(net.Op("GlobalAveragePool", {a}), 32, 32, 1, {})}),
                                         net.Op("GlobalAveragePool", {b})});
  const std::string scaled = net.Op("Add", {net.Op("Mul", {a, net.Conv(sum, 32, 32, 1, {})}), b});
  const std::string turned = net.Op("Mul", {net.Conv(sum, 32, 32, 1, {}), scaled});
  const std::string joined = net.Op("Concat", {a, turned, net.Conv(b, 32, 16, 1, {})}, {{"axis", int64_t{1}}});
  net.model().Output(net.Conv(joined, 80, 5, 3, {{"pads", Ints({1, 1, 1, 1})}}));
  net.model().Output(turned);
  ExpectSameNumbers(net, {1, 3, 9, 7});
}

TEST(ProgramTest, PoolingsOfEveryKindOverPictures) {
  RandomNet net(10);
  net.model().Input("x", {1, 3, 11, 8});
  const std::string a = net.Conv("x", 3, 20, 3, {{"pads", Ints({1, 1, 1, 1})}});
  const auto kernel = std::pair<const std::string, Attribute>{"kernel_shape", Ints({3, 2})};
  const auto pads = std::pair<const std::string, Attribute>{"pads", Ints({2, 1, 1, 1})};
  const auto every_second = std::pair<const std::string, Attribute>{"strides", Ints({2, 2})};
  net.model().Output(net.Op("MaxPool", {a}, {kernel, every_second}));
  net.model().Output(net.Op("MaxPool", {a}, {kernel, pads, {"dilations", Ints({2, 3})}}));
  net.model().Output(net.Op("MaxPool", {a}, {kernel, every_second, {"ceil_mode", int64_t{1}}}));
  net.model().Output(net.Op("AveragePool", {a}, {kernel, pads}));
  net.model().Output(net.Op("AveragePool", {a}, {kernel, pads, {"count_include_pad", int64_t{1}}}));
  const std::string mean = net.Op("AveragePool", {a}, {kernel, every_second});
  net.model().Output(net.Op("Add", {net.Op("MaxPool", {a}, {kernel, every_second}), mean}));
  net.model().Output(net.Conv(mean, 20, 5, 3, {{"pads", Ints({1, 1, 1, 1})}}));
  ExpectSameNumbers(net, {1, 3, 11, 8});
}

TEST(ProgramTest, ChannelsThatGoLastAreNotTurnedAroundTwice) {
  RandomNet net(9);
  net.model().Input("x", {1, 3, 9, 7});
  const std::string head = net.Conv("x", 3, 6, 3, {{"pads", Ints({1, 1, 1, 1})}});
  net.model().Output(net.Op("Transpose", {head}, {{"perm", Ints({0, 2, 3, 1})}}));
  net.model().Output(net.Op("Transpose", {head}, {{"perm", Ints({0, 3, 2, 1})}}));
  ExpectSameNumbers(net, {1, 3, 9, 7});
}

TEST(ProgramTest, WhatBetweenConvolutionsStaysAPicture) {
  RandomNet net(8);
  net.model().Input("x", {1, 3, 9, 7});
  const std::string a = net.Conv("x", 3, 32, 3, {{"pads", Ints({1, 1, 1, 1})}});
  const std::string gate = net.Conv(net.Op("GlobalAveragePool", {a}), 32, 32, 1, {});
  net.model().Output(net.Conv(net.Op("Mul", {a, gate}), 32, 8, 1, {}));
  auto folded = Fold(*ReadOnnx(net.model().Bytes()), {});
  ASSERT_THAT(folded, IsOk());
  const auto fused = Fuse(*std::move(folded));
  ASSERT_THAT(fused, IsOk());
  const auto program = Program::Compile(*fused, {});
  ASSERT_THAT(program, IsOk());
  std::vector<std::string> kinds;
  for (const Program::Step& step : (*program)->steps()) kinds.push_back(step.kind);
  EXPECT_THAT(kinds, testing::ElementsAre("tile f32", "pool", "tile f32", "scaling", "tile f32", "to rows"));
}

// A ResNet's step to half the size, with a way around that comes out larger and with more channels.
TEST(ProgramTest, AStepToHalfTheSizeStaysInPictures) {
  RandomNet net(10);
  net.model().Input("x", {1, 16, 8, 8});
  const std::string first = net.Op("Relu", {net.Conv("x", 16, 32, 3, {{"strides", Ints({2, 2})}})});
  net.model().Ints("corner", {8}, {0, 0, 0, 0, 0, 0, 1, 1}).Ints("channels", {8}, {0, 0, 0, 0, 0, 16, 0, 0});
  const std::string second = net.Op("Pad", {net.Conv(first, 32, 32, 3, {{"pads", Ints({1, 1, 1, 1})}}), "corner"});
  const std::string mean =
      net.Op("AveragePool", {"x"}, {{"kernel_shape", Ints({2, 2})}, {"strides", Ints({2, 2})}});
  net.model().Output(net.Op("Relu", {net.Op("Add", {second, net.Op("Pad", {mean, "channels"})})}));
  ExpectSameNumbers(net, {1, 16, 8, 8});
  const auto fused = Fuse(*Fold(*ReadOnnx(net.model().Bytes()), {}));
  ASSERT_THAT(fused, IsOk());
  const auto program = Program::Compile(*fused, {});
  ASSERT_THAT(program, IsOk());
  std::vector<std::string> kinds;
  for (const Program::Step& step : (*program)->steps()) kinds.push_back(step.kind);
  EXPECT_THAT(kinds, testing::ElementsAre("tile f32", "tile f32", "depthwise f32", "depthwise f32", "tile f32", "to rows"));
}

// The input is kept without padding between its pixels unless somebody reads it sixteen channels at a time.
TEST(ProgramTest, ADepthwiseConvolutionOverTheInput) {
  RandomNet net(4);
  net.model().Input("x", {1, 3, 7, 5});
  const std::string depthwise = net.Conv("x", 3, 3, 3, {{"pads", Ints({1, 1, 1, 1})}}, 3);
  const std::string dense = net.Conv("x", 3, 3, 3, {{"pads", Ints({1, 1, 1, 1})}});
  net.model().Output(net.Op("Add", {depthwise, dense}));
  ExpectSameNumbers(net, {1, 3, 7, 5});
}

TEST(ProgramTest, FullyConnectedLayersAreConvolutionsOfOnePixel) {
  RandomNet net(5);
  net.model().Input("x", {1, 6, 4, 4}).Floats("w", {96, 11}, net.Numbers(96 * 11)).Floats("b", {11}, net.Numbers(11));
  const std::string flat = net.Op("Flatten", {net.Conv("x", 6, 6, 1, {})});
  net.model().Output(net.Op("Gemm", {flat, "w", "b"}));
  ExpectSameNumbers(net, {1, 6, 4, 4});
}

// A row of numbers is matched with the pixels of a row and not with the channels, though it is one of both here.
TEST(ProgramTest, ARowBesideAPictureOfOnePixel) {
  for (const std::string op : {"Add", "Mul"}) {
    RandomNet net(12);
    net.model().Input("x", {1, 8, 1, 1}).Floats("w", {8, 8}, net.Numbers(64));
    const std::string row = net.Op("MatMul", {net.Op("Flatten", {net.Conv("x", 8, 8, 1, {})}), "w"});
    const std::string pixel = net.Conv("x", 8, 8, 1, {});
    net.model().Output(net.Op(op, {pixel, row}));
    ExpectSameNumbers(net, {1, 8, 1, 1});
  }
}

TEST(ProgramTest, AnInputWithoutNumbers) {
  RandomNet net(15);
  net.model().Input("x", {0, 3});
  net.model().Output(net.Op("Relu", {"x"})).Output(net.Op("Transpose", {"x"}));
  net.model().Output(net.Op("Slice", {"x"}, {{"starts", Ints({1})}, {"ends", Ints({3})}, {"axes", Ints({1})}}));
  ExpectSameNumbers(net, {0, 3});
}

TEST(ProgramTest, AWeightThatIsNoNumberDoesNotFitIntoAByte) {
  if (!kernels::HasInt8()) GTEST_SKIP() << "skipped: this processor has no AVX-512 with VNNI";
  for (const float weight : {std::nanf(""), HUGE_VALF}) {
    ModelBuilder model;
    model.Input("x", {1, 1, 1, 1}).Floats("w", {1, 1, 1, 1}, {weight}).Op("Conv", {"x", "w"}, {"y"}).Output("y");
    const auto fused = Fuse(*Fold(*ReadOnnx(model.Bytes()), {}));
    ASSERT_THAT(fused, IsOk());
    const ActivationRanges ranges = {{"x", {{.low = -1, .high = 1, .mean = 0}}}};
    EXPECT_THAT(Program::Compile(*fused, {.ranges = &ranges}), HasReason("BAD_MODEL"));
  }
}

// Why the net cannot be laid out.
std::string Complaint(RandomNet& net) {
  const auto fused = Fuse(*Fold(*ReadOnnx(net.model().Bytes()), {}));
  EXPECT_THAT(fused, IsOk());
  const auto program = Program::Compile(*fused, {});
  EXPECT_THAT(program, HasReason("BAD_MODEL"));
  return program.ok() ? "" : base::Message(program.status());
}

TEST(ProgramTest, ASmallFileCannotAskForAllMemory) {
  RandomNet groups(13);  // 32 thousand weights and the zeros between their groups
  groups.model().Input("x", {1, 16384, 1, 1});
  groups.model().Output(groups.Conv("x", 16384, 16384, 1, {}, 8192));
  EXPECT_THAT(Complaint(groups), testing::HasSubstr("more than 536870912 bytes of weights and tables"));
  RandomNet frame(14);
  frame.model().Input("x", {1, 1, 2000, 2000});
  const Attributes window = {{"pads", Ints({4096, 4096, 4096, 4096})}, {"strides", Ints({4096, 4096})}};
  frame.model().Output(frame.Conv("x", 1, 1, 1, window));
  EXPECT_THAT(Complaint(frame), testing::HasSubstr("value x takes more than 1073741824 bytes as a picture"));
}

TEST(ProgramTest, RefusesABatch) {
  RandomNet net(6);
  net.model().Input("x", {2, 3, 4, 4});
  net.model().Output(net.Conv("x", 3, 4, 1, {}));
  auto graph = ReadOnnx(net.model().Bytes());
  ASSERT_THAT(graph, IsOk());
  auto folded = Fold(*std::move(graph), {});
  ASSERT_THAT(folded, IsOk());
  const auto fused = Fuse(*std::move(folded));
  ASSERT_THAT(fused, IsOk());
  EXPECT_THAT(Program::Compile(*fused, {}), HasReason("BAD_MODEL"));
}

}  // namespace
}  // namespace rollcall::inference
