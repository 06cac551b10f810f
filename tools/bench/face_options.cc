#include "bench/face_options.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "inference/engines.h"

namespace rollcall::bench {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<std::string> ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  if (!file.good()) {
    return base::MakeError(absl::StatusCode::kNotFound, "CANNOT_READ", "cannot read " + path);
  }
  return content.str();
}

// "../faces/lfw-dev/" and "." have a name too.
std::string FolderName(const std::string& path) {
  std::error_code error;
  fs::path full = fs::weakly_canonical(path, error);
  if (error) full = path;
  return full.filename().string();
}

}  // namespace

void ModelOptions::AddTo(CLI::App& app) {
  app.add_option("--manifest", manifest,
                 "The model manifest (default: models/manifest.json of the source tree)")
      ->group("Models");
  app.add_option("--models", cache_dir,
                 "Where tools/fetch-models put the model files (default: its own default)")
      ->group("Models");
  app.add_option("--engine", engine,
                 "What runs the nets: service (what a server here would use), float32 (our engine without int8) or "
                 "reference (OpenCV's cv::dnn)")
      ->group("Models")
      ->capture_default_str()
      ->check(CLI::IsMember({"service", "float32", "reference"}));
}

std::string ModelOptions::ManifestPath() const {
  if (!manifest.empty()) return manifest;
  const fs::path here = "models/manifest.json";
  std::error_code error;
  if (fs::exists(here, error)) return here.string();
  // build/PRESET/bin/rollcall-bench: three folders up is the source tree.
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path beside = program.parent_path() / "../../.." / here;
  return fs::exists(beside, error) ? beside.lexically_normal().string() : here.string();
}

std::string ModelOptions::CacheDir() const {
  return cache_dir.empty() ? recognition::ModelPack::DefaultCacheDir() : cache_dir;
}

absl::StatusOr<recognition::ModelPack> ModelOptions::Load(const std::string& embedder) const {
  return recognition::ModelPack::Load(ManifestPath(), CacheDir(), embedder);
}

absl::StatusOr<std::unique_ptr<recognition::FacePipeline>> ModelOptions::MakePipeline(
    const recognition::ModelPack& pack) const {
  return recognition::MakeFacePipeline(pack, *MakeEngine(pack));
}

std::unique_ptr<inference::Engine> ModelOptions::MakeEngine(const recognition::ModelPack& pack) const {
  if (engine == "service") return inference::MakeServiceEngine(pack.activations(), {});
  return engine == "float32" ? inference::MakeFastEngine() : inference::MakeReferenceEngine();
}

void FaceOptions::AddTo(CLI::App& app) {
  app.add_option("--faces", faces, "A folder with one folder of pictures for each person")
      ->required();
  app.add_option(
      "--dataset", dataset_file,
      "Notes on the data set (JSON: name, shift_right_px, same_person, leave_out); those of "
      "a folder called lfw-dev are built in");
  app.add_option("--exclude", exclude_file,
                 "A text file of pictures to leave out, one FOLDER/FILE a line");
  app.add_option("--shift", shift,
                 "Move aligned crops to the right by so many pixels (default: as "
                 "the notes say, else 0)");
  auto* is_aligned = app.add_flag(
      "--aligned", aligned, "The pictures are aligned crops of 112 x 112 (default: found out)");
  app.add_flag("--whole", whole, "The pictures are whole ones: faces are detected and aligned")
      ->excludes(is_aligned);
  app.add_option("--threads", threads, "Pictures analysed at the same time")
      ->default_val(2)
      ->check(CLI::Range(1, 64));
  app.add_option("--cache", cache_file,
                 "Keep what was computed in this file for the next run. It holds face templates: "
                 "delete it afterwards");
  app.add_option("--seed", seed, "Of everything random; the same seed gives the same report")
      ->default_val(1);
}

absl::StatusOr<Dataset> FaceOptions::List() const {
  DatasetNotes notes;
  if (!dataset_file.empty()) {
    ASSIGN_OR_RETURN(const std::string text, ReadText(dataset_file));
    ASSIGN_OR_RETURN(notes, ParseDatasetNotes(text));
  } else if (auto known = KnownDatasetNotes(FolderName(faces))) {
    notes = *std::move(known);
  }
  if (shift) notes.shift_right_px = *shift;
  if (!exclude_file.empty()) {
    ASSIGN_OR_RETURN(const std::string text, ReadText(exclude_file));
    std::stringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (!line.empty()) notes.leave_out.push_back(line);
    }
  }
  ASSIGN_OR_RETURN(Dataset dataset, ListDataset(faces, std::move(notes)));
  if (dataset.notes.name.empty()) dataset.notes.name = FolderName(faces);
  return dataset;
}

ObserveOptions FaceOptions::Observing(const Dataset& dataset) const {
  ObserveOptions options;
  options.layout = aligned ? Layout::kAligned : whole ? Layout::kWhole : DetectLayout(dataset);
  options.shift_right_px = options.layout == Layout::kAligned ? dataset.notes.shift_right_px : 0;
  options.threads = threads;
  options.cache_file = cache_file;
  options.seed = seed;
  return options;
}

absl::Status WriteText(const std::string& path, const std::string& text) {
  if (path == "-") {
    std::fputs(text.c_str(), stdout);
    return absl::OkStatus();
  }
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file.good()) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kInternal, "CANNOT_WRITE", "cannot write " + path);
}

}  // namespace rollcall::bench
