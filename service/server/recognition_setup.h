#ifndef ROLLCALL_SERVER_RECOGNITION_SETUP_H_
#define ROLLCALL_SERVER_RECOGNITION_SETUP_H_

#include <cstdint>
#include <string>

#include "app/recognition_workers.h"
#include "base/status.h"
#include "domain/match_curve.h"

namespace rollcall::server {

// What the service needs to know of its models; tests put one together without any.
struct Recognition {
  app::RecognitionWorkers::Factory factory;
  std::string model_id;
  std::string model_sha256;  // of its file; empty: not known
  int32_t dimension = 0;  // floats of an embedding
  domain::Calibration calibration;
  std::string calibration_provenance;
  std::string engine;  // e.g. "rollcall f32"
};

// Reads and verifies the model pack. The bytes live until the factory is gone. Errors of
// recognition::ModelPack::Load.
absl::StatusOr<Recognition> LoadRecognition(const std::string& manifest,
                                            const std::string& cache_dir);

// Stands in where face recognition is off: needs no models, and answers every picture with
// FailedPrecondition, reason FACE_OFF.
Recognition NoRecognition();

// Where the manifest is when nobody says: $ROLLCALL_MANIFEST, else ../share/rollcall/models beside
// the folder of the program, else models/ of the source tree that it was built from.
std::string DefaultManifest();

}  // namespace rollcall::server

#endif  // ROLLCALL_SERVER_RECOGNITION_SETUP_H_
