#include "bench/speed/peers/dlib_onnx.h"

#include <onnx/onnx_pb.h>

#include <cstring>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace rollcall::bench {
namespace {

struct Values {
  std::vector<int64_t> shape;
  std::vector<float> numbers;
};

// The tensors of the file in their order, either float32 or bytes q that stand for q * scale + min.
std::vector<Values> ReadValues(const base::Bytes& weights, const base::Bytes& layout) {
  std::vector<Values> all;
  size_t at = 0;
  const auto json = nlohmann::json::parse(layout.begin(), layout.end());
  for (const auto& entry : json.at(0).at("weights")) {
    Values values{entry.at("shape"), {}};
    size_t count = 1;
    for (const int64_t side : values.shape) count *= static_cast<size_t>(side);
    const bool bytes = entry.contains("quantization");
    const size_t size = bytes ? count : count * sizeof(float);
    if (at + size > weights.size()) throw std::out_of_range("the file is too short");
    values.numbers.resize(count);
    if (bytes) {
      const double scale = entry["quantization"].at("scale");
      const double min = entry["quantization"].at("min");
      for (size_t i = 0; i < count; ++i) {
        values.numbers[i] = static_cast<float>(weights[at + i] * scale + min);
      }
    } else {
      std::memcpy(values.numbers.data(), weights.data() + at, size);
    }
    at += size;
    all.push_back(std::move(values));
  }
  return all;
}

// Writes the graph from input to output; each step names what the next one takes.
class Writer {
 public:
  explicit Writer(std::vector<Values> values) : values_(std::move(values)) {
    model_.set_ir_version(4);
    model_.add_opset_import()->set_version(9);
    onnx::GraphProto& graph = *model_.mutable_graph();
    graph.set_name("dlib-resnet");
    Declare(*graph.add_input(), "input", {1, 3, 150, 150});
    Declare(*graph.add_output(), "output", {1, 128});
  }

  // The next four tensors: filters, bias, and the factor and offset of the scale that follows.
  std::string Convolution(const std::string& in, int64_t stride, int64_t pad) {
    const Values& filters = Next();
    const Values& bias = Next();
    const Values& factor = Next();
    const Values& offset = Next();
    const auto side = static_cast<size_t>(filters.shape.at(0));
    const auto inputs = static_cast<size_t>(filters.shape.at(2));
    const auto outputs = static_cast<size_t>(filters.shape.at(3));
    std::vector<float> folded(filters.numbers.size());
    // Stored height, width, in, out; wanted out, in, height, width.
    for (size_t from = 0; from < folded.size(); ++from) {
      const size_t o = from % outputs;
      const size_t i = from / outputs % inputs;
      const size_t place = from / outputs / inputs;
      folded[(o * inputs + i) * side * side + place] = filters.numbers[from] * factor.numbers.at(o);
    }
    std::vector<float> shift(outputs);
    for (size_t o = 0; o < outputs; ++o) {
      shift[o] = bias.numbers.at(o) * factor.numbers[o] + offset.numbers.at(o);
    }
    onnx::NodeProto& node = Node("Conv", {in});
    node.add_input(
        Constant({filters.shape[3], filters.shape[2], filters.shape[0], filters.shape[1]}, folded));
    node.add_input(Constant({filters.shape[3]}, shift));
    Integers(node, "kernel_shape", {filters.shape[0], filters.shape[1]});
    Integers(node, "strides", {stride, stride});
    Integers(node, "pads", {pad, pad, pad, pad});
    return node.output(0);
  }
  std::string Relu(const std::string& in) { return Node("Relu", {in}).output(0); }
  std::string Sum(const std::string& a, const std::string& b) {
    return Node("Add", {a, b}).output(0);
  }
  std::string Pool(const char* op, const std::string& in, int64_t side) {
    onnx::NodeProto& node = Node(op, {in});
    Integers(node, "kernel_shape", {side, side});
    Integers(node, "strides", {2, 2});
    return node.output(0);
  }
  // Zeros after the last channel, and at the right and the bottom.
  std::string Pad(const std::string& in, int64_t channels, int64_t sides) {
    if (channels == 0 && sides == 0) return in;
    onnx::NodeProto& node = Node("Pad", {in});
    Integers(node, "pads", {0, 0, 0, 0, 0, channels, sides, sides});
    return node.output(0);
  }
  // Mean of each channel, then the last matrix.
  void Top(const std::string& in) {
    const Values& matrix = Next();
    const auto inputs = static_cast<size_t>(matrix.shape.at(0));
    const auto outputs = static_cast<size_t>(matrix.shape.at(1));
    std::vector<float> turned(matrix.numbers.size());
    for (size_t i = 0; i < inputs; ++i) {
      for (size_t o = 0; o < outputs; ++o) turned[o * inputs + i] = matrix.numbers[i * outputs + o];
    }
    onnx::NodeProto& product = Node("Conv", {Node("GlobalAveragePool", {in}).output(0)});
    product.add_input(Constant({matrix.shape[1], matrix.shape[0], 1, 1}, turned));
    onnx::NodeProto& last = Node("Flatten", {product.output(0)});
    last.set_output(0, "output");
  }

