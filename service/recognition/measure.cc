#include "recognition/measure.h"

#include <opencv2/imgproc.hpp>

#include "recognition/mat.h"

namespace rollcall::recognition {
namespace {

// Mouth and chin in the aligned crop, without cheeks and background: the mouth corners of the template
// lie at (42, 92) and (71, 92).
const cv::Rect kMouth(36, 78, 40, 28);

}  // namespace

absl::StatusOr<Picture> CutAligned(const Picture& picture, const Affine& matrix) {
  try {
    Picture crop{kAlignedSide, kAlignedSide, {}};
    crop.bgr.resize(static_cast<size_t>(kAlignedSide) * kAlignedSide * 3);
    cv::Mat target(kAlignedSide, kAlignedSide, CV_8UC3, crop.bgr.data());
    cv::warpAffine(AsMat(picture), target, cv::Matx23f(matrix.data()), target.size(),
                   cv::INTER_LINEAR, cv::BORDER_CONSTANT);
    return crop;
  } catch (const std::exception& e) {
    return base::MakeError(absl::StatusCode::kInternal, "ALIGN_FAILED", e.what());
  }
}

absl::Status MeasureCrop(const Picture& crop, const Landmarks& landmarks, FaceQuality& quality) {
  const HeadPose pose = PoseOf(landmarks);
  quality.yaw_degrees = pose.yaw_degrees;
  quality.pitch_degrees = pose.pitch_degrees;
  quality.roll_degrees = pose.roll_degrees;
  try {
    cv::Mat grey;
    cv::cvtColor(AsMat(crop), grey, cv::COLOR_BGR2GRAY);
    cv::Scalar mean;
    cv::Scalar deviation;
    cv::meanStdDev(grey, mean, deviation);
    quality.brightness = static_cast<float>(mean[0]);
    quality.contrast = static_cast<float>(deviation[0]);

    // A crop of one grey has neither detail nor a mouth; both shares stay 0 and the gate refuses it.
    quality.sharpness = 0;
    quality.lower_face_contrast = 0;
    if (quality.contrast < 1e-3f) return absl::OkStatus();

    cv::Mat laplacian;
    cv::Laplacian(grey, laplacian, CV_32F);
    cv::meanStdDev(laplacian, mean, deviation);
    const double detail = deviation[0] / quality.contrast;
    quality.sharpness = static_cast<float>(1000 * detail * detail);

    cv::meanStdDev(grey(kMouth), mean, deviation);
    quality.lower_face_contrast = static_cast<float>(deviation[0]) / quality.contrast;
  } catch (const std::exception& e) {
    return base::MakeError(absl::StatusCode::kInternal, "MEASURE_FAILED", e.what());
  }
  return absl::OkStatus();
}

}  // namespace rollcall::recognition
