#include "inference/picture.h"

#include <algorithm>
#include <cstring>

namespace rollcall::inference {
namespace {

using kernels::Geometry;
using kernels::PictureLayout;

// Calls fill(from, to) for each run of elements that belongs to the frame.
template <typename Fill>
void ForFrame(const PictureLayout& p, Fill fill) {
  fill(0, p.offset(0, -p.left));
  for (int64_t y = 0; y < p.height; ++y) {
    fill(p.offset(y, -p.left), p.offset(y, 0));
    fill(p.offset(y, p.width), p.offset(y + 1, -p.left));
  }
  fill(p.offset(p.height, -p.left), p.size());
}

// Calls convert(pixel in the picture, its number row by row) for each pixel.
template <typename Number, typename Convert>
void ForPixels(const PictureLayout& p, Number* picture, Convert convert) {
  for (int64_t y = 0; y < p.height; ++y) {
    for (int64_t x = 0; x < p.width; ++x) convert(picture + p.offset(y, x), y * p.width + x);
  }
}

// The byte that stands for `x`, or the nearest there is.
uint8_t Byte(const ByteScale& bytes, size_t channel, float x) {
  return ToByte(x / bytes.scale[channel] + bytes.zero[channel]);
}

}  // namespace

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

void FillFrame(const PictureLayout& p, float* picture) {
  ForFrame(p, [picture](int64_t from, int64_t to) {
    std::memset(picture + from, 0, static_cast<size_t>(to - from) * sizeof(float));
  });
}

void FillFrame(const PictureLayout& p, const ByteScale& bytes, uint8_t* picture) {
  const auto channels = static_cast<size_t>(p.channels);
  uint8_t pixel[4096];
  std::vector<uint8_t> wide;
  uint8_t* zero = pixel;
  if (channels > sizeof(pixel)) {
    wide.resize(channels);
    zero = wide.data();
  }
  for (size_t c = 0; c < channels; ++c) zero[c] = Byte(bytes, c, 0);
  ForFrame(p, [=](int64_t from, int64_t to) {
    for (int64_t at = from; at < to; at += p.channels) std::memcpy(picture + at, zero, channels);
  });
}

void RowsToPicture(const PictureLayout& p, int64_t channels, const float* rows, float* picture) {
  FillFrame(p, picture);
  const int64_t plane = p.height * p.width;
  ForPixels(p, picture, [=](float* pixel, int64_t i) {
    for (int64_t c = 0; c < channels; ++c) pixel[c] = rows[c * plane + i];
    for (int64_t c = channels; c < p.channels; ++c) pixel[c] = 0;
  });
}

void RowsToPicture(const PictureLayout& p, int64_t channels, const ByteScale& bytes, const float* rows,
                   uint8_t* picture) {
  FillFrame(p, bytes, picture);
  const int64_t plane = p.height * p.width;
  ForPixels(p, picture, [&, rows, channels, plane](uint8_t* pixel, int64_t i) {
    for (int64_t c = 0; c < channels; ++c) pixel[c] = Byte(bytes, static_cast<size_t>(c), rows[c * plane + i]);
    for (int64_t c = channels; c < p.channels; ++c) pixel[c] = 0;
  });
}

void PictureToRows(const PictureLayout& p, int64_t channels, const float* picture, float* rows) {
  const int64_t plane = p.height * p.width;
  ForPixels(p, picture, [=](const float* pixel, int64_t i) {
    for (int64_t c = 0; c < channels; ++c) rows[c * plane + i] = pixel[c];
  });
}

void PictureToRows(const PictureLayout& p, int64_t channels, const ByteScale& bytes, const uint8_t* picture,
                   float* rows) {
  const int64_t plane = p.height * p.width;
  ForPixels(p, picture, [&, rows, channels, plane](const uint8_t* pixel, int64_t i) {
    for (int64_t c = 0; c < channels; ++c) {
      const auto channel = static_cast<size_t>(c);
      rows[c * plane + i] = bytes.scale[channel] * (static_cast<float>(pixel[c]) - bytes.zero[channel]);
    }
  });
}

void PixelsToPicture(const PictureLayout& p, int64_t channels, float mean, float factor, const uint8_t* pixels,
                     float* picture) {
  FillFrame(p, picture);
  ForPixels(p, picture, [=](float* pixel, int64_t i) {
    for (int64_t c = 0; c < channels; ++c) {
      pixel[c] = (static_cast<float>(pixels[i * channels + c]) - mean) * factor;
    }
    for (int64_t c = channels; c < p.channels; ++c) pixel[c] = 0;
  });
}

void PixelsToPicture(const PictureLayout& p, int64_t channels, const ByteScale& bytes, const uint8_t* pixels,
                     uint8_t* picture) {
  FillFrame(p, bytes, picture);
  if (channels == p.channels) {
    const auto row = static_cast<size_t>(p.width * channels);
    for (int64_t y = 0; y < p.height; ++y) {
      std::memcpy(picture + p.offset(y, 0), pixels + static_cast<size_t>(y) * row, row);
    }
    return;
  }
  ForPixels(p, picture, [=](uint8_t* pixel, int64_t i) {
    std::memcpy(pixel, pixels + i * channels, static_cast<size_t>(channels));
    std::fill(pixel + channels, pixel + p.channels, uint8_t{0});
  });
}

}  // namespace rollcall::inference
