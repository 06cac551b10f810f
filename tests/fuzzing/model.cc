// What a net is loaded from: ONNX files, down to a program that runs, and the activations file (JSON) where the first
// byte is an A.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "fuzz.h"
#include "inference/fold.h"
#include "inference/kernels/bf16.h"
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
  Promise(rollcall::base::ErrorReason(status) == "BAD_MODEL", "another reason: " + status.ToString());
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
  return std::all_of(numbers.begin(), numbers.end(), [limit](float x) { return std::abs(x) < limit; });
}

// Whether both ways to calculate should come to about the same: no number is large, and none is divided by.
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

// The outputs as the plain loops have them; nothing where a number on the way is so large that rounding decides.
std::vector<std::vector<float>> Expected(const Graph& graph, const std::vector<float>& input) {
  Graph all = graph;
  for (const Node& node : graph.nodes) all.outputs.insert(all.outputs.end(), node.outputs.begin(), node.outputs.end());
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
            "the program says " + std::to_string(found[i]) + ", the plain loops " + std::to_string(expected[i]));
  }
}

// Over memory that holds no number, so that what nobody wrote shows.
void Run(const Program& program, const Graph& graph, const Precision& precision) {
  auto arena = hwy::AllocateAligned<std::byte>(program.arena_bytes());
  std::fill_n(arena.get(), program.arena_bytes(), std::byte{0xFF});
  std::vector<float> input(static_cast<size_t>(Elements(program.input_shape())));
  for (size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>((i * 7 + 3) % 13) / 6.5f - 1;
  program.Run(input, arena.get());
  for (size_t i = 0; i < program.output_shapes().size(); ++i) {
    Promise(program.output_shapes()[i] == graph.shape(graph.outputs[i]), "an output of another shape");
    (void)program.output(i, arena.get());
  }
  if (!IsTame(graph)) return;
  const auto expected = Expected(graph, input);
  for (size_t i = 0; i < expected.size(); ++i) {
    PromiseTheSame(program.output(i, arena.get()), expected[i], precision.bfloat16 ? 0.5f : 0.01f);
  }
}

void TryProgram(const Net& net, const Graph& graph, const Precision& precision) {
  const auto program = Program::Compile(net, precision);
  if (!program.ok()) return PromiseABadModel(program.status());
  Promise((*program)->arena_bytes() <= static_cast<size_t>(kMaxArenaBytes), "an arena above its limit");
  if (IsSmall(graph) && (*program)->arena_bytes() <= size_t{4} << 20) Run(**program, graph, precision);
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
}

void TryActivations(std::string_view text) {
  const auto file = rollcall::recognition::ParseActivations(text);
  if (!file.ok()) {
    rollcall::fuzz::PromiseAPlainRefusal(file.status());
    rollcall::fuzz::PromiseOneLine(file.status());
    return;
  }
  for (const auto& [digest, calibration] : file->calibrations) {
    Promise(!calibration.precisions.empty() && calibration.inputs > 0, "a calibration without a precision");
    for (const auto& [name, ranges] : calibration.ranges) {
      for (const Range& range : ranges) {
        Promise(std::isfinite(range.mean) && range.low <= range.high, "a range that is none");
      }
    }
  }
}

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
