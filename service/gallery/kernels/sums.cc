#include "gallery/kernels/sums.h"

#include <algorithm>
#include <cstring>

#define HWY_WANT_AVX3_DL  // for VNNI
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "gallery/kernels/sums.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

// Highway 1.0.3 asks the processor for VNNI before it chooses this target, but does not tell the
// compiler.
#if HWY_TARGET == HWY_AVX3_DL
HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")
namespace rollcall::gallery::kernels::vnni {

constexpr size_t kBytes = 64;  // of a register
constexpr size_t kGroup = 16;  // rows whose sums fill a register
// Bytes between the row at hand and the one being fetched. The processor's own prefetching ends at
// each 4 KiB.
constexpr size_t kAhead = 4096;
constexpr size_t kRowsAhead = 8;  // of scattered rows

// The row to fetch into the cache while row `i` is at hand.
inline const uint8_t* Ahead(const Rows& rows, size_t i) {
  if (rows.first != nullptr) return rows.At(i) + kAhead;
  return rows.each[std::min(i + kRowsAhead, rows.count - 1)];
}

// The sums of kRows rows, each still spread over the sixteen numbers of a register; they exceed H
// by FixedProbe::excess. Piece by piece of all rows: one row after the other takes a tenth longer
// to come from memory.
template <size_t kChunks, size_t kRows>
inline void Spread(const __m512i* probe, size_t chunks, const Rows& rows, size_t first,
                   __m512i (&sums)[kRows]) {
  if constexpr (kChunks != 0) chunks = kChunks;
  const uint8_t* at[kRows];
  const uint8_t* ahead[kRows];
  for (size_t r = 0; r < kRows; ++r) {
    at[r] = rows.At(first + r);
    ahead[r] = Ahead(rows, first + r);
    sums[r] = _mm512_setzero_si512();
  }
  for (size_t c = 0; c < chunks; ++c) {
    for (size_t r = 0; r < kRows; ++r) {
      _mm_prefetch(reinterpret_cast<const char*>(ahead[r] + c * kBytes), _MM_HINT_T0);
      sums[r] = _mm512_dpbusd_epi32(sums[r], _mm512_load_si512(at[r] + c * kBytes), probe[c]);
    }
  }
}

// Of four rows: in each quarter of the result one number of each row.
inline __m512i Four(const __m512i (&s)[4]) {
  const __m512i ab =
      _mm512_add_epi32(_mm512_unpacklo_epi32(s[0], s[1]), _mm512_unpackhi_epi32(s[0], s[1]));
  const __m512i cd =
      _mm512_add_epi32(_mm512_unpacklo_epi32(s[2], s[3]), _mm512_unpackhi_epi32(s[2], s[3]));
  return _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
}

inline __m512i Halve(__m512i a, __m512i b) {
  return _mm512_add_epi32(_mm512_shuffle_i32x4(a, b, 0x88), _mm512_shuffle_i32x4(a, b, 0xDD));
}

template <size_t kChunks>
void Sums(const FixedProbe& probe, const Rows& rows, int32_t* out) {
  const size_t chunks = kChunks != 0 ? kChunks : probe.row_bytes() / kBytes;
  __m512i kept[kChunks != 0 ? kChunks : 1];
  const __m512i* p = reinterpret_cast<const __m512i*>(probe.bytes());
  if constexpr (kChunks != 0) {
    for (size_t c = 0; c < kChunks; ++c) kept[c] = p[c];
    p = kept;
  }
  const __m512i excess = _mm512_set1_epi32(probe.excess());
  size_t i = 0;
  for (; i + kGroup <= rows.count; i += kGroup) {
    _mm_prefetch(reinterpret_cast<const char*>(rows.inverse_norms + i),
                 _MM_HINT_T0);  // for AtLeast
    __m512i fours[4];
    for (size_t f = 0; f < 4; ++f) {
      __m512i four[4];
      Spread<kChunks>(p, chunks, rows, i + f * 4, four);
      fours[f] = Four(four);
    }
    const __m512i all = Halve(Halve(fours[0], fours[1]), Halve(fours[2], fours[3]));
    _mm512_storeu_si512(out + i, _mm512_sub_epi32(all, excess));
  }
  for (; i < rows.count; ++i) {
    __m512i one[1];
    Spread<kChunks>(p, chunks, rows, i, one);
    out[i] = _mm512_reduce_add_epi32(one[0]) - probe.excess();
  }
}

void CoarseSums(const FixedProbe& probe, const Rows& rows, int32_t* out) {
  switch (probe.row_bytes() / kBytes) {
    case 2:
      return Sums<2>(probe, rows, out);
    case 3:
      return Sums<3>(probe, rows, out);
    case 4:
      return Sums<4>(probe, rows, out);
    case 8:
      return Sums<8>(probe, rows, out);
    default:
      return Sums<0>(probe, rows, out);
  }
}

// kRows rows against kVectors times sixteen probes, all sums in registers.
template <size_t kRows, size_t kVectors>
void Tile(const Panel& panel, const Rows& rows, size_t first, int32_t* out) {
  const uint8_t* at[kRows];
  int32_t* to[kRows];
  __m512i sums[kRows][kVectors];
  // Behind the last row it is done once more. Without the pragmas GCC keeps the sums in memory.
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r) {
    const size_t row = std::min(first + r, rows.count - 1);
    at[r] = rows.At(row);
    to[r] = out + row * panel.width();
#pragma GCC unroll 4
    for (size_t v = 0; v < kVectors; ++v) {
      sums[r][v] = _mm512_load_si512(panel.minus_excess() + v * Panel::kLanes);
    }
  }
  const auto* woven = reinterpret_cast<const __m512i*>(panel.woven());
  for (size_t at_byte = 0; at_byte < rows.row_bytes; at_byte += 4, woven += kVectors) {
    __m512i probes[kVectors];
#pragma GCC unroll 4
    for (size_t v = 0; v < kVectors; ++v) probes[v] = woven[v];
#pragma GCC unroll 16
    for (size_t r = 0; r < kRows; ++r) {
      int32_t four;
      std::memcpy(&four, at[r] + at_byte, sizeof(four));
      const __m512i codes = _mm512_set1_epi32(four);
#pragma GCC unroll 4
      for (size_t v = 0; v < kVectors; ++v) {
        sums[r][v] = _mm512_dpbusd_epi32(sums[r][v], codes, probes[v]);
      }
    }
  }
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
    for (size_t v = 0; v < kVectors; ++v) {
      _mm512_store_si512(to[r] + v * Panel::kLanes, sums[r][v]);
    }
  }
}

