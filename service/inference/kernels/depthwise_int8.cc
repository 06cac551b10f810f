#include "inference/kernels/int8_parts.h"

ROLLCALL_PUSH_INT8_ATTRIBUTES
namespace rollcall::inference::kernels {
namespace {

// ---- 3 x 3 -----------------------------------------------------------------------------------------------

// The bytes of one column of the window, its three rows woven together byte by byte, so that one instruction adds
// the column: register j holds what belongs to Woven(16 j) and on.
struct Column {
  __m512i part[4];
};

HWY_INLINE Column Weave(__m512i top, __m512i middle, __m512i bottom) {
  const __m512i zero = _mm512_setzero_si512();
  const __m512i low = _mm512_unpacklo_epi8(top, middle);
  const __m512i high = _mm512_unpackhi_epi8(top, middle);
  const __m512i low_end = _mm512_unpacklo_epi8(bottom, zero);
  const __m512i high_end = _mm512_unpackhi_epi8(bottom, zero);
  return {{_mm512_unpacklo_epi16(low, low_end), _mm512_unpackhi_epi16(low, low_end),
           _mm512_unpacklo_epi16(high, high_end), _mm512_unpackhi_epi16(high, high_end)}};
}

// 64 bytes: kGroup channels of each of 64 / kGroup pixels, `step` bytes apart.
template <size_t kGroup>
HWY_INLINE __m512i Gather(const uint8_t* from, size_t step) {
  if constexpr (kGroup == 64) {
    return _mm512_loadu_si512(from);
  } else if constexpr (kGroup == 32) {
    const auto load = [from, step](size_t i) {
      return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + i * step));
    };
    return _mm512_inserti64x4(_mm512_castsi256_si512(load(0)), load(1), 1);
  } else {
    const auto load = [from, step](size_t i) {
      return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i * step));
    };
    __m512i v = _mm512_castsi128_si512(load(0));
    v = _mm512_inserti32x4(v, load(1), 1);
    v = _mm512_inserti32x4(v, load(2), 2);
    return _mm512_inserti32x4(v, load(3), 3);
  }
}

// Writes the first `pixels` groups of `bytes`, `step` bytes apart.
template <size_t kGroup>
HWY_INLINE void Scatter(__m512i bytes, uint8_t* to, size_t step, size_t pixels) {
  if constexpr (kGroup == 64) {
    _mm512_storeu_si512(to, bytes);
  } else if constexpr (kGroup == 32) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_castsi512_si256(bytes));
    if (pixels == 2) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + step), _mm512_extracti64x4_epi64(bytes, 1));
    }
  } else {
    const auto store = [to, step](size_t i, __m128i part) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i * step), part);
    };
    store(0, _mm512_castsi512_si128(bytes));
    if (pixels == 4) {
      store(1, _mm512_extracti32x4_epi32(bytes, 1));
      store(2, _mm512_extracti32x4_epi32(bytes, 2));
      store(3, _mm512_extracti32x4_epi32(bytes, 3));
    }
  }
}

struct Call {
  const Geometry& geometry;
  const Int8Layer& layer;
  const uint8_t* in;
  uint8_t* out;
};

// One group of 64, 32 or 16 channels over the whole picture; `block` counts the groups.
template <size_t kGroup>
class Group {
 public:
  Group(const Call& call, size_t column, size_t block)
      : call_(call),
        column_(column),
        ending_(call.layer, block * 64),
        next_(static_cast<size_t>(call.geometry.taps[1] - call.geometry.taps[0])) {
    const int8_t* weights = call.layer.weights.get() + block * 12 * 64;
    for (size_t x = 0; x < 3; ++x) {
      for (size_t j = 0; j < 4; ++j) weights_[x][j] = _mm512_load_si512(weights + (x * 4 + j) * 64);
    }
  }

  void Run() const {
    const Geometry& g = call_.geometry;
    const auto width = static_cast<size_t>(g.width);
    const auto step = static_cast<size_t>(g.step);
    const auto step_out = static_cast<size_t>(g.columns);
    for (size_t first = 0; first < g.out.size(); first += width) {
      const uint8_t* in = call_.in + g.in[first] + column_;
      uint8_t* out = call_.out + g.out[first] + column_;
      size_t x = 0;
      if constexpr (kGroup == 64) {
        if (step == next_) {
          Slide(in, out, width);
          continue;
        }
      }
      if (step == kGroup && step_out == kGroup) {  // several pixels side by side are as one of 64 channels
        for (; x + kPixels <= width; x += kPixels, in += 64, out += 64) {
          _mm512_storeu_si512(out, Result<64>(in, 0));
        }
      }
      for (; x + kPixels <= width; x += kPixels, in += kPixels * step, out += kPixels * step_out) {
        Scatter<kGroup>(Result<kGroup>(in, step), out, step_out, kPixels);
      }
      for (; x < width; ++x, in += step, out += step_out) Scatter<kGroup>(Result<kGroup>(in, 0), out, step_out, 1);
    }
  }

 private:
  static constexpr size_t kPixels = 64 / kGroup;

  template <size_t kSideBySide>
  HWY_INLINE Column At(const uint8_t* at, size_t step) const {
    const Geometry& g = call_.geometry;
    return Weave(Gather<kSideBySide>(at, step), Gather<kSideBySide>(at + g.taps[3], step),
                 Gather<kSideBySide>(at + g.taps[6], step));
  }

  HWY_INLINE __m512i Finish(const __m512i (&sums)[4]) const {
    __m512 v[4];
    for (size_t j = 0; j < 4; ++j) v[j] = ending_.Bent(ending_.Scaled(sums[j], j), j);
    return PackWoven(v);
  }

