#include "bench/speed/peers/chain.h"

#include <algorithm>
#include <cmath>
#include <opencv2/dnn.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <utility>

namespace rollcall::bench {
namespace {

constexpr int kDetectWidth = 320;
constexpr int kDetectHeight = 240;
constexpr float kMinScore = 0.65f;
constexpr float kMaxOverlap = 0.4f;

// (value - mean) * scale of each channel, planes one after the other.
void Blob(const cv::Mat& picture, double scale, double mean, bool swap, std::vector<float>& input) {
  const cv::Mat blob =
      cv::dnn::blobFromImage(picture, scale, picture.size(), cv::Scalar::all(mean), swap, false);
  input.assign(blob.ptr<float>(), blob.ptr<float>() + blob.total());
}

// How much the letterbox shrinks a picture.
double Shrink(const cv::Mat& picture) {
  return std::min(static_cast<double>(kDetectWidth) / picture.cols,
                  static_cast<double>(kDetectHeight) / picture.rows);
}

}  // namespace

void DetectInput(const cv::Mat& picture, std::vector<float>& input) {
  const double shrink = Shrink(picture);
  const cv::Size inner(static_cast<int>(std::lround(picture.cols * shrink)),
                       static_cast<int>(std::lround(picture.rows * shrink)));
  cv::Mat canvas(kDetectHeight, kDetectWidth, CV_8UC3, cv::Scalar::all(127));
  cv::resize(picture, canvas(cv::Rect(cv::Point(0, 0), inner)), inner, 0, 0,
             shrink < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
  Blob(canvas, 1.0 / 128, 127, true, input);
}

void LandmarkInput(const cv::Mat& picture, const recognition::Box& square,
                   std::vector<float>& input) {
  const cv::Rect wanted(static_cast<int>(square.x1), static_cast<int>(square.y1),
                        static_cast<int>(square.width()), static_cast<int>(square.height()));
  const cv::Rect inside = wanted & cv::Rect(0, 0, picture.cols, picture.rows);
  cv::Mat small;
  cv::resize(picture(inside), small, {64, 64});
  cv::Mat grey;
  cv::cvtColor(small, grey, cv::COLOR_BGR2GRAY);
  Blob(grey, 1.0 / 256, 0, false, input);
}

void EmbedInput(const cv::Mat& crop, std::vector<float>& input) {
  Blob(crop, 1.0 / 128, 127, false, input);
}

cv::Mat WarpedPatch(const cv::Mat& picture, const recognition::Affine& matrix) {
  const cv::Mat affine(2, 3, CV_32F, const_cast<float*>(matrix.data()));
  cv::Mat patch;
  cv::warpAffine(picture, patch, affine, {recognition::kAlignedSide, recognition::kAlignedSide},
                 cv::INTER_LINEAR, cv::BORDER_CONSTANT);
  return patch;
}

Chain::Chain(std::unique_ptr<PeerNet> detect, std::unique_ptr<PeerNet> landmark,
             std::unique_ptr<PeerNet> embed)
    : detect_(std::move(detect)), landmark_(std::move(landmark)), embed_(std::move(embed)) {}

absl::StatusOr<recognition::Box> Chain::LargestFace(const cv::Mat& picture) {
  DetectInput(picture, input_);
  RETURN_IF_ERROR(detect_->Run(input_));
  const std::span<const float> scores = detect_->output(0);
  const std::span<const float> corners = detect_->output(1);
  const double shrink = Shrink(picture);
  std::vector<cv::Rect2d> boxes;
  std::vector<float> confidences;
  for (size_t i = 0; 2 * i + 1 < scores.size(); ++i) {
    if (scores[2 * i + 1] < kMinScore) continue;
    const float* c = &corners[4 * i];
    const double x1 = c[0] * kDetectWidth / shrink;
    const double y1 = c[1] * kDetectHeight / shrink;
    boxes.emplace_back(x1, y1, c[2] * kDetectWidth / shrink - x1,
                       c[3] * kDetectHeight / shrink - y1);
    confidences.push_back(scores[2 * i + 1]);
  }
  std::vector<int> kept;
  cv::dnn::NMSBoxes(boxes, confidences, kMinScore, kMaxOverlap, kept);
  if (kept.empty()) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "NO_FACES",
                           "the chain of peers finds no face in a frame of the bench");
  }
  const int best = *std::max_element(kept.begin(), kept.end(), [&boxes](int a, int b) {
    return boxes[static_cast<size_t>(a)].area() < boxes[static_cast<size_t>(b)].area();
  });
  const cv::Rect2f box = boxes[static_cast<size_t>(best)];
  return recognition::SquareBox({box.x, box.y, box.x + box.width, box.y + box.height}, picture.cols,
                                picture.rows);
}

absl::StatusOr<std::vector<float>> Chain::Embed(const base::Bytes& jpeg) {
  const cv::Mat picture = cv::imdecode(jpeg, cv::IMREAD_COLOR);
  ASSIGN_OR_RETURN(const recognition::Box square, LargestFace(picture));
  LandmarkInput(picture, square, input_);
  RETURN_IF_ERROR(landmark_->Run(input_));
  const std::span<const float> points = landmark_->output(0);
  recognition::Landmarks landmarks;
  for (size_t i = 0; i < landmarks.size(); ++i) {
    landmarks[i] = {square.x1 + points[2 * i] * square.width(),
                    square.y1 + points[2 * i + 1] * square.height()};
  }
  const auto matrix = recognition::AlignmentOf(recognition::FivePointsOf(landmarks));
  EmbedInput(WarpedPatch(picture, matrix), input_);
  RETURN_IF_ERROR(embed_->Run(input_));
  const std::span<const float> raw = embed_->output(0);
  std::vector<float> unit(raw.begin(), raw.end());
  cv::normalize(unit, unit);
  return unit;
}

}  // namespace rollcall::bench
