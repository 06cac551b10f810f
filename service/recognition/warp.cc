#include "recognition/warp.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>

#include "base/status.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recognition/warp.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef ROLLCALL_RECOGNITION_WARP_PLACES
#define ROLLCALL_RECOGNITION_WARP_PLACES
namespace rollcall::recognition::warp {

// Where the pixels of one row of the crop come from, in 1/32 pixel of the picture.
struct Places {
  std::array<int32_t, kMaxWarpSide> x;
  std::array<int32_t, kMaxWarpSide> y;
};
constexpr int kFractionBits = 5;
constexpr int32_t kFractions = 1 << kFractionBits;
constexpr size_t kRowSlack = 16;

}  // namespace rollcall::recognition::warp
#endif

HWY_BEFORE_NAMESPACE();
namespace rollcall::recognition::warp {
namespace HWY_NAMESPACE {

// Where the pixels of a row lie, as the loop over them wants it.
struct RowPlaces {
  std::array<uint32_t, kMaxWarpSide> offset;  // of the pixel above and to the left
  std::array<uint16_t, kMaxWarpSide> across;  // the share of the pixels to the right, in 1/32
  std::array<uint16_t, kMaxWarpSide> down;
};

#if HWY_TARGET == HWY_SCALAR
constexpr size_t kPixels = 0;  // none at a time
void Inside(const uint8_t*, size_t, const RowPlaces&, size_t, uint8_t*) {}
#else

namespace hn = hwy::HWY_NAMESPACE;

// A pixel takes eight bytes, or four numbers of 16 bits: blue, green, red and one unused.
using D8 = hn::CappedTag<uint8_t, 32>;
using D16 = hn::CappedTag<int16_t, 16>;
using V16 = hn::Vec<D16>;
constexpr size_t kPixels = HWY_MIN(HWY_LANES(uint8_t), 32) / 8;  // at a time

// The eight bytes at each of kPixels places.
HWY_INLINE hn::Vec<D8> Eights(const uint8_t* from, const uint32_t* offset) {
  const hn::Full64<uint8_t> one;
  const hn::Full128<uint8_t> two;
  const auto pair = [&](size_t p) {
    return hn::Combine(two, hn::LoadU(one, from + offset[p + 1]), hn::LoadU(one, from + offset[p]));
  };
#if HWY_TARGET <= HWY_AVX2
  return hn::Combine(D8(), pair(2), pair(0));
#else
  return pair(0);
#endif
}

// Each of kPixels numbers four times.
HWY_INLINE V16 Spread(const uint16_t* from) {
  // Within blocks of 16 bytes, each of which holds all the numbers.
  HWY_ALIGN static constexpr uint8_t kWhich[32] = {0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 2, 3,
                                                   4, 5, 4, 5, 4, 5, 4, 5, 6, 7, 6, 7, 6, 7, 6, 7};
  const D8 d;
  const hn::Repartition<uint64_t, D8> d64;
  uint64_t numbers = 0;
  std::memcpy(&numbers, from, kPixels * sizeof *from);
  const auto all = hn::BitCast(d, hn::Set(d64, numbers));
  return hn::BitCast(D16(), hn::TableLookupBytes(all, hn::Load(d, kWhich)));
}

// kPixels pixels whose four neighbours, and two bytes more, lie in the picture. Writes up to 16 bytes.
HWY_INLINE void Inside(const uint8_t* picture, size_t stride, const RowPlaces& places, size_t i, uint8_t* out) {
  HWY_ALIGN static constexpr uint8_t kBeside[32] = {0, 3, 1, 4, 2, 5, 6, 7, 8, 11, 9, 12, 10, 13, 14, 15,
                                                    0, 3, 1, 4, 2, 5, 6, 7, 8, 11, 9, 12, 10, 13, 14, 15};
  HWY_ALIGN static constexpr uint8_t kPacked[16] = {0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15};
  const D8 d8;
  const D16 d;
  const hn::RebindToUnsigned<D16> du;
  const auto order = hn::Load(d8, kBeside);
  const V16 share = Spread(&places.across[i]);
  // 32 times the value between the left pixel and the right one; at most 8,160.
  const auto between = [&](const uint8_t* row) {
    const auto beside = hn::BitCast(du, hn::TableLookupBytes(Eights(row, &places.offset[i]), order));
    const V16 left = hn::BitCast(d, hn::And(beside, hn::Set(du, 255)));
    const V16 right = hn::BitCast(d, hn::ShiftRight<8>(beside));
    return hn::Add(hn::ShiftLeft<kFractionBits>(left), hn::Mul(hn::Sub(right, left), share));
  };
  const V16 upper = between(picture);
  const V16 lower = between(picture + stride);
  // (lower - upper) * share / 32, rounded down: the upper half of a product of 32 bits.
  const V16 step = hn::MulHigh(hn::ShiftLeft<2>(hn::Sub(lower, upper)), hn::ShiftLeft<9>(Spread(&places.down[i])));
  const V16 sum = hn::ShiftRight<kFractionBits>(hn::Add(hn::Add(upper, step), hn::Set(d, kFractions / 2)));
  const auto fours = hn::DemoteTo(hn::Rebind<uint8_t, D16>(), sum);
  const hn::Full128<uint8_t> block;
#if HWY_TARGET <= HWY_AVX2
  const auto whole = fours;
#else
  const auto whole = hn::ZeroExtendVector(block, fours);
#endif
  hn::StoreU(hn::TableLookupBytes(whole, hn::Load(block, kPacked)), block, out);
}
#endif  // HWY_SCALAR

// One pixel, wherever it lies.
void Anywhere(const Picture& picture, int32_t x, int32_t y, uint8_t* out) {
  const int32_t left = x >> kFractionBits;
  const int32_t top = y >> kFractionBits;
  const int32_t across = x & (kFractions - 1);
  const int32_t down = y & (kFractions - 1);
  for (int32_t c = 0; c < 3; ++c) {
    const auto at = [&](int32_t px, int32_t py) -> int32_t {
      if (px < 0 || py < 0 || px >= picture.width || py >= picture.height) return 0;
      return picture.bgr[(static_cast<size_t>(py) * static_cast<size_t>(picture.width) + static_cast<size_t>(px)) * 3 +
                         static_cast<size_t>(c)];
    };
    const int32_t upper = at(left, top) * (kFractions - across) + at(left + 1, top) * across;
    const int32_t lower = at(left, top + 1) * (kFractions - across) + at(left + 1, top + 1) * across;
    out[c] = static_cast<uint8_t>((upper * (kFractions - down) + lower * down + kFractions * kFractions / 2) >>
                                  (2 * kFractionBits));
  }
}

// `row`: width * 3 bytes and kRowSlack more.
void Row(const Picture& picture, const Places& places, size_t width, uint8_t* row) {
  const size_t stride = static_cast<size_t>(picture.width) * 3;
  RowPlaces from;
  for (size_t i = 0; i < width; ++i) {
    // Without meaning, but without harm, where the pixel lies outside.
    from.offset[i] = static_cast<uint32_t>(places.y[i] >> kFractionBits) * static_cast<uint32_t>(stride) +
                     static_cast<uint32_t>(places.x[i] >> kFractionBits) * 3;
    from.across[i] = static_cast<uint16_t>(places.x[i] & (kFractions - 1));
    from.down[i] = static_cast<uint16_t>(places.y[i] & (kFractions - 1));
  }
  // Eight bytes are read from each pixel on, so two more pixels must follow it.
  const auto inside = [&](size_t i) {
    const int32_t x = places.x[i] >> kFractionBits;
    const int32_t y = places.y[i] >> kFractionBits;
    return x >= 0 && y >= 0 && x < picture.width - 2 && y < picture.height - 1;
  };
  size_t i = 0;
  while (i < width) {
    // What lies between two pixels of a straight line that are inside is inside.
    if (kPixels > 0 && i + kPixels <= width && inside(i) && inside(i + kPixels - 1)) {
      Inside(picture.bgr.data(), stride, from, i, row + i * 3);
      i += kPixels;
    } else {
      Anywhere(picture, places.x[i], places.y[i], row + i * 3);
      ++i;
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace rollcall::recognition::warp
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rollcall::recognition {
namespace warp {
HWY_EXPORT(Row);
}  // namespace warp

namespace {

// Crop to picture, row-major: the inverse of `m`. Zeros where it has none.
std::array<double, 6> Inverse(const Affine& m) {
  const double determinant = double{m[0]} * m[4] - double{m[1]} * m[3];
  const double d = determinant != 0 ? 1 / determinant : 0;
  const double a = m[4] * d;
  const double b = -m[1] * d;
  const double c = -m[3] * d;
  const double e = m[0] * d;
  return {a, b, -a * m[2] - b * m[5], c, e, -c * m[2] - e * m[5]};
}

// In 1/1024 pixel, which is what a step from pixel to pixel is rounded to. Far outside is far enough.
int32_t Steps(double pixels) {
  constexpr double kFar = 1 << 29;
  return static_cast<int32_t>(std::lrint(std::clamp(pixels * 1024, -kFar, kFar)));
}

}  // namespace

void WarpBilinear(const Picture& picture, const Affine& matrix, int32_t width, int32_t height,
                  std::span<uint8_t> bgr) {
  ROLLCALL_CHECK(width >= 1 && width <= kMaxWarpSide);
  const auto columns = static_cast<size_t>(width);
  ROLLCALL_CHECK(bgr.size() == columns * static_cast<size_t>(height) * 3);
  const std::array<double, 6> from = Inverse(matrix);
  warp::Places across;
  for (size_t x = 0; x < columns; ++x) {
    across.x[x] = Steps(from[0] * static_cast<double>(x));
    across.y[x] = Steps(from[3] * static_cast<double>(x));
  }
  constexpr int kDropped = 10 - warp::kFractionBits;
  constexpr int32_t kHalf = 1 << (kDropped - 1);
  std::array<uint8_t, kMaxWarpSide * 3 + warp::kRowSlack> row;
  for (int32_t y = 0; y < height; ++y) {
    const int32_t x0 = Steps(from[1] * y + from[2]) + kHalf;
    const int32_t y0 = Steps(from[4] * y + from[5]) + kHalf;
    warp::Places places;
    for (size_t x = 0; x < columns; ++x) {
      places.x[x] = (x0 + across.x[x]) >> kDropped;
      places.y[x] = (y0 + across.y[x]) >> kDropped;
    }
    HWY_DYNAMIC_DISPATCH(warp::Row)(picture, places, columns, row.data());
    std::memcpy(bgr.data() + static_cast<size_t>(y) * columns * 3, row.data(), columns * 3);
  }
}

}  // namespace rollcall::recognition
#endif
