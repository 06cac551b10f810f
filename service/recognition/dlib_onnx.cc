#include "recognition/dlib_onnx.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace rollcall::recognition {
namespace {

// The first convolution for pixels as they lie: blue first, and no mean taken off. It reads no
// padding, so what the means come to is the same wherever its window lies, and goes into the bias.
DlibWeights::Convolution ForRawPixels(DlibWeights::Convolution c) {
  const auto pixels = static_cast<size_t>(c.side * c.side);
  for (size_t o = 0; o < c.bias.size(); ++o) {
    double taken_off = 0;
    float* red = &c.filters[o * 3 * pixels];
    for (size_t i = 0; i < 3 * pixels; ++i) {
      taken_off += static_cast<double>(red[i]) * kDlibMeans[i / pixels] * kDlibPixelFactor;
    }
    c.bias[o] = static_cast<float>(c.bias[o] - taken_off);
    std::swap_ranges(red, red + pixels, red + 2 * pixels);
  }
  return c;
}

// Writes the graph from the input to the output; each step gives the name of the value that it
// makes.
class Writer {
 public:
  explicit Writer(const DlibWeights& weights) : weights_(weights) {
    model_.set_ir_version(4);
    model_.add_opset_import()->set_version(9);
    onnx::GraphProto& graph = *model_.mutable_graph();
    graph.set_name("dlib-resnet");
    Declare(*graph.add_input(), "input", {1, 3, kDlibChipSide, kDlibChipSide});
    Declare(*graph.add_output(), "output", {1, kDlibDimension});
  }

  // The first of the network's convolutions, over the input.
  std::string First(int64_t stride) { return Convolve(ForRawPixels(Next()), "input", stride, 0); }
  // The next of them.
  std::string Convolution(const std::string& in, int64_t stride, int64_t pad) {
    return Convolve(Next(), in, stride, pad);
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
  // The mean of each channel, then the matrix, as a convolution of one pixel: cv::dnn 4.6 knows no
  // other product of this shape.
  void Top(const std::string& in) {
    constexpr size_t kOutputs = kDlibDimension;
    const size_t inputs = weights_.matrix.size() / kOutputs;
    std::vector<float> turned(weights_.matrix.size());
    for (size_t i = 0; i < inputs; ++i) {
      for (size_t o = 0; o < kOutputs; ++o) {
        turned[o * inputs + i] = weights_.matrix[i * kOutputs + o];
      }
    }
    onnx::NodeProto& product = Node("Conv", {Node("GlobalAveragePool", {in}).output(0)});
    product.add_input(Constant({kDlibDimension, static_cast<int64_t>(inputs), 1, 1}, turned));
    Integers(product, "kernel_shape", {1, 1});
    Node("Flatten", {product.output(0)}).set_output(0, "output");
  }

  base::Bytes File() const {
    const std::string text = model_.SerializeAsString();
    return {text.begin(), text.end()};
  }

 private:
  const DlibWeights::Convolution& Next() { return weights_.convolutions.at(next_++); }

  std::string Convolve(const DlibWeights::Convolution& c, const std::string& in, int64_t stride,
                       int64_t pad) {
    onnx::NodeProto& node = Node("Conv", {in});
    node.add_input(Constant({c.outputs, c.inputs, c.side, c.side}, c.filters));
    node.add_input(Constant({c.outputs}, c.bias));
    Integers(node, "kernel_shape", {c.side, c.side});
    Integers(node, "strides", {stride, stride});
    Integers(node, "pads", {pad, pad, pad, pad});
    return node.output(0);
  }
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
  onnx::NodeProto& Node(const char* op, std::initializer_list<std::string> inputs) {
    onnx::NodeProto& node = *model_.mutable_graph()->add_node();
    node.set_op_type(op);
    for (const std::string& input : inputs) node.add_input(input);
    node.add_output("v" + std::to_string(++names_));
    return node;
  }
  std::string Constant(std::initializer_list<int64_t> shape, const std::vector<float>& numbers) {
    onnx::TensorProto& tensor = *model_.mutable_graph()->add_initializer();
    tensor.set_name("w" + std::to_string(++names_));
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    for (const int64_t side : shape) tensor.add_dims(side);
    tensor.set_raw_data(numbers.data(), numbers.size() * sizeof(float));
    return tensor.name();
  }

  const DlibWeights& weights_;
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

}  // namespace

base::Bytes DlibNetAsOnnx(const DlibWeights& weights) {
  Writer writer(weights);
  std::string at = writer.Relu(writer.First(2));  // 150 to 72
  at = writer.Pool("MaxPool", at, 3);             // 35
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

}  // namespace rollcall::recognition
