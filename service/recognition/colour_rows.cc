#include "recognition/colour_rows.h"

#include <cstring>

#include "base/status.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recognition/colour_rows.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rollcall::recognition::colour_rows {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

// libjpeg's formulas as its documentation has them; also what the tests hold the vectors to.
void Row(const uint8_t* brightness, ColourRows cb, ColourRows cr, size_t width, uint8_t* bgr) {
  for (size_t x = 0; x < width; ++x) {
    const auto colour = [x](ColourRows rows) {
      const auto column = [rows](size_t i) { return 3 * rows.near[i] + rows.far[i]; };
      const size_t own = x / 2;
      return x % 2 == 0 ? (3 * column(own) + column(own - 1) + 8) >> 4
                        : (3 * column(own) + column(own + 1) + 7) >> 4;
    };
    const int b = colour(cb) - 128;
    const int r = colour(cr) - 128;
    const int y = brightness[x];
    const auto clamp = [](int v) { return static_cast<uint8_t>(v < 0 ? 0 : v > 255 ? 255 : v); };
    constexpr int kHalf = 1 << 15;
    bgr[x * 3] = clamp(y + ((116130 * b + kHalf) >> 16));
    bgr[x * 3 + 1] = clamp(y + ((-22554 * b - 46802 * r + kHalf) >> 16));
    bgr[x * 3 + 2] = clamp(y + ((91881 * r + kHalf) >> 16));
  }
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using DU = HWY_FULL(uint16_t);
using DS = hn::RebindToSigned<DU>;
using DHalf = hn::Rebind<uint8_t, DU>;
using D8 = HWY_FULL(uint8_t);
using VU = hn::Vec<DU>;
using VS = hn::Vec<DS>;
constexpr size_t kLanes = HWY_LANES(uint16_t);

// Values of the even and of the odd pixels.
template <typename V>
struct Pair {
  V even;
  V odd;
};

// Three quarters of the near row and one of the far one, times four; from the value before the first to the one
// after the last.
void SumColumns(ColourRows rows, size_t count, uint16_t* sums) {
  const DU d;
  for (size_t i = 0; i < count + 2; i += kLanes) {
    const VU near = hn::PromoteTo(d, hn::LoadU(DHalf(), rows.near + i - 1));
    const VU far = hn::PromoteTo(d, hn::LoadU(DHalf(), rows.far + i - 1));
    hn::StoreU(hn::Add(hn::Add(near, near), hn::Add(near, far)), d, sums + i);
  }
}

// Likewise from column to column: a pixel's own column counts three times its neighbour's. `sums`: at the column
// before the first of these.
HWY_INLINE Pair<VS> Colours(const uint16_t* sums) {
  const DU d;
  const DS signed_lanes;
  const VU own = hn::LoadU(d, sums + 1);
  const VU three = hn::Add(hn::Add(own, own), own);
  const VU even = hn::ShiftRight<4>(hn::Add(hn::Add(three, hn::LoadU(d, sums)), hn::Set(d, 8)));
  const VU odd = hn::ShiftRight<4>(hn::Add(hn::Add(three, hn::LoadU(d, sums + 2)), hn::Set(d, 7)));
  const VS middle = hn::Set(signed_lanes, 128);
  return {hn::Sub(hn::BitCast(signed_lanes, even), middle), hn::Sub(hn::BitCast(signed_lanes, odd), middle)};
}

// value * weight / 65536, rounded to the nearest.
HWY_INLINE VS Share(VS value, int16_t weight) {
  const DS d;
  const VS twice = hn::MulHigh(hn::Add(value, value), hn::Set(d, weight));
  return hn::ShiftRight<1>(hn::Add(twice, hn::Set(d, 1)));
}

struct Bgr {
  VS blue;
  VS green;
  VS red;
};

// libjpeg's conversion: 1.772, -0.34414, -0.71414 and 1.402 in 1/65536, each colour's sum rounded once. What does
// not fit a weight of 16 bits is added whole.
HWY_INLINE Bgr Convert(VS y, VS cb, VS cr) {
  const DS d;
  const DU du;
  // What is above 255 sticks at the largest number of 16 bits, what is below 0 at 0.
  const VS high = hn::Set(d, 0x7F00);
  const VS raised = hn::Add(y, high);
  const auto add = [&](VS colour) {
    return hn::BitCast(d, hn::SaturatedSub(hn::BitCast(du, hn::SaturatedAdd(raised, colour)), hn::BitCast(du, high)));
  };
  // The two products of green are added before they are rounded: their upper halves, and what the lower halves
  // come to. Both weights are even, so AverageRound never rounds.
  const VS weight_cb = hn::Set(d, -22554);
  const VS weight_cr = hn::Set(d, 18734);
  const VU low = hn::AverageRound(hn::BitCast(du, hn::Mul(cb, weight_cb)), hn::BitCast(du, hn::Mul(cr, weight_cr)));
  const VS carry = hn::BitCast(d, hn::ShiftRight<14>(hn::AverageRound(low, hn::Set(du, 16383))));
  const VS upper = hn::Add(hn::MulHigh(cb, weight_cb), hn::MulHigh(cr, weight_cr));
  return {add(hn::Add(hn::Add(cb, cb), Share(cb, -14942))), add(hn::Sub(hn::Add(upper, carry), cr)),
          add(hn::Add(cr, Share(cr, 26345)))};
}

HWY_INLINE hn::Vec<D8> Join(VS even, VS odd) {
  const D8 d;
  return hn::BitCast(d, hn::Or(even, hn::ShiftLeft<8>(odd)));
}

// 2 kLanes pixels.
HWY_INLINE void Block(const uint8_t* brightness, const uint16_t* cb_sums, const uint16_t* cr_sums, uint8_t* bgr) {
  const DU du;
  const DS d;
  const D8 d8;
  const VU y = hn::BitCast(du, hn::LoadU(d8, brightness));
  const Pair<VS> cb = Colours(cb_sums);
  const Pair<VS> cr = Colours(cr_sums);
  const Bgr even = Convert(hn::BitCast(d, hn::And(y, hn::Set(du, 255))), cb.even, cr.even);
  const Bgr odd = Convert(hn::BitCast(d, hn::ShiftRight<8>(y)), cb.odd, cr.odd);
  hn::StoreInterleaved3(Join(even.blue, odd.blue), Join(even.green, odd.green), Join(even.red, odd.red), d8, bgr);
}

void Row(const uint8_t* brightness, ColourRows cb, ColourRows cr, size_t width, uint8_t* bgr) {
  HWY_ALIGN uint16_t cb_sums[kMaxColourRow / 2 + kColourRowSlack];
  HWY_ALIGN uint16_t cr_sums[kMaxColourRow / 2 + kColourRowSlack];
  const size_t columns = (width + 1) / 2;
  SumColumns(cb, columns, cb_sums);
  SumColumns(cr, columns, cr_sums);
  constexpr size_t kStep = 2 * kLanes;
  size_t x = 0;
  for (; x + kStep <= width; x += kStep) Block(brightness + x, cb_sums + x / 2, cr_sums + x / 2, bgr + x * 3);
  if (x == width) return;
  HWY_ALIGN uint8_t last[kStep * 3];
  Block(brightness + x, cb_sums + x / 2, cr_sums + x / 2, last);
  std::memcpy(bgr + x * 3, last, (width - x) * 3);
}

#endif  // HWY_SCALAR

}  // namespace HWY_NAMESPACE
}  // namespace rollcall::recognition::colour_rows
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rollcall::recognition {
namespace colour_rows {
HWY_EXPORT(Row);
}  // namespace colour_rows

void ConvertColourRow(const uint8_t* brightness, ColourRows cb, ColourRows cr, size_t width, uint8_t* bgr) {
  ROLLCALL_CHECK(width >= 1 && width <= kMaxColourRow);
  HWY_DYNAMIC_DISPATCH(colour_rows::Row)(brightness, cb, cr, width, bgr);
}

}  // namespace rollcall::recognition
#endif
