#include "inference_testing/model_builder.h"

namespace rollcall::inference {
namespace {

void Write(const Array& array, onnx::TensorProto& tensor) {
  for (const int64_t side : array.shape) tensor.add_dims(side);
  if (array.is_float()) {
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    for (const float value : array.floats()) tensor.add_float_data(value);
  } else {
    tensor.set_data_type(onnx::TensorProto::INT64);
    for (const int64_t value : array.ints()) tensor.add_int64_data(value);
  }
}

// Writes each kind of attribute into the field of its kind.
struct AttributeWriter {
  onnx::AttributeProto& proto;

  void operator()(int64_t value) const {
    proto.set_type(onnx::AttributeProto::INT);
    proto.set_i(value);
  }
  void operator()(float value) const {
    proto.set_type(onnx::AttributeProto::FLOAT);
    proto.set_f(value);
  }
  void operator()(const std::vector<int64_t>& values) const {
    proto.set_type(onnx::AttributeProto::INTS);
    for (const int64_t value : values) proto.add_ints(value);
  }
  void operator()(const std::vector<float>& values) const {
    proto.set_type(onnx::AttributeProto::FLOATS);
    for (const float value : values) proto.add_floats(value);
  }
  void operator()(const std::string& value) const {
    proto.set_type(onnx::AttributeProto::STRING);
    proto.set_s(value);
  }
  void operator()(const Array& value) const {
    proto.set_type(onnx::AttributeProto::TENSOR);
    Write(value, *proto.mutable_t());
  }
};

}  // namespace

ModelBuilder::ModelBuilder(int64_t opset, int64_t ir_version) {
  model_.set_ir_version(ir_version);
  model_.add_opset_import()->set_version(opset);
  model_.mutable_graph()->set_name("net");
}

ModelBuilder& ModelBuilder::Input(const std::string& name, const Shape& shape) {
  onnx::ValueInfoProto& input = *model_.mutable_graph()->add_input();
  input.set_name(name);
  auto& type = *input.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  type.mutable_shape();  // a scalar has a shape too, of no sides
  for (const int64_t side : shape) type.mutable_shape()->add_dim()->set_dim_value(side);
  return *this;
}

ModelBuilder& ModelBuilder::Floats(const std::string& name, const Shape& shape,
                                   const std::vector<float>& values) {
  onnx::TensorProto& tensor = *model_.mutable_graph()->add_initializer();
  tensor.set_name(name);
  Write({.shape = shape, .values = values}, tensor);
  return *this;
}

ModelBuilder& ModelBuilder::Ints(const std::string& name, const Shape& shape,
                                 const std::vector<int64_t>& values) {
  onnx::TensorProto& tensor = *model_.mutable_graph()->add_initializer();
  tensor.set_name(name);
  Write({.shape = shape, .values = values}, tensor);
  return *this;
}

ModelBuilder& ModelBuilder::Op(const std::string& op, const std::vector<std::string>& inputs,
                               const std::vector<std::string>& outputs, const Attributes& attributes) {
  onnx::NodeProto& node = *model_.mutable_graph()->add_node();
  node.set_op_type(op);
  for (const std::string& name : inputs) node.add_input(name);
  for (const std::string& name : outputs) node.add_output(name);
  for (const auto& [name, value] : attributes) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    std::visit(AttributeWriter{attribute}, value);
  }
  return *this;
}

ModelBuilder& ModelBuilder::Output(const std::string& name) {
  onnx::ValueInfoProto& output = *model_.mutable_graph()->add_output();
  output.set_name(name);
  auto& type = *output.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  type.mutable_shape();  // cv::dnn wants one, of whatever sides
  return *this;
}

std::vector<uint8_t> ModelBuilder::Bytes() const {
  const std::string bytes = model_.SerializeAsString();
  return {bytes.begin(), bytes.end()};
}

}  // namespace rollcall::inference
