#include "recognition/measure.h"

#include <opencv2/imgproc.hpp>

#include "recognition/mat.h"

namespace rollcall::recognition {

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
  try {
    cv::Mat grey;
    cv::cvtColor(AsMat(crop), grey, cv::COLOR_BGR2GRAY);
    cv::Scalar mean;
    cv::Scalar deviation;
    cv::meanStdDev(grey, mean, deviation);
    quality.brightness = static_cast<float>(mean[0]);
    quality.contrast = static_cast<float>(deviation[0]);

    const cv::Mat lower = grey.rowRange(kAlignedSide * 2 / 3, kAlignedSide);
    cv::meanStdDev(lower, mean, deviation);
    quality.lower_face_contrast = static_cast<float>(deviation[0]);

    cv::Mat laplacian;
    cv::Laplacian(grey, laplacian, CV_32F);
    cv::meanStdDev(laplacian, mean, deviation);
    quality.sharpness = static_cast<float>(deviation[0] * deviation[0]);
  } catch (const std::exception& e) {
    return base::MakeError(absl::StatusCode::kInternal, "MEASURE_FAILED", e.what());
  }
  const HeadPose pose = PoseOf(landmarks);
  quality.yaw_degrees = pose.yaw_degrees;
  quality.pitch_degrees = pose.pitch_degrees;
  quality.roll_degrees = pose.roll_degrees;
  return absl::OkStatus();
}

}  // namespace rollcall::recognition
