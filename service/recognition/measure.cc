#include "recognition/measure.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "recognition/warp.h"

namespace rollcall::recognition {
namespace {

constexpr size_t kSide = kAlignedSide;

// The crop's grey, row by row.
using Grey = std::array<uint8_t, kSide * kSide>;

// As cv::cvtColor weighs them: 0.114, 0.587 and 0.299 in 1/32768.
Grey GreyOf(const Picture& crop) {
  Grey grey;
  const uint8_t* pixel = crop.bgr.data();
  for (uint8_t& value : grey) {
    value = static_cast<uint8_t>((pixel[0] * 3735 + pixel[1] * 19235 + pixel[2] * 9798 + 16384) >> 15);
    pixel += 3;
  }
  return grey;
}

// Sums of whole numbers, so exact in whatever order.
struct Spread {
  int64_t count = 0;
  int64_t sum = 0;
  int64_t squares = 0;

  double mean() const { return static_cast<double>(sum) / static_cast<double>(count); }
  double deviation() const {
    const double mean_of_squares = static_cast<double>(squares) / static_cast<double>(count);
    return std::sqrt(std::max(0.0, mean_of_squares - mean() * mean()));
  }
};

// Adds the `count` numbers that `at` gives.
template <typename At>
void Add(Spread& spread, size_t count, At at) {
  int32_t sum = 0;  // of a row: a Laplacian's squares stay below 112 x 1,020 x 1,020
  int32_t squares = 0;
  for (size_t i = 0; i < count; ++i) {
    const int32_t value = at(i);
    sum += value;
    squares += value * value;
  }
  spread.count += static_cast<int64_t>(count);
  spread.sum += sum;
  spread.squares += squares;
}

Spread SpreadOf(const Grey& grey, size_t left, size_t top, size_t width, size_t height) {
  Spread spread;
  for (size_t y = top; y < top + height; ++y) {
    const uint8_t* row = &grey[y * kSide + left];
    Add(spread, width, [row](size_t i) -> int32_t { return row[i]; });
  }
  return spread;
}

// Of the four neighbours' sum less four times the pixel. Beyond the border lies the row before it.
Spread LaplacianOf(const Grey& grey) {
  Spread spread;
  for (size_t y = 0; y < kSide; ++y) {
    const uint8_t* row = &grey[y * kSide];
    const uint8_t* above = y == 0 ? row + kSide : row - kSide;
    const uint8_t* below = y == kSide - 1 ? row - kSide : row + kSide;
    const auto at = [&](size_t x, size_t left, size_t right) -> int32_t {
      return above[x] + below[x] + row[left] + row[right] - 4 * row[x];
    };
    Add(spread, 1, [&](size_t) { return at(0, 1, 1); });
    Add(spread, kSide - 2, [&](size_t i) { return at(i + 1, i, i + 2); });
    Add(spread, 1, [&](size_t) { return at(kSide - 1, kSide - 2, kSide - 2); });
  }
  return spread;
}

}  // namespace

void CutAligned(const Picture& picture, const Affine& matrix, Picture& crop) {
  crop.width = kAlignedSide;
  crop.height = kAlignedSide;
  crop.bgr.resize(kSide * kSide * 3);
  WarpBilinear(picture, matrix, kAlignedSide, kAlignedSide, crop.bgr);
}

void MeasureCrop(const Picture& crop, const Landmarks& landmarks, FaceQuality& quality) {
  const HeadPose pose = PoseOf(landmarks);
  quality.yaw_degrees = pose.yaw_degrees;
  quality.pitch_degrees = pose.pitch_degrees;
  quality.roll_degrees = pose.roll_degrees;

  const Grey grey = GreyOf(crop);
  const Spread whole = SpreadOf(grey, 0, 0, kSide, kSide);
  quality.brightness = static_cast<float>(whole.mean());
  quality.contrast = static_cast<float>(whole.deviation());

  // A crop of one grey has neither detail nor a mouth; both shares stay 0 and the gate refuses it.
  quality.sharpness = 0;
  quality.lower_face_contrast = 0;
  if (quality.contrast < 1e-3f) return;

  const double detail = LaplacianOf(grey).deviation() / quality.contrast;
  quality.sharpness = static_cast<float>(1000 * detail * detail);

  // Mouth and chin in the aligned crop, without cheeks and background: the mouth corners of the template
  // lie at (42, 92) and (71, 92).
  const Spread mouth = SpreadOf(grey, 36, 78, 40, 28);
  quality.lower_face_contrast = static_cast<float>(mouth.deviation()) / quality.contrast;
}

}  // namespace rollcall::recognition
