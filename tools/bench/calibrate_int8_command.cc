#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "base/clock.h"
#include "bench/commands.h"
#include "bench/face_options.h"
#include "bench/format.h"
#include "bench/machine.h"
#include "bench/progress.h"
#include "inference/engines.h"
#include "recognition/activations.h"
#include "recognition/decode.h"
#include "recognition/face_pipeline.h"

namespace rollcall::bench {
namespace {

constexpr char kHelp[] =
    R"(Measures what the nets need to run in int8: how far each channel of their activations reaches.

The product's own pipeline runs in float32 over two kinds of pictures: the people of --faces (one
picture each, of the half that calibrates), and all pictures below --pictures as they are and in
smaller sizes, so that the detector sees faces of every size. What is written holds no picture of a
person: per channel the smallest and the largest number seen, and per net the mean of all its inputs,
with which a server compares int8 and float32 before it uses int8.)";

constexpr char kFooter[] =
    R"(Examples:
  rollcall-bench calibrate-int8 --faces ../shared/faces/lfw-dev \
      --pictures ../shared/faces/people --pictures ../shared/faces/groups --out activations.json
  rollcall-bench calibrate-int8 ... --also dlib_resnet-face_api-1.7.15   the second embedder as well
The manifest's key "activations" names the file.

Exit codes: 0 written, 1 failed (the message says what to do), 2 wrong arguments.)";

struct Options {
  ModelOptions models;
  FaceOptions faces;
  std::vector<std::string> pictures;
  int32_t people = 400;
  std::vector<std::string> also;
  std::string out;
};

// A picture at 1, 1/2 and 1/3 of its size, nearest pixels: what matters is the size of the faces.
recognition::Picture Shrunk(const recognition::Picture& picture, int32_t by) {
  recognition::Picture small;
  small.width = picture.width / by;
  small.height = picture.height / by;
  small.bgr.reserve(static_cast<size_t>(small.width) * static_cast<size_t>(small.height) * 3);
  for (int32_t y = 0; y < small.height; ++y) {
    for (int32_t x = 0; x < small.width; ++x) {
      const auto* from = &picture.bgr[(static_cast<size_t>(y * by) * static_cast<size_t>(picture.width) +
                                       static_cast<size_t>(x * by)) * 3];
      small.bgr.insert(small.bgr.end(), from, from + 3);
    }
  }
  return small;
}

// The number of pictures that could be read.
absl::StatusOr<int64_t> LookAtPictures(const std::vector<std::string>& folders, recognition::FacePipeline& pipeline) {
  std::vector<std::filesystem::path> paths;
  for (const std::string& folder : folders) {
    for (auto& path : PicturesBelow(folder)) paths.push_back(std::move(path));
  }
  Progress progress("pictures", static_cast<int64_t>(paths.size()), MachineClock());
  int64_t read = 0;
  for (const auto& path : paths) {
    progress.Add();
    const auto picture = recognition::DecodePicture(ReadBytes(path), {});
    if (!picture.ok()) continue;
    ++read;
    for (int32_t by = 1; by <= 3; ++by) {
      RETURN_IF_ERROR(pipeline.Analyse(Shrunk(*picture, by), {.max_faces_embedded = 100}).status());
    }
  }
  return read;
}

// The people of the half that calibrates, one picture each.
absl::StatusOr<Dataset> CalibratingPeople(const Options& options) {
  ASSIGN_OR_RETURN(Dataset dataset, options.faces.List());
  std::erase_if(dataset.people, [](const Person& person) { return !InCalibrationHalf(person); });
  if (dataset.people.size() > static_cast<size_t>(options.people)) {
    dataset.people.resize(static_cast<size_t>(options.people));
  }
  for (Person& person : dataset.people) person.pictures.resize(1);
  return dataset;
}

// Lets the pipeline of `pack` look at everything in `engine`. The number of pictures of --pictures that could be read.
absl::StatusOr<int64_t> LookAtAll(const Options& options, const Dataset& dataset, const recognition::ModelPack& pack,
                                  inference::Engine& engine) {
  ASSIGN_OR_RETURN(const auto pipeline, recognition::MakeFacePipeline(pack, engine));
  ASSIGN_OR_RETURN(const int64_t pictures, LookAtPictures(options.pictures, *pipeline));
  const ObserveOptions observing = options.faces.Observing(dataset);
  RETURN_IF_ERROR(
      Observe(dataset, "", [&] { return recognition::MakeFacePipeline(pack, engine); }, observing).status());
  return pictures;
}

