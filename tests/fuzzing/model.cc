// What a net is loaded from: ONNX files, down to a program that runs, and the activations file
// (JSON) where the first byte is an A. Bytes of an ONNX file that change at random seldom leave
// one, so most changes are made to what it says.
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <vector>

#include "fuzz.h"
#include "inference/fold.h"
#include "inference/kernels/bf16.h"
#include "inference/kernels/int8.h"
#include "inference/onnx_file.h"
#include "inference/operators.h"
#include "inference/program.h"
#include "recognition/activations.h"

namespace {

using rollcall::fuzz::Promise;
using namespace rollcall::inference;

// Small enough to be run by the plain loops too.
constexpr int64_t kFewNumbers = int64_t{1} << 16;
constexpr int64_t kFewProducts = int64_t{1} << 22;

void PromiseABadModel(const absl::Status& status) {
  rollcall::fuzz::PromiseAPlainRefusal(status);
  rollcall::fuzz::PromiseOneLine(status);
  Promise(rollcall::base::ErrorReason(status) == "BAD_MODEL",
          "another reason: " + status.ToString());
}

bool IsSmall(const Graph& graph) {
  int64_t numbers = Elements(graph.shape(graph.input));
  int64_t products = 0;
  for (const Node& node : graph.nodes) {
    const auto operation = Understand(graph, node);
    Promise(operation.ok(), "a node that Fold understood is not understood any more");
    for (const Shape& shape : operation->shapes) {
      numbers += Elements(shape);
      products += Elements(shape) * operation->terms;
    }
    if (numbers > kFewNumbers || products > kFewProducts) return false;
  }
  return true;
}

bool AreBelow(const std::vector<float>& numbers, float limit) {
  return std::all_of(numbers.begin(), numbers.end(),
                     [limit](float x) { return std::abs(x) < limit; });
}

// Whether both ways to calculate should come to about the same: no number is large, and none is
// divided by.
bool IsTame(const Graph& graph) {
  static const std::set<std::string> wild = {"BatchNormalization", "Div", "Exp", "Sqrt"};
  constexpr size_t kFewNodes = 16;
  constexpr float kLarge = 4;
  if (graph.nodes.size() > kFewNodes) return false;
  for (const Node& node : graph.nodes) {
    if (wild.contains(node.op)) return false;
    for (const auto& [name, value] : node.attributes) {
      const auto* number = std::get_if<float>(&value);
      if (number != nullptr && !AreBelow({*number}, kLarge)) return false;
    }
  }
  return std::all_of(graph.values.begin(), graph.values.end(), [](const Value& value) {
    return !value.constant || !value.is_float || AreBelow(value.constant->floats(), kLarge);
  });
}

// The outputs as the plain loops have them; nothing where a number on the way is so large that
// rounding decides.
std::vector<std::vector<float>> Expected(const Graph& graph, const std::vector<float>& input) {
  Graph all = graph;
  for (const Node& node : graph.nodes)
    all.outputs.insert(all.outputs.end(), node.outputs.begin(), node.outputs.end());
  const auto found = Interpret(all, input);
  Promise(found.ok(), "the plain loops refuse what Fold gave");
  constexpr float kLarge = 100;
  std::vector<std::vector<float>> outputs;
  for (const Array& array : *found) {
    if (!AreBelow(array.floats(), kLarge)) return {};
    outputs.push_back(array.floats());
  }
  outputs.resize(graph.outputs.size());
  return outputs;
}

void PromiseTheSame(std::span<const float> found, const std::vector<float>& expected, float error) {
  Promise(found.size() == expected.size(), "outputs of another size");
  float largest = 1;
  for (const float number : expected) largest = std::max(largest, std::abs(number));
  for (size_t i = 0; i < expected.size(); ++i) {
    Promise(std::abs(found[i] - expected[i]) <= error * largest,
            "the program says " + std::to_string(found[i]) + ", the plain loops " +
                std::to_string(expected[i]));
  }
}

// Over memory that holds no number, so that what nobody wrote shows.
void Run(const Program& program, const Graph& graph, const Precision& precision) {
  auto arena = hwy::AllocateAligned<std::byte>(program.arena_bytes());
  std::fill_n(arena.get(), program.arena_bytes(), std::byte{0xFF});
  std::vector<float> input(static_cast<size_t>(Elements(program.input_shape())));
  for (size_t i = 0; i < input.size(); ++i)
    input[i] = static_cast<float>((i * 7 + 3) % 13) / 6.5f - 1;
  program.Run(input, arena.get());
  for (size_t i = 0; i < program.output_shapes().size(); ++i) {
    Promise(program.output_shapes()[i] == graph.shape(graph.outputs[i]),
            "an output of another shape");
    (void)program.output(i, arena.get());
  }
  if (precision.ranges != nullptr || !IsTame(graph))
    return;  // made-up ranges do not hold the numbers
  const auto expected = Expected(graph, input);
  for (size_t i = 0; i < expected.size(); ++i) {
    PromiseTheSame(program.output(i, arena.get()), expected[i], precision.bfloat16 ? 0.5f : 0.01f);
  }
}

void TryProgram(const Net& net, const Graph& graph, const Precision& precision) {
  const auto program = Program::Compile(net, precision);
  if (!program.ok()) return PromiseABadModel(program.status());
  Promise((*program)->arena_bytes() <= static_cast<size_t>(kMaxArenaBytes),
          "an arena above its limit");
  if (IsSmall(graph) && (*program)->arena_bytes() <= size_t{4} << 20)
    Run(**program, graph, precision);
}

// Ranges of some width for every value that is to be bytes.
ActivationRanges MadeUpRanges(const Net& net) {
  ActivationRanges ranges;
  for (const ValueId id : NarrowValues(net)) {
    const Shape& shape = net.graph.shape(id);
    if (shape.size() < 2) continue;
    for (int64_t c = 0; c < shape[1]; ++c) {
      const auto width = static_cast<float>(c % 5 + 1);
      ranges[net.graph.values[id].name].push_back(
          {.low = -width, .high = width / 2, .mean = 0.25f});
    }
  }
  return ranges;
}

void TryModel(std::span<const uint8_t> file) {
  auto read = ReadOnnx(file);
  if (!read.ok()) return PromiseABadModel(read.status());
  const auto graph = Fold(*std::move(read), {});
  if (!graph.ok()) return PromiseABadModel(graph.status());
  const auto net = Fuse(*graph);
  if (!net.ok()) return PromiseABadModel(net.status());
  TryProgram(*net, *graph, {});
  if (kernels::HasBf16()) TryProgram(*net, *graph, {.bfloat16 = true});
  if (!kernels::HasInt8() || !IsSmall(*graph)) return;
  const ActivationRanges ranges = MadeUpRanges(*net);
  TryProgram(*net, *graph, {.ranges = &ranges});
}

void TryActivations(std::string_view text) {
  const auto file = rollcall::recognition::ParseActivations(text);
  if (!file.ok()) {
    rollcall::fuzz::PromiseAPlainRefusal(file.status());
    rollcall::fuzz::PromiseOneLine(file.status());
    return;
  }
  for (const auto& [digest, calibration] : file->calibrations) {
    Promise(!calibration.precisions.empty() && calibration.inputs > 0,
            "a calibration without a precision");
    for (const auto& [name, ranges] : calibration.ranges) {
      for (const Range& range : ranges) {
        Promise(std::isfinite(range.mean) && range.low <= range.high, "a range that is none");
      }
    }
  }
}

// ---- changes to a file
// -----------------------------------------------------------------------------------

class Changer {
 public:
  Changer(onnx::GraphProto& graph, uint32_t seed) : graph_(graph), engine_(seed) {}

