#ifndef ROLLCALL_RECOGNITION_MANIFEST_H_
#define ROLLCALL_RECOGNITION_MANIFEST_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "domain/match_curve.h"
#include "recognition/model_pack.h"

// The two JSON formats of models/ (models/README.md describes every key) as plain values.
namespace rollcall::recognition {

struct ManifestFile {
  int64_t bytes = 0;
  std::string sha256;  // 64 lower-case hexadecimal digits
};

struct Manifest {
  std::map<std::string, ManifestFile> files;
  std::string detector;       // id of the chosen one, e.g. "fr_detect"
  std::string detector_file;  // key into files
  EmbedderSpec embedder;      // the chosen one
  std::string calibration;    // its calibration file, relative to the manifest; empty: none
  std::string int8_calibration;  // the same measured in int8, likewise
  std::string activations;    // what int8 needs, likewise; empty: none
};

// `embedder`: the id of the one to choose; empty: the manifest's own choice.
// InvalidArgument, reason BAD_MANIFEST: not JSON, or names the key that is missing or wrong.
absl::StatusOr<Manifest> ParseManifest(std::string_view json, const std::string& embedder = {});

struct CalibrationFile {
  domain::Calibration calibration;
  std::string provenance;
  std::vector<std::string> people;
};

// InvalidArgument, reason BAD_CALIBRATION: not JSON, a key missing or wrong, measured with another
// model than `model_id`, or curves that domain::Calibration refuses.
absl::StatusOr<CalibrationFile> ParseCalibration(std::string_view json,
                                                 const std::string& model_id);

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_MANIFEST_H_