template <size_t kRows, size_t kVectors>
void Tiles(const Panel& panel, const Rows& rows, int32_t* out) {
  for (size_t i = 0; i < rows.count; i += kRows) Tile<kRows, kVectors>(panel, rows, i, out);
}

void CoarseSumsMany(const Panel& panel, const Rows& rows, int32_t* out) {
  switch (panel.width() / Panel::kLanes) {
    case 1:
      return Tiles<12, 1>(panel, rows, out);
    case 2:
      return Tiles<12, 2>(panel, rows, out);
    case 3:
      return Tiles<8, 3>(panel, rows, out);
    default:
      return Tiles<6, 4>(panel, rows, out);
  }
}

}  // namespace rollcall::gallery::kernels::vnni
HWY_POP_ATTRIBUTES
#endif

HWY_BEFORE_NAMESPACE();
namespace rollcall::gallery::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128

template <size_t kRows>
HWY_INLINE void DotRows(const int16_t* HWY_RESTRICT probe, const uint8_t* const (&rows)[kRows],
                        size_t size, int32_t* out) {
  for (size_t r = 0; r < kRows; ++r) {
    const uint8_t* HWY_RESTRICT row = rows[r];
    int32_t sum = 0;
    for (size_t i = 0; i < size; ++i) sum += probe[i] * (row[i] - 128);
    out[r] = sum;
  }
}

#else

// A few rows at once: the probe's numbers are loaded once for all of them.
template <size_t kRows>
HWY_INLINE void DotRows(const int16_t* HWY_RESTRICT probe, const uint8_t* const (&rows)[kRows],
                        size_t size, int32_t* out) {
  const HWY_FULL(int32_t) d32;
  const HWY_FULL(int16_t) d16;
  const hn::Rebind<uint8_t, decltype(d16)> d8;
  const auto zero_code = hn::Set(d16, 128);
  using V = hn::Vec<decltype(d32)>;
  V sums[kRows];
  V more[kRows];
  for (size_t r = 0; r < kRows; ++r) sums[r] = more[r] = hn::Zero(d32);
  for (size_t i = 0; i < size; i += hn::Lanes(d16)) {
    const auto p = hn::Load(d16, probe + i);
    for (size_t r = 0; r < kRows; ++r) {
      const auto codes = hn::Sub(hn::PromoteTo(d16, hn::LoadU(d8, rows[r] + i)), zero_code);
      sums[r] = hn::ReorderWidenMulAccumulate(d32, p, codes, sums[r], more[r]);
    }
  }
  for (size_t r = 0; r < kRows; ++r)
    out[r] = hn::GetLane(hn::SumOfLanes(d32, hn::Add(sums[r], more[r])));
}

#endif

int32_t FineSum(const FixedProbe& probe, const uint8_t* row) {
  int32_t sum;
  DotRows<1>(probe.fine(), {row}, probe.row_bytes(), &sum);
  return sum;
}

#if HWY_TARGET == HWY_AVX3_DL

void CoarseSums(const FixedProbe& probe, const Rows& rows, int32_t* out) {
  vnni::CoarseSums(probe, rows, out);
}

void CoarseSumsMany(const Panel& panel, const Rows& rows, int32_t* out) {
  vnni::CoarseSumsMany(panel, rows, out);
}

#else

constexpr size_t kAhead = 4096;

