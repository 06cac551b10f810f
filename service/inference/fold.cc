#include "inference/fold.h"

#include <algorithm>
#include <utility>

#include "inference/operators.h"

namespace rollcall::inference {
namespace {

Array EmptyArray(const Shape& shape, bool is_float) {
  const auto count = static_cast<size_t>(Elements(shape));
  Array array{.shape = shape, .values = std::vector<float>()};
  if (is_float) {
    array.values = std::vector<float>(count);
  } else {
    array.values = std::vector<int64_t>(count);
  }
  return array;
}

// The pointers that a run wants, from arrays of one type.
template <typename T>
std::vector<const T*> Pointers(const std::vector<const Array*>& arrays) {
  std::vector<const T*> pointers;
  for (const Array* array : arrays) {
    const auto* numbers = array == nullptr ? nullptr : std::get_if<std::vector<T>>(&array->values);
    pointers.push_back(numbers == nullptr ? nullptr : numbers->data());
  }
  return pointers;
}

template <typename T, typename Function>
std::vector<Array> RunAs(const Operation& operation, const Function& run,
                         const std::vector<const Array*>& inputs) {
  std::vector<Array> outputs;
  for (const Shape& shape : operation.shapes) outputs.push_back(EmptyArray(shape, operation.is_float));
  std::vector<T*> to;
  for (Array& output : outputs) to.push_back(std::get<std::vector<T>>(output.values).data());
  run(Pointers<T>(inputs), to);
  return outputs;
}

std::vector<Array> Run(const Operation& operation, const std::vector<const Array*>& inputs) {
  if (operation.known.has_value()) return {*operation.known};
  return operation.is_float ? RunAs<float>(operation, operation.run, inputs)
                            : RunAs<int64_t>(operation, operation.run_ints, inputs);
}

// Whether a node's outputs can be computed now.
bool IsKnown(const Graph& graph, const Node& node, const Operation& operation) {
  return operation.known.has_value() ||
         std::all_of(node.inputs.begin(), node.inputs.end(),
                     [&graph](ValueId id) { return id == kNoValue || graph.is_constant(id); });
}

// What the nodes so far ask for.
class Budget {
 public:
  absl::Status Spend(const Graph& graph, const Node& node, const Operation& operation, bool folds) {
    int64_t written = 0;
    for (const Shape& shape : operation.shapes) written += Elements(shape);
    int64_t held = written;  // constants may be copied for each node that reads them
    int64_t read = 0;
    for (const ValueId id : node.inputs) {
      if (id == kNoValue) continue;
      read += Elements(graph.shape(id));
      if (graph.is_constant(id)) held += Elements(graph.shape(id));
    }
    const int64_t steps = read + written * (1 + operation.terms);  // far below 2^63: each factor is at most 2^26
    RETURN_IF_ERROR(Add(node, held, kMaxTotalElements, "numbers in all", total_elements_));
    RETURN_IF_ERROR(Add(node, steps, kMaxTotalSteps, "products in all", total_steps_));
    if (!folds) return absl::OkStatus();
    RETURN_IF_ERROR(Add(node, written, kMaxFolded, "numbers that are known when the model is loaded", folded_));
    return Add(node, steps, kMaxFoldingSteps, "products when the model is loaded", folding_steps_);
  }

 private:
  static absl::Status Add(const Node& node, int64_t amount, int64_t most, const char* of_what, int64_t& sum) {
    sum += amount;
    return sum <= most ? absl::OkStatus()
                       : BadNode(node, "with it more than " + std::to_string(most) + " " + of_what);
  }

