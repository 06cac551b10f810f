#ifndef ROLLCALL_RECOGNITION_MODEL_PACK_H_
#define ROLLCALL_RECOGNITION_MODEL_PACK_H_

#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "domain/match_curve.h"
#include "inference/calibration.h"

namespace rollcall::recognition {

// How an embedder wants its input; from the manifest (models/README.md describes each key).
struct EmbedderSpec {
  std::string id;             // "fr_feature-0.0.1"; stored beside every template
  std::string kind;           // "onnx-112", "dlib-resnet" or "dlib-dat"
  std::string file;           // key into ModelPack::file
  std::string sha256;         // of that file, 64 lower-case hexadecimal digits
  std::string layout;         // likewise, "dlib-resnet" only: which tensor lies where in `file`
  int32_t dimension = 512;
  bool rgb = false;           // channel order of the input
  float mean = 127;
  float scale = 1.0f / 128;
  bool mirror = false;        // average with the mirrored crop
  float min_raw_length = 2.0f;
};

// A verified set of model files. Immutable; const methods may be called concurrently.
class ModelPack {
 public:
  // Reads `manifest_path`, then each file that the chosen detector and embedder need from `cache_dir`
  // (opened once, without following links, read whole), and compares sizes and SHA-256 before
  // anything is parsed.
  // NotFound, reason MODEL_MISSING; DataLoss, reason MODEL_CHANGED (also links of both kinds and
  // truncated files): the message names the file, the expected and the found hash, and the command that repairs it.
  // InvalidArgument, reason BAD_MODEL: an ONNX file that refers to other files, whatever its hash;
  // reason BAD_MANIFEST or BAD_CALIBRATION: names the key. An embedder whose entry has
  // no calibration loads with an empty one, which gives no threshold for any rate.
  // `embedder`: the id of another embedder of the manifest than the one that it chooses, to compare them.
  static absl::StatusOr<ModelPack> Load(const std::string& manifest_path, const std::string& cache_dir,
                                        const std::string& embedder = {});

  // Where `tools/fetch-models` unpacks: $ROLLCALL_MODELS, else $XDG_CACHE_HOME/rollcall/models, else
  // ~/.cache/rollcall/models.
  static std::string DefaultCacheDir();

  // Reads and verifies one file of the manifest, chosen or not (fr_pose for a comparison, say), with
  // the same errors. NotFound, reason BAD_MANIFEST: the manifest has no such file.
  static absl::StatusOr<base::Bytes> ReadFile(const std::string& manifest_path,
                                              const std::string& cache_dir,
                                              const std::string& name);

  // The bytes of a file by its manifest name; requires has_file(name).
  const base::Bytes& file(const std::string& name) const;
  bool has_file(const std::string& name) const { return files_.contains(name); }
  std::vector<std::string> file_names() const;  // of all files that were read, in alphabetical order
  const EmbedderSpec& embedder() const { return embedder_; }
  const std::string& detector() const { return detector_; }  // "fr_detect" or "yunet"
  const std::string& detector_file() const { return detector_file_; }  // key into file()
  const domain::Calibration& calibration() const { return calibration_; }
  // Where the calibration comes from: data set, counts, date, in one sentence.
  const std::string& calibration_provenance() const { return calibration_provenance_; }
  // First eight hexadecimal digits of SHA-256 of the name (UTF-8) of every person that the
  // calibration saw; the bench leaves them out of what it tests.
  const std::vector<std::string>& calibration_people() const { return calibration_people_; }
  // What lets the pack's nets run in int8; empty where the manifest names no such file.
  const inference::ActivationCalibrations& activations() const { return activations_; }

 private:
  std::map<std::string, base::Bytes> files_;
  EmbedderSpec embedder_;
  std::string detector_;
  std::string detector_file_;
  domain::Calibration calibration_;
  std::string calibration_provenance_;
  std::vector<std::string> calibration_people_;
  inference::ActivationCalibrations activations_;
};

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_MODEL_PACK_H_
