#include "recognition/detector.h"

#include <stdlib.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>

#include "inference/session.h"
#include "recognition/geometry.h"
#include "recognition/mat.h"

namespace rollcall::recognition {
namespace {

// A picture shrunk into a fixed canvas, top left, its shape kept.
struct Letterbox {
  cv::Mat canvas;
  float x_scale = 1;  // canvas pixels to picture pixels
  float y_scale = 1;
};

Letterbox MakeLetterbox(const cv::Mat& picture, cv::Size size, double grey) {
  const double shrink = std::min(static_cast<double>(size.width) / picture.cols,
                                 static_cast<double>(size.height) / picture.rows);
  const cv::Size inner(
      std::clamp(static_cast<int>(std::lround(picture.cols * shrink)), 1, size.width),
      std::clamp(static_cast<int>(std::lround(picture.rows * shrink)), 1, size.height));
  Letterbox box;
  box.canvas.create(size, CV_8UC3);
  box.canvas.setTo(cv::Scalar::all(grey));
  cv::resize(picture, box.canvas(cv::Rect(cv::Point(0, 0), inner)), inner, 0, 0,
             shrink < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
  box.x_scale = static_cast<float>(picture.cols) / static_cast<float>(inner.width);
  box.y_scale = static_cast<float>(picture.rows) / static_cast<float>(inner.height);
  return box;
}

// Keeps the best of every group of boxes that overlap by more than `max_overlap`.
std::vector<Detection> Suppress(std::vector<Detection> found, float max_overlap) {
  std::stable_sort(found.begin(), found.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  std::vector<Detection> kept;
  for (const Detection& candidate : found) {
    const bool covered = std::any_of(kept.begin(), kept.end(), [&](const Detection& better) {
      return Overlap(better.box, candidate.box) > max_overlap;
    });
    if (!covered) kept.push_back(candidate);
  }
  return kept;
}

class FrDetect final : public Detector {
 public:
  static constexpr int kWidth = 320;
  static constexpr int kHeight = 240;
  static constexpr int kBoxes = 4420;

  explicit FrDetect(std::unique_ptr<inference::Session> session) : session_(std::move(session)) {}

  absl::StatusOr<std::vector<Detection>> Detect(const Picture& picture) override {
    const Letterbox box = MakeLetterbox(AsMat(picture), cv::Size(kWidth, kHeight), kMean);
    cv::Mat rgb;
    cv::cvtColor(box.canvas, rgb, cv::COLOR_BGR2RGB);
    ASSIGN_OR_RETURN(const std::vector<inference::Tensor> outputs,
                     session_->RunPixels({rgb.ptr<uint8_t>(), rgb.total() * rgb.elemSize()}));
    const std::vector<float>& scores = outputs[0].values;  // per box: background, face
    const std::vector<float>& corners = outputs[1].values;  // per box: x1 y1 x2 y2 in 0..1
    std::vector<Detection> found;
    for (size_t i = 0; i < kBoxes; ++i) {
      const float score = scores[2 * i + 1];
      if (score < kMinScore) continue;
      const float* c = &corners[4 * i];
      const Box raw{c[0] * kWidth * box.x_scale, c[1] * kHeight * box.y_scale,
                    c[2] * kWidth * box.x_scale, c[3] * kHeight * box.y_scale};
      if (raw.x1 < raw.x2 && raw.y1 < raw.y2) found.push_back({raw, score});
    }
    return Suppress(std::move(found), kMaxOverlap);
  }

 private:
  static constexpr double kMean = 127;
  static constexpr float kMinScore = 0.65f;   // the package's own
  static constexpr float kMaxOverlap = 0.4f;  // IoU

  std::unique_ptr<inference::Session> session_;
};

class YuNet final : public Detector {
 public:
  static constexpr int kSide = 320;  // the only size at which the 2022mar file runs in OpenCV 4.6

  explicit YuNet(cv::Ptr<cv::FaceDetectorYN> detector) : detector_(std::move(detector)) {}

  absl::StatusOr<std::vector<Detection>> Detect(const Picture& picture) override {
    try {
      const Letterbox box = MakeLetterbox(AsMat(picture), cv::Size(kSide, kSide), 0);
      cv::Mat faces;  // one row a face: x y w h, five points, score
      detector_->detect(box.canvas, faces);
      std::vector<Detection> found;
      for (int i = 0; i < faces.rows; ++i) {
        const float* row = faces.ptr<float>(i);
        const Box raw{row[0] * box.x_scale, row[1] * box.y_scale, (row[0] + row[2]) * box.x_scale,
                      (row[1] + row[3]) * box.y_scale};
        const bool finite = std::all_of(row, row + 4, [](float v) { return std::isfinite(v); });
        if (finite && raw.x1 < raw.x2 && raw.y1 < raw.y2) found.push_back({raw, row[14]});
      }
      return found;
    } catch (const std::exception& e) {
      return base::MakeError(absl::StatusCode::kInternal, "MODEL_FAILED",
                             std::string("yunet: ") + e.what());
    }
  }

 private:
  cv::Ptr<cv::FaceDetectorYN> detector_;
};

// A private directory that disappears with its content.
class PrivateDirectory {
 public:
  PrivateDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "rollcall-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;  // mode 0700
  }
  ~PrivateDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }  // empty: could not be made

 private:
  std::filesystem::path path_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Detector>> MakeFrDetect(inference::Engine& engine,
                                                       const base::Bytes& onnx) {
  const inference::ModelSpec spec{.name = "fr_detect",
                                  .input_shape = {1, 3, FrDetect::kHeight, FrDetect::kWidth},
                                  .output_names = {"scores", "boxes"},
                                  .output_sizes = {FrDetect::kBoxes * 2, FrDetect::kBoxes * 4},
                                  .pixels = inference::PixelScale{.mean = 127, .factor = 1.0f / 128}};
  ASSIGN_OR_RETURN(auto session, engine.Load(onnx, spec));
  return std::make_unique<FrDetect>(std::move(session));
}

absl::StatusOr<std::unique_ptr<Detector>> MakeYuNet(const base::Bytes& onnx) {
  // At 0.65, right for fr_detect, YuNet gave four boxes for a face; its scores mean something else.
  constexpr float kMinScore = 0.9f;
  constexpr float kMaxOverlap = 0.3f;
  // cv::FaceDetectorYN takes a path that ends in .onnx and nothing else. The bytes were verified, so a
  // copy that only this user can reach is handed over, not the cache's name, which may mean another
  // file by now.
  const PrivateDirectory directory;
  const std::filesystem::path file = directory.path() / "yunet.onnx";
  try {
    std::ofstream copy(file, std::ios::binary);
    copy.write(reinterpret_cast<const char*>(onnx.data()),
               static_cast<std::streamsize>(onnx.size()));
    copy.close();
    if (directory.path().empty() || !copy.good()) {
      return base::MakeError(absl::StatusCode::kInternal, "NO_TEMPORARY_FILE",
                             "yunet: cannot write into the temporary directory");
    }
    auto detector = cv::FaceDetectorYN::create(
        file.string(), "", cv::Size(YuNet::kSide, YuNet::kSide), kMinScore, kMaxOverlap);
    cv::Mat faces;  // a wrong file fails here and not at the first volunteer
    detector->detect(cv::Mat(YuNet::kSide, YuNet::kSide, CV_8UC3, cv::Scalar::all(127)), faces);
    return std::make_unique<YuNet>(std::move(detector));
  } catch (const std::exception& e) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_MODEL",
                           std::string("yunet: ") + e.what());
  }
}

}  // namespace rollcall::recognition