// What is written, and what each model in it is called.
struct Collected {
  recognition::ActivationsFile file;
  std::map<base::Sha256Digest, std::string> names;
};

constexpr auto kInt8 = inference::NarrowPrecision::kInt8;
constexpr auto kBfloat16 = inference::NarrowPrecision::kBfloat16;

absl::Status Collect(const inference::ObservingEngine& engine, const std::string& model, const std::string& name,
                     const std::vector<inference::NarrowPrecision>& precisions, Collected& all) {
  ASSIGN_OR_RETURN(auto seen, engine.Calibrations({{model, precisions}}));
  for (auto& [digest, calibration] : seen) {
    all.names[digest] = name;
    all.file.calibrations[digest] = std::move(calibration);
  }
  return absl::OkStatus();
}

absl::Status Run(const Options& options) {
  ASSIGN_OR_RETURN(const recognition::ModelPack pack, options.models.Load());
  ASSIGN_OR_RETURN(const Dataset dataset, CalibratingPeople(options));
  const auto engine = inference::MakeObservingEngine();
  ASSIGN_OR_RETURN(const int64_t pictures, LookAtAll(options, dataset, pack, *engine));
  // bfloat16 where the processor is quick at it, as its scores are five times as near to float32's. fr_eye stays in
  // float32: as small as it is, it gains no time. fr_landmark in int8 moves its points by up to a pixel, which the
  // embedder sees. What fr_liveness says decides between a person and a picture of her, and its int8 answers were seen
  // to be off by more than half.
  Collected all;
  RETURN_IF_ERROR(Collect(*engine, "fr_detect", "fr_detect.onnx", {kBfloat16, kInt8}, all));
  RETURN_IF_ERROR(Collect(*engine, pack.embedder().id, pack.embedder().file, {kBfloat16, kInt8}, all));
  RETURN_IF_ERROR(Collect(*engine, "fr_landmark", "fr_landmark.onnx", {kBfloat16}, all));
  RETURN_IF_ERROR(Collect(*engine, "fr_liveness", "fr_liveness.onnx", {kBfloat16}, all));
  for (const std::string& embedder : options.also) {
    ASSIGN_OR_RETURN(const recognition::ModelPack other, options.models.Load(embedder));
    const auto its_own = inference::MakeObservingEngine();  // so that nothing is counted twice
    RETURN_IF_ERROR(LookAtAll(options, dataset, other, *its_own).status());
    RETURN_IF_ERROR(Collect(*its_own, embedder, other.embedder().file, {kBfloat16, kInt8}, all));
  }
  all.file.provenance = Thousands(static_cast<int64_t>(dataset.people.size())) + " faces of " + dataset.notes.name +
                        " (people of the half that calibrates), and " + Thousands(pictures) +
                        " photographs at three sizes each; " +
                        base::FormatTime(base::SystemClock().Now()).substr(0, 10) + ".";
  Table table({"model", "inputs", "values", "precision", "largest error allowed"});
  for (const auto& [digest, calibration] : all.file.calibrations) {
    for (const auto& [precision, max_error] : calibration.precisions) {
      table.Add({all.names.at(digest), Thousands(calibration.inputs),
                 Thousands(static_cast<int64_t>(calibration.ranges.size())),
                 precision == kInt8 ? "int8" : "bfloat16", Fixed(max_error, 4)});
    }
  }
  RETURN_IF_ERROR(WriteText(options.out, recognition::ActivationsJson(all.file, all.names)));
  if (options.out != "-") std::fputs(table.Render().c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace

void AddCalibrateInt8(CLI::App& app, Command* run) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("calibrate-int8", kHelp);
  command->footer(kFooter);
  options->faces.AddTo(*command);
  command->add_option("--pictures", options->pictures, "A folder of photographs with faces; may be given again");
  command->add_option("--people", options->people, "How many people of --faces")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--also", options->also, "The id of another embedder of the manifest to measure; may be given again");
  command->add_option("--out", options->out, "The file to write; \"-\": stdout")->required();
  options->models.AddTo(*command);
  command->callback([options, run] { *run = [options] { return Run(*options); }; });
}

}  // namespace rollcall::bench
