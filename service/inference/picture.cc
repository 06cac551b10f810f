#include "inference/picture.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace rollcall::inference {

using kernels::Geometry;
using kernels::PictureLayout;

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
  const size_t size = static_cast<size_t>(p.channels) * picture.form.element_size();
  const std::byte* zero = nullptr;  // a pixel of bytes that stand for zero; other forms' zeros are zero
  if (picture.form.kind == Form::Kind::kByte) {
    zero = reinterpret_cast<const std::byte*>(picture.form.bytes->frame.data());
  }
  std::byte* at = picture.data;
  const auto fill = [&](int64_t pixels) {
    const size_t bytes = static_cast<size_t>(pixels) * size;
    if (zero == nullptr) {
      std::memset(at, 0, bytes);
    } else {
      for (int64_t i = 0; i < pixels; ++i) std::memcpy(at + static_cast<size_t>(i) * size, zero, size);
    }
    at += bytes;
  };
  const int64_t row = p.left + p.width + p.right;
  if (p.left + p.right == 0) {
    fill(p.top * row);
    at += static_cast<size_t>(p.height * row) * size;
    fill(p.bottom * row);
    return;
  }
  // From the end of a row to the beginning of the next one is one piece.
  fill(p.top * row + p.left);
  for (int64_t y = 0; y < p.height; ++y) {
    at += static_cast<size_t>(p.width) * size;
    fill(y + 1 < p.height ? p.right + p.left : p.right + p.bottom * row);
  }
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
