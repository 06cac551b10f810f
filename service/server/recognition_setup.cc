#include "server/recognition_setup.h"

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "inference/session.h"
#include "recognition/face_pipeline.h"
#include "recognition/model_pack.h"

namespace rollcall::server {

absl::StatusOr<Recognition> LoadRecognition(const std::string& manifest,
                                            const std::string& cache_dir) {
  ASSIGN_OR_RETURN(auto loaded, recognition::ModelPack::Load(manifest, cache_dir));
  const auto pack = std::make_shared<const recognition::ModelPack>(std::move(loaded));
  Recognition recognition;
  recognition.factory = [pack] { return recognition::MakeFacePipeline(*pack); };
  recognition.model_id = pack->embedder().id;
  recognition.dimension = pack->embedder().dimension;
  recognition.calibration = pack->calibration();
  recognition.calibration_provenance = pack->calibration_provenance();
  recognition.engine = inference::MakeReferenceEngine()->name();
  return recognition;
}

std::string DefaultManifest() {
  namespace fs = std::filesystem;
  if (const char* given = std::getenv("ROLLCALL_MANIFEST")) return given;
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  const fs::path installed =
      program.parent_path().parent_path() / "share/rollcall/models/manifest.json";
  if (fs::exists(installed, ignored)) return installed;
  return ROLLCALL_SOURCE_MANIFEST;
}

}  // namespace rollcall::server