void CoarseSums(const FixedProbe& probe, const Rows& rows, int32_t* out) {
  size_t i = 0;
  for (; i + 4 <= rows.count; i += 4) {
    __builtin_prefetch(rows.inverse_norms + i);  // for AtLeast
    if (rows.first != nullptr) {
      const uint8_t* ahead = rows.At(i) + kAhead;
      for (size_t b = 0; b < 4 * rows.row_bytes; b += kCacheLine) __builtin_prefetch(ahead + b);
    }
    DotRows<4>(probe.coarse(), {rows.At(i), rows.At(i + 1), rows.At(i + 2), rows.At(i + 3)},
               rows.row_bytes, out + i);
  }
  for (; i < rows.count; ++i) DotRows<1>(probe.coarse(), {rows.At(i)}, rows.row_bytes, out + i);
}

// The rows stay in the cache while the probes pass.
void CoarseSumsMany(const Panel& panel, const Rows& rows, int32_t* out) {
  const std::span<const FixedProbe> probes = panel.probes();
  for (size_t i = 0; i < rows.count; ++i) {
    const uint8_t* row = rows.At(i);
    for (size_t p = 0; p < probes.size(); ++p) {
      DotRows<1>(probes[p].coarse(), {row}, rows.row_bytes, out + i * panel.width() + p);
    }
  }
}

#endif

size_t AtLeast(const int32_t* sums, const Rows& rows, float limit, uint32_t* which) {
  const HWY_FULL(float) d;
  const HWY_FULL(int32_t) d32;
  const auto least = hn::Set(d, limit);
  const size_t lanes = hn::Lanes(d);
  size_t found = 0;
  const auto note = [&](size_t i) {
    if (static_cast<float>(sums[i]) * rows.inverse_norms[i] >= limit)
      which[found++] = static_cast<uint32_t>(i);
  };
  size_t i = 0;
  for (; i + lanes <= rows.count; i += lanes) {
    const auto sum = hn::ConvertTo(d, hn::LoadU(d32, sums + i));
    const auto passing = hn::Ge(hn::Mul(sum, hn::LoadU(d, rows.inverse_norms + i)), least);
    if (hn::AllFalse(d, passing)) continue;
    for (size_t lane = 0; lane < lanes; ++lane) note(i + lane);
  }
  for (; i < rows.count; ++i) note(i);
  return found;
}

size_t AtLeastMany(const int32_t* sums, const Rows& rows, std::span<const float> limits,
                   Hit* hits) {
  const HWY_FULL(float) d;
  const HWY_FULL(int32_t) d32;
  const size_t lanes = hn::Lanes(d);
  size_t found = 0;
  for (size_t r = 0; r < rows.count; ++r, sums += limits.size()) {
    const auto inverse_norm = hn::Set(d, rows.inverse_norms[r]);
    for (size_t p = 0; p < limits.size(); p += lanes) {
      const auto sum = hn::ConvertTo(d, hn::LoadU(d32, sums + p));
      if (hn::AllFalse(d, hn::Ge(hn::Mul(sum, inverse_norm), hn::LoadU(d, limits.data() + p))))
        continue;
      for (size_t lane = p; lane < p + lanes; ++lane) {
        if (static_cast<float>(sums[lane]) * rows.inverse_norms[r] >= limits[lane]) {
          hits[found++] = {static_cast<uint32_t>(r), static_cast<uint32_t>(lane)};
        }
      }
    }
  }
  return found;
}

}  // namespace HWY_NAMESPACE
}  // namespace rollcall::gallery::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rollcall::gallery::kernels {

HWY_EXPORT(CoarseSums);
HWY_EXPORT(CoarseSumsMany);
HWY_EXPORT(FineSum);
HWY_EXPORT(AtLeast);
HWY_EXPORT(AtLeastMany);

void CoarseSums(const FixedProbe& probe, const Rows& rows, int32_t* out) {
  HWY_DYNAMIC_DISPATCH(CoarseSums)(probe, rows, out);
}

void CoarseSumsMany(const Panel& panel, const Rows& rows, int32_t* out) {
  HWY_DYNAMIC_DISPATCH(CoarseSumsMany)(panel, rows, out);
}

int32_t FineSum(const FixedProbe& probe, const uint8_t* row) {
  return HWY_DYNAMIC_DISPATCH(FineSum)(probe, row);
}

size_t AtLeast(const int32_t* sums, const Rows& rows, float limit, uint32_t* which) {
  return HWY_DYNAMIC_DISPATCH(AtLeast)(sums, rows, limit, which);
}

size_t AtLeastMany(const int32_t* sums, const Rows& rows, std::span<const float> limits,
                   Hit* hits) {
  return HWY_DYNAMIC_DISPATCH(AtLeastMany)(sums, rows, limits, hits);
}

Panel::Panel(std::span<const FixedProbe> probes)
    : probes_(probes),
      width_(RoundUp(probes.size(), kLanes)),
      minus_excess_(width_),
      woven_(probes.front().row_bytes() * width_) {
  for (size_t p = 0; p < probes.size(); ++p) {
    minus_excess_[p] = -probes[p].excess();
    const int8_t* from = probes[p].bytes();
    for (size_t i = 0; i < probes[p].row_bytes(); i += 4) {
      std::memcpy(woven_.data() + i * width_ + p * 4, from + i, 4);
    }
  }
}

}  // namespace rollcall::gallery::kernels
#endif
