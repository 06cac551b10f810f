#ifndef ROLLCALL_RECOGNITION_EMBEDDER_H_
#define ROLLCALL_RECOGNITION_EMBEDDER_H_

#include <memory>

#include "base/status.h"
#include "recognition/geometry.h"
#include "recognition/model_pack.h"
#include "recognition/types.h"

namespace rollcall::inference {
class Engine;
class Session;
}

namespace rollcall::recognition {

// One face as an embedder may want it: the aligned crop, or the picture and where the face lies in it.
// Views; all three outlive the call.
struct FaceView {
  const Picture& picture;
  const Landmarks& landmarks;
  const Picture& aligned;  // 112 x 112
};

// Turns a face into a unit vector, in two steps: what was cut can be embedded again, by another embedder of the same
// model too, when the picture is gone. Thread-safety: none; one per worker.
class Embedder {
 public:
  virtual ~Embedder() = default;
  // Draws what Embed reads of `face` into `chip`, whose memory is reused. Internal, reason MODEL_INPUT: the landmarks
  // make no face.
  virtual absl::Status Cut(const FaceView& face, Picture& chip) const = 0;
  // `chip`: from Cut. Internal: the net failed, or the vector is too short to have a direction (norm below 1e-6).
  virtual absl::StatusOr<Embedding> Embed(const Picture& chip) = 0;
  // Embedding::score_tolerance of what Embed returns.
  virtual float score_tolerance() const = 0;
};

// Both steps.
absl::StatusOr<Embedding> CutAndEmbed(Embedder& embedder, const FaceView& face);

// What a net may be stored in.
enum class EmbedderPrecision {
  kQuickest,  // whatever the engine has for it
  kFull,      // float32
};

// Any ONNX file whose input is a 1 x 3 x 112 x 112 aligned crop and which has one output.
absl::StatusOr<std::unique_ptr<Embedder>> MakeOnnxEmbedder(inference::Engine& engine, const ModelPack& pack,
                                                           EmbedderPrecision precision = EmbedderPrecision::kQuickest);

// dlib's 29-layer ResNet, which cuts its own 150 x 150 chip from the picture: with face-api's weights (kind
// "dlib-resnet") in `engine`, or from dlib's own .dat file (kind "dlib-dat"), which only dlib can read, in dlib.
// InvalidArgument, reason BAD_MODEL: the pack's files are not of this network.
absl::StatusOr<std::unique_ptr<Embedder>> MakeDlibEmbedder(inference::Engine& engine, const ModelPack& pack,
                                                           EmbedderPrecision precision = EmbedderPrecision::kQuickest);

// The same in dlib's own network whatever the kind, several times slower: what the engine's answers are held against, and
// a peer of the bench.
absl::StatusOr<std::unique_ptr<Embedder>> MakeDlibsOwnEmbedder(const ModelPack& pack);

// Embedding::score_tolerance of what `session` makes: by the bounds that its precision is held to (precision_guard_test).
float ScoreToleranceOf(const inference::Session& session);

// Divides `values` by their norm. Internal, reason MODEL_OUTPUT: not finite or norm below 1e-6.
absl::StatusOr<Embedding> MakeUnit(const std::string& model_id, std::vector<float> values);

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_EMBEDDER_H_