  template <size_t kSideBySide>
  HWY_INLINE __m512i Result(const uint8_t* in, size_t step) const {
    __m512i sums[4];
    for (auto& sum : sums) sum = _mm512_setzero_si512();
    for (size_t x = 0; x < 3; ++x) {
      const Column column = At<kSideBySide>(in + x * next_, step);
      for (size_t j = 0; j < 4; ++j) sums[j] = _mm512_dpbusd_epi32(sums[j], column.part[j], weights_[x][j]);
    }
    return Finish(sums);
  }

  // Windows side by side share two of three columns: each is woven once and added to the three results that it
  // belongs to.
  HWY_INLINE void Slide(const uint8_t* in, uint8_t* out, size_t width) const {
    const __m512i none = _mm512_setzero_si512();
    Column left = At<64>(in, 0);
    Column middle = At<64>(in + next_, 0);
    for (size_t x = 0; x < width; ++x, in += next_, out += call_.geometry.columns) {
      const Column right = At<64>(in + 2 * next_, 0);
      __m512i sums[4];
      for (size_t j = 0; j < 4; ++j) {
        sums[j] = _mm512_dpbusd_epi32(none, left.part[j], weights_[0][j]);
        sums[j] = _mm512_dpbusd_epi32(sums[j], middle.part[j], weights_[1][j]);
        sums[j] = _mm512_dpbusd_epi32(sums[j], right.part[j], weights_[2][j]);
      }
      _mm512_storeu_si512(out, Finish(sums));
      left = middle;
      middle = right;
    }
  }

  const Call& call_;
  const size_t column_;
  const Ending<4> ending_;
  const size_t next_;  // from one column of the window to the next
  __m512i weights_[3][4];
};

void Nine(const Call& call) {
  const auto columns = static_cast<size_t>(call.geometry.columns);
  size_t block = 0;
  for (size_t column = 0; column < columns; ++block) {
    const size_t left = columns - column;
    if (left >= 64) {
      Group<64>(call, column, block).Run();
      column += 64;
    } else if (left >= 32) {
      Group<32>(call, column, block).Run();
      column += 32;
    } else {
      Group<16>(call, column, block).Run();
      column += 16;
    }
  }
}

// ---- any window --------------------------------------------------------------------------------------------

void Any(const Call& call, const uint8_t* residual) {
  const Geometry& g = call.geometry;
  const auto columns = static_cast<size_t>(g.columns);
  for (size_t column = 0; column < columns; column += 16) {
    const Ending<1> ending(call.layer, column);
    const int8_t* weights = call.layer.weights.get() + column;
    for (size_t p = 0; p < g.out.size(); ++p) {
      const uint8_t* in = call.in + g.in[p] + column;
      __m512i sum = _mm512_setzero_si512();
      for (size_t t = 0; t < g.taps.size(); ++t) {
        const __m512i w =
            _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(weights + t * columns)));
        sum = _mm512_add_epi32(sum, _mm512_mullo_epi32(SixteenBytes(in + g.taps[t]), w));
      }
      __m512 v = ending.Scaled(sum, 0);
      if (residual != nullptr) v = ending.AddResidual(v, SixteenBytes(residual + g.residual[p] + column), 0);
      StoreSixteen(ending.Bent(v, 0), call.out + g.out[p] + column);
    }
  }
}

// The sizes of the groups into which the channels fall for 3 x 3.
std::vector<size_t> Groups(size_t columns) {
  std::vector<size_t> groups;
  for (size_t left = columns; left > 0; left -= groups.back()) {
    groups.push_back(left >= 64 ? 64 : left >= 32 ? 32 : 16);
  }
  return groups;
}

bool IsNine(size_t taps, bool has_residual) { return taps == 9 && !has_residual; }

}  // namespace
}  // namespace rollcall::inference::kernels
HWY_POP_ATTRIBUTES

namespace rollcall::inference::kernels {

// For 3 x 3: per group, for each column of the window four registers in woven order, each lane the weights of the
// three rows and a zero; groups below 64 channels repeat, as they hold several pixels.
Int8Layer PackDepthwiseInt8(const std::vector<int8_t>& weights, const Requantise& requantise, size_t columns) {
  if (!IsNine(weights.size() / columns, !requantise.residual_factors.empty())) {
    Int8Layer layer = ReorderedLayer(requantise, columns, [](size_t i) { return i; });
    layer.weights = hwy::AllocateAligned<int8_t>(weights.size());
    std::copy(weights.begin(), weights.end(), layer.weights.get());
    return layer;
  }
  std::vector<size_t> channels;  // of each lane
  size_t column = 0;
  for (const size_t group : Groups(columns)) {
    for (size_t i = 0; i < 64; ++i) channels.push_back(column + Woven(i) % group);
    column += group;
  }
  Int8Layer layer = ReorderedLayer(requantise, channels.size(), [&channels](size_t i) { return channels[i]; });
  layer.weights = hwy::AllocateAligned<int8_t>(channels.size() * 12);
  int8_t* to = layer.weights.get();
  for (size_t block = 0; block < channels.size(); block += 64) {
    for (size_t x = 0; x < 3; ++x) {
      for (size_t i = 0; i < 64; ++i, to += 4) {
        for (size_t y = 0; y < 3; ++y) to[y] = weights[(y * 3 + x) * columns + channels[block + i]];
        to[3] = 0;
      }
    }
  }
  return layer;
}

void DepthwiseInt8(const Geometry& geometry, const Int8Layer& layer, const uint8_t* in, const uint8_t* residual,
                   uint8_t* out) {
  const Call call{geometry, layer, in, out};
  if (IsNine(geometry.taps.size(), residual != nullptr)) {
    Nine(call);
  } else {
    Any(call, residual);
  }
}

}  // namespace rollcall::inference::kernels
