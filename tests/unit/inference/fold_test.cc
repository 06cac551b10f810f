#include "inference/fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "inference/onnx_file.h"
#include "inference_testing/model_builder.h"
#include "support/status_matchers.h"

namespace rollcall::inference {
namespace {

using support::HasReason;
using support::IsOk;
using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pointwise;

Graph Read(const ModelBuilder& model) {
  auto graph = ReadOnnx(model.Bytes());
  EXPECT_THAT(graph, IsOk());
  return graph.ok() ? *std::move(graph) : Graph{};
}

absl::StatusOr<Graph> FoldModel(const ModelBuilder& model, const std::vector<std::string>& outputs = {}) {
  return Fold(Read(model), outputs);
}

// Why it cannot be folded; "" where it can.
std::string Complaint(const ModelBuilder& model, const std::vector<std::string>& outputs = {}) {
  const auto graph = FoldModel(model, outputs);
  EXPECT_THAT(graph, HasReason("BAD_MODEL"));
  return graph.ok() ? "" : base::Message(graph.status());
}

std::vector<std::string> Ops(const Graph& graph) {
  std::vector<std::string> ops;
  for (const Node& node : graph.nodes) ops.push_back(node.op);
  return ops;
}

const Value& Named(const Graph& graph, const std::string& name) {
  for (const Value& value : graph.values) {
    if (value.name == name) return value;
  }
  ADD_FAILURE() << "no value named " << name;
  return graph.values[0];
}

// The names of the constants whose numbers are still held.
std::vector<std::string> Held(const Graph& graph) {
  std::vector<std::string> names;
  for (const Value& value : graph.values) {
    if (value.constant.has_value()) names.push_back(value.name);
  }
  return names;
}

std::vector<float> Only(const absl::StatusOr<std::vector<Array>>& outputs) {
  EXPECT_THAT(outputs, IsOk());
  if (!outputs.ok()) return {};
  EXPECT_EQ(outputs->size(), 1u);
  return (*outputs)[0].floats();
}

// What exporters write for "flatten whatever the batch is": none of it depends on the input's numbers.
ModelBuilder FlattenTheLongWay() {
  return ModelBuilder(13)
      .Input("x", {2, 3, 2})
      .Ints("first", {}, {0})
      .Ints("front", {1}, {0})
      .Ints("rest", {1}, {-1})
      .Op("Shape", {"x"}, {"shape"})
      .Op("Gather", {"shape", "first"}, {"batch"}, {{"axis", 0}})
      .Op("Unsqueeze", {"batch", "front"}, {"batch row"})
      .Op("Concat", {"batch row", "rest"}, {"new shape"}, {{"axis", 0}})
      .Op("Reshape", {"x", "new shape"}, {"flat"})
      .Op("Relu", {"flat"}, {"y"})
      .Output("y");
}

TEST(FoldTest, AShapeThatIsWorkedOutInTheModelBecomesAConstant) {
  const auto graph = FoldModel(FlattenTheLongWay());
  ASSERT_THAT(graph, IsOk());
  EXPECT_THAT(Ops(*graph), ElementsAre("Reshape", "Relu"));
  EXPECT_THAT(Held(*graph), ElementsAre("new shape"));
  EXPECT_THAT(Named(*graph, "new shape").constant->ints(), ElementsAre(2, -1));
  EXPECT_EQ(Named(*graph, "y").shape, (Shape{2, 6}));

  const auto outputs = Interpret(*graph, {1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11, -12});
  EXPECT_THAT(Only(outputs), ElementsAre(1, 0, 3, 0, 5, 0, 7, 0, 9, 0, 11, 0));
  EXPECT_EQ((*outputs)[0].shape, (Shape{2, 6}));
}

TEST(FoldTest, EveryShapeAndTypeIsFilledIn) {
  const std::vector<int64_t> sizes = {1, 2};
  const auto graph = FoldModel(ModelBuilder(11)
                                   .Input("x", {1, 2, 4, 4})
                                   .Floats("w", {3, 2, 3, 3}, std::vector<float>(54))
                                   .Op("Conv", {"x", "w"}, {"c"}, {{"strides", std::vector<int64_t>{2, 2}}})
                                   .Op("Split", {"c"}, {"a", "b"}, {{"axis", 1}, {"split", sizes}})
                                   .Op("Shape", {"b"}, {"s"})
                                   .Op("Reshape", {"b", "s"}, {"r"})
                                   .Op("Flatten", {"r"}, {"f"})
                                   .Output("f")
                                   .Output("a"));
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(Named(*graph, "c").shape, (Shape{1, 3, 1, 1}));
  EXPECT_EQ(Named(*graph, "a").shape, (Shape{1, 1, 1, 1}));
  EXPECT_EQ(Named(*graph, "b").shape, (Shape{1, 2, 1, 1}));
  EXPECT_EQ(Named(*graph, "f").shape, (Shape{1, 2}));
  EXPECT_EQ(Named(*graph, "s").shape, (Shape{4}));
  EXPECT_FALSE(Named(*graph, "s").is_float);
  EXPECT_TRUE(Named(*graph, "f").is_float);
}

// Weights that are worked out of others: (1 + 2) * 10 and so on.
TEST(FoldTest, NumbersThatDoNotDependOnTheInputAreWorkedOutOnce) {
  const Array ten{.shape = {}, .values = std::vector<float>{10}};
  const auto graph = FoldModel(ModelBuilder()
                                   .Input("x", {2})
                                   .Floats("a", {2}, {1, 2})
                                   .Floats("b", {1}, {2})
                                   .Op("Constant", {}, {"ten"}, {{"value", ten}})
                                   .Op("Add", {"a", "b"}, {"sum"})
                                   .Op("Mul", {"sum", "ten"}, {"w"})
                                   .Op("Add", {"x", "w"}, {"y"})
                                   .Output("y"));
  ASSERT_THAT(graph, IsOk());
  EXPECT_THAT(Ops(*graph), ElementsAre("Add"));
  EXPECT_THAT(Held(*graph), ElementsAre("w"));
  EXPECT_THAT(Named(*graph, "w").constant->floats(), ElementsAre(30, 40));
  EXPECT_THAT(Only(Interpret(*graph, {1, 2})), ElementsAre(31, 42));
}

TEST(FoldTest, EveryOutputOfAFoldedNodeIsKnown) {
  const auto graph = FoldModel(ModelBuilder()
                                   .Input("x", {1})
                                   .Floats("w", {2}, {5, 7})
                                   .Op("Split", {"w"}, {"five", "seven"})
                                   .Op("Sub", {"x", "seven"}, {"d"})
                                   .Op("Mul", {"d", "five"}, {"y"})
                                   .Output("y"));
  ASSERT_THAT(graph, IsOk());
  EXPECT_THAT(Ops(*graph), ElementsAre("Sub", "Mul"));
  EXPECT_THAT(Only(Interpret(*graph, {9})), ElementsAre(10));
}

// x -> h -> y, with an arm off to either side.
ModelBuilder TwoArms() {
  return ModelBuilder()
      .Input("x", {2})
      .Floats("big", {2}, {100, 200})
      .Floats("small", {2}, {1, 2})
      .Op("Add", {"x", "small"}, {"h"})
      .Op("Mul", {"h", "big"}, {"left"})
      .Op("Relu", {"h"}, {"right"})
      .Op("LeakyRelu", {"left"}, {"left end"})
      .Output("right");
}

TEST(FoldTest, NodesThatLeadNowhereGoAndTheirConstantsWithThem) {
  const auto graph = FoldModel(TwoArms());
  ASSERT_THAT(graph, IsOk());
  EXPECT_THAT(Ops(*graph), ElementsAre("Add", "Relu"));
  EXPECT_THAT(Held(*graph), ElementsAre("small"));
  EXPECT_THAT(Only(Interpret(*graph, {-5, 1})), ElementsAre(0, 3));
}

TEST(FoldTest, ANodeStaysForAnyOfItsOutputs) {
  const auto graph = FoldModel(ModelBuilder()
                                   .Input("x", {1, 3})
                                   .Op("Split", {"x"}, {"a", "b", "c"}, {{"axis", 1}})
                                   .Op("Exp", {"a"}, {"unused"})
                                   .Output("b"));
  ASSERT_THAT(graph, IsOk());
  EXPECT_THAT(Ops(*graph), ElementsAre("Split"));
  EXPECT_THAT(Only(Interpret(*graph, {1, 2, 3})), ElementsAre(2));
}

TEST(FoldTest, CutsAtAValueInsideTheNet) {
  const auto graph = FoldModel(TwoArms(), {"h"});
  ASSERT_THAT(graph, IsOk());
  EXPECT_THAT(Ops(*graph), ElementsAre("Add"));
  ASSERT_EQ(graph->outputs.size(), 1u);
  EXPECT_EQ(graph->values[graph->outputs[0]].name, "h");
  EXPECT_THAT(Held(*graph), ElementsAre("small"));
  EXPECT_THAT(Only(Interpret(*graph, {-5, 1})), ElementsAre(-4, 3));
}

// A later node must not be dropped because an earlier value is wanted too.
TEST(FoldTest, GivesSeveralOutputsInTheOrderAskedFor) {
  const auto graph = FoldModel(TwoArms(), {"left", "h", "right"});
  ASSERT_THAT(graph, IsOk());
  EXPECT_THAT(Ops(*graph), ElementsAre("Add", "Mul", "Relu"));
  const auto outputs = Interpret(*graph, {-5, 1});
  ASSERT_THAT(outputs, IsOk());
  ASSERT_EQ(outputs->size(), 3u);
  EXPECT_THAT((*outputs)[0].floats(), ElementsAre(-400, 600));
  EXPECT_THAT((*outputs)[1].floats(), ElementsAre(-4, 3));
  EXPECT_THAT((*outputs)[2].floats(), ElementsAre(0, 3));
}

TEST(FoldTest, TheInputIsAValueLikeOthers) {
  const auto graph = FoldModel(TwoArms(), {"x"});
  ASSERT_THAT(graph, IsOk());
  EXPECT_THAT(graph->nodes, IsEmpty());
  EXPECT_THAT(Held(*graph), IsEmpty());
  EXPECT_THAT(Only(Interpret(*graph, {4, 5})), ElementsAre(4, 5));
}

TEST(FoldTest, FoldingTwiceChangesNothing) {
  const auto once = FoldModel(FlattenTheLongWay());
  ASSERT_THAT(once, IsOk());
  const auto twice = Fold(*once, {});
  ASSERT_THAT(twice, IsOk());
  EXPECT_EQ(Ops(*twice), Ops(*once));
  EXPECT_EQ(Held(*twice), Held(*once));
}

// ---- refusals -------------------------------------------------------------------------------------------

TEST(FoldTest, RefusesOutputsThatItCannotGiveAndNamesThem) {
  ModelBuilder model = TwoArms();
  model.Op("Shape", {"h"}, {"its shape"}).Op("Sqrt", {"big"}, {"root"});
  EXPECT_THAT(Complaint(model, {"ghost"}), HasSubstr("no value named ghost"));
  EXPECT_THAT(Complaint(model, {"h", "ghost"}), HasSubstr("no value named ghost"));
  EXPECT_THAT(Complaint(model, {"its shape"}), HasSubstr("output its shape is not float32"));
  EXPECT_THAT(Complaint(model, {"big"}), HasSubstr("output big"));
  EXPECT_THAT(Complaint(model, {"root"}), HasSubstr("output root"));
  EXPECT_THAT(FoldModel(model, {"h"}), IsOk());
  // The same for outputs that the file names itself.
  EXPECT_THAT(Complaint(model.Output("its shape")), HasSubstr("output its shape is not float32"));
}

TEST(FoldTest, RefusesOperatorsThatAreNotKnownAndNamesThem) {
  EXPECT_THAT(Complaint(ModelBuilder().Input("x", {1}).Op("Imagined", {"x"}, {"y"}).Output("y")),
              HasSubstr("Imagined y: an operator that is not known"));
}

TEST(FoldTest, RefusesNodesWhoseInputsDoNotFitAndNamesThem) {
  EXPECT_THAT(Complaint(ModelBuilder().Input("x", {2}).Floats("w", {3}, {1, 2, 3}).Op("Add", {"x", "w"}, {"y"})
                            .Output("y")),
              HasSubstr("Add y: "));
  // Shapes are those that the nodes before really make.
  EXPECT_THAT(Complaint(ModelBuilder(11)
                            .Input("x", {1, 4})
                            .Op("Split", {"x"}, {"a", "b"}, {{"axis", 1}, {"split", std::vector<int64_t>{1, 3}}})
                            .Op("Mul", {"b", "x"}, {"y"})
                            .Output("y")
                            .Op("Exp", {"y"}, {"z"})),
              HasSubstr("Mul y: "));
}

// A shape has to be known before the net runs, and this one is not.
TEST(FoldTest, RefusesAReshapeIntoAShapeThatIsComputed) {
  EXPECT_THAT(Complaint(ModelBuilder().Input("x", {1}).Op("Reshape", {"x", "x"}, {"y"}).Output("y")),
              HasSubstr("Reshape y: input 1 must be int64 and known"));
}

// ---- Interpret ------------------------------------------------------------------------------------------

// A picture of 2 x 2, twice as bright and once upside down, through everything that a small net has.
TEST(InterpretTest, GivesTheNumbersWorkedOutByHand) {
  const auto graph = FoldModel(ModelBuilder()
                                   .Input("x", {1, 1, 2, 2})
                                   .Floats("w", {2, 1, 1, 1}, {2, -1})
                                   .Floats("b", {2}, {0, 3})
                                   .Floats("head", {2, 2}, {1, 10, 100, 1000})
                                   .Floats("shift", {2}, {0.5f, -0.5f})
                                   .Op("Conv", {"x", "w", "b"}, {"c"})       // 2 4 6 8 and 2 1 0 -1
                                   .Op("Relu", {"c"}, {"r"})                 // 2 4 6 8 and 2 1 0 0
                                   .Op("GlobalAveragePool", {"r"}, {"m"})    // 5 and 0.75
                                   .Op("Flatten", {"m"}, {"f"})
                                   .Op("Gemm", {"f", "head", "shift"}, {"y"}, {{"transB", 1}})
                                   .Output("y"));
  ASSERT_THAT(graph, IsOk());
  EXPECT_THAT(Only(Interpret(*graph, {1, 2, 3, 4})), ElementsAre(13, 1249.5f));
}

TEST(InterpretTest, LeavesTheGraphAsItWas) {
  const auto graph = FoldModel(TwoArms());
  ASSERT_THAT(graph, IsOk());
  EXPECT_THAT(Only(Interpret(*graph, {1, 2})), ElementsAre(2, 4));
  EXPECT_THAT(Only(Interpret(*graph, {10, 20})), ElementsAre(11, 22));
  EXPECT_THAT(Only(Interpret(*graph, {1, 2})), ElementsAre(2, 4));
}

TEST(InterpretTest, FoldingDoesNotChangeTheNumbers) {
  // The same net twice: once with everything known, once with its constants hidden behind the input, which
  // is 0, so that nothing can be folded.
  const auto net = [](bool hidden) {
    ModelBuilder model;
    model.Input("x", {1, 3}).Floats("a", {3}, {1, -2, 3}).Floats("b", {1, 3}, {0.5f, 4, -1});
    if (hidden) {
      model.Op("Add", {"a", "x"}, {"known"});
    } else {
      model.Op("Identity", {"a"}, {"known"});
    }
    model.Op("Mul", {"known", "b"}, {"m"}).Op("Relu", {"m"}, {"r"}).Op("Softmax", {"r"}, {"s"});
    return model.Op("Sub", {"s", "x"}, {"y"}).Output("y");
  };
  const auto folded = FoldModel(net(false));
  const auto whole = FoldModel(net(true));
  ASSERT_THAT(folded, IsOk());
  ASSERT_THAT(whole, IsOk());
  EXPECT_THAT(Ops(*folded), ElementsAre("Sub"));
  EXPECT_EQ(whole->nodes.size(), 5u);
  EXPECT_THAT(Only(Interpret(*folded, {0, 0, 0})),
              Pointwise(FloatNear(1e-6f), Only(Interpret(*whole, {0, 0, 0}))));
}

TEST(InterpretDeathTest, WantsAsManyNumbersAsTheInputHas) {
  const auto graph = FoldModel(TwoArms());
  ASSERT_THAT(graph, IsOk());
  EXPECT_DEATH((void)Interpret(*graph, {1, 2, 3}), "input.size");
}

// Nothing of it is held: the shapes alone are too much. Each value is one that we would hold.
TEST(FoldTest, ASmallFileCannotAskForAllMemory) {
  ModelBuilder model;
  model.Input("v0", {1, 1 << 26});
  for (int i = 0; i < 3; ++i) {
    model.Op("Relu", {"v" + std::to_string(i)}, {"v" + std::to_string(i + 1)});
  }
  EXPECT_THAT(Complaint(model.Output("v3")), HasSubstr("Relu v3: with it more than 134217728 numbers in all"));
}

// One number, padded to 64 million.
TEST(FoldTest, NorMakeMoreNumbersWhenItIsLoadedThanWeAreReadyToHold) {
  ModelBuilder model(11);
  model.Input("x", {1}).Floats("one", {1, 1, 1}, {1}).Ints("pads", {6}, {0, 0, 0, 400, 400, 400});
  model.Op("Pad", {"one", "pads"}, {"wide"}).Op("ReduceMean", {"wide"}, {"mean"}).Op("Add", {"x", "mean"}, {"y"});
  EXPECT_THAT(Complaint(model.Output("y")),
              HasSubstr("Pad wide: with it more than 16777216 numbers that are known when the model is loaded"));
}

// A column and a row make a matrix of 2000 x 2000, whose square takes eight thousand million products.
TEST(FoldTest, NorCalculateForHoursWhenItIsLoaded) {
  ModelBuilder model(11);
  model.Input("x", {1}).Floats("column", {2000, 1}, std::vector<float>(2000, 1));
  model.Floats("row", {1, 2000}, std::vector<float>(2000, 1)).Op("Add", {"column", "row"}, {"matrix"});
  model.Op("MatMul", {"matrix", "matrix"}, {"square"}).Op("ReduceMean", {"square"}, {"mean"});
  EXPECT_THAT(Complaint(model.Op("Add", {"x", "mean"}, {"y"}).Output("y")),
              HasSubstr("MatMul square: with it more than 268435456 products when the model is loaded"));
}

TEST(FoldTest, NorTakeMinutesForOneRun) {
  ModelBuilder model(11);
  model.Input("x", {1, 256, 511, 511});
  model.Op("AveragePool", {"x"}, {"y"}, {{"kernel_shape", std::vector<int64_t>{256, 256}}});
  EXPECT_THAT(Complaint(model.Output("y")),
              HasSubstr("AveragePool y: with it more than 137438953472 products in all"));
}

TEST(FoldTest, NorCountTheLongestWindowsAtEveryPlace) {
  ModelBuilder model(11);
  model.Input("x", {1, 1, 1, 4096});
  model.Op("MaxPool", {"x"}, {"y"}, {{"kernel_shape", std::vector<int64_t>{1, 64}}});
  EXPECT_THAT(Complaint(model.Output("y")), HasSubstr("more than 65536 numbers and places along a side"));
}

// Nothing lies in such a tensor, but its sides have to be multiplied without an overflow.
TEST(FoldTest, NoSideIsTooLongBesideOneOfZero) {
  const int64_t side = int64_t{1} << 26;
  EXPECT_TRUE(IsSaneShape({0, side}));
  EXPECT_FALSE(IsSaneShape({0, side, side, side}));
}

TEST(FoldTest, WhatANetCallsItselfIsShownWithoutControlCharacters) {
  ModelBuilder model;
  model.Input("x", {1}).Op("Frobnicate", {"x"}, {"a\n\x1b[2J" + std::string(2000, 'z')});
  model.Output("a\n\x1b[2J" + std::string(2000, 'z'));
  const std::string message = Complaint(model);
  EXPECT_THAT(message, HasSubstr("Frobnicate a\\x0a\\x1b[2Jzzz"));
  EXPECT_THAT(message, HasSubstr("...: an operator that is not known"));
}

}  // namespace
}  // namespace rollcall::inference
