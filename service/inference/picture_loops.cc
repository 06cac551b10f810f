#include <algorithm>
#include <cstring>
#include <limits>

#include "inference/kernels/bf16.h"
#include "inference/picture.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "inference/picture_loops.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

// Plain loops, which compilers turn into vector instructions: once for each kind of processor.
HWY_BEFORE_NAMESPACE();
namespace rollcall::inference {
namespace HWY_NAMESPACE {

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

void RowsToPictureLoop(const float* rows, int64_t channels, const PictureView& picture) {
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

void PictureToRowsLoop(const PictureView& picture, int64_t channels, float* rows) {
  const PictureLayout& p = picture.layout;
  const int64_t plane = p.height * p.width;
  With(picture.form, [&](const auto codec) {
    ForPixels(p, Numbers(codec, picture), [&](const auto* pixel, int64_t i) {
      for (int64_t c = 0; c < channels; ++c) rows[c * plane + i] = codec.Get(pixel, c);
    });
  });
}

void PictureToPixelsLoop(const PictureView& picture, int64_t channels, float* rows) {
  With(picture.form, [&](const auto codec) {
    ForPixels(picture.layout, Numbers(codec, picture), [&](const auto* pixel, int64_t i) {
      for (int64_t c = 0; c < channels; ++c) rows[i * channels + c] = codec.Get(pixel, c);
    });
  });
}

void PixelsToPictureLoop(const uint8_t* pixels, int64_t channels, const PixelScale& scale, const PictureView& picture) {
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
  if (channels == p.channels) {
    With(picture.form, [&](const auto codec) {
      for (int64_t y = 0; y < p.height; ++y) {
        auto* row = Numbers(codec, picture) + p.offset(y, 0);
        const uint8_t* from = pixels + y * p.width * channels;
        for (int64_t i = 0; i < p.width * channels; ++i) {
          codec.Set(row, i, (static_cast<float>(from[i]) - scale.mean) * scale.factor);
        }
      }
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

// The pixels under one place of a window, from first to before end.
struct Covered {
  int64_t first_y, end_y, first_x, end_x;

  static Covered Of(const Window& w, const PictureLayout& in, int64_t out_y, int64_t out_x) {
    const auto first = [](int64_t at, int64_t dilation) {
      return at >= 0 ? at : at + (-at + dilation - 1) / dilation * dilation;
    };
    const int64_t y = out_y * w.stride_y - w.top;
    const int64_t x = out_x * w.stride_x - w.left;
    return {first(y, w.dilation_y), std::min(in.height, y + (w.height - 1) * w.dilation_y + 1),
            first(x, w.dilation_x), std::min(in.width, x + (w.width - 1) * w.dilation_x + 1)};
  }
};

void PoolWindowsLoop(const PictureView& in, const Window& w, Pooling pooling, const PictureView& out) {
  FillFrame(out);
  constexpr int64_t kBlock = kernels::kChannelStep;  // channels at a time, in registers
  With(in.form, [&](const auto from) {
    With(out.form, [&](const auto to) {
      ForPixels(out.layout, Numbers(to, out), [&](auto* result, int64_t i) {
        const Covered c = Covered::Of(w, in.layout, i / out.layout.width, i % out.layout.width);
        for (int64_t first = 0; first < in.layout.channels; first += kBlock) {
          float most[kBlock], sum[kBlock] = {};
          std::fill_n(most, kBlock, std::numeric_limits<float>::lowest());
          int64_t count = 0;
          for (int64_t y = c.first_y; y < c.end_y; y += w.dilation_y) {
            for (int64_t x = c.first_x; x < c.end_x; x += w.dilation_x, ++count) {
              const auto* pixel = Numbers(from, in) + in.layout.offset(y, x);
              for (int64_t k = 0; k < kBlock; ++k) {
                const float number = from.Get(pixel, first + k);
                most[k] = std::max(most[k], number);
                sum[k] += number;
              }
            }
          }
          const int64_t over = pooling == Pooling::kMeanWithPadding ? w.height * w.width : count;
          for (int64_t k = 0; k < kBlock; ++k) {
            to.Set(result, first + k, pooling == Pooling::kMax ? most[k] : sum[k] / static_cast<float>(over));
          }
        }
      });
    });
  });
}

void PoolPictureLoop(const PictureView& in, const PictureView& out) {
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

void ScalePictureLoop(const PictureView& in, const PictureView& factors, const PictureView& out) {
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

void AddPicturesLoop(const PictureView& in, const PictureView& more, const PictureView& out) {
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

void PlaceChannelsLoop(const PictureView& in, int64_t first, const PictureView& out) {
  With(in.form, [&](const auto from) {
    With(out.form, [&](const auto to) {
      ForPairs(in.layout, Numbers(from, in), out.layout, Numbers(to, out), [&](const auto* a, auto* result) {
        for (int64_t c = 0; c < in.layout.channels; ++c) to.Set(result, first + c, from.Get(a, c));
      });
    });
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace rollcall::inference
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rollcall::inference {

HWY_EXPORT(RowsToPictureLoop);
HWY_EXPORT(PictureToRowsLoop);
HWY_EXPORT(PictureToPixelsLoop);
HWY_EXPORT(PixelsToPictureLoop);
HWY_EXPORT(PoolWindowsLoop);
HWY_EXPORT(PoolPictureLoop);
HWY_EXPORT(ScalePictureLoop);
HWY_EXPORT(AddPicturesLoop);
HWY_EXPORT(PlaceChannelsLoop);

void RowsToPicture(const float* rows, int64_t channels, const PictureView& picture) {
  HWY_DYNAMIC_DISPATCH(RowsToPictureLoop)(rows, channels, picture);
}

void PictureToRows(const PictureView& picture, int64_t channels, float* rows) {
  HWY_DYNAMIC_DISPATCH(PictureToRowsLoop)(picture, channels, rows);
}

void PictureToPixels(const PictureView& picture, int64_t channels, float* rows) {
  HWY_DYNAMIC_DISPATCH(PictureToPixelsLoop)(picture, channels, rows);
}

void PixelsToPicture(const uint8_t* pixels, int64_t channels, const PixelScale& scale, const PictureView& picture) {
  HWY_DYNAMIC_DISPATCH(PixelsToPictureLoop)(pixels, channels, scale, picture);
}

void PoolWindows(const PictureView& in, const Window& window, Pooling pooling, const PictureView& out) {
  HWY_DYNAMIC_DISPATCH(PoolWindowsLoop)(in, window, pooling, out);
}

void PoolPicture(const PictureView& in, const PictureView& out) {
  HWY_DYNAMIC_DISPATCH(PoolPictureLoop)(in, out);
}

void ScalePicture(const PictureView& in, const PictureView& factors, const PictureView& out) {
  HWY_DYNAMIC_DISPATCH(ScalePictureLoop)(in, factors, out);
}

void AddPictures(const PictureView& in, const PictureView& more, const PictureView& out) {
  HWY_DYNAMIC_DISPATCH(AddPicturesLoop)(in, more, out);
}

void PlaceChannels(const PictureView& in, int64_t first, const PictureView& out) {
  HWY_DYNAMIC_DISPATCH(PlaceChannelsLoop)(in, first, out);
}

}  // namespace rollcall::inference
#endif
