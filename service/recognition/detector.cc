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
#include "recognition/shrink.h"

namespace rollcall::recognition {
namespace {

// A picture shrunk into a fixed canvas, top left, its shape kept. The canvas is used again for every picture.
class Letterbox {
 public:
  Letterbox(cv::Size size, double grey) : canvas_(size, CV_8UC3, cv::Scalar::all(grey)), grey_(grey) {}

  // May throw cv::Exception.
  void Draw(const Picture& picture) {
    const double shrink = std::min(static_cast<double>(canvas_.cols) / picture.width,
                                   static_cast<double>(canvas_.rows) / picture.height);
    const cv::Size inner(
        std::clamp(static_cast<int>(std::lround(picture.width * shrink)), 1, canvas_.cols),
        std::clamp(static_cast<int>(std::lround(picture.height * shrink)), 1, canvas_.rows));
    if (inner != inner_) canvas_.setTo(cv::Scalar::all(grey_));
    inner_ = inner;
    const int factor = picture.width / inner.width;
    // The sizes of ordinary cameras are whole multiples of the canvas; own code takes a sixth of the time then.
    if (factor >= 2 && factor <= kMaxShrink && inner.width * factor == picture.width &&
        inner.height * factor == picture.height) {
      ShrinkByWhole(picture, factor, canvas_.data, canvas_.step);
    } else {
      cv::resize(AsMat(picture), canvas_(cv::Rect(cv::Point(0, 0), inner)), inner, 0, 0,
                 shrink < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
    }
    x_scale_ = static_cast<float>(picture.width) / static_cast<float>(inner.width);
    y_scale_ = static_cast<float>(picture.height) / static_cast<float>(inner.height);
  }

  const cv::Mat& canvas() const { return canvas_; }
  float x_scale() const { return x_scale_; }  // canvas pixels to picture pixels
  float y_scale() const { return y_scale_; }

 private:
  cv::Mat canvas_;
  const double grey_;
  cv::Size inner_;
  float x_scale_ = 1;
  float y_scale_ = 1;
};

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

// Where fr_detect looks for faces: its anchors, in fractions of the canvas, in the order of its outputs.
struct Anchor {
  float x = 0;  // of the centre
  float y = 0;
  float width = 0;
  float height = 0;
};

// Four grids over the canvas, row by row; at each place squares (in pixels) of every size of the grid.
std::vector<Anchor> MakeAnchors(int width, int height) {
  struct Grid {
    int step;
    std::vector<float> sides;
  };
  const Grid grids[] = {{8, {10, 16, 24}}, {16, {32, 48}}, {32, {64, 96}}, {64, {128, 192, 256}}};
  std::vector<Anchor> anchors;
  for (const Grid& grid : grids) {
    const int columns = (width + grid.step - 1) / grid.step;
    const int rows = (height + grid.step - 1) / grid.step;
    for (int y = 0; y < rows; ++y) {
      for (int x = 0; x < columns; ++x) {
        for (const float side : grid.sides) {
          anchors.push_back({(static_cast<float>(x) + 0.5f) / static_cast<float>(columns),
                             (static_cast<float>(y) + 0.5f) / static_cast<float>(rows),
                             side / static_cast<float>(width), side / static_cast<float>(height)});
        }
      }
    }
  }
  return anchors;
}

class FrDetect final : public Detector {
 public:
  static constexpr int kWidth = 320;
  static constexpr int kHeight = 240;
  static constexpr int kBoxes = 4420;

  // Which of the net's values the session answers with: kBoxes pairs and kBoxes fours.
  enum class Outputs {
    kDecoded,  // probabilities of background and face; corners
    // What the net makes those from, so that only the few boxes that hold a face are worked out: the logits of
    // the two, and how far a box lies from its anchor.
    kRaw,
  };

  FrDetect(std::unique_ptr<inference::Session> session, Outputs outputs)
      : session_(std::move(session)), outputs_(outputs), anchors_(MakeAnchors(kWidth, kHeight)) {
    ROLLCALL_CHECK(anchors_.size() == kBoxes);
  }

