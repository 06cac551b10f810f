// rollcall-demo-kit: what tools/demo needs beside the product itself.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <opencv2/imgcodecs.hpp>

#include "base/status.h"
#include "demo_kit/camera_simulation.h"
#include "demo_kit/cast.h"
#include "demo_kit/files.h"
#include "recognition/face_pipeline.h"
#include "recognition/model_pack.h"

namespace rollcall::demo_kit {
namespace {
namespace fs = std::filesystem;

// How the product itself finds faces; the models are loaded with the first picture.
class Finder {
 public:
  explicit Finder(std::string manifest) : manifest_(std::move(manifest)) {}

  absl::StatusOr<std::vector<cv::Rect>> operator()(const cv::Mat& picture) {
    if (!pipeline_) {
      ASSIGN_OR_RETURN(const recognition::ModelPack pack,
                       recognition::ModelPack::Load(manifest_,
                                                    recognition::ModelPack::DefaultCacheDir()));
      ASSIGN_OR_RETURN(pipeline_, recognition::MakeFacePipeline(pack));
    }
    recognition::Picture plain;
    plain.width = picture.cols;
    plain.height = picture.rows;
    const cv::Mat whole = picture.isContinuous() ? picture : picture.clone();
    plain.bgr.assign(whole.datastart, whole.dataend);
    recognition::AnalyseOptions options;
    options.embed = false;
    options.liveness_and_eyes = false;
    ASSIGN_OR_RETURN(const std::vector<recognition::Face> faces,
                     pipeline_->Analyse(plain, options));
    std::vector<cv::Rect> boxes;
    for (const recognition::Face& face : faces) {
      boxes.emplace_back(cv::Point2f(face.box.x1, face.box.y1),
                         cv::Point2f(face.box.x2, face.box.y2));
    }
    return boxes;
  }

 private:
  std::string manifest_;
  std::unique_ptr<recognition::FacePipeline> pipeline_;
};

struct CastArguments {
  std::string table;
  std::string pictures;
  std::string photos;
  std::string shared;
  std::string manifest;
  CastFiles files;
};

absl::Status RunCast(const CastArguments& arguments) {
  auto finder = std::make_shared<Finder>(arguments.manifest);
  const FindFaces find = [finder](const cv::Mat& picture) { return (*finder)(picture); };
  std::vector<std::string> remarks;
  ASSIGN_OR_RETURN(std::vector<Member> members, TableCast(arguments.table, arguments.pictures));
  if (!arguments.photos.empty()) {
    // The reader's own people take the place of the volunteers; PIN and strangers stay.
    std::erase_if(members, [](const Member& m) { return m.role == Role::kVolunteer; });
    ASSIGN_OR_RETURN(std::vector<Member> own,
                     FolderCast(arguments.photos, "p", 5, false, find, remarks));
    members.insert(members.begin(), own.begin(), own.end());
  } else if (!arguments.shared.empty()) {
    ASSIGN_OR_RETURN(std::vector<Member> more,
                     FolderCast(fs::path(arguments.shared) / "faces" / "people", "s", 0, true, find,
                                remarks));
    members.insert(members.end(), more.begin(), more.end());
  }
  for (const std::string& remark : remarks) std::printf("%s\n", remark.c_str());
  CastFiles files = arguments.files;
  files.progress = [](size_t done, size_t of) {
    std::printf("[%zu/%zu] people and their frames\n", done, of);
    std::fflush(stdout);
  };
  return WriteCast(members, files);
}

struct FramesArguments {
  std::string picture;
  std::string manifest;
  std::vector<int> box;
  std::string out;
  CameraOptions camera;
};

absl::Status RunFrames(const FramesArguments& arguments) {
  Scene scene;
  scene.picture = cv::imread(arguments.picture, cv::IMREAD_COLOR);
  if (scene.picture.empty()) {
    return base::MakeError(absl::StatusCode::kNotFound, "FILE_MISSING",
                           arguments.picture + " is not a picture that can be read");
  }
  if (arguments.box.size() == 4) {
    scene.face = cv::Rect(cv::Point(arguments.box[0], arguments.box[1]),
                          cv::Point(arguments.box[2], arguments.box[3])) &
                 cv::Rect(cv::Point(0, 0), scene.picture.size());
  } else {
    Finder finder(arguments.manifest);
    ASSIGN_OR_RETURN(const std::vector<cv::Rect> faces, finder(scene.picture));
    if (!faces.empty()) scene.face = faces.front();
    if (faces.size() > 1) scene.others.assign(faces.begin() + 1, faces.end());
  }
  if (scene.face.empty()) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "NO_FACE",
                           "no face in " + arguments.picture + "; name one with --box");
  }
  const std::vector<std::vector<uint8_t>> frames = SimulateVisit(scene, arguments.camera);
  for (size_t i = 0; i < frames.size(); ++i) {
    char name[32];
    std::snprintf(name, sizeof name, "frame-%03zu.jpg", i + 1);
    RETURN_IF_ERROR(WriteBytes(fs::path(arguments.out) / name, frames[i]));
  }
  std::printf("%zu frames in %s\n", frames.size(), arguments.out.c_str());
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app("Prepares tools/demo and shows what came of it. Not part of the service.",
               "rollcall-demo-kit");
  app.require_subcommand(1);

