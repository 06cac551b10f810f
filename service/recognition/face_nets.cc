#include "recognition/face_nets.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <utility>
#include <vector>

#include "inference/session.h"
#include "recognition/mat.h"

namespace rollcall::recognition {
namespace {

// The softmax probability of entry `index`. The maximum is taken off first: exp overflows otherwise.
float Softmax(const std::vector<float>& logits, size_t index) {
  const float top = *std::max_element(logits.begin(), logits.end());
  float sum = 0;
  for (const float logit : logits) sum += std::exp(logit - top);
  return std::exp(logits[index] - top) / sum;
}

// Runs `fill`, which may throw cv::Exception, and turns what it throws into a status.
template <typename Fill>
absl::Status Guard(const char* net, Fill fill) {
  try {
    fill();
    return absl::OkStatus();
  } catch (const std::exception& e) {
    return base::MakeError(absl::StatusCode::kInternal, "MODEL_INPUT",
                           std::string(net) + ": " + e.what());
  }
}

// The rectangle of whole pixels in `box`, inside the picture and at least one pixel.
cv::Rect WholePixels(const Box& box, const Picture& picture) {
  // Clamped before the conversion: a float beyond int's range would be undefined behaviour.
  const auto whole = [](float value, int low, int high) {
    return static_cast<int>(
        std::clamp(value, static_cast<float>(low), static_cast<float>(high)));
  };
  const int x1 = whole(box.x1, 0, picture.width - 1);
  const int y1 = whole(box.y1, 0, picture.height - 1);
  const int x2 = whole(box.x2, x1 + 1, picture.width);
  const int y2 = whole(box.y2, y1 + 1, picture.height);
  return {x1, y1, x2 - x1, y2 - y1};
}

// The grey crop of `from`, resized to side x side.
cv::Mat GreyInput(const cv::Mat& from, int side) {
  cv::Mat small;
  cv::Mat grey;
  cv::resize(from, small, cv::Size(side, side));
  cv::cvtColor(small, grey, cv::COLOR_BGR2GRAY);
  return grey;
}

}  // namespace

// ---- landmarks --------------------------------------------------------------------------------

LandmarkNet::LandmarkNet(std::unique_ptr<inference::Session> session)
    : session_(std::move(session)) {}
LandmarkNet::LandmarkNet(LandmarkNet&&) noexcept = default;
LandmarkNet::~LandmarkNet() = default;

absl::StatusOr<LandmarkNet> LandmarkNet::Load(inference::Engine& engine, const base::Bytes& onnx) {
  ASSIGN_OR_RETURN(auto session, engine.Load(onnx, {.name = "fr_landmark",
                                                    .input_shape = {1, 1, 64, 64},
                                                    .output_names = {"output"},
                                                    .output_sizes = {136},
                                                    .pixels = inference::PixelScale{.mean = 0, .factor = 1.0f / 256}}));
  return LandmarkNet(std::move(session));
}

absl::StatusOr<Landmarks> LandmarkNet::Find(const Picture& picture, const Box& square) {
  const cv::Rect crop = WholePixels(square, picture);
  cv::Mat input;
  RETURN_IF_ERROR(Guard("fr_landmark", [&] { input = GreyInput(AsMat(picture)(crop), 64); }));
  ASSIGN_OR_RETURN(const auto outputs, session_->RunPixels(BytesOf(input)));
  Landmarks landmarks;
  // The answer is in units of the crop that the net saw, so its whole pixels count here and not the box.
  for (size_t i = 0; i < landmarks.size(); ++i) {
    landmarks[i].x = outputs[0].values[2 * i] * static_cast<float>(crop.width) +
                     static_cast<float>(crop.x);
    landmarks[i].y = outputs[0].values[2 * i + 1] * static_cast<float>(crop.height) +
                     static_cast<float>(crop.y);
  }
  return landmarks;
}

// ---- liveness ---------------------------------------------------------------------------------

LivenessNet::LivenessNet(std::unique_ptr<inference::Session> session)
    : session_(std::move(session)) {}
LivenessNet::LivenessNet(LivenessNet&&) noexcept = default;
LivenessNet::~LivenessNet() = default;

absl::StatusOr<LivenessNet> LivenessNet::Load(inference::Engine& engine, const base::Bytes& onnx) {
  ASSIGN_OR_RETURN(auto session, engine.Load(onnx, {.name = "fr_liveness",
                                                    .input_shape = {1, 3, 128, 128},
                                                    .output_names = {"output"},
                                                    .output_sizes = {3},
                                                    .pixels = inference::PixelScale{}}));
  return LivenessNet(std::move(session));
}

namespace {

// The box enlarged 2.7 times, as the net was trained, or as far as the picture reaches; shifted inside
// the picture rather than padded, since a black bar looks like the frame of a held-up picture.
cv::Rect Surroundings(const Box& square, const Picture& picture) {
  const float wide = static_cast<float>(picture.width - 1);
  const float high = static_cast<float>(picture.height - 1);
  const float scale = std::min({2.7f, high / square.height(), wide / square.width()});
  const float width = square.width() * scale;
  const float height = square.height() * scale;
  const float x = (square.x1 + square.x2 - width) / 2;
  const float y = (square.y1 + square.y2 - height) / 2;
  const float left = std::clamp(x, 0.0f, std::max(0.0f, wide - width));
  const float top = std::clamp(y, 0.0f, std::max(0.0f, high - height));
  return WholePixels({left, top, left + width + 1, top + height + 1}, picture);
}

}  // namespace

absl::StatusOr<float> LivenessNet::LiveProbability(const Picture& picture, const Box& square) {
  constexpr int kSide = 128;
  cv::Mat input;
  RETURN_IF_ERROR(Guard("fr_liveness", [&] {
    cv::resize(AsMat(picture)(Surroundings(square, picture)), input, cv::Size(kSide, kSide));
  }));
  ASSIGN_OR_RETURN(const auto outputs, session_->RunPixels(BytesOf(input)));
  return Softmax(outputs[0].values, 0);
}

// ---- eyes -------------------------------------------------------------------------------------

EyeNet::EyeNet(std::unique_ptr<inference::Session> session) : session_(std::move(session)) {}
EyeNet::EyeNet(EyeNet&&) noexcept = default;
EyeNet::~EyeNet() = default;

absl::StatusOr<EyeNet> EyeNet::Load(inference::Engine& engine, const base::Bytes& onnx) {
  ASSIGN_OR_RETURN(auto session, engine.Load(onnx, {.name = "fr_eye",
                                                    .input_shape = {1, 1, 24, 24},
                                                    .output_names = {"output"},
                                                    .output_sizes = {2},
                                                    .pixels = inference::PixelScale{.mean = 0, .factor = 1.0f / 255}}));
  return EyeNet(std::move(session));
}

absl::StatusOr<EyeNet::Eyes> EyeNet::Look(const Picture& picture, const Landmarks& landmarks) {
  constexpr size_t kClosed = 0;
  const FivePoints points = FivePointsOf(landmarks);
  // Outer and inner corner of the left and of the right eye, in the picture's left and right.
  const std::pair<size_t, size_t> corners[2] = {{36, 39}, {42, 45}};
  Eyes eyes;
  for (size_t eye = 0; eye < 2; ++eye) {
    const float width = landmarks[corners[eye].second].x - landmarks[corners[eye].first].x;
    const float side = std::max(2.0f, std::trunc(1.6f * width));
    const float x = std::trunc(points[eye].x) - std::trunc(side / 2);
    const float y = std::trunc(points[eye].y) - std::trunc(side / 2);
    const cv::Rect crop = WholePixels({x, y, x + side, y + side}, picture);
    cv::Mat input;
    RETURN_IF_ERROR(Guard("fr_eye", [&] { input = GreyInput(AsMat(picture)(crop), 24); }));
    ASSIGN_OR_RETURN(const auto outputs, session_->RunPixels(BytesOf(input)));
    const float closed = Softmax(outputs[0].values, kClosed);
    eyes.open = std::min(eyes.open, 1 - closed);
    eyes.closed = std::min(eyes.closed, closed);
  }
  return eyes;
}

}  // namespace rollcall::recognition
