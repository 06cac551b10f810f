#include "inference/operators.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <optional>
#include <ostream>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "support/status_matchers.h"

namespace rollcall::inference {
namespace {

using support::HasReason;
using support::IsOk;
using testing::FloatNear;
using testing::HasSubstr;
using testing::Pointwise;

// ---- tables in words ----------------------------------------------------------------------------------
//
// A tensor is written as its shape and its numbers: "2x3: 1 2 3 4 5 6" is float32 and arrives when the net
// runs, "known 3: 1 2 3" is a constant, "ints 2: 0 -1" and "known ints 2: 0 -1" are int64, "(): 5" is a scalar
// and "-" an input that is left out. Several stand in a row with " | " between them.
// Attributes are "axis=1 alpha=0.5 pads=[0,0,1,1] auto_pad=VALID": a dot makes a float.

// One row: what `op` makes of `inputs`, worked out by hand.
struct Case {
  const char* op;
  const char* promise;  // the test's name, behind the operator's
  const char* inputs;
  const char* attributes;
  const char* outputs;
  int64_t opset = 13;
};

// One row: why `op` does not take `inputs`.
struct Refusal {
  const char* op;
  const char* what;
  const char* inputs;
  const char* attributes;
  const char* complaint;  // part of the message
  int64_t opset = 13;
  size_t outputs = 1;
};

struct Tensor {
  Array array = {};
  bool known = false;
  bool left_out = false;
};

Shape ParseShape(std::string text) {
  Shape shape;
  if (text == "()") return shape;
  for (char& c : text) c = c == 'x' ? ' ' : c;
  std::istringstream sides(text);
  for (int64_t side; sides >> side;) shape.push_back(side);
  return shape;
}

Tensor ParseTensor(const std::string& text) {
  std::istringstream words(text);
  Tensor tensor;
  bool is_float = true;
  std::string word;
  while (words >> word && !word.ends_with(':')) {
    if (word == "known") tensor.known = true;
    if (word == "ints") is_float = false;
    if (word == "-") tensor.left_out = true;
  }
  if (tensor.left_out) return tensor;
  word.pop_back();
  tensor.array.shape = ParseShape(word);
  std::vector<float> floats;
  std::vector<int64_t> ints;
  while (words >> word) {
    if (is_float) {
      floats.push_back(std::stof(word));
    } else {
      ints.push_back(std::stoll(word));
    }
  }
  EXPECT_EQ(floats.size() + ints.size(), static_cast<size_t>(Elements(tensor.array.shape))) << text;
  if (is_float) {
    tensor.array.values = floats;
  } else {
    tensor.array.values = ints;
  }
  return tensor;
}

std::vector<Tensor> ParseTensors(const std::string& text) {
  std::vector<Tensor> tensors;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, '|');) tensors.push_back(ParseTensor(part));
  return tensors;
}

Attribute ParseAttribute(const std::string& text) {
  if (text.front() == '[') {
    std::vector<int64_t> ints;
    std::istringstream numbers(text.substr(1));
    char comma = 0;
    for (int64_t number; numbers >> number; numbers >> comma) ints.push_back(number);
    return ints;
  }
  if (text.find_first_not_of("-.0123456789") != std::string::npos) return text;
  if (text.find('.') != std::string::npos) return std::stof(text);
  return int64_t{std::stoll(text)};
}

// A graph of one node, "node7", whose outputs are the last values.
Graph OneNode(const char* op, const std::vector<Tensor>& inputs, const char* attributes, size_t outputs,
              int64_t opset) {
  Graph graph;
  graph.opset = opset;
  Node node{.op = op, .name = "node7", .inputs = {}, .outputs = {}, .attributes = {}};
  for (const Tensor& input : inputs) {
    node.inputs.push_back(input.left_out ? kNoValue : graph.values.size());
    if (input.left_out) continue;
    graph.values.push_back({.name = "in", .shape = input.array.shape, .is_float = input.array.is_float(),
                            .constant = input.known ? std::optional(input.array) : std::nullopt});
  }
  for (size_t i = 0; i < outputs; ++i) {
    node.outputs.push_back(graph.values.size());
    graph.values.push_back({.name = "out", .shape = {}, .is_float = true, .constant = std::nullopt});
  }
  std::istringstream pairs(attributes);
  for (std::string pair; pairs >> pair;) {
    const size_t equals = pair.find('=');
    node.attributes[pair.substr(0, equals)] = ParseAttribute(pair.substr(equals + 1));
  }
  graph.nodes.push_back(std::move(node));
  return graph;
}

absl::StatusOr<Operation> UnderstandNode(const Graph& graph) { return Understand(graph, graph.nodes[0]); }

// What a run writes, from buffers that are full of `unwritten` beforehand.
template <typename T, typename Function>
std::vector<Array> RunAs(const Operation& operation, const Function& run, const std::vector<Tensor>& inputs,
                         T unwritten) {
  std::vector<const T*> from;
  for (const Tensor& input : inputs) {
    const auto* numbers = std::get_if<std::vector<T>>(&input.array.values);
    from.push_back(input.left_out || numbers == nullptr ? nullptr : numbers->data());
  }
  std::vector<std::vector<T>> results;
  std::vector<T*> to;
  for (const Shape& shape : operation.shapes) {
    results.emplace_back(static_cast<size_t>(Elements(shape)), unwritten);
    to.push_back(results.back().data());
  }
  run(from, to);
  std::vector<Array> arrays;
  for (size_t i = 0; i < results.size(); ++i) {
    arrays.push_back({.shape = operation.shapes[i], .values = std::move(results[i])});
  }
  return arrays;
}

std::vector<Array> RunOnce(const Operation& operation, const std::vector<Tensor>& inputs) {
  if (operation.known.has_value()) return {*operation.known};
  if (operation.is_float) {
    return RunAs<float>(operation, operation.run, inputs, std::numeric_limits<float>::quiet_NaN());
  }
  return RunAs<int64_t>(operation, operation.run_ints, inputs, int64_t{-777});
}

void ExpectArray(const Array& got, const Array& want) {
  EXPECT_EQ(got.shape, want.shape);
  ASSERT_EQ(got.is_float(), want.is_float());
  if (want.is_float()) {
    EXPECT_THAT(got.floats(), Pointwise(FloatNear(1e-5f), want.floats()));
  } else {
    EXPECT_EQ(got.ints(), want.ints());
  }
}

// ---- what the operators make ----------------------------------------------------------------------------