  base::Bytes File() const {
    const std::string text = model_.SerializeAsString();
    return {text.begin(), text.end()};
  }

 private:
  static void Declare(onnx::ValueInfoProto& value, const std::string& name,
                      std::initializer_list<int64_t> shape) {
    value.set_name(name);
    onnx::TypeProto::Tensor& type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    for (const int64_t side : shape) type.mutable_shape()->add_dim()->set_dim_value(side);
  }
  static void Integers(onnx::NodeProto& node, const char* name,
                       std::initializer_list<int64_t> values) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INTS);
    for (const int64_t value : values) attribute.add_ints(value);
  }
  const Values& Next() { return values_.at(next_++); }
  onnx::NodeProto& Node(const char* op, std::initializer_list<std::string> inputs) {
    onnx::NodeProto& node = *model_.mutable_graph()->add_node();
    node.set_op_type(op);
    for (const std::string& input : inputs) node.add_input(input);
    node.add_output("v" + std::to_string(++names_));
    return node;
  }
  std::string Constant(const std::vector<int64_t>& shape, const std::vector<float>& numbers) {
    onnx::TensorProto& tensor = *model_.mutable_graph()->add_initializer();
    tensor.set_name("w" + std::to_string(++names_));
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    for (const int64_t side : shape) tensor.add_dims(side);
    for (const float number : numbers) tensor.add_float_data(number);
    return tensor.name();
  }

  const std::vector<Values> values_;
  size_t next_ = 0;
  int names_ = 0;
  onnx::ModelProto model_;
};

// A block of two convolutions over a way around them.
std::string Residual(Writer& writer, const std::string& in) {
  const std::string first = writer.Relu(writer.Convolution(in, 1, 1));
  return writer.Relu(writer.Sum(writer.Convolution(first, 1, 1), in));
}

// The same at half the size and with `more_channels` more of them. `larger`: by how much the way
// around comes out larger; dlib then adds zeros to the smaller one.
std::string Down(Writer& writer, const std::string& in, int64_t more_channels, int64_t larger) {
  const std::string first = writer.Relu(writer.Convolution(in, 2, 0));
  const std::string second = writer.Pad(writer.Convolution(first, 1, 1), 0, larger);
  const std::string around = writer.Pad(writer.Pool("AveragePool", in, 2), more_channels, 0);
  return writer.Relu(writer.Sum(second, around));
}

base::Bytes Write(std::vector<Values> values) {
  Writer writer(std::move(values));
  std::string at = writer.Relu(writer.Convolution("input", 2, 0));  // 150 to 72
  at = writer.Pool("MaxPool", at, 3);                               // 35
  for (int i = 0; i < 3; ++i) at = Residual(writer, at);
  at = Down(writer, at, 32, 0);  // 17
  for (int i = 0; i < 3; ++i) at = Residual(writer, at);
  at = Down(writer, at, 64, 0);  // 8
  for (int i = 0; i < 2; ++i) at = Residual(writer, at);
  at = Down(writer, at, 128, 1);  // 3 and 4
  for (int i = 0; i < 2; ++i) at = Residual(writer, at);
  at = Down(writer, at, 0, 1);  // 1 and 2
  writer.Top(at);
  return writer.File();
}

}  // namespace

absl::StatusOr<base::Bytes> DlibNetAsOnnx(const base::Bytes& weights, const base::Bytes& layout) {
  try {
    return Write(ReadValues(weights, layout));
  } catch (const std::exception& e) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_MODEL",
                           std::string("dlib-resnet as ONNX: ") + e.what());
  }
}

}  // namespace rollcall::bench
