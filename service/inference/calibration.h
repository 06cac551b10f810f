#ifndef ROLLCALL_INFERENCE_CALIBRATION_H_
#define ROLLCALL_INFERENCE_CALIBRATION_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "inference/activation_ranges.h"
#include "inference/session.h"

// What a model needs besides its file to run in numbers narrower than float32, measured on real inputs.
namespace rollcall::inference {

// Each side of the picture that a calibration carries for the self-check is this much smaller than the input.
inline constexpr int64_t kCheckPictureShrink = 4;

// Whether this processor has the instructions.
bool Runs(NarrowPrecision precision);
// Whether it has them and they are faster than float32's.
bool Pays(NarrowPrecision precision);

// A precision that a model was tried in.
struct TriedPrecision {
  NarrowPrecision precision = NarrowPrecision::kInt8;
  // How far the outputs may be from float32's on the check picture: the norm of the difference over the norm.
  float max_error = 0;

  bool operator==(const TriedPrecision&) const = default;
};

struct ActivationCalibration {
  std::vector<TriedPrecision> precisions = {};  // the preferred one first
  ActivationRanges ranges = {};                 // for kInt8; empty where that is not among them
  int64_t inputs = 0;  // how many were seen
  // The mean of all inputs as a picture (h w c bytes, each side divided by kCheckPictureShrink): nobody's face, but
  // one that a net takes for a face. With it a session is compared with float32 before it is used.
  std::vector<uint8_t> check_picture = {};
};

// By the SHA-256 of the model file.
using ActivationCalibrations = std::map<base::Sha256Digest, ActivationCalibration>;

// The check picture at the size of an input of `shape` (1 x c x h x w): every pixel repeated. Empty where the sizes do
// not fit.
std::vector<uint8_t> CheckPictureFor(const ActivationCalibration& calibration, const std::vector<int64_t>& shape);

// The norm of the difference of two answers over the norm of `wanted`, all outputs together; infinite where the sizes
// differ.
float RelativeError(const std::vector<Tensor>& got, const std::vector<Tensor>& wanted);

// An engine to calibrate with: float32, and it notes the range of every activation that would be stored narrower.
// Only models whose spec says what a pixel means are noted. Thread-safe.
class ObservingEngine : public Engine {
 public:
  // What was seen so far of the models in `precisions`, by the names in their specs, in these precisions, with
  // max_error measured: twice the error on the check picture, at least 0.01. FailedPrecondition, reason
  // NOT_THIS_PROCESSOR: it cannot measure that. InvalidArgument, reason BAD_MODEL: a model that does not run so.
  virtual absl::StatusOr<ActivationCalibrations> Calibrations(
      const std::map<std::string, std::vector<NarrowPrecision>>& precisions) const = 0;
};
std::unique_ptr<ObservingEngine> MakeObservingEngine();

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_CALIBRATION_H_
