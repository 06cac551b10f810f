#ifndef ROLLCALL_TESTS_UNIT_INFERENCE_MODEL_BUILDER_H_
#define ROLLCALL_TESTS_UNIT_INFERENCE_MODEL_BUILDER_H_

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "inference/graph.h"

namespace rollcall::inference {

// Attributes of a node, by name: {{"axis", 1}, {"auto_pad", "VALID"}}.
using Attributes = std::map<std::string, Attribute>;

// Writes small ONNX files for tests:
//   ModelBuilder().Input("x", {1, 2}).Op("Relu", {"x"}, {"y"}).Output("y").Bytes()
// It checks nothing: what it is told is what the file says.
class ModelBuilder {
 public:
  explicit ModelBuilder(int64_t opset = 13, int64_t ir_version = 7);

  // A float32 input.
  ModelBuilder& Input(const std::string& name, const Shape& shape);
  // A constant, kept in the field of its type and not as raw bytes.
  ModelBuilder& Floats(const std::string& name, const Shape& shape, const std::vector<float>& values);
  ModelBuilder& Ints(const std::string& name, const Shape& shape, const std::vector<int64_t>& values);
  // A node without a name of its own. "" among inputs or outputs leaves an optional one out.
  ModelBuilder& Op(const std::string& op, const std::vector<std::string>& inputs,
                   const std::vector<std::string>& outputs, const Attributes& attributes = {});
  // The value of that name is an output of the model, float32 of a shape that is not said.
  ModelBuilder& Output(const std::string& name);

  // The model so far, for what the calls above do not write: faults above all.
  onnx::ModelProto& proto() { return model_; }
  // The file.
  std::vector<uint8_t> Bytes() const;

 private:
  onnx::ModelProto model_;
};

}  // namespace rollcall::inference

#endif  // ROLLCALL_TESTS_UNIT_INFERENCE_MODEL_BUILDER_H_
