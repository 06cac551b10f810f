#include "server/recognition_setup.h"

#include <cstdlib>
#include <memory>
#include <utility>

#include "base/log.h"
#include "inference/engines.h"
#include "recognition/face_pipeline.h"
#include "recognition/model_pack.h"
#include "server/installed.h"

namespace rollcall::server {

absl::StatusOr<Recognition> LoadRecognition(const std::string& manifest,
                                            const std::string& cache_dir) {
  ASSIGN_OR_RETURN(auto loaded, recognition::ModelPack::Load(manifest, cache_dir));
  const auto pack = std::make_shared<const recognition::ModelPack>(std::move(loaded));
  // Of one engine, so that the workers share the weights.
  const std::shared_ptr<inference::Engine> engine =
      inference::MakeServiceEngine(pack->activations(), [](const std::string& model, const absl::Status& why) {
        base::log::Warning("model_on_slower_engine", {{"model", model}, {"why", base::Message(why)}});
      });
  Recognition recognition;
  recognition.factory = [pack, engine] { return recognition::MakeFacePipeline(*pack, *engine); };
  recognition.model_id = pack->embedder().id;
  recognition.model_sha256 = pack->embedder().sha256;
  recognition.dimension = pack->embedder().dimension;
  recognition.calibration = pack->calibration();
  recognition.calibration_provenance = pack->calibration_provenance();
  recognition.engine = engine->name();
  return recognition;
}

namespace {

// No model's id, so that no stored template is ever taken for one of its own.
const std::string kNoModel = "none";

class NoPipeline final : public recognition::FacePipeline {
 public:
  absl::StatusOr<std::vector<recognition::Face>> Analyse(
      const recognition::Picture&, const recognition::AnalyseOptions&) override {
    return Off();
  }
  absl::StatusOr<recognition::Face> AnalyseAligned(const recognition::Picture&) override {
    return Off();
  }
  absl::StatusOr<recognition::Embedding> EmbedExactly(const recognition::Face&) override {
    return Off();
  }
  const std::string& model_id() const override { return kNoModel; }

 private:
  static absl::Status Off() {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "FACE_OFF",
                           "face recognition is switched off on this server");
  }
};

}  // namespace

Recognition NoRecognition() {
  Recognition recognition;
  recognition.factory = [] { return std::make_unique<NoPipeline>(); };
  recognition.model_id = kNoModel;
  recognition.dimension = 1;
  recognition.calibration_provenance = "face recognition is off";
  recognition.engine = "none";
  return recognition;
}

std::string DefaultManifest() {
  if (const char* given = std::getenv("ROLLCALL_MANIFEST")) return given;
  return InstalledOr("models/manifest.json", ROLLCALL_SOURCE_MANIFEST);
}

}  // namespace rollcall::server
