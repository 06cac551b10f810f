#ifndef ROLLCALL_INFERENCE_SESSION_H_
#define ROLLCALL_INFERENCE_SESSION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"

// A model file becomes a session: bytes in, plain floats out. No OpenCV type, no callback and no word
// about faces appears here, so that another engine, or a sandboxed process, can stand behind it.
namespace rollcall::inference {

// Row-major float32. `values.size()` is the product of `shape`.
struct Tensor {
  std::vector<int64_t> shape;
  std::vector<float> values;
};

// What a byte of a picture means to a model: x = (byte - mean) factor.
struct PixelScale {
  float mean = 0;
  float factor = 1;  // above 0
};

// What the activations and weights of a model's convolutions may be stored as, instead of as float32.
enum class NarrowPrecision {
  kInt8,      // a quarter of float32's memory and four times its multiplications; needs ranges
  kBfloat16,  // half and twice; errors in the third digit
};

// What the caller knows of a model before it is loaded. The engine refuses a file that differs.
struct ModelSpec {
  std::string name;                       // for messages, e.g. "fr_feature"
  std::vector<int64_t> input_shape;       // e.g. {1, 3, 112, 112}
  // In the order in which Run returns them. Empty: the file must have exactly one output.
  std::vector<std::string> output_names;
  std::vector<int64_t> output_sizes;      // elements of each output, in the same order
  // Where the input is a picture of bytes (1 x c x h x w): what they mean.
  std::optional<PixelScale> pixels = {};
  bool full_precision = false;  // float32 and nothing narrower, whatever that costs
};

// One loaded model with its working memory.
// Thread-safety: none; one session per worker. Different sessions are independent.
class Session {
 public:
  virtual ~Session() = default;

  // Runs the model once. `input`: row-major, exactly the elements of the input shape, all finite.
  // Returns one tensor per output name; each owns its numbers (no view into the engine's buffers: the
  // next Run would overwrite it, and two people's embeddings would become one).
  // InvalidArgument, reason BAD_TENSOR: wrong size or a value that is not finite.
  // Internal, reason MODEL_OUTPUT: the model produced a value that is not finite.
  virtual absl::StatusOr<std::vector<Tensor>> Run(std::span<const float> input) = 0;

  // The same from a picture of bytes, h x w x c with the channels together, whose meaning is spec().pixels. Faster:
  // nothing is converted twice. Requires spec().pixels. InvalidArgument, reason BAD_TENSOR: wrong size.
  virtual absl::StatusOr<std::vector<Tensor>> RunPixels(std::span<const uint8_t> pixels) = 0;

  virtual const ModelSpec& spec() const = 0;
  // Nothing where it is float32 throughout: the answers differ from the reference engine's by rounding alone.
  virtual std::optional<NarrowPrecision> narrow() const { return std::nullopt; }
};

// Makes sessions. Thread-safe.
class Engine {
 public:
  virtual ~Engine() = default;
  // A short name for logs and the bench, e.g. "rollcall f32".
  virtual std::string name() const = 0;
  // Parses `onnx` (the whole file; not retained) into a session.
  // InvalidArgument, reason BAD_MODEL: not a model that this engine runs, or not as `spec` says.
  virtual absl::StatusOr<std::unique_ptr<Session>> Load(std::span<const uint8_t> onnx,
                                                        const ModelSpec& spec) = 0;
};

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_SESSION_H_
