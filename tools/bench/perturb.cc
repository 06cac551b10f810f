#include "bench/perturb.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "bench/picture_view.h"

namespace rollcall::bench {
namespace {

using recognition::Picture;

Picture Copy(const cv::Mat& mat) {
  Picture picture{mat.cols, mat.rows, {}};
  const cv::Mat whole = mat.isContinuous() ? mat : mat.clone();
  picture.bgr.assign(whole.data, whole.data + whole.total() * 3);
  return picture;
}

cv::Mat Warped(const Picture& picture, const PerturbLimits& limits, Dice& dice) {
  const double turn = dice.Symmetric() * limits.turn_degrees * std::numbers::pi / 180;
  const double scale = 1 + dice.Symmetric() * limits.scale_share;
  const double cos = scale * std::cos(turn);
  const double sin = scale * std::sin(turn);
  const double x = (picture.width - 1) / 2.0;
  const double y = (picture.height - 1) / 2.0;
  const double dx = dice.Symmetric() * limits.shift_share * picture.width;
  const double dy = dice.Symmetric() * limits.shift_share * picture.width;
  // About the centre, then the shift.
  const cv::Matx23d matrix(cos, -sin, x - cos * x + sin * y + dx,  //
                           sin, cos, y - sin * x - cos * y + dy);
  cv::Mat warped;
  cv::warpAffine(View(picture), warped, matrix, {picture.width, picture.height}, cv::INTER_LINEAR,
                 cv::BORDER_REPLICATE);
  return warped;
}

}  // namespace

Picture MoveRight(const Picture& picture, int32_t px) {
  Picture moved = picture;
  for (int32_t y = 0; y < picture.height; ++y) {
    const size_t row = static_cast<size_t>(y) * static_cast<size_t>(picture.width);
    for (int32_t x = 0; x < picture.width; ++x) {
      const int32_t from = std::clamp(x - px, 0, picture.width - 1);
      std::copy_n(
          picture.bgr.begin() + static_cast<std::ptrdiff_t>((row + static_cast<size_t>(from)) * 3),
          3, moved.bgr.begin() + static_cast<std::ptrdiff_t>((row + static_cast<size_t>(x)) * 3));
    }
  }
  return moved;
}

Picture Perturb(const Picture& picture, const PerturbLimits& limits, Dice& dice) {
  cv::Mat frame = Warped(picture, limits, dice);
  const double blur = dice.Unit() * limits.blur_sigma_max;
  if (blur > 0.2) cv::GaussianBlur(frame, frame, {}, blur);  // less than that is no blur at all
  const double gain = 1 + dice.Symmetric() * limits.gain_share;
  const double offset = dice.Symmetric() * limits.offset;
  const double noise = dice.Unit() * limits.noise_sigma_max;
  Picture result = Copy(frame);
  for (uint8_t& value : result.bgr) {
    const double changed = gain * value + offset + noise * dice.Normal();
    value = static_cast<uint8_t>(std::clamp(std::lround(changed), 0L, 255L));
  }
  return result;
}

}  // namespace rollcall::bench
