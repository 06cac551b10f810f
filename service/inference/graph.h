#ifndef ROLLCALL_INFERENCE_GRAPH_H_
#define ROLLCALL_INFERENCE_GRAPH_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/status.h"

// A model as a graph: what an ONNX file says, in plain types. Tensors are dense and row-major (the last
// axis runs fastest), float32 or int64; nothing else is needed by the nets we run.
namespace rollcall::inference {

// Sides of a tensor, each >= 0; {} is a scalar.
using Shape = std::vector<int64_t>;

// The number of elements; 1 for a scalar. No overflow for a shape that IsSaneShape, nor for any part of it.
int64_t Elements(const Shape& shape);

// Whether `shape` is one that we are ready to hold: at most 6 axes, no side below 0 and at most
// kMaxElements elements, sides of 0 left aside.
bool IsSaneShape(const Shape& shape);
inline constexpr int64_t kMaxElements = int64_t{1} << 26;  // 256 MB of float32

// A tensor that is known when the model is loaded. The vector's size is Elements(shape).
struct Array {
  Shape shape;
  std::variant<std::vector<float>, std::vector<int64_t>> values;

  bool is_float() const { return values.index() == 0; }
  const std::vector<float>& floats() const { return std::get<0>(values); }
  const std::vector<int64_t>& ints() const { return std::get<1>(values); }
};

using Attribute = std::variant<int64_t, float, std::vector<int64_t>, std::vector<float>, std::string, Array>;
using ValueId = size_t;
inline constexpr ValueId kNoValue = static_cast<ValueId>(-1);  // an optional input that is left out

// One tensor of the graph: the model's input, a constant, or what a node makes.
struct Value {
  std::string name;
  Shape shape;                    // filled in by Fold; as declared for inputs and constants
  bool is_float = true;           // else int64
  std::optional<Array> constant;  // known at load
};

// One operation, by its ONNX name ("Conv") in the default domain.
struct Node {
  std::string op;
  std::string name;  // for messages: the node's own name, or that of its first output
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  std::map<std::string, Attribute> attributes;
};

// Nodes stand in an order in which each value is made before it is used, and each value is made once.
struct Graph {
  int64_t opset = 0;
  std::vector<Value> values;
  std::vector<Node> nodes;
  ValueId input = kNoValue;
  std::vector<ValueId> outputs;

  const Shape& shape(ValueId id) const { return values[id].shape; }
  bool is_constant(ValueId id) const { return id != kNoValue && values[id].constant.has_value(); }
};

// The attribute, or `fallback` where the node has none.
// InvalidArgument, reason BAD_MODEL: the attribute is there and of another type.
absl::StatusOr<int64_t> IntAttribute(const Node& node, const std::string& name, int64_t fallback);
absl::StatusOr<float> FloatAttribute(const Node& node, const std::string& name, float fallback);
absl::StatusOr<std::vector<int64_t>> IntsAttribute(const Node& node, const std::string& name,
                                                   std::vector<int64_t> fallback);
absl::StatusOr<std::string> StringAttribute(const Node& node, const std::string& name,
                                            std::string fallback);

// InvalidArgument, reason BAD_MODEL: `what`, cut to a few hundred characters and with those escaped that a log or a
// terminal cannot show, as the names in it are whatever the file says.
absl::Status BadGraph(const std::string& what);
// The same about a node: "Conv conv1: what".
absl::Status BadNode(const Node& node, const std::string& what);

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_GRAPH_H_
