#include "inference/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "inference/kernels/bf16.h"
#include "inference/kernels/int8.h"

namespace rollcall::inference {

bool Runs(NarrowPrecision precision) {
  return precision == NarrowPrecision::kInt8 ? kernels::HasInt8() : kernels::HasBf16();
}

bool Pays(NarrowPrecision precision) {
  return Runs(precision) && (precision != NarrowPrecision::kBfloat16 || kernels::Bf16Pays());
}

std::vector<uint8_t> CheckPictureFor(const ActivationCalibration& calibration, const std::vector<int64_t>& shape) {
  if (shape.size() != 4) return {};
  const int64_t channels = shape[1], height = shape[2], width = shape[3];
  const int64_t small_width = width / kCheckPictureShrink;
  const int64_t small_height = height / kCheckPictureShrink;
  if (static_cast<int64_t>(calibration.check_picture.size()) != channels * small_height * small_width ||
      calibration.check_picture.empty()) {
    return {};
  }
  std::vector<uint8_t> pixels;
  pixels.reserve(static_cast<size_t>(channels * height * width));
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      const int64_t small_y = std::min(y / kCheckPictureShrink, small_height - 1);
      const int64_t small_x = std::min(x / kCheckPictureShrink, small_width - 1);
      const auto from = calibration.check_picture.begin() + (small_y * small_width + small_x) * channels;
      pixels.insert(pixels.end(), from, from + channels);
    }
  }
  return pixels;
}

float RelativeError(const std::vector<Tensor>& got, const std::vector<Tensor>& wanted) {
  double difference = 0;
  double norm = 0;
  if (got.size() != wanted.size()) return std::numeric_limits<float>::infinity();
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (got[i].values.size() != wanted[i].values.size()) return std::numeric_limits<float>::infinity();
    for (size_t k = 0; k < wanted[i].values.size(); ++k) {
      const double w = wanted[i].values[k];
      const double d = got[i].values[k] - w;
      difference += d * d;
      norm += w * w;
    }
  }
  return static_cast<float>(std::sqrt(difference / std::max(norm, 1e-30)));
}

}  // namespace rollcall::inference
