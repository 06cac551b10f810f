#ifndef ROLLCALL_INFERENCE_ONNX_FILE_H_
#define ROLLCALL_INFERENCE_ONNX_FILE_H_

#include <cstdint>
#include <span>

#include "inference/graph.h"

namespace rollcall::inference {

// Reads an ONNX file (IR 3 to 8, default operator set 7 to 15), parsed by libonnx's own protobuf. Shapes
// of values between the nodes are not filled in; Fold does that.
// Cost: one copy of the weights.
//
// Refused, each with InvalidArgument, reason BAD_MODEL, and the name of what was wrong: what is no ONNX
// file; operators of other domains; no input or several (constants aside), an input that is not float32 or
// whose sides are not all given; tensors that are neither float32 nor int64, lie in other files, or are
// larger than kMaxElements or hold fewer numbers than they say; a value that is made twice, or used
// before it is made; subgraphs (If, Loop, Scan); more than 10,000 nodes.
absl::StatusOr<Graph> ReadOnnx(std::span<const uint8_t> file);

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_ONNX_FILE_H_