  int64_t total_elements_ = 0;
  int64_t total_steps_ = 0;
  int64_t folded_ = 0;
  int64_t folding_steps_ = 0;
};

absl::Status FoldNodes(Graph& graph) {
  std::vector<Node> kept;
  Budget budget;
  for (Node& node : graph.nodes) {
    ASSIGN_OR_RETURN(const Operation operation, Understand(graph, node));
    const bool is_known = IsKnown(graph, node, operation);
    RETURN_IF_ERROR(budget.Spend(graph, node, operation, is_known));
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      graph.values[node.outputs[i]].shape = operation.shapes[i];
      graph.values[node.outputs[i]].is_float = operation.is_float;
    }
    if (!is_known) {
      if (!operation.is_float) return BadNode(node, "an int64 result that is not known when the model is loaded");
      kept.push_back(std::move(node));
      continue;
    }
    std::vector<const Array*> inputs;
    for (const ValueId id : node.inputs) {
      inputs.push_back(id == kNoValue ? nullptr : &*graph.values[id].constant);
    }
    std::vector<Array> outputs = Run(operation, inputs);
    for (size_t i = 0; i < outputs.size(); ++i) graph.values[node.outputs[i]].constant = std::move(outputs[i]);
  }
  graph.nodes = std::move(kept);
  return absl::OkStatus();
}

absl::Status ChooseOutputs(Graph& graph, const std::vector<std::string>& names) {
  if (!names.empty()) graph.outputs.clear();
  for (const std::string& name : names) {
    const auto found = std::find_if(graph.values.begin(), graph.values.end(),
                                    [&name](const Value& value) { return value.name == name; });
    if (found == graph.values.end()) {
      return BadGraph("has no value named " + name);
    }
    graph.outputs.push_back(static_cast<ValueId>(found - graph.values.begin()));
  }
  return absl::OkStatus();
}

absl::Status CheckOutputs(const Graph& graph) {
  for (const ValueId id : graph.outputs) {
    if (!graph.values[id].is_float || graph.is_constant(id)) {
      return BadGraph("output " + graph.values[id].name + " is not float32 or does not depend on the input");
    }
  }
  return absl::OkStatus();
}

// Drops nodes that lead to no output, and the numbers of constants that no node left reads.
void DropUnused(Graph& graph) {
  std::vector<bool> used(graph.values.size());
  for (const ValueId id : graph.outputs) used[id] = true;
  std::vector<Node> kept;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    if (std::none_of(node->outputs.begin(), node->outputs.end(), [&used](ValueId id) { return used[id]; })) {
      continue;
    }
    for (const ValueId id : node->inputs) {
      if (id != kNoValue) used[id] = true;
    }
    kept.push_back(std::move(*node));
  }
  std::reverse(kept.begin(), kept.end());
  graph.nodes = std::move(kept);
  for (ValueId id = 0; id < graph.values.size(); ++id) {
    if (!used[id]) graph.values[id].constant.reset();
  }
}

}  // namespace

absl::StatusOr<Graph> Fold(Graph graph, const std::vector<std::string>& outputs) {
  RETURN_IF_ERROR(ChooseOutputs(graph, outputs));
  DropUnused(graph);  // what lies behind a cut need not be known
  RETURN_IF_ERROR(FoldNodes(graph));
  RETURN_IF_ERROR(CheckOutputs(graph));
  DropUnused(graph);
  return graph;
}

absl::StatusOr<std::vector<Array>> Interpret(const Graph& graph, const std::vector<float>& input) {
  ROLLCALL_CHECK(static_cast<int64_t>(input.size()) == Elements(graph.shape(graph.input)));
  std::vector<Array> values(graph.values.size());
  values[graph.input] = {.shape = graph.shape(graph.input), .values = input};
  for (const Node& node : graph.nodes) {
    ASSIGN_OR_RETURN(const Operation operation, Understand(graph, node));
    std::vector<const Array*> inputs;
    for (const ValueId id : node.inputs) {
      const bool constant = graph.is_constant(id);
      inputs.push_back(id == kNoValue ? nullptr : constant ? &*graph.values[id].constant : &values[id]);
    }
    std::vector<Array> outputs = Run(operation, inputs);
    for (size_t i = 0; i < outputs.size(); ++i) values[node.outputs[i]] = std::move(outputs[i]);
  }
  std::vector<Array> outputs;
  for (const ValueId id : graph.outputs) outputs.push_back(values[id]);
  return outputs;
}

}  // namespace rollcall::inference
