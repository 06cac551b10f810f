#ifndef ROLLCALL_BENCH_FACE_OPTIONS_H_
#define ROLLCALL_BENCH_FACE_OPTIONS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/status.h"
#include "bench/dataset.h"
#include "bench/observe.h"
#include "inference/session.h"
#include "recognition/face_pipeline.h"
#include "recognition/model_pack.h"

namespace CLI {
class App;
}

namespace rollcall::bench {

// Where the models are and what runs them. Options: --manifest, --models, --engine.
struct ModelOptions {
  std::string manifest;
  std::string cache_dir;
  std::string engine = "service";  // or "float32" or "reference"

  void AddTo(CLI::App& app);
  // Errors as ModelPack::Load's. Without --manifest: models/manifest.json here, else beside the
  // source tree that the program was built in. `embedder`: as ModelPack::Load's.
  absl::StatusOr<recognition::ModelPack> Load(const std::string& embedder = {}) const;
  // The chosen engine. Its name says in which precisions the nets of `pack` run on this processor. Thread-safe.
  std::unique_ptr<inference::Engine> MakeEngine(const recognition::ModelPack& pack) const;
  // A pipeline on an engine of its own, the chosen one. Errors as MakeFacePipeline's. Thread-safe.
  absl::StatusOr<std::unique_ptr<recognition::FacePipeline>> MakePipeline(const recognition::ModelPack& pack) const;
  std::string ManifestPath() const;
  std::string CacheDir() const;
};

// A folder of people and how to look at it: what `accuracy` and `calibrate` share.
// Options: --faces, --dataset, --exclude, --shift, --aligned, --whole, --threads, --cache, --seed.
struct FaceOptions {
  std::string faces;
  std::string dataset_file;
  std::string exclude_file;
  std::optional<int32_t> shift;
  bool aligned = false;
  bool whole = false;
  int32_t threads = 2;
  std::string cache_file;
  uint64_t seed = 1;

  void AddTo(CLI::App& app);
  // Lists the people: notes from --dataset, else those known for the folder's name, else none; a
  // given --shift and the lines of --exclude are written into them.
  absl::StatusOr<Dataset> List() const;
  // How List's result is to be looked at. Reads pictures to find out, unless --aligned or --whole
  // says.
  ObserveOptions Observing(const Dataset& dataset) const;
};

// Writes `text` to `path`, or to stdout where it is "-". Internal, reason CANNOT_WRITE.
absl::Status WriteText(const std::string& path, const std::string& text);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_FACE_OPTIONS_H_