// ln 2 = 0.6931472, ln 3 = 1.0986123, ln 4 = 1.3862944: their exponentials are easy.
constexpr Case kCases[] = {
    // Element by element.
    {"Relu", "KeepsWhatIsPositive", "2x2: -1 0 2 -3", "", "2x2: 0 0 2 0"},
    {"LeakyRelu", "HasASlopeOfAHundredth", "3: -100 0 5", "", "3: -1 0 5"},
    {"LeakyRelu", "HasItsOwnSlope", "3: -2 0 5", "alpha=0.25", "3: -0.5 0 5"},
    {"Sigmoid", "IsAHalfAt0", "3: 0 1.0986123 -1.0986123", "", "3: 0.5 0.75 0.25"},
    {"Sigmoid", "EndsAt0And1", "2: -200 200", "", "2: 0 1"},
    {"Exp", "OfLogarithms", "3: 0 0.6931472 -0.6931472", "", "3: 1 2 0.5"},
    {"Sqrt", "OfSquares", "4: 0 1 6.25 9", "", "4: 0 1 2.5 3"},
    {"Clip", "BoundsAreAttributesUpToOperatorSet10", "4: -1 0.5 6 7", "min=0.0 max=6.0", "4: 0 0.5 6 6", 10},
    {"Clip", "BoundsAreInputsFromOperatorSet11", "4: -1 0.5 6 7 | known (): 0 | known (): 6", "",
     "4: 0 0.5 6 6", 11},
    {"Clip", "TakesTheUpperBoundAlone", "2: -1e30 9 | - | known (): 6", "", "2: -1e30 6"},
    {"Clip", "TakesTheLowerBoundAlone", "2: -9 1e30 | known 1: -2", "", "2: -2 1e30"},
    {"Clip", "WithoutBoundsKeepsEverything", "2: -1e30 1e30", "", "2: -1e30 1e30"},

    {"Add", "OfOneShape", "2x2: 1 2 3 4 | 2x2: 10 20 30 40", "", "2x2: 11 22 33 44"},
    {"Add", "StretchesBothSides", "2x1: 10 20 | 3: 1 2 3", "", "2x3: 11 12 13 21 22 23"},
    {"Add", "StretchesAScalar", "(): 10 | 2x2: 1 2 3 4", "", "2x2: 11 12 13 14"},
    {"Add", "StretchesAChannelOverItsPicture", "1x2x1x2: 1 2 3 4 | known 2x1x1: 10 20", "", "1x2x1x2: 11 12 23 24"},
    {"Add", "StretchesOverAnAxisThatIsNew", "2: 1 2 | 2x1x1: 10 20", "", "2x1x2: 11 12 21 22"},
    {"Add", "OfInts", "ints 2: 1 9007199254740993 | ints 1: 1", "", "ints 2: 2 9007199254740994"},
    {"Add", "OfNothing", "0x2: | 1x2: 1 2", "", "0x2:"},
    {"Sub", "TakesTheSecondFromTheFirst", "3: 10 20 30 | 2x1: 1 2", "", "2x3: 9 19 29 8 18 28"},
    {"Sub", "OfInts", "ints 2: 1 2 | ints 2: 5 1", "", "ints 2: -4 1"},
    {"Mul", "StretchesTheFirst", "2x1: 2 3 | 2x2: 1 2 3 4", "", "2x2: 2 4 9 12"},
    {"Mul", "OfInts", "ints 2: 3 -4 | ints (): 5", "", "ints 2: 15 -20"},
    {"Div", "OfFloats", "2x2: 1 2 3 4 | 2: 2 8", "", "2x2: 0.5 0.25 1.5 0.5"},
    {"Div", "OfIntsDropsTheRest", "ints 3: 7 -7 6 | known ints (): 2", "", "ints 3: 3 -3 3"},
    {"PRelu", "HasASlopePerChannel", "1x2x1x2: -1 2 -3 4 | known 2x1x1: 0.5 0.1", "", "1x2x1x2: -0.5 2 -0.3 4"},
    {"PRelu", "HasOneSlopeForAll", "1x3: -4 0 4 | known 1: 0.25", "", "1x3: -1 0 4"},

    // Along axes.
    {"Softmax", "IsAlongTheLastAxisFromOperatorSet13", "1x2x2: 0 0.6931472 1.0986123 1.3862944", "",
     "1x2x2: 0.3333333 0.6666667 0.4285714 0.5714286", 13},
    {"Softmax", "IsOverAllAxesFromTheFirstUpToOperatorSet12", "1x2x2: 0 0.6931472 1.0986123 1.3862944", "",
     "1x2x2: 0.1 0.2 0.3 0.4", 9},
    {"Softmax", "CountsAxesFromTheEnd", "2x2: 0 1.0986123 0 0", "axis=-1", "2x2: 0.25 0.75 0.5 0.5", 13},
    {"Softmax", "Axis1Of2IsTheLast", "2x2: 0 1.0986123 0 0", "axis=1", "2x2: 0.25 0.75 0.5 0.5", 13},
    {"Softmax", "Axis0IsEverythingUpToOperatorSet12", "2x1: 0 1.0986123", "axis=0", "2x1: 0.25 0.75", 11},
    {"Softmax", "Axis2IsTheLastOf3UpToOperatorSet12", "1x2x2: 0 1.0986123 0 0", "axis=2",
     "1x2x2: 0.25 0.75 0.5 0.5", 12},
    {"Softmax", "LargeNumbersDoNotOverflow", "1x2: 1000 1000", "", "1x2: 0.5 0.5"},
    {"BatchNormalization", "ScalesEachChannel",
     "1x2x1x2: 1 3 10 20 | known 2: 2 1 | known 2: 1 0 | known 2: 2 10 | known 2: 4 25", "epsilon=0.0",
     "1x2x1x2: 0 2 0 2"},
    {"BatchNormalization", "OfRows", "2x2: 1 2 3 4 | known 2: 10 1 | known 2: 0 5 | known 2: 0 0 | known 2: 1 1",
     "epsilon=0.0", "2x2: 10 7 30 9"},
    {"BatchNormalization", "AddsAHundredThousandthToTheVariance",
     "1x1: 3 | known 1: 0.00316227766 | known 1: 0.5 | known 1: 1 | known 1: 0", "", "1x1: 2.5"},
    {"BatchNormalization", "AddsItsOwnEpsilonToTheVariance",
     "1x1: 3 | known 1: 2 | known 1: 0 | known 1: 1 | known 1: 1", "epsilon=3.0", "1x1: 2"},
    {"ReduceMean", "OverThePictureKeepsItsAxes", "1x2x1x2: 1 2 3 5", "axes=[2,3]", "1x2x1x1: 1.5 4"},
    {"ReduceMean", "DropsTheAxesWhereToldTo", "1x2x1x2: 1 2 3 5", "axes=[2,3] keepdims=0", "1x2: 1.5 4"},
    {"ReduceMean", "TakesAxesInAnyOrderAndFromTheEnd", "1x2x1x2: 1 2 3 5", "axes=[-1,2] keepdims=0", "1x2: 1.5 4"},
    {"ReduceMean", "OverTheMiddle", "2x2x2: 1 2 3 4 5 6 7 8", "axes=[1]", "2x1x2: 2 3 6 7"},
    {"ReduceMean", "OverEverything", "2x2: 1 2 3 6", "", "1x1: 3"},
    {"ReduceMean", "OverEverythingIntoAScalar", "2x2: 1 2 3 6", "keepdims=0", "(): 3"},

    // Known without any number.
    {"Shape", "IsKnownThoughTheInputIsNot", "2x1x3: 0 0 0 0 0 0", "", "ints 3: 2 1 3"},
    {"Shape", "OfAScalarIsEmpty", "(): 5", "", "ints 0:"},

    // Another shape.
    {"Identity", "OfFloats", "2x1: 1 2", "", "2x1: 1 2"},
    {"Identity", "OfInts", "ints 2: 3 4", "", "ints 2: 3 4"},
    {"Dropout", "DropsNothing", "1x2: 1 2", "ratio=0.5", "1x2: 1 2", 10},
    {"Dropout", "DropsNothingWhateverItsRatioInput", "1x2: 1 2 | known (): 0.5", "", "1x2: 1 2", 13},
    {"Reshape", "KeepsTheOrder", "2x3: 1 2 3 4 5 6 | known ints 2: 3 2", "", "3x2: 1 2 3 4 5 6"},
    {"Reshape", "0KeepsASideAndMinus1TakesTheRest", "2x1x3: 1 2 3 4 5 6 | known ints 2: 0 -1", "",
     "2x3: 1 2 3 4 5 6"},
    {"Reshape", "IntoAScalar", "1x1: 7 | known ints 0:", "", "(): 7"},
    {"Reshape", "OfInts", "ints 2: 1 2 | known ints 3: 1 -1 1", "", "ints 1x2x1: 1 2"},
    {"Flatten", "CutsBehindTheFirstAxis", "2x1x3: 1 2 3 4 5 6", "", "2x3: 1 2 3 4 5 6"},
    {"Flatten", "At0IsOneRow", "2x3: 1 2 3 4 5 6", "axis=0", "1x6: 1 2 3 4 5 6"},
    {"Flatten", "AtTheEndIsOneColumn", "2x3: 1 2 3 4 5 6", "axis=2", "6x1: 1 2 3 4 5 6"},
    {"Flatten", "CountsFromTheEnd", "1x2x3: 1 2 3 4 5 6", "axis=-1", "2x3: 1 2 3 4 5 6"},
    {"Unsqueeze", "AxesAreAnAttributeUpToOperatorSet12", "2: 1 2", "axes=[0,2]", "1x2x1: 1 2", 12},
    {"Unsqueeze", "AxesAreAnInputFromOperatorSet13", "2: 1 2 | known ints 2: 0 2", "", "1x2x1: 1 2", 13},
    {"Unsqueeze", "AxesCountInTheResultAndInAnyOrder", "2: 1 2 | known ints 3: -1 0 1", "", "1x1x2x1: 1 2"},
    {"Unsqueeze", "OfAnIntScalar", "ints (): 5 | known ints 1: 0", "", "ints 1: 5"},
    {"Squeeze", "AxesAreAnAttributeUpToOperatorSet12", "1x2x1: 1 2", "axes=[0]", "2x1: 1 2", 12},
    {"Squeeze", "AxesAreAnInputFromOperatorSet13", "1x2x1: 1 2 | known ints 1: 0", "", "2x1: 1 2", 13},
    {"Squeeze", "CountsAxesFromTheEnd", "1x2x1: 1 2 | known ints 1: -1", "", "1x2: 1 2"},
    {"Squeeze", "WithoutAxesDropsEverySideOf1", "1x2x1: 1 2", "", "2: 1 2"},

    // Other places.
    {"Transpose", "TurnsTheAxesAround", "2x3: 1 2 3 4 5 6", "", "3x2: 1 4 2 5 3 6"},
    {"Transpose", "PutsTheChannelsLast", "1x2x1x3: 1 2 3 10 20 30", "perm=[0,2,3,1]", "1x1x3x2: 1 10 2 20 3 30"},
    {"Transpose", "OfInts", "ints 2x2: 1 2 3 4", "perm=[1,0]", "ints 2x2: 1 3 2 4"},
    {"Pad", "PutsZerosAround", "1x1x1x2: 1 2 | known ints 8: 0 0 1 0 0 0 0 2", "", "1x1x2x4: 0 0 0 0 1 2 0 0"},
    {"Pad", "AddsChannels", "1x1x1x2: 1 2 | known ints 8: 0 1 0 0 0 1 0 0", "", "1x3x1x2: 0 0 1 2 0 0"},
    {"Pad", "WithANumberOfItsOwn", "2: 1 2 | known ints 2: 1 0 | known (): 7", "mode=constant", "3: 7 1 2"},
    {"Pad", "BoundsAreAttributesUpToOperatorSet10", "2: 1 2", "pads=[0,1] value=-0.5", "3: 1 2 -0.5", 9},
    {"Pad", "OfNothing", "0: | known ints 2: 1 1", "", "2: 0 0"},
    {"Slice", "BoundsAreAttributesUpToOperatorSet9", "2x3: 1 2 3 4 5 6", "starts=[0,1] ends=[2,3]",
     "2x2: 2 3 5 6", 9},
    {"Slice", "AxesAreAnAttributeTooUpToOperatorSet9", "2x3: 1 2 3 4 5 6", "axes=[1] starts=[0] ends=[1]",
     "2x1: 1 4", 9},
    {"Slice", "BoundsAreInputsFromOperatorSet10",
     "2x3: 1 2 3 4 5 6 | known ints 1: 1 | known ints 1: 2 | known ints 1: 0 | known ints 1: 1", "",
     "1x3: 4 5 6", 10},
    {"Slice", "CountsFromTheEndAndStopsThere",
     "2x3: 1 2 3 4 5 6 | known ints 1: -2 | known ints 1: 9223372036854775807 | known ints 1: -1", "",
     "2x2: 2 3 5 6"},
    {"Slice", "StartsBeforeTheBeginningAtTheBeginning",
     "3: 1 2 3 | known ints 1: -9223372036854775808 | known ints 1: -1", "", "2: 1 2"},
    {"Slice", "OfNothing", "3: 1 2 3 | known ints 1: 2 | known ints 1: 1", "", "0:"},
    {"Slice", "OfInts", "ints 4: 1 2 3 4 | known ints 1: 2 | known ints 1: 4", "", "ints 2: 3 4"},
    {"Split", "SizesAreAnAttributeUpToOperatorSet12", "1x4: 1 2 3 4", "axis=1 split=[1,3]",
     "1x1: 1 | 1x3: 2 3 4", 11},
    {"Split", "SizesAreAnInputFromOperatorSet13", "1x4: 1 2 3 4 | known ints 2: 3 1", "axis=1",
     "1x3: 1 2 3 | 1x1: 4"},
    {"Split", "PartsAreEqualWhereNothingIsSaid", "2x2: 1 2 3 4", "axis=1", "2x1: 1 3 | 2x1: 2 4"},
    {"Split", "IsAlongTheFirstAxisWhereNothingIsSaid", "2x2: 1 2 3 4", "", "1x2: 1 2 | 1x2: 3 4"},
    {"Split", "CountsAxesFromTheEnd", "1x2x2: 1 2 3 4", "axis=-2", "1x1x2: 1 2 | 1x1x2: 3 4"},
    {"Split", "OfInts", "ints 3: 1 2 3 | known ints 2: 1 2", "", "ints 1: 1 | ints 2: 2 3"},
    {"Concat", "JoinsChannels", "1x1x1x2: 1 2 | 1x2x1x2: 3 4 5 6", "axis=1", "1x3x1x2: 1 2 3 4 5 6"},
    {"Concat", "JoinsRowByRow", "2x1: 1 2 | 2x2: 10 20 30 40", "axis=-1", "2x3: 1 10 20 2 30 40"},
    {"Concat", "OfOne", "1x2: 1 2", "axis=0", "1x2: 1 2"},
    {"Concat", "OfInts", "ints 1: 1 | ints 2: -1 5", "axis=0", "ints 3: 1 -1 5"},
    {"Concat", "WithNothing", "0x2: | 1x2: 1 2", "axis=0", "1x2: 1 2"},
    {"Gather", "AScalarIndexDropsTheAxis", "ints 3: 5 6 7 | known ints (): 1", "axis=0", "ints (): 6"},
    {"Gather", "PicksRowsInTheOrderAskedFor", "3x2: 1 2 3 4 5 6 | known ints 3: 2 0 2", "", "3x2: 5 6 1 2 5 6"},
    {"Gather", "CountsIndicesAndAxesFromTheEnd", "2x3: 1 2 3 4 5 6 | known ints 1: -1", "axis=-1", "2x1: 3 6"},
    {"Gather", "IndicesMayHaveAShape", "2x2: 1 2 3 4 | known ints 1x2: 1 0", "axis=1", "2x1x2: 2 1 4 3"},

    // Windows.
    {"Conv", "AddsUpUnderTheWindow", "1x1x3x3: 1 2 3 4 5 6 7 8 9 | 1x1x2x2: 1 0 0 10", "", "1x1x2x2: 51 62 84 95"},
    {"Conv", "AddsTheBias", "1x1x1x2: 1 2 | 2x1x1x1: 1 10 | 2: 100 200", "", "1x2x1x2: 101 102 210 220"},
    {"Conv", "PaddingIs0", "1x1x2x2: 1 2 3 4 | 1x1x3x3: 1 1 1 1 1 1 1 1 1", "pads=[1,1,1,1]", "1x1x2x2: 10 10 10 10"},
    {"Conv", "PadsAreTopLeftBottomRight", "1x1x1x1: 5 | 1x1x1x1: 1", "pads=[1,0,0,2]", "1x1x2x3: 0 0 0 5 0 0"},
    {"Conv", "StridesAreDownThenAcross", "1x1x3x3: 1 2 3 4 5 6 7 8 9 | 1x1x1x1: 1", "strides=[2,1]",
     "1x1x2x3: 1 2 3 7 8 9"},
    {"Conv", "StrideDropsWhatDoesNotFit", "1x1x1x5: 1 2 3 4 5 | 1x1x1x1: 2", "strides=[1,3]", "1x1x1x2: 2 8"},
    {"Conv", "DilationSpreadsTheWindow", "1x1x3x3: 1 2 3 4 5 6 7 8 9 | 1x1x2x2: 1 1 1 1", "dilations=[2,2]",
     "1x1x1x1: 20"},
    {"Conv", "DilationsAreDownThenAcross", "1x1x2x3: 1 2 3 4 5 6 | 1x1x2x2: 1 1 1 1", "dilations=[1,2]",
     "1x1x1x1: 14"},
    {"Conv", "AddsUpTheChannels", "1x2x1x1: 3 5 | 2x2x1x1: 1 10 100 0", "", "1x2x1x1: 53 300"},
    {"Conv", "DepthwiseKeepsChannelsApart", "1x2x1x2: 1 2 3 4 | 2x1x1x2: 1 1 1 10", "group=2", "1x2x1x1: 3 43"},
    {"Conv", "GroupsSeeTheirOwnChannels", "1x4x1x1: 1 2 3 4 | 2x2x1x1: 1 10 1 100", "group=2", "1x2x1x1: 21 403"},
    {"Conv", "GroupsMayMakeMoreThanTheyTake", "1x2x1x1: 3 5 | 4x1x1x1: 1 2 10 20", "group=2", "1x4x1x1: 3 6 50 100"},
    {"Conv", "OfEachPictureOfABatch", "2x1x1x2: 1 2 3 4 | 1x1x1x2: 1 1", "", "2x1x1x1: 3 7"},
    {"Conv", "SameUpperPadsTheEnd", "1x1x1x4: 1 2 3 4 | 1x1x1x2: 1 10", "auto_pad=SAME_UPPER", "1x1x1x4: 21 32 43 4"},
    {"Conv", "SameLowerPadsTheBeginning", "1x1x1x4: 1 2 3 4 | 1x1x1x2: 1 10", "auto_pad=SAME_LOWER",
     "1x1x1x4: 10 21 32 43"},
    {"Conv", "SameUpperWithAStride", "1x1x1x4: 1 2 3 4 | 1x1x1x3: 1 1 1", "auto_pad=SAME_UPPER strides=[1,2]",
     "1x1x1x2: 6 7"},
    {"Conv", "SameLowerWithAStride", "1x1x1x4: 1 2 3 4 | 1x1x1x3: 1 1 1", "auto_pad=SAME_LOWER strides=[1,2]",
     "1x1x1x2: 3 9"},
    {"Conv", "SameReachesAsFarAsTheDilatedWindow", "1x1x1x3: 1 2 3 | 1x1x1x2: 1 10",
     "auto_pad=SAME_UPPER dilations=[1,2]", "1x1x1x3: 20 31 2"},
    {"Conv", "ValidPadsNothing", "1x1x1x3: 1 2 3 | 1x1x1x2: 1 10", "auto_pad=VALID", "1x1x1x2: 21 32"},

    {"MaxPool", "TakesTheLargest", "1x1x3x3: 1 2 3 4 5 6 7 8 9", "kernel_shape=[2,2]", "1x1x2x2: 5 6 8 9"},
    {"MaxPool", "PaddingIsNoPixel", "1x1x2x2: -1 -2 -3 -4", "kernel_shape=[2,2] pads=[1,1,1,1]",
     "1x1x3x3: -1 -1 -2 -1 -1 -2 -3 -3 -4"},
    {"MaxPool", "StrideDropsWhatDoesNotFit", "1x1x3x3: 1 2 3 4 5 6 7 8 9", "kernel_shape=[2,2] strides=[2,2]",
     "1x1x1x1: 5"},
    {"MaxPool", "CeilModeKeepsIt", "1x1x3x3: 1 2 3 4 5 6 7 8 9", "kernel_shape=[2,2] strides=[2,2] ceil_mode=1",
     "1x1x2x2: 5 6 8 9"},
    {"MaxPool", "CeilModeAddsNothingWhereEverythingFits", "1x1x1x4: 1 2 3 4",
     "kernel_shape=[1,2] strides=[1,2] ceil_mode=1", "1x1x1x2: 2 4"},
    {"MaxPool", "SkipsPixelsWithDilation", "1x1x1x4: 1 9 3 4", "kernel_shape=[1,2] dilations=[1,2]", "1x1x1x2: 3 9"},
    {"MaxPool", "SameUpperPadsTheEnd", "1x1x1x3: 1 2 3", "kernel_shape=[1,2] auto_pad=SAME_UPPER", "1x1x1x3: 2 3 3"},
    {"MaxPool", "SameLowerPadsTheBeginning", "1x1x1x3: 1 2 3", "kernel_shape=[1,2] auto_pad=SAME_LOWER",
     "1x1x1x3: 1 2 3"},
    {"MaxPool", "OfEachChannel", "1x2x1x2: 1 2 4 3", "kernel_shape=[1,2]", "1x2x1x1: 2 4"},
    {"AveragePool", "TakesTheMean", "1x1x2x2: 1 2 3 6", "kernel_shape=[2,2]", "1x1x1x1: 3"},
    {"AveragePool", "PaddingIsNoPixel", "1x1x1x2: 4 8", "kernel_shape=[1,3] pads=[0,1,0,1]", "1x1x1x2: 6 6"},
    {"AveragePool", "PaddingCountsWhereToldTo", "1x1x1x2: 4 8",
     "kernel_shape=[1,3] pads=[0,1,0,1] count_include_pad=1", "1x1x1x2: 4 4"},
    {"AveragePool", "CeilModeAveragesWhatIsLeft", "1x1x1x3: 1 2 3",
     "kernel_shape=[1,2] strides=[1,2] ceil_mode=1", "1x1x1x2: 1.5 3"},
    {"AveragePool", "SameUpperPadsTheEnd", "1x1x1x3: 2 4 6", "kernel_shape=[1,2] auto_pad=SAME_UPPER",
     "1x1x1x3: 3 5 6"},
    {"AveragePool", "SameLowerPadsTheBeginning", "1x1x1x3: 2 4 6", "kernel_shape=[1,2] auto_pad=SAME_LOWER",
     "1x1x1x3: 2 3 5"},
    {"GlobalAveragePool", "IsOneNumberPerChannel", "1x2x1x2: 1 2 3 5", "", "1x2x1x1: 1.5 4"},

    // Matrix products.
    {"Gemm", "MultipliesMatrices", "1x2: 1 2 | 2x3: 1 2 3 4 5 6", "", "1x3: 9 12 15"},
    {"Gemm", "TheSecondMayLieTransposed", "1x2: 1 2 | 3x2: 1 4 2 5 3 6", "transB=1", "1x3: 9 12 15"},
    {"Gemm", "TheFirstMayLieTransposed", "2x1: 1 2 | 2x3: 1 2 3 4 5 6", "transA=1", "1x3: 9 12 15"},
    {"Gemm", "BothMayLieTransposed", "2x2: 1 10 2 20 | 1x2: 3 4", "transA=1 transB=1", "2x1: 11 110"},
    {"Gemm", "WeighsTheProductAndTheThirdInput", "1x2: 1 2 | 2x2: 1 2 3 4 | 2: 1 10", "alpha=2.0 beta=3.0",
     "1x2: 17 50"},
    {"Gemm", "AddsAColumnToEveryColumn", "2x1: 1 2 | 1x2: 1 1 | 2x1: 10 20", "", "2x2: 11 11 22 22"},
    {"Gemm", "AddsARowToEveryRow", "2x1: 1 2 | 1x2: 1 1 | 1x2: 10 20", "", "2x2: 11 21 12 22"},
    {"Gemm", "AddsAScalar", "2x1: 1 2 | 1x2: 1 1 | (): 10", "", "2x2: 11 11 12 12"},
    {"Gemm", "BetaOf0AddsNothing", "1x1: 2 | 1x1: 3 | 1: 100", "beta=0.0", "1x1: 6"},
    {"MatMul", "MultipliesMatrices", "2x2: 1 2 3 4 | 2x2: 1 10 100 1000", "", "2x2: 201 2010 403 4030"},
    {"MatMul", "OfAStackOfRows", "1x2x2: 1 2 3 4 | 2x1: 1 10", "", "1x2x1: 21 43"},
    {"MatMul", "ASumOfNothingIs0", "2x0: | 0x2:", "", "2x2: 0 0 0 0"},
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.op << " of " << c.inputs << ", " << c.attributes; }

