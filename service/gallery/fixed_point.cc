#include "gallery/fixed_point.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace rollcall::gallery {
namespace {

constexpr int32_t kTopCode = 127;
constexpr int32_t kZeroCode = 128;

// In lanes, so that the compiler may use vector registers.
float Largest(std::span<const float> vector) {
  constexpr size_t kLanes = 16;
  std::array<float, kLanes> largest{};
  size_t i = 0;
  for (; i + kLanes <= vector.size(); i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const float x = std::abs(vector[i + lane]);
      largest[lane] = largest[lane] < x ? x : largest[lane];
    }
  }
  for (; i < vector.size(); ++i) largest[0] = std::max(largest[0], std::abs(vector[i]));
  return *std::max_element(largest.begin(), largest.end());
}

// std::lround, but inline. The result has to fit.
template <typename Float>
int32_t Round(Float x) {
  return static_cast<int32_t>(x + std::copysign(Float{0.5}, x));
}

// B: the sum of the products of `dimension` codes with numbers up to 127.5 B must fit into int32.
int32_t Step(size_t dimension) {
  constexpr double kMax = std::numeric_limits<int32_t>::max();
  return std::min(256,
                  static_cast<int32_t>(kMax / (127.5 * kTopCode * static_cast<double>(dimension))));
}

}  // namespace

RowNorms EncodeRow(std::span<const float> vector, uint8_t* upper, uint8_t* lower) {
  const float scale = static_cast<float>(kTopCode) / Largest(vector);
  int32_t squares = 0;
  int32_t rest_squares = 0;  // of 2 r
  for (size_t first = 0; first < vector.size(); first += kPiece) {
    std::array<uint8_t, kPiece> piece{};
    const size_t size = std::min(kPiece, vector.size() - first);
    for (size_t i = 0; i < size; ++i) {
      const int32_t code = Round(vector[first + i] * scale);
      piece[i] = static_cast<uint8_t>(code + kZeroCode);
      squares += code * code;
      const int32_t rest = 2 * (piece[i] & 15) - 15;
      rest_squares += rest * rest;
    }
    for (size_t b = 0; b < kCacheLine; ++b) {
      const uint8_t other = piece[b + kCacheLine];
      *upper++ = static_cast<uint8_t>((piece[b] >> 4) | (other & 0xF0));
      *lower++ = static_cast<uint8_t>((piece[b] & 0x0F) | (other << 4));
    }
  }
  const double rest = std::sqrt(static_cast<double>(rest_squares)) / 2;
  return {static_cast<float>(1 / std::sqrt(static_cast<double>(squares))),
          static_cast<float>(rest * (1 + 0x1p-20))};
}

std::vector<float> DecodeRow(const Halves& row, float inverse_norm, int32_t dimension) {
  std::vector<float> vector(static_cast<size_t>(dimension));
  for (size_t i = 0; i < vector.size(); ++i) {
    const size_t at = i / kPiece * kCacheLine + i % kCacheLine;
    const int shift = i % kPiece < kCacheLine ? 0 : 4;
    const int code = ((row.upper[at] >> shift) & 15) * 16 + ((row.lower[at] >> shift) & 15);
    vector[i] = static_cast<float>(code - kZeroCode) * inverse_norm;
  }
  return vector;
}

// The margin, with what rounding takes. Let u = 2^-24, the most that one rounding to float changes
// a number by, relatively. w = (1 / |c|) (1 + u) at most. The H w that the search sees was rounded
// twice (to float, then the product), so it lies below the true one by at most 2.1 u |h| |c| w <
// 2^-22 |h|. |l| and |h| come from whole numbers and are right to 1e-15.
FixedProbe::FixedProbe(std::span<const float> vector)
    : fine_(RoundUp(vector.size(), kPiece)), coarse_(fine_.size()), bytes_(fine_.size()) {
  const int32_t step = Step(vector.size());
  const int32_t top = kTopCode * step + (step - 1) / 2;  // rounds down to 127 steps
  const double scale = top / static_cast<double>(Largest(vector));
  int64_t coarse_squares = 0;
  int64_t rest_squares = 0;
  for (size_t i = 0; i < vector.size(); ++i) {
    const int32_t p = Round(static_cast<double>(vector[i]) * scale);
    const int32_t h = Round(static_cast<double>(p) / step);
    const int32_t rest = p - h * step;
    fine_[i] = static_cast<int16_t>(p);
    coarse_[i] = static_cast<int16_t>(h);
    bytes_[i] = static_cast<int8_t>(h);
    excess_ += kZeroCode * h;
    coarse_squares += h * h;
    rest_squares += rest * rest;
  }
  coarse_norm_ = std::sqrt(static_cast<double>(coarse_squares));
  unit_ = 1 / scale;
  coarse_unit_ = step / scale;
  margin_ =
      std::sqrt(static_cast<double>(rest_squares)) / step * (1 + 0x1p-20) + coarse_norm_ * 0x1p-21;
}

// The step upwards covers the rounding of |h| and of the product.
int32_t FixedProbe::Reach(float rest) const {
  const double most = coarse_norm_ * static_cast<double>(rest);
  return static_cast<int32_t>(std::ceil(most - 120.5 * excess_ / kZeroCode)) + 1;
}

// A similarity is at most a little above 1, so rounding it to float moves it by less than 2^-22.
float FixedProbe::CoarseLimit(float similarity) const {
  const double limit = (static_cast<double>(similarity) - 0x1p-22) / coarse_unit_ - margin_;
  return std::nextafter(static_cast<float>(limit), -std::numeric_limits<float>::infinity());
}

}  // namespace rollcall::gallery