  CastArguments cast;
  CLI::App* cast_command =
      app.add_subcommand("cast", "Write the demo's people: photos, CSV, frames of their visits");
  cast_command->add_option("--table", cast.table, "cast.json")->required();
  cast_command->add_option("--pictures", cast.pictures, "Folder of the six photographs")->required();
  cast_command->add_option("--photos", cast.photos, "Your own people: a folder of pictures each");
  cast_command->add_option("--shared", cast.shared,
                           "A ../shared: people with two whole photographs join");
  cast_command->add_option("--manifest", cast.manifest, "models/manifest.json")->required();
  cast_command->add_option("--out", cast.files.out, "Where to write")->required();
  cast_command->add_option("--seed", cast.files.seed, "Of the camera simulation");
  cast_command->add_option("--frames", cast.files.frames, "Per visit")->check(CLI::Range(1, 1000));

  FramesArguments frames;
  CLI::App* frames_command = app.add_subcommand(
      "frames", "Turn one photograph into frames by a plain camera simulation: pan, zoom, tilt, "
                "exposure, noise, motion blur, JPEG. Shows a path, proves nothing about accuracy.");
  frames_command->add_option("picture", frames.picture, "JPEG or PNG")->required();
  frames_command->add_option("--box", frames.box, "Face: x1 y1 x2 y2 in pixels (default: found)")
      ->expected(4);
  frames_command->add_option("--manifest", frames.manifest, "models/manifest.json")
      ->default_val("models/manifest.json");
  frames_command->add_option("--out", frames.out, "Folder for the frames")->required();
  frames_command->add_option("--frames", frames.camera.frames)->check(CLI::Range(1, 1000));
  frames_command->add_option("--seed", frames.camera.seed);
  frames_command->add_option("--width", frames.camera.width)->check(CLI::Range(64, 4096));
  frames_command->add_option("--height", frames.camera.height)->check(CLI::Range(64, 4096));
  frames_command->add_option("--face-side", frames.camera.face_side, "Pixels")
      ->check(CLI::Range(20, 2000));

  CLI11_PARSE(app, argc, argv);
  absl::Status status;
  if (cast_command->parsed()) status = RunCast(cast);
  if (frames_command->parsed()) status = RunFrames(frames);
  if (!status.ok()) {
    std::fprintf(stderr, "rollcall-demo-kit: %s\n", base::Message(status).c_str());
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace rollcall::demo_kit

int main(int argc, char** argv) { return rollcall::demo_kit::Main(argc, argv); }
