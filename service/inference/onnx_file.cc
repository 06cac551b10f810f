#include "inference/onnx_file.h"

#include <onnx/onnx_pb.h>

#include <cstring>
#include <limits>
#include <map>
#include <utility>

namespace rollcall::inference {
namespace {

constexpr int kMaxNodes = 10'000;

// The numbers of a tensor, from the field of its type or from the raw bytes (little-endian, as on every
// machine this runs on).
template <typename T, typename Field>
absl::StatusOr<std::vector<T>> Numbers(const onnx::TensorProto& tensor, const Field& field, size_t count) {
  if (tensor.has_raw_data()) {
    const std::string& raw = tensor.raw_data();
    if (raw.size() != count * sizeof(T)) return BadGraph("tensor " + tensor.name() + ": size and shape differ");
    std::vector<T> values(count);
    if (count > 0) std::memcpy(values.data(), raw.data(), raw.size());
    return values;
  }
  if (static_cast<size_t>(field.size()) != count) {
    return BadGraph("tensor " + tensor.name() + ": size and shape differ");
  }
  return std::vector<T>(field.begin(), field.end());
}

absl::StatusOr<Array> ReadArray(const onnx::TensorProto& tensor) {
  Array array;
  array.shape.assign(tensor.dims().begin(), tensor.dims().end());
  if (!IsSaneShape(array.shape)) return BadGraph("tensor " + tensor.name() + ": impossible shape");
  if (tensor.data_location() != onnx::TensorProto::DEFAULT || tensor.external_data_size() > 0) {
    return BadGraph("tensor " + tensor.name() + ": kept in another file, which is not read");
  }
  const auto count = static_cast<size_t>(Elements(array.shape));
  if (tensor.data_type() == onnx::TensorProto::FLOAT) {
    ASSIGN_OR_RETURN(array.values, Numbers<float>(tensor, tensor.float_data(), count));
  } else if (tensor.data_type() == onnx::TensorProto::INT64) {
    ASSIGN_OR_RETURN(array.values, Numbers<int64_t>(tensor, tensor.int64_data(), count));
  } else {
    return BadGraph("tensor " + tensor.name() + ": neither float32 nor int64");
  }
  return array;
}

// What is read so far, and which names mean which values.
class Reader {
 public:
  explicit Reader(const onnx::GraphProto& proto) : proto_(proto) {}

  absl::StatusOr<Graph> Read(int64_t opset) {
    graph_.opset = opset;
    if (proto_.sparse_initializer_size() > 0) return BadGraph("sparse tensors are not read");
    for (const onnx::TensorProto& tensor : proto_.initializer()) RETURN_IF_ERROR(AddConstant(tensor));
    RETURN_IF_ERROR(AddInput());
    if (proto_.node_size() > kMaxNodes) return BadGraph("more than 10,000 nodes");
    for (const onnx::NodeProto& node : proto_.node()) RETURN_IF_ERROR(AddNode(node));
    for (const onnx::ValueInfoProto& output : proto_.output()) {
      ASSIGN_OR_RETURN(const ValueId id, Find(output.name()));
      graph_.outputs.push_back(id);
    }
    if (graph_.outputs.empty()) return BadGraph("no output");
    return std::move(graph_);
  }

 private:
  absl::StatusOr<ValueId> Find(const std::string& name) const {
    const auto found = ids_.find(name);
    if (found == ids_.end()) return BadGraph("value " + name + " is used and never made");
    return found->second;
  }

  absl::StatusOr<ValueId> Make(const std::string& name) {
    const ValueId id = graph_.values.size();
    if (!ids_.emplace(name, id).second) return BadGraph("value " + name + " is made twice");
    graph_.values.push_back({.name = name, .shape = {}, .is_float = true, .constant = std::nullopt});
    return id;
  }

  absl::Status AddConstant(const onnx::TensorProto& tensor) {
    ASSIGN_OR_RETURN(const ValueId id, Make(tensor.name()));
    ASSIGN_OR_RETURN(Array array, ReadArray(tensor));
    Value& value = graph_.values[id];
    value.shape = array.shape;
    value.is_float = array.is_float();
    value.constant = std::move(array);
    return absl::OkStatus();
  }