  void Change() {
    switch (Below(9)) {
      case 0:
        return ChangeSide(*graph_.mutable_input());
      case 1:
        return ChangeTensor();
      case 2:
        return AddOutput();
      case 3:
        return AddNode();
      case 4:
        return ChangeOperator();
      case 5:
        return ChangeInput();
      case 6:
        return DropNode();
      default:
        return ChangeAttribute();
    }
  }

 private:
  int Below(int count) { return static_cast<int>(engine_() % static_cast<uint32_t>(count)); }

  template <typename List>
  auto* One(List& list) {
    return list.empty() ? nullptr : list.Mutable(Below(list.size()));
  }

  int64_t Number() {
    static constexpr int64_t kNumbers[] = {0,
                                           1,
                                           2,
                                           3,
                                           4,
                                           5,
                                           7,
                                           8,
                                           15,
                                           16,
                                           17,
                                           32,
                                           33,
                                           64,
                                           100,
                                           1024,
                                           4095,
                                           4096,
                                           65536,
                                           int64_t{1} << 26,
                                           int64_t{1} << 40,
                                           std::numeric_limits<int64_t>::max()};
    // Small ones more often, which leave a net that runs.
    const int64_t number =
        kNumbers[static_cast<size_t>(Below(3) > 0 ? Below(12) : Below(std::size(kNumbers)))];
    return Below(8) == 0 ? -number : number;
  }

