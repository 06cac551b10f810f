#ifndef ROLLCALL_RECOGNITION_ACTIVATIONS_H_
#define ROLLCALL_RECOGNITION_ACTIVATIONS_H_

#include <map>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"
#include "inference/calibration.h"

// The file that lets the nets of a pack run in int8 (models/README.md describes every key): how far their activations
// reach, and where that was seen.
namespace rollcall::recognition {

struct ActivationsFile {
  std::string provenance;  // data, counts, date, in one or two sentences
  inference::ActivationCalibrations calibrations;
};

// InvalidArgument, reason BAD_CALIBRATION: not JSON, or names the key that is missing or wrong.
absl::StatusOr<ActivationsFile> ParseActivations(std::string_view json);

// The file's text. Ranges keep four digits. `names`: what each model is called, for people who read the file.
std::string ActivationsJson(const ActivationsFile& file, const std::map<base::Sha256Digest, std::string>& names);

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_ACTIVATIONS_H_
