#include "inference/picture.h"

#include <algorithm>
#include <cstring>

#include "inference/kernels/bf16.h"

namespace rollcall::inference {
namespace {

using kernels::Geometry;
using kernels::PictureLayout;

// The byte next to `steps`, ties to even. (Adding 1.5 x 2^23 leaves no room for a fraction: a rounding that compilers
// turn into vector instructions, unlike std::nearbyint.) What is no number becomes 0, whatever byte that is.
uint8_t ToByte(float steps) {
  constexpr float kNoFraction = 12582912.0f;
  const float limited = std::min(255.0f, std::max(0.0f, steps));
  return static_cast<uint8_t>(static_cast<int32_t>((limited + kNoFraction) - kNoFraction));
}

// How numbers are read and written in each form; `c` is the channel.
struct Floats {
  using Number = float;
  float Get(const float* pixel, int64_t c) const { return pixel[c]; }
  void Set(float* pixel, int64_t c, float x) const { pixel[c] = x; }
};

struct Halves {
  using Number = kernels::Bf16;
  float Get(const Number* pixel, int64_t c) const { return kernels::ToFloat(pixel[c]); }
  void Set(Number* pixel, int64_t c, float x) const { pixel[c] = kernels::ToBf16(x); }
};

struct Bytes {
  using Number = uint8_t;
  const float* scale;
  const float* zero;
  float Get(const Number* pixel, int64_t c) const { return scale[c] * (static_cast<float>(pixel[c]) - zero[c]); }
  void Set(Number* pixel, int64_t c, float x) const { pixel[c] = ToByte(x / scale[c] + zero[c]); }
};

// Calls work(codec) with the codec of the form.
template <typename Work>
void With(const Form& form, Work work) {
  switch (form.kind) {
    case Form::Kind::kFloat32: work(Floats{}); break;
    case Form::Kind::kBfloat16: work(Halves{}); break;
    case Form::Kind::kByte: work(Bytes{form.bytes->scale.data(), form.bytes->zero.data()}); break;
  }
}

template <typename Codec>
typename Codec::Number* Numbers(const Codec&, const PictureView& picture) {
  return reinterpret_cast<typename Codec::Number*>(picture.data);
}

// Calls convert(pixel in the picture, its number row by row) for each pixel.
template <typename Number, typename Convert>
void ForPixels(const PictureLayout& p, Number* picture, Convert convert) {
  for (int64_t y = 0; y < p.height; ++y) {
    Number* pixel = picture + p.offset(y, 0);
    for (int64_t x = 0; x < p.width; ++x, pixel += p.channels) convert(pixel, y * p.width + x);
  }
}

// Calls each(pixel of a, pixel of b) for the pixels at the same places of two pictures of one size.
template <typename A, typename B, typename Each>
void ForPairs(const PictureLayout& a, A* first, const PictureLayout& b, B* second, Each each) {
  for (int64_t y = 0; y < a.height; ++y) {
    A* p = first + a.offset(y, 0);
    B* q = second + b.offset(y, 0);
    for (int64_t x = 0; x < a.width; ++x, p += a.channels, q += b.channels) each(p, q);
  }
}

}  // namespace

ByteScale PartOf(const ByteScale& scale, size_t first, size_t count) {
  const auto padded = static_cast<size_t>(kernels::PaddedChannels(static_cast<int64_t>(count)));
  const auto part = [first, count, padded](const auto& numbers, auto padding) {
    const auto from = numbers.begin() + static_cast<int64_t>(first);
    std::remove_cvref_t<decltype(numbers)> some(from, from + static_cast<int64_t>(count));
    some.resize(padded, padding);
    return some;
  };
  return {part(scale.scale, 1.0f), part(scale.zero, 0.0f), part(scale.mean, 0.0f), part(scale.frame, uint8_t{0})};
}

bool AsPicture(const Shape& shape, PictureLayout& layout, int64_t& channels) {
  if ((shape.size() != 4 && shape.size() != 2) || shape[0] != 1) return false;
  channels = shape[1];
  layout.channels = kernels::PaddedChannels(channels);
  layout.height = shape.size() == 4 ? shape[2] : 1;
  layout.width = shape.size() == 4 ? shape[3] : 1;
  return layout.height > 0 && layout.width > 0 && channels > 0;
}

void WidenFrame(const Window& w, PictureLayout& layout) {
  const int64_t reach_y = (w.out_height - 1) * w.stride_y - w.top + (w.height - 1) * w.dilation_y;
  const int64_t reach_x = (w.out_width - 1) * w.stride_x - w.left + (w.width - 1) * w.dilation_x;
  layout.top = std::max(layout.top, w.top);
  layout.left = std::max(layout.left, w.left);
  layout.bottom = std::max(layout.bottom, reach_y - (layout.height - 1));
  layout.right = std::max(layout.right, reach_x - (layout.width - 1));
}

Geometry MakeGeometry(const Window& w, const PictureLayout& in, const PictureLayout& out,
                      const PictureLayout* residual) {
  Geometry g;
  g.width = w.out_width;
  g.step = w.stride_x * in.channels;
  g.depth = in.channels;
  g.columns = out.channels;
  for (int64_t y = 0; y < w.out_height; ++y) {
    for (int64_t x = 0; x < w.out_width; ++x) {
      g.in.push_back(static_cast<int32_t>(in.offset(y * w.stride_y - w.top, x * w.stride_x - w.left)));
      g.out.push_back(static_cast<int32_t>(out.offset(y, x)));
      if (residual != nullptr) g.residual.push_back(static_cast<int32_t>(residual->offset(y, x)));
    }
  }
  for (int64_t y = 0; y < w.height; ++y) {
    for (int64_t x = 0; x < w.width; ++x) {
      g.taps.push_back(static_cast<int32_t>(y * w.dilation_y * in.row() + x * w.dilation_x * in.channels));
    }
  }
  return g;
}

void FillFrame(const PictureView& picture) {
  const PictureLayout& p = picture.layout;
  const auto size = static_cast<size_t>(p.channels) * picture.form.element_size();
  const std::byte* zero = nullptr;  // a pixel of bytes that stand for zero; other forms' zeros are zero
  if (picture.form.kind == Form::Kind::kByte) {
    zero = reinterpret_cast<const std::byte*>(picture.form.bytes->frame.data());
  }
  const auto fill = [&](int64_t from, int64_t to) {
    std::byte* at = picture.data + static_cast<size_t>(from) * picture.form.element_size();
    const int64_t pixels = (to - from) / p.channels;
    if (zero == nullptr) {
      std::memset(at, 0, static_cast<size_t>(pixels) * size);
      return;
    }
    for (int64_t i = 0; i < pixels; ++i, at += size) std::memcpy(at, zero, size);
  };
  fill(0, p.offset(0, -p.left));
  for (int64_t y = 0; y < p.height; ++y) {
    fill(p.offset(y, -p.left), p.offset(y, 0));
    fill(p.offset(y, p.width), p.offset(y + 1, -p.left));
  }
  fill(p.offset(p.height, -p.left), p.size());
}

void RowsToPicture(const float* rows, int64_t channels, const PictureView& picture) {
  FillFrame(picture);
  const PictureLayout& p = picture.layout;
  const int64_t plane = p.height * p.width;
  With(picture.form, [&](const auto codec) {
    ForPixels(p, Numbers(codec, picture), [&](auto* pixel, int64_t i) {
      for (int64_t c = 0; c < channels; ++c) codec.Set(pixel, c, rows[c * plane + i]);
      for (int64_t c = channels; c < p.channels; ++c) pixel[c] = 0;
    });
  });
}

void PictureToRows(const PictureView& picture, int64_t channels, float* rows) {
  const PictureLayout& p = picture.layout;
  const int64_t plane = p.height * p.width;
  With(picture.form, [&](const auto codec) {
    ForPixels(p, Numbers(codec, picture), [&](const auto* pixel, int64_t i) {
      for (int64_t c = 0; c < channels; ++c) rows[c * plane + i] = codec.Get(pixel, c);
    });
  });
}

void PictureToPixels(const PictureView& picture, int64_t channels, float* rows) {
  With(picture.form, [&](const auto codec) {
    ForPixels(picture.layout, Numbers(codec, picture), [&](const auto* pixel, int64_t i) {
      for (int64_t c = 0; c < channels; ++c) rows[i * channels + c] = codec.Get(pixel, c);
    });
  });
}

void PixelsToPicture(const uint8_t* pixels, int64_t channels, const PixelScale& scale, const PictureView& picture) {
  FillFrame(picture);
  const PictureLayout& p = picture.layout;
  if (picture.form.kind == Form::Kind::kByte && channels == p.channels) {
    const auto row = static_cast<size_t>(p.width * channels);
    for (int64_t y = 0; y < p.height; ++y) {
      std::memcpy(picture.data + p.offset(y, 0), pixels + static_cast<size_t>(y) * row, row);
    }
    return;
  }
  if (picture.form.kind == Form::Kind::kByte) {
    ForPixels(p, reinterpret_cast<uint8_t*>(picture.data), [&](uint8_t* pixel, int64_t i) {
      std::memcpy(pixel, pixels + i * channels, static_cast<size_t>(channels));
      std::fill(pixel + channels, pixel + p.channels, uint8_t{0});
    });
    return;
  }
  With(picture.form, [&](const auto codec) {
    using Number = typename decltype(codec)::Number;
    Number meaning[256];  // of each byte
    for (int i = 0; i < 256; ++i) codec.Set(&meaning[i], 0, (static_cast<float>(i) - scale.mean) * scale.factor);
    ForPixels(p, Numbers(codec, picture), [&](Number* pixel, int64_t i) {
      // Blocks of a known size, which compilers clear by a store or two.
      for (int64_t c = 0; c < p.channels; c += kernels::kChannelStep) {
        std::memset(pixel + c, 0, sizeof(Number) * kernels::kChannelStep);
      }
      for (int64_t c = 0; c < channels; ++c) pixel[c] = meaning[pixels[i * channels + c]];
    });
  });
}

void PoolPicture(const PictureView& in, const PictureView& out) {
  FillFrame(out);
  const int64_t channels = in.layout.channels;
  const float share = 1.0f / static_cast<float>(in.layout.height * in.layout.width);
  constexpr int64_t kBlock = 64;  // channels at a time: their sums need no memory of their own
  With(in.form, [&](const auto from) {
    With(out.form, [&](const auto to) {
      auto* mean = Numbers(to, out) + out.layout.offset(0, 0);
      for (int64_t first = 0; first < channels; first += kBlock) {
        const int64_t count = std::min(kBlock, channels - first);
        float sums[kBlock] = {};
        ForPixels(in.layout, Numbers(from, in), [&](const auto* pixel, int64_t) {
          for (int64_t c = 0; c < count; ++c) sums[c] += from.Get(pixel, first + c);
        });
        for (int64_t c = 0; c < count; ++c) to.Set(mean, first + c, sums[c] * share);
      }
    });
  });
}

void ScalePicture(const PictureView& in, const PictureView& factors, const PictureView& out) {
  FillFrame(out);
  With(in.form, [&](const auto from) {
    With(factors.form, [&](const auto by) {
      With(out.form, [&](const auto to) {
        const auto* factor = Numbers(by, factors) + factors.layout.offset(0, 0);
        ForPairs(in.layout, Numbers(from, in), out.layout, Numbers(to, out), [&](const auto* a, auto* result) {
          for (int64_t c = 0; c < in.layout.channels; ++c) {
            to.Set(result, c, from.Get(a, c) * by.Get(factor, c));
          }
        });
      });
    });
  });
}

void AddPictures(const PictureView& in, const PictureView& more, const PictureView& out) {
  FillFrame(out);
  With(in.form, [&](const auto from) {
    With(more.form, [&](const auto added) {
      With(out.form, [&](const auto to) {
        const auto* b = Numbers(added, more) + more.layout.offset(0, 0);
        int64_t i = 0;
        ForPairs(in.layout, Numbers(from, in), out.layout, Numbers(to, out), [&](const auto* a, auto* result) {
          const auto* other = b + i / in.layout.width * more.layout.row() + i % in.layout.width * more.layout.channels;
          ++i;
          for (int64_t c = 0; c < in.layout.channels; ++c) {
            to.Set(result, c, from.Get(a, c) + added.Get(other, c));
          }
        });
      });
    });
  });
}

void PlaceChannels(const PictureView& in, int64_t first, const PictureView& out) {
  With(in.form, [&](const auto from) {
    With(out.form, [&](const auto to) {
      ForPairs(in.layout, Numbers(from, in), out.layout, Numbers(to, out), [&](const auto* a, auto* result) {
        for (int64_t c = 0; c < in.layout.channels; ++c) to.Set(result, first + c, from.Get(a, c));
      });
    });
  });
}

bool MeansTheSame(const Form& part, int64_t first, int64_t channels, const Form& whole) {
  if (part.kind != whole.kind) return false;
  return part.kind != Form::Kind::kByte ||
         *part.bytes == PartOf(*whole.bytes, static_cast<size_t>(first), static_cast<size_t>(channels));
}

void CopyChannels(const PictureView& in, int64_t first, const PictureView& out) {
  const auto size = static_cast<int64_t>(in.form.element_size());
  for (int64_t y = 0; y < in.layout.height; ++y) {
    const std::byte* from = in.data + in.layout.offset(y, 0) * size;
    std::byte* to = out.data + (out.layout.offset(y, 0) + first) * size;
    for (int64_t x = 0; x < in.layout.width; ++x) {
      std::memcpy(to, from, static_cast<size_t>(in.layout.channels * size));
      from += in.layout.channels * size;
      to += out.layout.channels * size;
    }
  }
}

}  // namespace rollcall::inference
