#include "recognition/shrink.h"

#include <cmath>
#include <cstring>

#include "base/status.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recognition/shrink.cc"
#include <hwy/foreach_target.h>
#include <hwy/aligned_allocator.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rollcall::recognition::shrink {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

// As below, a number at a time.
void SumColumns(const uint8_t* rows, size_t stride, size_t factor, size_t count, uint16_t* sums) {
  for (size_t i = 0; i < count; ++i) {
    uint32_t sum = 0;
    for (size_t r = 0; r < factor; ++r) sum += rows[r * stride + i];
    sums[i] = static_cast<uint16_t>(sum);
  }
}

void SumRow(size_t factor, size_t count, uint16_t* sums) {
  for (size_t i = 0; i < count; ++i) {
    uint32_t sum = 0;
    for (size_t k = 0; k < factor; ++k) sum += sums[i + 3 * k];
    sums[i] = static_cast<uint16_t>(sum);
  }
}

void Divide(const uint16_t* sums, size_t count, size_t area, uint8_t* out) {
  const float share = 1.0f / static_cast<float>(area);
  for (size_t i = 0; i < count; ++i) {
    out[i] = static_cast<uint8_t>(area == 4 ? (sums[i] + 2) >> 2
                                            : std::lrint(static_cast<float>(sums[i]) * share));
  }
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using D16 = HWY_FULL(uint16_t);
using D8 = hn::Rebind<uint8_t, D16>;
constexpr size_t kLanes = HWY_LANES(uint16_t);

// sums[i] = the sum of the column of `factor` bytes at rows + i.
void SumColumns(const uint8_t* rows, size_t stride, size_t factor, size_t count, uint16_t* sums) {
  const D16 d;
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    auto sum = hn::Zero(d);
    for (size_t r = 0; r < factor; ++r) sum = hn::Add(sum, hn::PromoteTo(d, hn::LoadU(D8(), rows + r * stride + i)));
    hn::StoreU(sum, d, sums + i);
  }
  for (; i < count; ++i) {
    uint32_t sum = 0;
    for (size_t r = 0; r < factor; ++r) sum += rows[r * stride + i];
    sums[i] = static_cast<uint16_t>(sum);
  }
}

// sums[i] += sums[i + 3] + sums[i + 6] + ..., `factor` of them. Reads kLanes + 3 factor beyond `count`.
void SumRow(size_t factor, size_t count, uint16_t* sums) {
  const D16 d;
  for (size_t i = 0; i < count; i += kLanes) {
    auto sum = hn::LoadU(d, sums + i);
    for (size_t k = 1; k < factor; ++k) sum = hn::Add(sum, hn::LoadU(d, sums + i + 3 * k));
    hn::StoreU(sum, d, sums + i);
  }
}

// out[i] = sums[i] / area, rounded to the nearest, halves to the even one; a quarter's half upwards.
void Divide(const uint16_t* sums, size_t count, size_t area, uint8_t* out) {
  if (area == 4) {
    for (size_t i = 0; i < count; ++i) out[i] = static_cast<uint8_t>((sums[i] + 2) >> 2);
    return;
  }
  const HWY_FULL(float) df;
  const hn::RebindToSigned<decltype(df)> di;
  const hn::Rebind<uint16_t, decltype(df)> d16;
  const hn::Rebind<uint8_t, decltype(df)> d8;
  const size_t step = hn::Lanes(df);
  const auto share = hn::Set(df, 1.0f / static_cast<float>(area));
  HWY_ALIGN uint8_t last[HWY_LANES(float)];
  for (size_t i = 0; i < count; i += step) {
    const auto value = hn::ConvertTo(df, hn::PromoteTo(di, hn::LoadU(d16, sums + i)));
    const auto bytes = hn::DemoteTo(d8, hn::NearestInt(hn::Mul(value, share)));
    if (i + step <= count) {
      hn::StoreU(bytes, d8, out + i);
    } else {
      hn::StoreU(bytes, d8, last);
      std::memcpy(out + i, last, count - i);
    }
  }
}

#endif  // HWY_SCALAR

// One row of the answer. `sums`: width * 3 * factor numbers and kSlack more; `picked`: width * 3 and kSlack more.
void Row(const uint8_t* rows, size_t stride, size_t factor, size_t width, uint16_t* sums, uint16_t* picked,
         uint8_t* out) {
  SumColumns(rows, stride, factor, width * factor * 3, sums);
  SumRow(factor, width * factor * 3, sums);
  // Eight bytes hold three numbers and one that the next pixel overwrites.
  for (size_t x = 0; x < width; ++x) std::memcpy(picked + x * 3, sums + x * factor * 3, 8);
  Divide(picked, width * 3, factor * factor, out);
}

}  // namespace HWY_NAMESPACE
}  // namespace rollcall::recognition::shrink
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rollcall::recognition {
namespace shrink {
HWY_EXPORT(Row);
}  // namespace shrink

void ShrinkByWhole(const Picture& picture, int32_t factor, uint8_t* bgr, size_t stride) {
  ROLLCALL_CHECK(factor >= 2 && factor <= kMaxShrink && picture.width % factor == 0 &&
                 picture.height % factor == 0);
  const auto by = static_cast<size_t>(factor);
  const auto width = static_cast<size_t>(picture.width) / by;
  const auto height = static_cast<size_t>(picture.height) / by;
  const size_t row_bytes = static_cast<size_t>(picture.width) * 3;
  constexpr size_t kSlack = 128 + 3 * kMaxShrink;  // what the loops read and write past the end
  const auto sums = hwy::AllocateAligned<uint16_t>(row_bytes + kSlack);
  const auto picked = hwy::AllocateAligned<uint16_t>(width * 3 + kSlack);
  std::memset(sums.get(), 0, (row_bytes + kSlack) * sizeof(uint16_t));
  std::memset(picked.get(), 0, (width * 3 + kSlack) * sizeof(uint16_t));
  for (size_t y = 0; y < height; ++y) {
    HWY_DYNAMIC_DISPATCH(shrink::Row)
    (picture.bgr.data() + y * by * row_bytes, row_bytes, by, width, sums.get(), picked.get(), bgr + y * stride);
  }
}

}  // namespace rollcall::recognition
#endif
