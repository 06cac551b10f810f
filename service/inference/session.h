#ifndef ROLLCALL_INFERENCE_SESSION_H_
#define ROLLCALL_INFERENCE_SESSION_H_

#include <cstdint>
#include <functional>
#include <memory>
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

// What the caller knows of a model before it is loaded. The engine refuses a file that differs.
struct ModelSpec {
  std::string name;                       // for messages, e.g. "fr_feature"
  std::vector<int64_t> input_shape;       // e.g. {1, 3, 112, 112}
  // In the order in which Run returns them. Empty: the file must have exactly one output.
  std::vector<std::string> output_names;
  std::vector<int64_t> output_sizes;      // elements of each output, in the same order
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

  virtual const ModelSpec& spec() const = 0;
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

// The reference engine: OpenCV's cv::dnn on one thread. Correct first; batch 1, fixed input sizes.
// Sets OpenCV's number of threads to 1 and silences its own log, both for the whole process: the workers
// are the parallelism, and what goes wrong travels in a status.
std::unique_ptr<Engine> MakeReferenceEngine();

// The fast engine: our own loops over an arena that is planned at load (program.h), on one thread, allocating
// nothing but the answer. float32; the answers differ from the reference engine's by rounding alone. Sessions of
// one engine that load the same bytes share the weights. Load refuses a model with an operator that it lacks and
// names the node; the caller can then ask the reference engine. Runs on every x86-64 processor, with AVX2 or
// AVX-512 where there is one.
std::unique_ptr<Engine> MakeFastEngine();

// Told of a model that runs on the reference engine because the fast one lacks something, and what.
using OnFallback = std::function<void(const std::string& model, const absl::Status& why)>;

// What the service runs on: the fast engine, and the reference engine for a model that it refuses. `on_fallback`
// may be empty; it is called from Load. A model that both refuse is refused with the reference engine's words.
std::unique_ptr<Engine> MakeServiceEngine(OnFallback on_fallback);

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_SESSION_H_
