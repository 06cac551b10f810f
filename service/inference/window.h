#ifndef ROLLCALL_INFERENCE_WINDOW_H_
#define ROLLCALL_INFERENCE_WINDOW_H_

#include <cstdint>
#include <vector>

#include "inference/graph.h"

namespace rollcall::inference {

// A two-dimensional window that slides over a picture, as Conv, MaxPool and AveragePool describe it.
struct Window {
  int64_t height = 1, width = 1;                      // of the kernel
  int64_t stride_y = 1, stride_x = 1;
  int64_t dilation_y = 1, dilation_x = 1;
  int64_t top = 0, left = 0, bottom = 0, right = 0;   // padding
  int64_t out_height = 0, out_width = 0;              // of the result

  bool is_pointwise() const {
    return height == 1 && width == 1 && stride_y == 1 && stride_x == 1 && top == 0 && left == 0 &&
           bottom == 0 && right == 0;
  }
};

// Along an axis, numbers of the window times its places. What is worked out about a window when a net is loaded takes
// as many steps; the nets we run have some thousands.
inline constexpr int64_t kMaxPlaces = int64_t{1} << 16;

// Reads strides, pads, dilations, auto_pad (and ceil_mode) of `node` for a kernel of height x width over a
// picture of in_height x in_width.
// InvalidArgument, reason BAD_MODEL: not two-dimensional, a side that is not positive, a window larger than the
// padded picture, pads beside auto_pad, more than kMaxPlaces.
absl::StatusOr<Window> ReadWindow(const Node& node, int64_t height, int64_t width, int64_t in_height,
                                  int64_t in_width);

// Whether the window covers a pixel of the picture, and not only padding, at each of its places. A pooling has no
// answer otherwise.
bool SeesPixels(const Window& window, int64_t in_height, int64_t in_width);

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_WINDOW_H_