  // Files up to IR 3 name their constants among the inputs too.
  absl::Status AddInput() {
    for (const onnx::ValueInfoProto& input : proto_.input()) {
      const auto constant = ids_.find(input.name());
      if (constant != ids_.end() && graph_.is_constant(constant->second)) continue;
      if (graph_.input != kNoValue) return BadGraph("input " + input.name() + ": there is one already");
      ASSIGN_OR_RETURN(graph_.input, Make(input.name()));
      const auto& type = input.type().tensor_type();
      if (type.elem_type() != onnx::TensorProto::FLOAT) return BadGraph("input " + input.name() + ": not float32");
      if (!type.has_shape()) return BadGraph("input " + input.name() + ": no shape");
      Value& value = graph_.values[graph_.input];
      for (const auto& side : type.shape().dim()) {
        if (!side.has_dim_value()) return BadGraph("input " + input.name() + ": a side without a size");
        value.shape.push_back(side.dim_value());
      }
      if (!IsSaneShape(value.shape)) return BadGraph("input " + input.name() + ": an impossible shape");
    }
    return graph_.input == kNoValue ? BadGraph("no input") : absl::OkStatus();
  }

  absl::Status AddNode(const onnx::NodeProto& proto) {
    Node node;
    node.op = proto.op_type();
    node.name = !proto.name().empty() || proto.output_size() == 0 ? proto.name() : proto.output(0);
    if (!proto.domain().empty() && proto.domain() != "ai.onnx") {
      return BadNode(node, "operators of " + proto.domain() + " are not known");
    }
    for (const std::string& name : proto.input()) {
      if (name.empty()) {
        node.inputs.push_back(kNoValue);
        continue;
      }
      const auto id = Find(name);
      if (!id.ok()) return BadNode(node, base::Message(id.status()));
      node.inputs.push_back(*id);
    }
    int outputs = proto.output_size();
    while (outputs > 0 && proto.output(outputs - 1).empty()) --outputs;  // left out, which changes nothing
    for (int i = 0; i < outputs; ++i) {
      if (proto.output(i).empty()) return BadNode(node, "an output is left out before another");
      ASSIGN_OR_RETURN(const ValueId id, Make(proto.output(i)));
      node.outputs.push_back(id);
    }
    if (node.outputs.empty()) return BadNode(node, "no output");
    for (const onnx::AttributeProto& attribute : proto.attribute()) {
      RETURN_IF_ERROR(AddAttribute(attribute, node));
    }
    graph_.nodes.push_back(std::move(node));
    return absl::OkStatus();
  }

  static absl::Status AddAttribute(const onnx::AttributeProto& proto, Node& node) {
    Attribute& value = node.attributes[proto.name()];
    switch (proto.type()) {
      case onnx::AttributeProto::INT: value = static_cast<int64_t>(proto.i()); break;
      case onnx::AttributeProto::FLOAT: value = proto.f(); break;
      case onnx::AttributeProto::STRING: value = proto.s(); break;
      case onnx::AttributeProto::INTS:
        value = std::vector<int64_t>(proto.ints().begin(), proto.ints().end());
        break;
      case onnx::AttributeProto::FLOATS:
        value = std::vector<float>(proto.floats().begin(), proto.floats().end());
        break;
      case onnx::AttributeProto::TENSOR: {
        auto array = ReadArray(proto.t());
        if (!array.ok()) return BadNode(node, base::Message(array.status()));
        value = *std::move(array);
        break;
      }
      default: return BadNode(node, "attribute " + proto.name() + " is of a type that is not read");
    }
    return absl::OkStatus();
  }

  const onnx::GraphProto& proto_;
  Graph graph_;
  std::map<std::string, ValueId> ids_;
};

absl::StatusOr<int64_t> DefaultOpset(const onnx::ModelProto& model) {
  int64_t opset = 0;
  for (const auto& used : model.opset_import()) {
    if (used.domain().empty() || used.domain() == "ai.onnx") opset = used.version();
  }
  if (opset < 7 || opset > 15) {
    return BadGraph("operator set " + std::to_string(opset) + "; 7 to 15 are known");
  }
  return opset;
}

}  // namespace

absl::StatusOr<Graph> ReadOnnx(std::span<const uint8_t> file) {
  onnx::ModelProto model;
  if (file.empty() || file.size() > static_cast<size_t>(std::numeric_limits<int>::max()) ||
      !model.ParseFromArray(file.data(), static_cast<int>(file.size())) || !model.has_graph()) {
    return BadGraph("not an ONNX file");
  }
  if (model.ir_version() < 3 || model.ir_version() > 8) {
    return BadGraph("IR version " + std::to_string(model.ir_version()) + "; 3 to 8 are known");
  }
  ASSIGN_OR_RETURN(const int64_t opset, DefaultOpset(model));
  return Reader(model.graph()).Read(opset);
}

}  // namespace rollcall::inference
