#include "inference/picture_operators.h"

#include <algorithm>
#include <cstring>

namespace rollcall::inference {
using kernels::PictureLayout;

void PoolPicture(const PictureLayout& in, const float* picture, float* mean) {
  std::fill_n(mean, in.channels, 0.0f);
  for (int64_t y = 0; y < in.height; ++y) {
    const float* pixel = picture + in.offset(y, 0);
    for (int64_t x = 0; x < in.width; ++x, pixel += in.channels) {
      for (int64_t c = 0; c < in.channels; ++c) mean[c] += pixel[c];
    }
  }
  const float share = 1.0f / static_cast<float>(in.height * in.width);
  for (int64_t c = 0; c < in.channels; ++c) mean[c] *= share;
}

void ScalePicture(const PictureLayout& in, const float* picture, const float* factors, const PictureLayout& out,
                  float* result) {
  FillFrame(out, result);
  for (int64_t y = 0; y < in.height; ++y) {
    const float* from = picture + in.offset(y, 0);
    float* to = result + out.offset(y, 0);
    for (int64_t x = 0; x < in.width; ++x, from += in.channels, to += out.channels) {
      for (int64_t c = 0; c < in.channels; ++c) to[c] = from[c] * factors[c];
    }
  }
}

void AddPictures(const PictureLayout& in, const float* picture, const PictureLayout& added, const float* more,
                 const PictureLayout& out, float* result) {
  FillFrame(out, result);
  const int64_t row = in.width * in.channels;
  for (int64_t y = 0; y < in.height; ++y) {
    const float* a = picture + in.offset(y, 0);
    const float* b = more + added.offset(y, 0);
    float* to = result + out.offset(y, 0);
    for (int64_t i = 0; i < row; ++i) to[i] = a[i] + b[i];
  }
}

void PlaceChannels(const PictureLayout& in, const float* picture, const PictureLayout& out, int64_t first,
                   float* result) {
  for (int64_t y = 0; y < in.height; ++y) {
    for (int64_t x = 0; x < in.width; ++x) {
      std::memcpy(result + out.offset(y, x) + first, picture + in.offset(y, x),
                  static_cast<size_t>(in.channels) * sizeof(float));
    }
  }
}

void PlaceChannels(const PictureLayout& in, const float* picture, const PictureLayout& out, int64_t first,
                   const ByteScale& bytes, uint8_t* result) {
  const float* scale = bytes.scale.data() + first;
  const float* zero = bytes.zero.data() + first;
  for (int64_t y = 0; y < in.height; ++y) {
    const float* from = picture + in.offset(y, 0);
    uint8_t* to = result + out.offset(y, 0) + first;
    for (int64_t x = 0; x < in.width; ++x, from += in.channels, to += out.channels) {
      for (int64_t c = 0; c < in.channels; ++c) to[c] = ToByte(from[c] / scale[c] + zero[c]);
    }
  }
}

}  // namespace rollcall::inference