  absl::StatusOr<std::vector<Detection>> Detect(const Picture& picture) override {
    try {
      letterbox_.Draw(picture);
      cv::cvtColor(letterbox_.canvas(), rgb_, cv::COLOR_BGR2RGB);
    } catch (const std::exception& e) {
      return base::MakeError(absl::StatusCode::kInternal, "MODEL_INPUT",
                             std::string("fr_detect: ") + e.what());
    }
    ASSIGN_OR_RETURN(const std::vector<inference::Tensor> outputs,
                     session_->RunPixels(BytesOf(rgb_)));
    const std::vector<float>& scores = outputs[0].values;
    const std::vector<float>& boxes = outputs[1].values;
    std::vector<Detection> found;
    for (size_t i = 0; i < kBoxes; ++i) {
      if (!Holds(&scores[2 * i])) continue;
      const Box box = BoxOf(i, &boxes[4 * i]);
      if (box.x1 < box.x2 && box.y1 < box.y2) found.push_back({box, ScoreOf(&scores[2 * i])});
    }
    return Suppress(std::move(found), kMaxOverlap);
  }

 private:
  static constexpr double kMean = 127;
  static constexpr float kMinScore = 0.65f;        // the package's own
  static constexpr float kMinLogit = 0.61903921f;  // the logit of that
  static constexpr float kMaxOverlap = 0.4f;       // IoU

  bool Holds(const float* score) const {
    return outputs_ == Outputs::kRaw ? score[1] - score[0] >= kMinLogit : score[1] >= kMinScore;
  }

  float ScoreOf(const float* score) const {
    return outputs_ == Outputs::kRaw ? 1 / (1 + std::exp(score[0] - score[1])) : score[1];
  }

  // In pixels of the picture. `box`: the net's four values.
  Box BoxOf(size_t i, const float* box) const {
    const float x_scale = kWidth * letterbox_.x_scale();
    const float y_scale = kHeight * letterbox_.y_scale();
    if (outputs_ == Outputs::kDecoded) {
      return {box[0] * x_scale, box[1] * y_scale, box[2] * x_scale, box[3] * y_scale};
    }
    constexpr float kShiftUnit = 0.1f;
    constexpr float kSizeUnit = 0.2f;
    const Anchor& anchor = anchors_[i];
    const float x = anchor.x + box[0] * kShiftUnit * anchor.width;
    const float y = anchor.y + box[1] * kShiftUnit * anchor.height;
    const float half_width = anchor.width * std::exp(box[2] * kSizeUnit) / 2;
    const float half_height = anchor.height * std::exp(box[3] * kSizeUnit) / 2;
    return {(x - half_width) * x_scale, (y - half_height) * y_scale, (x + half_width) * x_scale,
            (y + half_height) * y_scale};
  }

  std::unique_ptr<inference::Session> session_;
  const Outputs outputs_;
  const std::vector<Anchor> anchors_;
  Letterbox letterbox_{cv::Size(kWidth, kHeight), kMean};
  cv::Mat rgb_;  // what the net sees
};

class YuNet final : public Detector {
 public:
  static constexpr int kSide = 320;  // the only size at which the 2022mar file runs in OpenCV 4.6

  explicit YuNet(cv::Ptr<cv::FaceDetectorYN> detector) : detector_(std::move(detector)) {}

  absl::StatusOr<std::vector<Detection>> Detect(const Picture& picture) override {
    try {
      letterbox_.Draw(picture);
      cv::Mat faces;  // one row a face: x y w h, five points, score
      detector_->detect(letterbox_.canvas(), faces);
      const float x_scale = letterbox_.x_scale();
      const float y_scale = letterbox_.y_scale();
      std::vector<Detection> found;
      for (int i = 0; i < faces.rows; ++i) {
        const float* row = faces.ptr<float>(i);
        const Box raw{row[0] * x_scale, row[1] * y_scale, (row[0] + row[2]) * x_scale,
                      (row[1] + row[3]) * y_scale};
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
  Letterbox letterbox_{cv::Size(kSide, kSide), 0};
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
  using Outputs = FrDetect::Outputs;
  inference::ModelSpec spec{.name = "fr_detect",
                            .input_shape = {1, 3, FrDetect::kHeight, FrDetect::kWidth},
                            .output_names = {"461", "462"},  // the file's names for the raw values
                            .output_sizes = {FrDetect::kBoxes * 2, FrDetect::kBoxes * 4},
                            .pixels = inference::PixelScale{.mean = 127, .factor = 1.0f / 128}};
  if (auto raw = engine.Load(onnx, spec); raw.ok()) {
    return std::make_unique<FrDetect>(*std::move(raw), Outputs::kRaw);
  }
  // cv::dnn answers with a file's own outputs only.
  spec.output_names = {"scores", "boxes"};
  ASSIGN_OR_RETURN(auto decoded, engine.Load(onnx, spec));
  return std::make_unique<FrDetect>(std::move(decoded), Outputs::kDecoded);
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
