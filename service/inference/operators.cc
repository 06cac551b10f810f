#include "inference/operators.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "inference/operator_parts.h"

namespace rollcall::inference {
namespace operators {

absl::Status Inputs::Expect(size_t least, size_t most) const {
  for (size_t i = 0; i < least; ++i) {
    if (!has(i)) return BadNode(node_, "needs " + std::to_string(least) + " inputs");
  }
  return count() <= most ? absl::OkStatus()
                         : BadNode(node_, "takes at most " + std::to_string(most) + " inputs");
}

absl::Status Inputs::ExpectFloats() const {
  for (size_t i = 0; i < count(); ++i) {
    if (has(i) && !is_float(i)) return BadNode(node_, "an input is not float32");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<int64_t>> Inputs::Ints(size_t i) const {
  if (!is_constant(i) || is_float(i)) {
    return BadNode(node_, "input " + std::to_string(i) + " must be int64 and known when the model is loaded");
  }
  return graph_.values[node_.inputs[i]].constant->ints();
}

absl::StatusOr<std::vector<float>> Inputs::Floats(size_t i) const {
  if (!is_constant(i) || !is_float(i)) {
    return BadNode(node_, "input " + std::to_string(i) + " must be float32 and known when the model is loaded");
  }
  return graph_.values[node_.inputs[i]].constant->floats();
}

absl::StatusOr<std::vector<int64_t>> Inputs::IntsFrom(const std::string& attribute, size_t i) const {
  if (has(i)) return Ints(i);
  return IntsAttribute(node_, attribute, {});
}

absl::StatusOr<int64_t> Inputs::Axis(int64_t axis, size_t rank) const {
  const auto axes = static_cast<int64_t>(rank);
  if (axis < -axes || axis >= axes) {
    return BadNode(node_, "axis " + std::to_string(axis) + " of " + std::to_string(axes));
  }
  return axis < 0 ? axis + axes : axis;
}

std::vector<int64_t> Strides(const Shape& shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

}  // namespace operators

namespace {

const operators::NamedRule* FindRule(const std::string& op) {
  for (const auto rules : {operators::ArithmeticRules(), operators::LayoutRules(), operators::WindowRules()}) {
    const auto found = std::find_if(rules.begin(), rules.end(),
                                    [&op](const operators::NamedRule& rule) { return rule.op == op; });
    if (found != rules.end()) return &*found;
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<Operation> Understand(const Graph& graph, const Node& node) {
  const operators::NamedRule* rule = FindRule(node.op);
  if (rule == nullptr) return BadNode(node, "an operator that is not known");
  for (const auto& [name, value] : node.attributes) {
    if (std::find(rule->attributes.begin(), rule->attributes.end(), name) == rule->attributes.end()) {
      return BadNode(node, "attribute " + name + " is not known");
    }
  }
  ASSIGN_OR_RETURN(Operation operation, rule->rule(operators::Inputs(graph, node)));
  if (operation.shapes.size() != node.outputs.size()) {
    return BadNode(node, "makes " + std::to_string(operation.shapes.size()) + " outputs, the file has " +
                             std::to_string(node.outputs.size()));
  }
  for (const Shape& shape : operation.shapes) {
    if (!IsSaneShape(shape)) return BadNode(node, "an output of an impossible shape");
  }
  const auto is_empty = [](const Shape& shape) { return Elements(shape) == 0; };
  if (!operation.known && std::all_of(operation.shapes.begin(), operation.shapes.end(), is_empty)) {
    // Nothing to do, and perhaps no memory to count places from.
    operation.run = operation.is_float ? Operation::Floats([](auto, auto) {}) : nullptr;
    operation.run_ints = operation.is_float ? nullptr : Operation::Ints([](auto, auto) {});
  }
  return operation;
}

std::vector<std::string> KnownOperators() {
  std::vector<std::string> names;
  for (const auto rules : {operators::ArithmeticRules(), operators::LayoutRules(), operators::WindowRules()}) {
    for (const operators::NamedRule& rule : rules) names.emplace_back(rule.op);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace rollcall::inference