class OperatorCaseTest : public testing::TestWithParam<Case> {};

TEST_P(OperatorCaseTest, MakesTheNumbersWorkedOutByHand) {
  const Case& c = GetParam();
  const std::vector<Tensor> inputs = ParseTensors(c.inputs);
  const std::vector<Tensor> outputs = ParseTensors(c.outputs);
  std::optional<Operation> operation;
  {
    const Graph graph = OneNode(c.op, inputs, c.attributes, outputs.size(), c.opset);
    auto understood = UnderstandNode(graph);
    ASSERT_THAT(understood, IsOk());
    operation = *std::move(understood);
  }
  // The graph is gone by now; an operation holds everything that it needs.
  for (int round = 0; round < 2; ++round) {  // and can run again
    const std::vector<Array> results = RunOnce(*operation, inputs);
    ASSERT_EQ(results.size(), outputs.size());
    for (size_t i = 0; i < results.size(); ++i) {
      SCOPED_TRACE(i);
      ExpectArray(results[i], outputs[i].array);
      EXPECT_EQ(operation->shapes[i], outputs[i].array.shape);
      EXPECT_EQ(operation->is_float, outputs[i].array.is_float());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(ByHand, OperatorCaseTest, testing::ValuesIn(kCases),
                         [](const auto& row) {
                           return std::string(row.param.op) + "_" + row.param.promise;
                         });

// The only operator whose result stands in the model: a table in words cannot hold it.
TEST(OperatorsTest, ConstantIsTheTensorThatItHolds) {
  for (const char* text : {"1x2: 1 2", "ints 2: 3 4", "(): 5"}) {
    SCOPED_TRACE(text);
    Graph graph = OneNode("Constant", {}, "", 1, 13);
    const Array value = ParseTensor(text).array;
    graph.nodes[0].attributes["value"] = value;
    const auto operation = UnderstandNode(graph);
    ASSERT_THAT(operation, IsOk());
    ASSERT_TRUE(operation->known.has_value());
    ExpectArray(*operation->known, value);
    EXPECT_EQ(operation->is_float, value.is_float());
  }
}

TEST(OperatorsTest, EveryKnownOperatorHasACaseAbove) {
  std::set<std::string> tested = {"Constant"};
  for (const Case& c : kCases) tested.insert(c.op);
  const std::vector<std::string> known = KnownOperators();
  EXPECT_EQ(known, std::vector<std::string>(tested.begin(), tested.end())) << "sorted, each once";
}

// ---- what they refuse -------------------------------------------------------------------------------------

constexpr Refusal kRefusals[] = {
    {"Imagined", "no such operator", "1: 1", "", "not known"},
    {"relu", "another spelling", "1: 1", "", "not known"},

    {"Relu", "no input", "", "", "needs 1 inputs"},
    {"Relu", "an input left out", "-", "", "needs 1 inputs"},
    {"Relu", "two inputs", "1: 1 | 1: 1", "", "at most 1 inputs"},
    {"Relu", "ints", "ints 1: 1", "", "not float32"},
    {"LeakyRelu", "a slope of another type", "1: 1", "alpha=1", "attribute alpha"},
    {"LeakyRelu", "ints", "ints 1: 1", "", "not float32"},
    {"Sigmoid", "ints", "ints 1: 1", "", "not float32"},
    {"Exp", "ints", "ints 1: 1", "", "not float32"},
    {"Sqrt", "ints", "ints 1: 1", "", "not float32"},
    {"Clip", "four inputs", "1: 1 | known 1: 0 | known 1: 1 | known 1: 1", "", "at most 3"},
    {"Clip", "a bound that arrives later", "1: 1 | (): 0", "", "input 1 must be float32 and known"},
    {"Clip", "a bound of ints", "1: 1 | known (): 0 | known ints (): 1", "", "input 2 must be float32"},
    {"Clip", "two lower bounds", "2: 1 2 | known 2: 0 0", "", "a bound is not one number"},
    {"Clip", "a bound of another type", "1: 1", "min=0", "attribute min"},

    {"Add", "one input", "1: 1", "", "needs 2 inputs"},
    {"Add", "three inputs", "1: 1 | 1: 1 | 1: 1", "", "at most 2"},
    {"Add", "two sides that differ", "2: 1 2 | 3: 1 2 3", "", "do not fit together"},
    {"Add", "nothing and something", "0: | 2: 1 2", "", "do not fit together"},
    {"Add", "floats and ints", "1: 1 | ints 1: 1", "", "different types"},
    {"Sub", "two sides that differ", "2x1: 1 2 | 3x1: 1 2 3", "", "do not fit together"},
    {"Mul", "two sides that differ", "1x2x2x1: 1 2 3 4 | 3x1x1: 1 2 3", "", "do not fit together"},
    {"Div", "ints by 0", "ints 2: 1 2 | known ints 2: 1 0", "", "division by 0"},
    {"Div", "ints by what arrives later", "ints 1: 1 | ints 1: 1", "", "known when the model is loaded"},
    {"PRelu", "slopes that would stretch the input", "1x2: 1 2 | known 2x1: 1 2", "", "slopes that do not fit"},
    {"PRelu", "slopes of another number", "1x2x1x1: 1 2 | known 3x1x1: 1 2 3", "", "do not fit"},
    {"PRelu", "no slopes", "1x2: 1 2", "", "needs 2 inputs"},

    {"Softmax", "an axis beyond the end", "1x2: 1 2", "axis=2", "axis 2 of 2"},
    {"Softmax", "an axis before the beginning", "1x2: 1 2", "axis=-3", "axis -3 of 2"},
    {"Softmax", "an inner axis", "1x2x2: 1 2 3 4", "axis=1", "only along the last axis"},
    {"Softmax", "a scalar", "(): 1", "", "axis"},
    {"BatchNormalization", "four inputs", "1x1: 1 | known 1: 1 | known 1: 1 | known 1: 1", "", "needs 5"},
    {"BatchNormalization", "another number of terms",
     "1x2: 1 2 | known 2: 1 1 | known 1: 1 | known 2: 1 1 | known 2: 1 1", "", "not a number per channel"},
    {"BatchNormalization", "terms that arrive later",
     "1x1: 1 | known 1: 1 | 1: 1 | known 1: 1 | known 1: 1", "", "input 2 must be float32 and known"},
    {"BatchNormalization", "an input without channels",
     "1: 1 | known 1: 1 | known 1: 1 | known 1: 1 | known 1: 1", "", "without channels"},
    {"BatchNormalization", "outputs of training",
     "1x1: 1 | known 1: 1 | known 1: 1 | known 1: 1 | known 1: 1", "", "makes 1 outputs, the file has 3", 13, 3},
    {"ReduceMean", "axes apart", "1x2x2: 1 2 3 4", "axes=[0,2]", "not neighbours"},
    {"ReduceMean", "an axis twice", "1x2x2: 1 2 3 4", "axes=[1,1]", "not neighbours"},
    {"ReduceMean", "an axis beyond the end", "1x2: 1 2", "axes=[2]", "axis 2 of 2"},
    {"ReduceMean", "a scalar", "(): 1", "", "a scalar has no axes"},
    {"ReduceMean", "nothing", "1x0:", "axes=[1]", "a mean of nothing"},
    {"ReduceMean", "axes of another type", "1x2: 1 2", "axes=1", "attribute axes"},

    {"Constant", "no tensor", "", "", "only tensors"},
    {"Constant", "a number of its own", "", "value_float=1.0", "value_float is not known"},
    {"Constant", "a number as the tensor", "", "value=1.0", "only tensors"},
    {"Shape", "two inputs", "1: 1 | 1: 1", "", "at most 1"},
    {"Identity", "no input", "", "", "needs 1"},
    {"Dropout", "its mask", "1: 1", "", "makes 1 outputs, the file has 2", 13, 2},
    {"Reshape", "no shape", "1: 1", "", "needs 2"},
    {"Reshape", "a shape that arrives later", "1: 1 | ints 1: 1", "", "input 1 must be int64 and known"},
    {"Reshape", "a shape of floats", "1: 1 | known 1: 1", "", "input 1 must be int64 and known"},
    {"Reshape", "other elements", "2: 1 2 | known ints 1: 3", "", "another number of elements"},
    {"Reshape", "a rest that is no whole number", "3: 1 2 3 | known ints 2: 2 -1", "", "another number of elements"},
    {"Reshape", "two rests", "1: 1 | known ints 2: -1 -1", "", "an impossible new shape"},
    {"Reshape", "a side below 0", "1: 1 | known ints 1: -2", "", "an impossible new shape"},
    {"Reshape", "a side kept that is not there", "1: 1 | known ints 2: 1 0", "", "an impossible new shape"},
    {"Reshape", "sides whose product overflows",
     "1: 1 | known ints 6: 67108864 67108864 67108864 67108864 67108864 67108864", "", "an impossible new shape"},
    {"Reshape", "seven axes", "1: 1 | known ints 7: 1 1 1 1 1 1 1", "", "an output of an impossible shape"},
    {"Flatten", "an axis beyond the end", "1x2: 1 2", "axis=3", "axis 3 of 2"},
    {"Flatten", "an axis before the beginning", "1x2: 1 2", "axis=-3", "axis -3 of 2"},
    {"Unsqueeze", "an axis twice", "1: 1 | known ints 2: 0 -3", "", "an axis twice"},
    {"Unsqueeze", "an axis beyond the end", "1: 1 | known ints 1: 2", "", "axis 2 of 2"},
    {"Unsqueeze", "axes that arrive later", "1: 1 | ints 1: 0", "", "input 1 must be int64 and known"},
    {"Unsqueeze", "seven axes", "1x1x1x1x1x1: 1", "axes=[0]", "an output of an impossible shape", 11},
    {"Squeeze", "a side longer than 1", "2x1: 1 2 | known ints 1: 0", "", "longer than 1"},
    {"Squeeze", "an axis beyond the end", "1: 1 | known ints 1: 1", "", "axis 1 of 1"},
    {"Squeeze", "axes that arrive later", "1: 1 | ints 1: 0", "", "input 1 must be int64 and known"},

    {"Transpose", "too few axes", "1x2: 1 2", "perm=[0]", "perm is no order"},
    {"Transpose", "an axis twice", "1x2: 1 2", "perm=[1,1]", "perm is no order"},
    {"Transpose", "an axis beyond the end", "1x2: 1 2", "perm=[0,2]", "perm is no order"},
    {"Pad", "no numbers", "2: 1 2", "", "pads are not 2"},
    {"Pad", "numbers for another number of axes", "1x2: 1 2 | known ints 2: 1 1", "", "pads are not 4"},
    {"Pad", "a number below 0", "2: 1 2 | known ints 2: 0 -1", "", "pads are not 2"},
    {"Pad", "a huge number", "2: 1 2 | known ints 2: 0 1099511627776", "", "pads are not 2"},
    {"Pad", "a result larger than memory", "1x1x1x1: 1 | known ints 8: 0 4096 4096 4096 0 0 0 0", "",
     "an output of an impossible shape"},
    {"Pad", "what lies at the border", "2: 1 2 | known ints 2: 1 1", "mode=edge", "a mode other than constant"},
    {"Pad", "numbers that arrive later", "2: 1 2 | ints 2: 1 1", "", "input 1 must be int64"},
    {"Pad", "two values", "2: 1 2 | known ints 2: 1 1 | known 2: 1 2", "", "not one number"},
    {"Pad", "ints", "ints 2: 1 2 | known ints 2: 1 1", "", "not float32"},
    {"Slice", "a step", "4: 1 2 3 4 | known ints 1: 0 | known ints 1: 4 | known ints 1: 0 | known ints 1: 2", "",
     "a step other than 1"},
    {"Slice", "backwards", "4: 1 2 3 4 | known ints 1: 3 | known ints 1: 0 | known ints 1: 0 | known ints 1: -1", "",
     "a step other than 1"},
    {"Slice", "more starts than ends", "2x2: 1 2 3 4", "starts=[0,0] ends=[1]", "different lengths", 9},
    {"Slice", "more starts than axes", "2x2: 1 2 3 4", "axes=[0] starts=[0,0] ends=[1,1]", "different lengths", 9},
    {"Slice", "more starts than the input has axes", "2: 1 2", "starts=[0,0] ends=[1,1]", "axis 1 of 1", 9},
    {"Slice", "an axis beyond the end", "2: 1 2", "axes=[1] starts=[0] ends=[1]", "axis 1 of 1", 9},
    {"Slice", "a start that arrives later", "2: 1 2 | ints 1: 0 | known ints 1: 1", "", "input 1 must be int64"},
    {"Split", "parts that are not the whole", "1x4: 1 2 3 4", "axis=1 split=[1,2]", "not the whole", 11, 2},
    {"Split", "a part below 0", "1x4: 1 2 3 4", "axis=1 split=[5,-1]", "impossible size", 11, 2},
    {"Split", "no equal parts", "1x3: 1 2 3", "axis=1", "not the whole", 13, 2},
    {"Split", "other parts than outputs", "1x4: 1 2 3 4", "axis=1 split=[1,1,2]", "makes 3 outputs", 11, 2},
    {"Split", "an axis beyond the end", "2: 1 2", "axis=1", "axis 1 of 1", 13, 2},
    {"Split", "sizes that arrive later", "2: 1 2 | ints 2: 1 1", "", "input 1 must be int64", 13, 2},
    {"Concat", "nothing", "", "axis=0", "needs 1"},
    {"Concat", "an input left out", "1: 1 | -", "axis=0", "different types"},
    {"Concat", "floats and ints", "1: 1 | ints 1: 1", "axis=0", "different types"},
    {"Concat", "other axes", "1x1: 1 | 1: 1", "axis=0", "other axes"},
    {"Concat", "other sides", "1x2: 1 2 | 1x3: 1 2 3", "axis=0", "do not fit together"},
    {"Concat", "an axis beyond the end", "1: 1", "axis=1", "axis 1 of 1"},
    {"Gather", "an index beyond the end", "2: 1 2 | known ints (): 2", "", "beyond the end"},
    {"Gather", "an index before the beginning", "2: 1 2 | known ints (): -3", "", "beyond the end"},
    {"Gather", "indices that arrive later", "2: 1 2 | ints (): 0", "", "input 1 must be int64"},
    {"Gather", "an index of floats", "2: 1 2 | known (): 0", "", "input 1 must be int64"},
    {"Gather", "a scalar", "(): 1 | known ints (): 0", "", "axis 0 of 0"},

    {"Conv", "no weights", "1x1x1x1: 1", "", "needs 2"},
    {"Conv", "no picture", "1x1x1: 1 | 1x1x1: 1", "", "not n x c x h x w"},
    {"Conv", "weights without a window", "1x1x1x1: 1 | 1x1: 1", "", "weights that do not fit"},
    {"Conv", "weights for other channels", "1x2x1x1: 1 2 | 1x3x1x1: 1 2 3", "", "weights that do not fit"},
    {"Conv", "channels that are no groups", "1x3x1x1: 1 2 3 | 2x1x1x1: 1 2", "group=2", "weights that do not fit"},
    {"Conv", "results that are no groups", "1x2x1x1: 1 2 | 3x1x1x1: 1 2 3", "group=2", "weights that do not fit"},
    {"Conv", "no groups", "1x1x1x1: 1 | 1x1x1x1: 1", "group=0", "weights that do not fit"},
    {"Conv", "a group of another type", "1x1x1x1: 1 | 1x1x1x1: 1", "group=1.0", "attribute group"},
    {"Conv", "another number of biases", "1x1x1x1: 1 | 1x1x1x1: 1 | 2: 1 2", "", "not a bias per channel"},
    {"Conv", "a window larger than the picture", "1x1x2x2: 1 2 3 4 | 1x1x3x1: 1 2 3", "", "larger than the picture"},
    {"Conv", "a dilated window larger than the picture", "1x1x2x2: 1 2 3 4 | 1x1x1x2: 1 2", "dilations=[1,2]",
     "larger than the picture"},
    {"Conv", "one stride", "1x1x1x1: 1 | 1x1x1x1: 1", "strides=[1]", "strides are not 2"},
    {"Conv", "a stride of 0", "1x1x1x1: 1 | 1x1x1x1: 1", "strides=[1,0]", "strides are not 2"},
    {"Conv", "a dilation of 0", "1x1x1x1: 1 | 1x1x1x1: 1", "dilations=[0,1]", "dilations are not 2"},
    {"Conv", "two pads", "1x1x1x1: 1 | 1x1x1x1: 1", "pads=[1,1]", "pads are not 4"},
    {"Conv", "a pad below 0", "1x1x1x1: 1 | 1x1x1x1: 1", "pads=[0,0,0,-1]", "pads are not 4"},
    {"Conv", "a huge pad", "1x1x1x1: 1 | 1x1x1x1: 1", "pads=[0,0,0,1099511627776]", "pads are not 4"},
    {"Conv", "an unknown way to pad", "1x1x1x1: 1 | 1x1x1x1: 1", "auto_pad=SAME", "auto_pad SAME"},
    {"Conv", "a result larger than memory",
     "1x1x1x1: 1 | 2x1x1x1: 1 2", "pads=[4096,4096,4096,4096]", "an output of an impossible shape"},
    {"Conv", "ints", "ints 1x1x1x1: 1 | 1x1x1x1: 1", "", "not float32"},
    {"MaxPool", "no window", "1x1x1x1: 1", "", "kernel_shape"},
    {"MaxPool", "one side", "1x1x1x1: 1", "kernel_shape=[1]", "kernel_shape"},
    {"MaxPool", "a side of 0", "1x1x1x1: 1", "kernel_shape=[0,1]", "kernel sides"},
    {"MaxPool", "indices", "1x1x1x1: 1", "kernel_shape=[1,1]", "makes 1 outputs, the file has 2", 13, 2},
    {"MaxPool", "no picture", "1x1x1: 1", "kernel_shape=[1,1]", "not n x c x h x w"},
    {"AveragePool", "padding that counts in ceil mode", "1x1x1x1: 1",
     "kernel_shape=[1,1] ceil_mode=1 count_include_pad=1", "count_include_pad together with ceil_mode"},
    {"AveragePool", "a window larger than the picture", "1x1x1x1: 1", "kernel_shape=[2,1]",
     "larger than the picture"},
    {"GlobalAveragePool", "rows", "1x2: 1 2", "", "not n x c x h x w"},
    {"GlobalAveragePool", "nothing", "1x1x0x2:", "", "a mean of nothing"},

    {"Gemm", "one matrix", "1x1: 1", "", "needs 2"},
    {"Gemm", "no matrices", "1x1x1: 1 | 1x1: 1", "", "no matrices"},
    {"Gemm", "sides that differ", "1x2: 1 2 | 3x1: 1 2 3", "", "do not fit together"},
    {"Gemm", "sides that differ when turned", "1x2: 1 2 | 2x1: 1 2", "transB=1", "do not fit together"},
    {"Gemm", "a third input that does not fit", "1x1: 1 | 1x2: 1 2 | 3: 1 2 3", "", "third input"},
    {"Gemm", "a third input of three axes", "1x1: 1 | 1x1: 1 | 1x1x1: 1", "", "third input"},
    {"Gemm", "a third input with too many rows", "1x1: 1 | 1x1: 1 | 2x1: 1 2", "", "third input"},
    {"Gemm", "an alpha of another type", "1x1: 1 | 1x1: 1", "alpha=2", "attribute alpha"},
    {"MatMul", "sides that differ", "1x2: 1 2 | 3x1: 1 2 3", "", "a matrix that fits"},
    {"MatMul", "a row alone", "2: 1 2 | 2x1: 1 2", "", "a matrix that fits"},
    {"MatMul", "a stack of matrices", "1x1x1: 1 | 1x1x1: 1", "", "a matrix that fits"},
};

TEST(OperatorsTest, RefusesWhatDoesNotFitAndSaysWhere) {
  for (const Refusal& row : kRefusals) {
    SCOPED_TRACE(std::string(row.op) + ": " + row.what);
    const Graph graph = OneNode(row.op, ParseTensors(row.inputs), row.attributes, row.outputs, row.opset);
    const auto operation = UnderstandNode(graph);
    EXPECT_THAT(operation, HasReason("BAD_MODEL"));
    if (operation.ok()) continue;
    EXPECT_THAT(base::Message(operation.status()), HasSubstr(std::string(row.op) + " node7: "));
    EXPECT_THAT(base::Message(operation.status()), HasSubstr(row.complaint));
  }
}

TEST(OperatorsTest, EveryKnownOperatorRefusesSomething) {
  std::set<std::string> refusing;
  for (const Refusal& row : kRefusals) refusing.insert(row.op);
  for (const std::string& op : KnownOperators()) EXPECT_TRUE(refusing.contains(op)) << op;
}

// Numbers that a model would be silently wrong with, or memory that is not its own: each of these has to be
// refused, unless the result is the right one.
struct Trap {
  const char* op;
  const char* what;
  const char* inputs;
  const char* attributes;
  int64_t opset = 13;
  size_t outputs = 1;
};

void ExpectRefused(const Trap& trap) {
  SCOPED_TRACE(std::string(trap.op) + ": " + trap.what);
  const Graph graph = OneNode(trap.op, ParseTensors(trap.inputs), trap.attributes, trap.outputs, trap.opset);
  EXPECT_THAT(UnderstandNode(graph), HasReason("BAD_MODEL"));
}

// Each would move the start by the same 3 rows again, to memory behind the tensor.
TEST(OperatorsTest, ASliceRefusesAnAxisThatIsGivenTwice) {
  ExpectRefused({"Slice", "twice the same", "4: 1 2 3 4", "axes=[0,0] starts=[3,3] ends=[4,4]", 9});
  ExpectRefused({"Slice", "twice, once from the end", "4: 1 2 3 4", "axes=[0,-1] starts=[3,3] ends=[4,4]", 9});
}

// The contract names them; a graph could otherwise compute slopes that no layer can take in.
TEST(OperatorsTest, APReluRefusesSlopesThatAreNotKnownAtLoad) {
  ExpectRefused({"PRelu", "slopes that arrive later", "1x2: 1 2 | 1: 1", ""});
}

// The largest number and the mean of each window, looked for pixel by pixel.
TEST(OperatorsTest, PoolsAsEachWindowByItselfDoes) {
  std::mt19937 random(17);
  const auto any = [&random](int64_t least, int64_t most) {
    return least + static_cast<int64_t>(random() % static_cast<uint32_t>(most - least + 1));
  };
  int understood = 0;
  for (int round = 0; round < 600; ++round) {
    const int64_t height = any(1, 9), width = any(1, 9);
    const int64_t kernel[2] = {any(1, 3), any(1, 3)}, stride[2] = {any(1, 3), any(1, 3)};
    const int64_t dilation[2] = {any(1, 2), any(1, 2)}, before[2] = {any(0, 1), any(0, 1)};
    const bool largest = any(0, 1) == 0;
    const auto two = [](const int64_t (&n)[2]) { return std::to_string(n[0]) + "," + std::to_string(n[1]); };
    std::string attributes = "kernel_shape=[" + two(kernel) + "] strides=[" + two(stride) + "] ceil_mode=" +
                             std::to_string(any(0, 1)) + " pads=[" + two(before) + "," + std::to_string(any(0, 1)) +
                             "," + std::to_string(any(0, 1)) + "]";
    if (largest) attributes += " dilations=[" + two(dilation) + "]";
    SCOPED_TRACE(attributes + " of " + std::to_string(height) + " x " + std::to_string(width));
    Tensor x;
    x.array.shape = {1, 2, height, width};
    std::vector<float> numbers(static_cast<size_t>(2 * height * width));
    for (float& number : numbers) number = static_cast<float>(any(-100, 100));
    x.array.values = numbers;
    const auto operation = UnderstandNode(OneNode(largest ? "MaxPool" : "AveragePool", {x}, attributes.c_str(), 1, 13));
    if (!operation.ok()) continue;  // a window larger than the picture, or beside it
    ++understood;
    const Shape& shape = operation->shapes[0];
    std::vector<float> result(static_cast<size_t>(Elements(shape)));
    const float* from[] = {numbers.data()};
    float* to[] = {result.data()};
    operation->run(from, to);
    size_t at = 0;
    for (int64_t plane = 0; plane < 2; ++plane) {
      for (int64_t y = 0; y < shape[2]; ++y) {
        for (int64_t x_out = 0; x_out < shape[3]; ++x_out) {
          std::vector<float> seen;
          for (int64_t ky = 0; ky < kernel[0]; ++ky) {
            for (int64_t kx = 0; kx < kernel[1]; ++kx) {
              const int64_t py = y * stride[0] - before[0] + ky * (largest ? dilation[0] : 1);
              const int64_t px = x_out * stride[1] - before[1] + kx * (largest ? dilation[1] : 1);
              if (py < 0 || py >= height || px < 0 || px >= width) continue;
              seen.push_back(numbers[static_cast<size_t>((plane * height + py) * width + px)]);
            }
          }
          ASSERT_FALSE(seen.empty());
          const float sum = std::accumulate(seen.begin(), seen.end(), 0.0f);
          const float want = largest ? *std::max_element(seen.begin(), seen.end())
                                     : sum / static_cast<float>(seen.size());
          ASSERT_FLOAT_EQ(result[at++], want) << plane << " " << y << " " << x_out;
        }
      }
    }
  }
  EXPECT_GT(understood, 200);
}

// Where the window lies beyond the picture altogether there is no largest pixel and no mean.
TEST(OperatorsTest, NoPooledNumberComesFromAWindowWithoutPixels) {
  for (const Trap& trap : {
           Trap{"MaxPool", "a last window behind the end", "1x1x1x2: 1 2",
                "kernel_shape=[1,1] strides=[1,3] ceil_mode=1"},
           Trap{"MaxPool", "a last window behind the end, padded to the same size", "1x1x1x4: 1 2 3 4",
                "kernel_shape=[1,1] strides=[1,2] ceil_mode=1 auto_pad=SAME_UPPER"},
           Trap{"MaxPool", "padding as wide as the window", "1x1x1x1: 1", "kernel_shape=[1,1] pads=[0,1,0,0]"},
           Trap{"MaxPool", "a picture of no pixels", "1x1x0x1:", "kernel_shape=[1,1] pads=[1,0,0,0]"},
       }) {
    SCOPED_TRACE(trap.what);
    const std::vector<Tensor> inputs = ParseTensors(trap.inputs);
    const auto operation = UnderstandNode(OneNode(trap.op, inputs, trap.attributes, 1, 13));
    if (!operation.ok()) {
      EXPECT_THAT(operation, HasReason("BAD_MODEL"));
      continue;
    }
    const std::vector<Array> results = RunOnce(*operation, inputs);
    for (const float number : results[0].floats()) EXPECT_GE(number, 1);
  }
}

// From operator set 15 on a Shape can be of some axes only.
TEST(OperatorsTest, ShapeOfSomeAxesIsRefusedOrRight) {
  const std::vector<Tensor> inputs = ParseTensors("1x2x3: 0 0 0 0 0 0");
  const auto operation = UnderstandNode(OneNode("Shape", inputs, "start=1 end=2", 1, 15));
  if (operation.ok()) {
    ExpectArray(RunOnce(*operation, inputs)[0], ParseTensor("ints 1: 2").array);
  } else {
    EXPECT_THAT(operation, HasReason("BAD_MODEL"));
  }
}

// The mean and variance of a training batch are not the ones that the model brings.
TEST(OperatorsTest, ABatchNormalizationInTrainingIsRefused) {
  ExpectRefused({"BatchNormalization", "training_mode",
                 "1x1x1x2: 1 3 | known 1: 1 | known 1: 0 | known 1: 0 | known 1: 1", "training_mode=1", 14});
}

// With allowzero a 0 is a side of 0, and then six elements are too many.
TEST(OperatorsTest, AReshapeThatMeansItsZerosIsRefusedOrRight) {
  ExpectRefused({"Reshape", "allowzero", "2x3: 1 2 3 4 5 6 | known ints 2: 0 3", "allowzero=1", 14});
}

// Both say how to pad; the specification allows only one of them.
TEST(OperatorsTest, ValidPaddingBesidePadsIsRefusedOrNone) {
  const std::vector<Tensor> inputs = ParseTensors("1x1x1x2: 1 2 | 1x1x1x2: 1 10");
  const auto operation = UnderstandNode(OneNode("Conv", inputs, "auto_pad=VALID pads=[0,1,0,1]", 1, 13));
  if (operation.ok()) {
    ExpectArray(RunOnce(*operation, inputs)[0], ParseTensor("1x1x1x1: 21").array);
  } else {
    EXPECT_THAT(operation, HasReason("BAD_MODEL"));
  }
}

// A MatMul has no attributes. Fuse reads a Gemm's of it, and so must never see any; see layers_test.cc.
TEST(OperatorsTest, AMatMulWithTheAttributesOfAGemmIsRefused) {
  ExpectRefused({"MatMul", "transB", "1x2: 1 2 | 2x2: 1 2 3 4", "transB=1"});
}

// Runs the node in a process of its own, which ends with 0 unless running it ends the program.
void RunAndExit(const char* op, const char* ints) {
  const std::vector<Tensor> inputs = ParseTensors(ints);
  const auto operation = UnderstandNode(OneNode(op, inputs, "", 1, 13));
  if (operation.ok()) RunOnce(*operation, inputs);
  std::exit(0);
}

// INT64_MIN / -1 is not an int64: a processor stops the program there.
TEST(OperatorsDeathTest, DividingTheSmallestIntByMinus1DoesNotEndTheProgram) {
  EXPECT_EXIT(RunAndExit("Div", "known ints 1: -9223372036854775808 | known ints 1: -1"),
              testing::ExitedWithCode(0), "");
}

// Shows under UndefinedBehaviorSanitizer: what is folded at load comes from the file, and is any number.
TEST(OperatorsDeathTest, IntsThatOverflowDoNotEndTheProgram) {
  for (const char* op : {"Add", "Mul"}) {
    EXPECT_EXIT(RunAndExit(op, "known ints 1: 9223372036854775807 | known ints 1: 2"),
                testing::ExitedWithCode(0), "");
  }
  EXPECT_EXIT(RunAndExit("Sub", "known ints 1: -9223372036854775808 | known ints 1: 2"),
              testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace rollcall::inference
