#include "gallery/kernels/sums.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <utility>

#define HWY_WANT_AVX3_DL  // for VNNI
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "gallery/kernels/sums.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "base/matrix_unit.h"

// Highway 1.0.3 asks the processor for VNNI before it chooses this target, but does not tell the
// compiler.
#if HWY_TARGET == HWY_AVX3_DL
HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")
namespace rollcall::gallery::kernels::vnni {

constexpr size_t kGroup = 16;  // rows whose sums fill a register
// Bytes between the row at hand and the one being fetched. The processor's own prefetching ends at
// each 4 KiB.
constexpr size_t kAhead = 4096;
constexpr size_t kRowsAhead = 16;  // of scattered rows

inline void Fetch(const uint8_t* line) {
  _mm_prefetch(reinterpret_cast<const char*>(line), _MM_HINT_T0);
}

// Into the second level only, which waits for more lines at a time.
inline void FetchFar(const uint8_t* line) {
  _mm_prefetch(reinterpret_cast<const char*>(line), _MM_HINT_T1);
}

inline __m512i LowBits() { return _mm512_set1_epi8(0x0F); }

// Where the mask is 1 the bits of a, elsewhere those of b.
inline __m512i Choose(__m512i mask, __m512i a, __m512i b) {
  return _mm512_ternarylogic_epi32(mask, a, b, 0xCA);
}

// The numbers of a piece, from a line of each half.
struct Numbers {
  __m512i first;
  __m512i second;
};
inline Numbers Joined(const Halves& row, size_t line) {
  const __m512i upper = _mm512_load_si512(row.upper + line);
  const __m512i lower = _mm512_load_si512(row.lower + line);
  return {Choose(LowBits(), lower, _mm512_slli_epi16(upper, 4)),
          Choose(LowBits(), _mm512_srli_epi16(lower, 4), upper)};
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

// Sixteen rows: what `spread` gives for each (its sums, still spread over the sixteen numbers of a
// register) in one register. Four rows at a time, line by line of all four: one row after the other
// takes a tenth longer to come from memory.
template <typename Spread>
inline __m512i Sixteen(const Spread& spread) {
  __m512i fours[4];
  for (size_t f = 0; f < 4; ++f) {
    __m512i four[4];
    spread(f * 4, four);
    fours[f] = Four(four);
  }
  return Halve(Halve(fours[0], fours[1]), Halve(fours[2], fours[3]));
}

// The first of sixteen numbers that there is room for.
inline void Store(int32_t* out, size_t room, __m512i numbers) {
  const auto some = static_cast<__mmask16>(room < kGroup ? (1u << room) - 1 : 0xFFFF);
  _mm512_mask_storeu_epi32(out, some, numbers);
}

// kLines: lines of a half, where known; 0 otherwise. Behind the last row it is done once more.
template <size_t kLines>
void Upper(const FixedProbe& probe, const Rows& rows, int32_t reach, int32_t* out) {
  const size_t lines = kLines != 0 ? kLines : probe.row_bytes() / kPiece;
  const auto* p = reinterpret_cast<const __m512i*>(probe.bytes());
  const __m512i low = LowBits();
  const __m512i high = _mm512_set1_epi8(static_cast<char>(0xF0));
  for (size_t i = 0; i < rows.count; i += kGroup) {
    Fetch(reinterpret_cast<const uint8_t*>(rows.inverse_norms + i));  // for AtLeast
    const __m512i sums = Sixteen([&](size_t from, __m512i(&spread)[4]) {
      const uint8_t* at[4];
      __m512i firsts[4];
#pragma GCC unroll 4
      for (size_t r = 0; r < 4; ++r) {
        at[r] = rows.At(std::min(i + from + r, rows.count - 1)).upper;
        firsts[r] = spread[r] = _mm512_setzero_si512();
      }
#pragma GCC unroll 4
      for (size_t line = 0; line < lines; ++line) {
#pragma GCC unroll 4
        for (size_t r = 0; r < 4; ++r) {
          Fetch(at[r] + line * kCacheLine + kAhead);
          const __m512i bits = _mm512_load_si512(at[r] + line * kCacheLine);
          firsts[r] = _mm512_dpbusd_epi32(firsts[r], _mm512_and_si512(bits, low), p[2 * line]);
          // 16 u, as it stands.
          spread[r] = _mm512_dpbusd_epi32(spread[r], _mm512_and_si512(bits, high), p[2 * line + 1]);
        }
      }
#pragma GCC unroll 4
      for (size_t r = 0; r < 4; ++r) {
        spread[r] = _mm512_add_epi32(spread[r], _mm512_slli_epi32(firsts[r], 4));
      }
    });
    Store(out + i, rows.count - i, _mm512_add_epi32(sums, _mm512_set1_epi32(reach)));
  }
}

void UpperSums(const FixedProbe& probe, const Rows& rows, int32_t reach, int32_t* out) {
  switch (probe.row_bytes() / kPiece) {
    case 1:
      return Upper<1>(probe, rows, reach, out);
    case 4:
      return Upper<4>(probe, rows, reach, out);
    default:
      return Upper<0>(probe, rows, reach, out);
  }
}

void CoarseSums(const FixedProbe& probe, const Rows& rows, int32_t* out) {
  const size_t half = probe.row_bytes() / 2;
  const auto* p = reinterpret_cast<const __m512i*>(probe.bytes());
  const size_t last = rows.count - 1;
  for (size_t i = 0; i < rows.count; i += kGroup) {
    const __m512i sums = Sixteen([&](size_t from, __m512i(&spread)[4]) {
      Halves at[4];
      Halves ahead[4];
#pragma GCC unroll 4
      for (size_t r = 0; r < 4; ++r) {
        at[r] = rows.At(std::min(i + from + r, last));
        ahead[r] = rows.At(std::min(i + from + r + kRowsAhead, last));
        spread[r] = _mm512_setzero_si512();
      }
      for (size_t line = 0; line < half; line += kCacheLine) {
#pragma GCC unroll 4
        for (size_t r = 0; r < 4; ++r) {
          Fetch(ahead[r].upper + line);
          Fetch(ahead[r].lower + line);
          const Numbers numbers = Joined(at[r], line);
          const __m512i* piece = p + 2 * line / kCacheLine;
          spread[r] = _mm512_dpbusd_epi32(spread[r], numbers.first, piece[0]);
          spread[r] = _mm512_dpbusd_epi32(spread[r], numbers.second, piece[1]);
        }
      }
    });
    Store(out + i, rows.count - i, _mm512_sub_epi32(sums, _mm512_set1_epi32(probe.excess())));
  }
}

// kRows rows against kVectors times sixteen probes, all sums in registers.
template <size_t kRows, size_t kVectors>
void Tile(const Panel& panel, const Rows& rows, size_t first, int32_t* out) {
  Halves at[kRows];
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
  alignas(kCacheLine) uint8_t pieces[kRows][kPiece];
  for (size_t line = 0; line < rows.row_bytes / 2; line += kCacheLine) {
    for (size_t r = 0; r < kRows; ++r) {
      const Numbers numbers = Joined(at[r], line);
      _mm512_store_si512(pieces[r], numbers.first);
      _mm512_store_si512(pieces[r] + kCacheLine, numbers.second);
    }
    for (size_t at_byte = 0; at_byte < kPiece; at_byte += 4, woven += kVectors) {
      __m512i probes[kVectors];
#pragma GCC unroll 4
      for (size_t v = 0; v < kVectors; ++v) probes[v] = woven[v];
#pragma GCC unroll 16
      for (size_t r = 0; r < kRows; ++r) {
        int32_t four;
        std::memcpy(&four, pieces[r] + at_byte, sizeof(four));
        const __m512i codes = _mm512_set1_epi32(four);
#pragma GCC unroll 4
        for (size_t v = 0; v < kVectors; ++v) {
          sums[r][v] = _mm512_dpbusd_epi32(sums[r][v], codes, probes[v]);
        }
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

// Sixteen rows against sixteen probes for each of kVector; a panel is laid out as the unit wants
// it.
template <int... kVector>
void Matrices(const Panel& panel, const Rows& rows, int32_t* out,
              std::integer_sequence<int, kVector...>) {
  constexpr int kRowsTile = 4;
  constexpr int kProbesTile = 5;
  const base::MatrixSizes sizes(std::array<base::MatrixSizes::Size, 8>{});
  const size_t width = panel.width();
  const size_t stride = width * sizeof(int32_t);
  alignas(kCacheLine) uint8_t pieces[kManyRows][kPiece];
  for (size_t i = 0; i < rows.count; i += kManyRows, out += kManyRows * width) {
    (base::LoadMatrix<kVector>(panel.minus_excess() + kVector * Panel::kLanes, 0), ...);
    const int8_t* woven = panel.woven();
    for (size_t line = 0; line < rows.row_bytes / 2; line += kCacheLine) {
      for (size_t r = 0; r < kManyRows; ++r) {
        const Halves row = rows.At(std::min(i + r, rows.count - 1));
        FetchFar(row.upper + line + kAhead);
        FetchFar(row.lower + line + kAhead);
        const Numbers numbers = Joined(row, line);
        _mm512_store_si512(pieces[r], numbers.first);
        _mm512_store_si512(pieces[r] + kCacheLine, numbers.second);
      }
      for (size_t b = 0; b < kPiece; b += kCacheLine, woven += kCacheLine * width) {
        base::LoadMatrix<kRowsTile>(pieces[0] + b, kPiece);
        ((base::LoadMatrix<kProbesTile>(woven + kVector * kCacheLine, stride),
          base::MultiplyMatrix<int32_t, kVector, kRowsTile, kProbesTile>()),
         ...);
      }
    }
    (base::StoreMatrix<kVector>(out + kVector * Panel::kLanes, stride), ...);
  }
}

template <int kVectors>
void Matrices(const Panel& panel, const Rows& rows, int32_t* out) {
  Matrices(panel, rows, out, std::make_integer_sequence<int, kVectors>());
}

void CoarseSumsMany(const Panel& panel, const Rows& rows, int32_t* out) {
  if (MayUseMatrixUnit()) {
    switch (panel.width() / Panel::kLanes) {
      case 1:
        return Matrices<1>(panel, rows, out);
      case 2:
        return Matrices<2>(panel, rows, out);
      case 3:
        return Matrices<3>(panel, rows, out);
      default:
        return Matrices<4>(panel, rows, out);
    }
  }
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

// Of the numbers c of a row, or, of its upper half alone, u.
template <bool kUpperOnly>
HWY_INLINE int32_t DotRow(const int16_t* HWY_RESTRICT probe, const Halves& row, size_t half) {
  int32_t sum = 0;
  for (size_t b = 0; b < half; ++b) {
    const int16_t* p = probe + b / kCacheLine * kPiece + b % kCacheLine;
    const int upper = row.upper[b];
    if constexpr (kUpperOnly) {
      sum += p[0] * (upper & 15) + p[kCacheLine] * (upper >> 4);
    } else {
      const int lower = row.lower[b];
      sum += p[0] * ((upper & 15) * 16 + (lower & 15) - 128) +
             p[kCacheLine] * ((upper & 0xF0) + (lower >> 4) - 128);
    }
  }
  return sum;
}

template <bool kUpperOnly, size_t kRows>
HWY_INLINE void DotRows(const int16_t* HWY_RESTRICT probe, const Halves (&rows)[kRows], size_t half,
                        int32_t* out) {
  for (size_t r = 0; r < kRows; ++r) out[r] = DotRow<kUpperOnly>(probe, rows[r], half);
}

#else

// The numbers of a few bytes of both halves of a row, c, or, of its upper half alone, u.
template <bool kUpperOnly, class D, class V>
HWY_INLINE void Load(D d16, const Halves& row, size_t at, V& first, V& second) {
  const hn::Rebind<uint8_t, D> d8;
  const auto low_bits = hn::Set(d16, 0x0F);
  const auto upper = hn::PromoteTo(d16, hn::LoadU(d8, row.upper + at));
  if constexpr (kUpperOnly) {
    first = hn::And(upper, low_bits);
    second = hn::ShiftRight<4>(upper);
  } else {
    const auto lower = hn::PromoteTo(d16, hn::LoadU(d8, row.lower + at));
    const auto zero_code = hn::Set(d16, 128);
    first = hn::Sub(hn::Or(hn::ShiftLeft<4>(hn::And(upper, low_bits)), hn::And(lower, low_bits)),
                    zero_code);
    second = hn::Sub(hn::Or(hn::AndNot(low_bits, upper), hn::ShiftRight<4>(lower)), zero_code);
  }
}

// A few rows at once: the probe's numbers are loaded once for all of them.
template <bool kUpperOnly, size_t kRows>
HWY_INLINE void DotRows(const int16_t* HWY_RESTRICT probe, const Halves (&rows)[kRows], size_t half,
                        int32_t* out) {
  const HWY_FULL(int32_t) d32;
  const HWY_FULL(int16_t) d16;
  using V = hn::Vec<decltype(d32)>;
  V sums[kRows];
  V more[kRows];
  for (size_t r = 0; r < kRows; ++r) sums[r] = more[r] = hn::Zero(d32);
  for (size_t line = 0; line < half; line += kCacheLine, probe += kPiece) {
    for (size_t b = 0; b < kCacheLine; b += hn::Lanes(d16)) {
      const auto p = hn::Load(d16, probe + b);
      const auto q = hn::Load(d16, probe + kCacheLine + b);
      for (size_t r = 0; r < kRows; ++r) {
        hn::Vec<decltype(d16)> first;
        hn::Vec<decltype(d16)> second;
        Load<kUpperOnly>(d16, rows[r], line + b, first, second);
        sums[r] = hn::ReorderWidenMulAccumulate(d32, p, first, sums[r], more[r]);
        sums[r] = hn::ReorderWidenMulAccumulate(d32, q, second, sums[r], more[r]);
      }
    }
  }
  for (size_t r = 0; r < kRows; ++r)
    out[r] = hn::GetLane(hn::SumOfLanes(d32, hn::Add(sums[r], more[r])));
}

#endif

int32_t FineSum(const FixedProbe& probe, const Halves& row) {
  int32_t sum;
  DotRows<false, 1>(probe.fine(), {row}, probe.row_bytes() / 2, &sum);
  return sum;
}

#if HWY_TARGET == HWY_AVX3_DL

void UpperSums(const FixedProbe& probe, const Rows& rows, int32_t reach, int32_t* out) {
  vnni::UpperSums(probe, rows, reach, out);
}

void CoarseSums(const FixedProbe& probe, const Rows& rows, int32_t* out) {
  vnni::CoarseSums(probe, rows, out);
}

void CoarseSumsMany(const Panel& panel, const Rows& rows, int32_t* out) {
  vnni::CoarseSumsMany(panel, rows, out);
}

#else

constexpr size_t kAhead = 4096;

template <bool kUpperOnly>
HWY_INLINE void DotAll(const FixedProbe& probe, const Rows& rows, int32_t* out) {
  const size_t half = rows.row_bytes / 2;
  size_t i = 0;
  for (; i + 4 <= rows.count; i += 4) {
    __builtin_prefetch(rows.inverse_norms + i);  // for AtLeast
    if (rows.each == nullptr) {
      const uint8_t* ahead = rows.At(i).upper + kAhead;
      for (size_t b = 0; b < 4 * half; b += kCacheLine) __builtin_prefetch(ahead + b);
    }
    DotRows<kUpperOnly, 4>(probe.coarse(),
                           {rows.At(i), rows.At(i + 1), rows.At(i + 2), rows.At(i + 3)}, half,
                           out + i);
  }
  for (; i < rows.count; ++i) DotRows<kUpperOnly, 1>(probe.coarse(), {rows.At(i)}, half, out + i);
}

void UpperSums(const FixedProbe& probe, const Rows& rows, int32_t reach, int32_t* out) {
  DotAll<true>(probe, rows, out);
  for (size_t i = 0; i < rows.count; ++i) out[i] = 16 * out[i] + reach;
}

void CoarseSums(const FixedProbe& probe, const Rows& rows, int32_t* out) {
  DotAll<false>(probe, rows, out);
}

// The rows stay in the cache while the probes pass.
void CoarseSumsMany(const Panel& panel, const Rows& rows, int32_t* out) {
  const std::span<const FixedProbe> probes = panel.probes();
  for (size_t i = 0; i < rows.count; ++i) {
    const Halves row = rows.At(i);
    for (size_t p = 0; p < probes.size(); ++p) {
      DotRows<false, 1>(probes[p].coarse(), {row}, rows.row_bytes / 2, out + i * panel.width() + p);
    }
  }
}

#endif

size_t AtLeast(const int32_t* sums, const Rows& rows, float limit, uint32_t* which) {
  const HWY_FULL(float) d;
  const HWY_FULL(int32_t) d32;
  const HWY_FULL(uint32_t) du;
  const auto least = hn::Set(d, limit);
  const size_t lanes = hn::Lanes(d);
  size_t found = 0;
  size_t i = 0;
  for (; i + lanes <= rows.count; i += lanes) {
    const auto sum = hn::ConvertTo(d, hn::LoadU(d32, sums + i));
    const auto passing = hn::Ge(hn::Mul(sum, hn::LoadU(d, rows.inverse_norms + i)), least);
    // Writes all lanes, for which there is room, as found <= i.
    const auto numbers = hn::Iota(du, static_cast<uint32_t>(i));
    hn::StoreU(hn::Compress(numbers, hn::RebindMask(du, passing)), du, which + found);
    found += hn::CountTrue(d, passing);
  }
  for (; i < rows.count; ++i) {
    which[found] = static_cast<uint32_t>(i);
    found += static_cast<float>(sums[i]) * rows.inverse_norms[i] >= limit ? 1 : 0;
  }
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

namespace {

std::atomic<bool> matrix_unit_allowed{true};

}  // namespace

bool MayUseMatrixUnit() {
  return base::HasMatrixUnit() && matrix_unit_allowed.load(std::memory_order_relaxed);
}

void AllowMatrixUnit(bool allowed) { matrix_unit_allowed = allowed; }

HWY_EXPORT(UpperSums);
HWY_EXPORT(CoarseSums);
HWY_EXPORT(CoarseSumsMany);
HWY_EXPORT(FineSum);
HWY_EXPORT(AtLeast);
HWY_EXPORT(AtLeastMany);

void UpperSums(const FixedProbe& probe, const Rows& rows, int32_t reach, int32_t* out) {
  HWY_DYNAMIC_DISPATCH(UpperSums)(probe, rows, reach, out);
}

void CoarseSums(const FixedProbe& probe, const Rows& rows, int32_t* out) {
  HWY_DYNAMIC_DISPATCH(CoarseSums)(probe, rows, out);
}

void CoarseSumsMany(const Panel& panel, const Rows& rows, int32_t* out) {
  HWY_DYNAMIC_DISPATCH(CoarseSumsMany)(panel, rows, out);
}

int32_t FineSum(const FixedProbe& probe, const Halves& row) {
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