  // A value that is made before node `at`, or any.
  std::string Value(int at) {
    std::vector<std::string> names;
    for (const auto& input : graph_.input()) names.push_back(input.name());
    for (const auto& tensor : graph_.initializer()) names.push_back(tensor.name());
    for (int i = 0; i < at; ++i) {
      names.insert(names.end(), graph_.node(i).output().begin(), graph_.node(i).output().end());
    }
    return names.empty() ? "" : names[static_cast<size_t>(Below(static_cast<int>(names.size())))];
  }

  template <typename List>
  void ChangeSide(List& inputs) {
    if (auto* input = One(inputs)) {
      auto& sides = *input->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim();
      if (auto* side = One(sides)) side->set_dim_value(Number());
    }
  }

  void ChangeTensor() {
    auto* tensor = One(*graph_.mutable_initializer());
    if (tensor == nullptr) return;
    if (tensor->int64_data_size() > 0 && Below(2) == 0) {
      tensor->set_int64_data(Below(tensor->int64_data_size()), Number());
      return;
    }
    if (tensor->dims_size() == 0) return;
    tensor->set_dims(Below(tensor->dims_size()), Below(2) == 0 ? Number() : Below(20));
    int64_t count = 1;
    for (const int64_t side : tensor->dims())
      count *= std::clamp(side, int64_t{0}, int64_t{4096}) % 4096;
    if (tensor->float_data_size() == 0 || count > 4096) return;
    tensor->mutable_float_data()->Resize(static_cast<int>(count), 0.5f);
  }

  void AddOutput() { graph_.add_output()->set_name(Value(graph_.node_size())); }

  void AddNode() {
    if (graph_.node_size() == 0) return;
    onnx::NodeProto node = graph_.node(Below(graph_.node_size()));
    for (auto& name : *node.mutable_input()) {
      if (Below(2) == 0) name = Value(graph_.node_size());
    }
    for (auto& name : *node.mutable_output()) name = "n" + std::to_string(engine_());
    if (node.output_size() > 0) graph_.add_output()->set_name(node.output(0));
    *graph_.add_node() = std::move(node);
  }

  void ChangeOperator() {
    static const std::vector<std::string> known = KnownOperators();
    if (auto* node = One(*graph_.mutable_node())) {
      node->set_op_type(known[static_cast<size_t>(Below(static_cast<int>(known.size())))]);
    }
  }

  void ChangeInput() {
    if (graph_.node_size() == 0) return;
    const int at = Below(graph_.node_size());
    onnx::NodeProto& node = *graph_.mutable_node(at);
    if (node.input_size() > 0 && Below(4) > 0) {
      node.set_input(Below(node.input_size()), Value(at));
    } else {
      node.add_input(Value(at));
    }
  }

  void DropNode() {
    if (graph_.node_size() > 1) graph_.mutable_node()->DeleteSubrange(Below(graph_.node_size()), 1);
  }

  void ChangeAttribute() {
    auto* node = One(*graph_.mutable_node());
    auto* attribute = node == nullptr ? nullptr : One(*node->mutable_attribute());
    if (attribute == nullptr) return;
    if (Below(8) == 0) attribute->set_name("group");
    if (attribute->ints_size() > 0) {
      attribute->set_ints(Below(attribute->ints_size()), Number());
    } else if (attribute->type() == onnx::AttributeProto::INT) {
      attribute->set_i(Number());
    } else if (attribute->type() == onnx::AttributeProto::FLOAT) {
      attribute->set_f(static_cast<float>(Number()) / 4);
    }
  }

  onnx::GraphProto& graph_;
  std::minstd_rand engine_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  if (data[0] == 'A') {
    TryActivations(rollcall::fuzz::Text(data + 1, size - 1));
  } else {
    TryModel({data + 1, size - 1});
  }
  return 0;
}

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t most);

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t most, unsigned seed) {
  onnx::ModelProto model;
  const bool is_model =
      size > 1 && data[0] != 'A' && model.ParseFromArray(data + 1, static_cast<int>(size - 1));
  if (!is_model || seed % 4 == 0) return LLVMFuzzerMutate(data, size, most);
  for (unsigned times = 0; times <= seed / 4 % 3; ++times)
    Changer(*model.mutable_graph(), seed / 16 + times).Change();
  const std::string bytes = model.SerializeAsString();
  if (bytes.size() + 1 > most) return LLVMFuzzerMutate(data, size, most);
  std::copy(bytes.begin(), bytes.end(), data + 1);
  return bytes.size() + 1;
}
