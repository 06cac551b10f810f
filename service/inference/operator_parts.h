#ifndef ROLLCALL_INFERENCE_OPERATOR_PARTS_H_
#define ROLLCALL_INFERENCE_OPERATOR_PARTS_H_

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inference/operators.h"

// What the files behind operators.h share. Not for anybody else.
namespace rollcall::inference::operators {

// A node with what is known about its inputs.
class Inputs {
 public:
  Inputs(const Graph& graph, const Node& node) : graph_(graph), node_(node) {}

  const Node& node() const { return node_; }
  const Graph& graph() const { return graph_; }
  size_t count() const { return node_.inputs.size(); }
  bool has(size_t i) const { return i < count() && node_.inputs[i] != kNoValue; }
  const Shape& shape(size_t i) const { return graph_.shape(node_.inputs[i]); }
  bool is_float(size_t i) const { return graph_.values[node_.inputs[i]].is_float; }
  bool is_constant(size_t i) const { return has(i) && graph_.is_constant(node_.inputs[i]); }

  // BAD_MODEL unless the first `least` inputs are there and at most `most` are.
  absl::Status Expect(size_t least, size_t most) const;
  // BAD_MODEL unless all inputs are float32.
  absl::Status ExpectFloats() const;
  // Input `i`, which must be int64 and known at load.
  absl::StatusOr<std::vector<int64_t>> Ints(size_t i) const;
  // Input `i`, which must be float32 and known at load.
  absl::StatusOr<std::vector<float>> Floats(size_t i) const;
  // What opsets up to some number give as an attribute and later ones as input `i`, if it is given at all.
  absl::StatusOr<std::vector<int64_t>> IntsFrom(const std::string& attribute, size_t i) const;
  // An axis of `rank` axes that may count from the end.
  absl::StatusOr<int64_t> Axis(int64_t axis, size_t rank) const;

 private:
  const Graph& graph_;
  const Node& node_;
};

// How many elements of a row-major tensor lie between neighbours of each axis.
std::vector<int64_t> Strides(const Shape& shape);

// Copies shape's elements between two layouts of elements; strides count elements and may be negative or 0.
template <typename T>
void CopyStrided(std::span<const int64_t> shape, const T* from, std::span<const int64_t> from_strides, T* to,
                 std::span<const int64_t> to_strides, size_t axis = 0) {
  if (axis == shape.size()) {
    *to = *from;
    return;
  }
  for (int64_t i = 0; i < shape[axis]; ++i) {
    CopyStrided(shape, from + i * from_strides[axis], from_strides, to + i * to_strides[axis], to_strides,
                axis + 1);
  }
}

using Rule = absl::StatusOr<Operation> (*)(const Inputs& in);
struct NamedRule {
  const char* op;
  Rule rule;
  std::initializer_list<std::string_view> attributes = {};  // that the rule reads; a node with others is refused
};

// The operators, by what they do.
std::span<const NamedRule> ArithmeticRules();  // element by element, and along an axis
std::span<const NamedRule> LayoutRules();      // where elements go; nothing is computed
std::span<const NamedRule> WindowRules();      // convolutions, poolings, matrix products

}  // namespace rollcall::inference::operators

#endif  // ROLLCALL_INFERENCE_OPERATOR_PARTS_H_
