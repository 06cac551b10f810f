// rollcall-demo-kit: what tools/demo needs beside the product itself.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/videoio.hpp>

#include "base/status.h"
#include "demo_kit/camera_simulation.h"
#include "demo_kit/cast.h"
#include "demo_kit/demo_record.h"
#include "demo_kit/files.h"
#include "demo_kit/report.h"
#include "demo_kit/summary.h"
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
    options.eyes = false;
    options.liveness = false;
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
  std::string reader;
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
  if (!arguments.reader.empty()) {
    ASSIGN_OR_RETURN(Member reader, ReaderMember(arguments.reader));
    members.insert(members.begin(), std::move(reader));
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

struct ReportArguments {
  std::string demo;
  bool pixelate = false;
  std::string poster;
};

absl::Status RunReport(const ReportArguments& arguments) {
  ASSIGN_OR_RETURN(const DemoRecord record, ReadDemoRecord(arguments.demo));
  if (!arguments.poster.empty()) return WritePoster(record, arguments.poster);
  return WriteReport(record, Summarise(record), arguments.demo, arguments.pixelate);
}

// The line comes last, whatever there is to say: scripts read it.
absl::Status RunSummary(const std::string& demo) {
  ASSIGN_OR_RETURN(const DemoRecord record, ReadDemoRecord(demo));
  const Summary summary = Summarise(record);
  for (const std::string& problem : summary.problems) {
    std::fprintf(stderr, "rollcall-demo-kit: %s\n", problem.c_str());
  }
  std::printf("%s\n", SummaryLine(summary).c_str());
  if (summary.problems.empty()) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kFailedPrecondition, "NOT_AS_PLANNED", "");
}

// Takes pictures with a webcam, a little apart, so that they differ.
struct PhotographArguments {
  int camera = 0;
  int count = 3;
  std::string out;
};

absl::Status RunPhotograph(const PhotographArguments& arguments) {
  cv::VideoCapture camera(arguments.camera);
  if (!camera.isOpened()) {
    return base::MakeError(absl::StatusCode::kNotFound, "NO_CAMERA",
                           "camera " + std::to_string(arguments.camera) +
                               " cannot be opened; is it plugged in, and may you read /dev/video" +
                               std::to_string(arguments.camera) + "?");
  }
  constexpr int kWarmUpFrames = 20;  // exposure settles
  constexpr int kFramesApart = 30;
  cv::Mat picture;
  for (int taken = 0, seen = 0; taken < arguments.count; ++seen) {
    if (!camera.read(picture) || picture.empty()) {
      return base::MakeError(absl::StatusCode::kUnavailable, "NO_CAMERA",
                             "the camera stopped delivering pictures");
    }
    if (seen < kWarmUpFrames || (seen - kWarmUpFrames) % kFramesApart != 0) continue;
    ++taken;
    std::vector<uint8_t> jpeg;
    cv::imencode(".jpg", picture, jpeg, {cv::IMWRITE_JPEG_QUALITY, 95});
    RETURN_IF_ERROR(WriteBytes(fs::path(arguments.out) / (std::to_string(taken) + ".jpg"), jpeg));
    std::printf("picture %d of %d taken; turn your head a little\n", taken, arguments.count);
    std::fflush(stdout);
  }
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
  cast_command->add_option("--reader", cast.reader,
                           "Pictures of the reader, who then stands before a real camera");
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

  ReportArguments report;
  CLI::App* report_command =
      app.add_subcommand("report", "Write the page and the annotated pictures of a finished demo");
  report_command->add_option("--demo", report.demo, "The demo's folder")->required();
  report_command->add_flag("--pixelate", report.pixelate, "Make every face unrecognisable");
  report_command->add_option("--poster", report.poster,
                             "Write one pixelated JPEG of a few visits instead");

  std::string summary;
  CLI::App* summary_command = app.add_subcommand(
      "summary", "Compare the ledger with the plan and print the demo's last line; exit 1 if any of it "
                 "is not so");
  summary_command->add_option("--demo", summary, "The demo's folder")->required();

  PhotographArguments photograph;
  CLI::App* photograph_command =
      app.add_subcommand("photograph", "Take a few pictures with a webcam");
  photograph_command->add_option("--camera", photograph.camera, "Number")->required();
  photograph_command->add_option("--count", photograph.count)->check(CLI::Range(1, 10));
  photograph_command->add_option("--out", photograph.out, "Folder")->required();

  CLI11_PARSE(app, argc, argv);
  absl::Status status;
  if (cast_command->parsed()) status = RunCast(cast);
  if (frames_command->parsed()) status = RunFrames(frames);
  if (report_command->parsed()) status = RunReport(report);
  if (summary_command->parsed()) status = RunSummary(summary);
  if (photograph_command->parsed()) status = RunPhotograph(photograph);
  if (!status.ok()) {
    if (!status.message().empty()) {
      std::fprintf(stderr, "rollcall-demo-kit: %s\n", base::Message(status).c_str());
    }
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace rollcall::demo_kit

int main(int argc, char** argv) { return rollcall::demo_kit::Main(argc, argv); }
