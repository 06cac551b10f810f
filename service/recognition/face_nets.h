#ifndef ROLLCALL_RECOGNITION_FACE_NETS_H_
#define ROLLCALL_RECOGNITION_FACE_NETS_H_

#include <memory>

#include "base/bytes.h"
#include "base/status.h"
#include "recognition/geometry.h"
#include "recognition/types.h"

namespace rollcall::inference {
class Engine;
class Session;
}  // namespace rollcall::inference

// The small nets that look at one face. Thread-safety of all: none; one per worker.
// All calls require a picture whose buffer fits its size; Internal where a net failed.
namespace rollcall::recognition {

// fr_landmark: 68 points of the face in a square box.
class LandmarkNet {
 public:
  static absl::StatusOr<LandmarkNet> Load(inference::Engine& engine, const base::Bytes& onnx);
  LandmarkNet(LandmarkNet&&) noexcept;
  ~LandmarkNet();
  // `square`: clipped to the picture already (then it is no longer quite square; the net copes).
  absl::StatusOr<Landmarks> Find(const Picture& picture, const Box& square);

 private:
  explicit LandmarkNet(std::unique_ptr<inference::Session> session);
  std::unique_ptr<inference::Session> session_;
};

// fr_liveness: notices the frame of a held-up picture or telephone around a face; a picture that fills
// the view passes. So the answer means "no held-up picture was noticed", never "a live person".
class LivenessNet {
 public:
  static absl::StatusOr<LivenessNet> Load(inference::Engine& engine, const base::Bytes& onnx);
  LivenessNet(LivenessNet&&) noexcept;
  ~LivenessNet();
  // Probability 0..1 that no held-up picture is in view. `square` as for LandmarkNet.
  absl::StatusOr<float> LiveProbability(const Picture& picture, const Box& square);

 private:
  explicit LivenessNet(std::unique_ptr<inference::Session> session);
  std::unique_ptr<inference::Session> session_;
};

// fr_eye: whether an eye is open. Calls about one open face in fourteen closed; for choosing frames.
class EyeNet {
 public:
  static absl::StatusOr<EyeNet> Load(inference::Engine& engine, const base::Bytes& onnx);
  EyeNet(EyeNet&&) noexcept;
  ~EyeNet();
  struct Eyes {
    float open = 1;    // the lower of the two eyes' probabilities of being open, 0..1
    float closed = 1;  // the lower of the two eyes' probabilities of being closed, 0..1
  };
  absl::StatusOr<Eyes> Look(const Picture& picture, const Landmarks& landmarks);

 private:
  explicit EyeNet(std::unique_ptr<inference::Session> session);
  std::unique_ptr<inference::Session> session_;
};

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_FACE_NETS_H_
