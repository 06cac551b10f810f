#ifndef ROLLCALL_RECOGNITION_DETECTOR_H_
#define ROLLCALL_RECOGNITION_DETECTOR_H_

#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "recognition/types.h"

namespace rollcall::inference {
class Engine;
}

namespace rollcall::recognition {

struct Detection {
  Box box;         // as the net drew it: not square, may cross the border
  float score = 0;  // 0..1; the scale is the detector's own
};

// Finds faces in a whole picture. Thread-safety: none; one per worker.
class Detector {
 public:
  virtual ~Detector() = default;
  // By descending score, overlapping boxes suppressed. None is an ordinary answer.
  // Requires a picture whose buffer fits its size. Internal: the net failed.
  virtual absl::StatusOr<std::vector<Detection>> Detect(const Picture& picture) = 0;
};

// fr_detect: 320 x 240, letterboxed; finds faces from about 20 px of that input.
absl::StatusOr<std::unique_ptr<Detector>> MakeFrDetect(inference::Engine& engine,
                                                       const base::Bytes& onnx);

// YuNet 2022mar through cv::FaceDetectorYN at 320 x 320, letterboxed; from about 32 px of that input.
absl::StatusOr<std::unique_ptr<Detector>> MakeYuNet(const base::Bytes& onnx);

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_DETECTOR_H_
