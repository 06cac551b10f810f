#include "inference/window.h"

#include <algorithm>

namespace rollcall::inference {
namespace {

// Two or four numbers from 0 to 4096.
absl::Status CheckNumbers(const Node& node, const char* name, const std::vector<int64_t>& numbers,
                          size_t count, int64_t least) {
  const bool fit = numbers.size() == count && std::all_of(numbers.begin(), numbers.end(), [least](int64_t n) {
                     return n >= least && n <= 4096;
                   });
  return fit ? absl::OkStatus() : BadNode(node, std::string(name) + " are not " + std::to_string(count) +
                                                    " possible numbers");
}

// How often a window of `reach` pixels fits into `side` pixels at steps of `stride`.
int64_t Fits(int64_t side, int64_t reach, int64_t stride, bool round_up) {
  return (side - reach + (round_up ? stride - 1 : 0)) / stride + 1;
}

// Padding such that the result has side / stride pixels, rounded up; the odd pixel goes to the end
// (SAME_UPPER) or to the beginning (SAME_LOWER).
void PadSame(int64_t side, int64_t reach, int64_t stride, bool upper, int64_t& before, int64_t& after) {
  const int64_t out = (side + stride - 1) / stride;
  const int64_t total = std::max(int64_t{0}, (out - 1) * stride + reach - side);
  before = upper ? total / 2 : total - total / 2;
  after = total - before;
}

// Whether each of `out` places of a window, along one axis, covers a pixel of the picture.
bool SeesAPixel(int64_t out, int64_t stride, int64_t before, int64_t kernel, int64_t dilation, int64_t side) {
  for (int64_t place = 0; place < out; ++place) {
    bool sees = false;
    for (int64_t k = 0; k < kernel && !sees; ++k) {
      const int64_t at = place * stride - before + k * dilation;
      sees = at >= 0 && at < side;
    }
    if (!sees) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<Window> ReadWindow(const Node& node, int64_t height, int64_t width, int64_t in_height,
                                  int64_t in_width) {
  ASSIGN_OR_RETURN(const auto strides, IntsAttribute(node, "strides", {1, 1}));
  ASSIGN_OR_RETURN(const auto dilations, IntsAttribute(node, "dilations", {1, 1}));
  ASSIGN_OR_RETURN(const auto pads, IntsAttribute(node, "pads", {0, 0, 0, 0}));
  ASSIGN_OR_RETURN(const auto auto_pad, StringAttribute(node, "auto_pad", "NOTSET"));
  ASSIGN_OR_RETURN(const int64_t round_up, IntAttribute(node, "ceil_mode", 0));
  RETURN_IF_ERROR(CheckNumbers(node, "kernel sides", {height, width}, 2, 1));
  RETURN_IF_ERROR(CheckNumbers(node, "strides", strides, 2, 1));
  RETURN_IF_ERROR(CheckNumbers(node, "dilations", dilations, 2, 1));
  RETURN_IF_ERROR(CheckNumbers(node, "pads", pads, 4, 0));
  Window window{.height = height,        .width = width,
                .stride_y = strides[0],  .stride_x = strides[1],
                .dilation_y = dilations[0], .dilation_x = dilations[1],
                .top = pads[0],          .left = pads[1],
                .bottom = pads[2],       .right = pads[3]};
  const int64_t reach_y = (height - 1) * dilations[0] + 1;
  const int64_t reach_x = (width - 1) * dilations[1] + 1;
  if (auto_pad != "NOTSET" && node.attributes.contains("pads")) return BadNode(node, "pads beside auto_pad");
  if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
    const bool upper = auto_pad == "SAME_UPPER";
    PadSame(in_height, reach_y, window.stride_y, upper, window.top, window.bottom);
    PadSame(in_width, reach_x, window.stride_x, upper, window.left, window.right);
  } else if (auto_pad != "NOTSET" && auto_pad != "VALID") {
    return BadNode(node, "auto_pad " + auto_pad);
  }
  const int64_t padded_height = in_height + window.top + window.bottom;
  const int64_t padded_width = in_width + window.left + window.right;
  if (reach_y > padded_height || reach_x > padded_width) {
    return BadNode(node, "a window larger than the picture");
  }
  window.out_height = Fits(padded_height, reach_y, window.stride_y, round_up != 0);
  window.out_width = Fits(padded_width, reach_x, window.stride_x, round_up != 0);
  if (height * window.out_height > kMaxPlaces || width * window.out_width > kMaxPlaces) {
    return BadNode(node, "a window with more than " + std::to_string(kMaxPlaces) + " numbers and places along a side");
  }
  return window;
}

bool SeesPixels(const Window& w, int64_t in_height, int64_t in_width) {
  return SeesAPixel(w.out_height, w.stride_y, w.top, w.height, w.dilation_y, in_height) &&
         SeesAPixel(w.out_width, w.stride_x, w.left, w.width, w.dilation_x, in_width);
}

}  // namespace rollcall::inference
