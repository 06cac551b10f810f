#include <algorithm>
#include <limits>
#include <utility>

#include "inference/operator_parts.h"
#include "inference/window.h"

namespace rollcall::inference::operators {
namespace {

// Pictures of one layer: batch, channels, height, width.
absl::Status ExpectPictures(const Inputs& in) {
  RETURN_IF_ERROR(in.ExpectFloats());
  return in.shape(0).size() == 4 ? absl::OkStatus() : BadNode(in.node(), "the input is not n x c x h x w");
}

// Calls `visit(y, x, ky, kx)` for each pixel (y, x) of the picture that the window at (out_y, out_x) covers;
// padding is left out.
template <typename Visit>
void ForWindow(const Window& w, int64_t height, int64_t width, int64_t out_y, int64_t out_x, Visit visit) {
  for (int64_t ky = 0; ky < w.height; ++ky) {
    const int64_t y = out_y * w.stride_y - w.top + ky * w.dilation_y;
    if (y < 0 || y >= height) continue;
    for (int64_t kx = 0; kx < w.width; ++kx) {
      const int64_t x = out_x * w.stride_x - w.left + kx * w.dilation_x;
      if (x >= 0 && x < width) visit(y, x, ky, kx);
    }
  }
}

// ---- convolution ------------------------------------------------------------------------------------

struct Convolution {
  int64_t batch, in_channels, height, width, out_channels, groups;
  Window window;
  bool has_bias;

  // x: batch x in_channels x height x width; weights: out_channels x in_channels / groups x kernel.
  void operator()(std::span<const float* const> from, std::span<float* const> to) const {
    float* y = to[0];
    for (int64_t n = 0; n < batch; ++n) {
      const float* picture = from[0] + n * in_channels * height * width;
      for (int64_t out = 0; out < out_channels; ++out) {
        for (int64_t out_y = 0; out_y < window.out_height; ++out_y) {
          for (int64_t out_x = 0; out_x < window.out_width; ++out_x) {
            *y++ = At(picture, from[1], out, out_y, out_x) + (has_bias ? from[2][out] : 0.0f);
          }
        }
      }
    }
  }

  float At(const float* picture, const float* weights, int64_t out, int64_t out_y, int64_t out_x) const {
    const int64_t depth = in_channels / groups;
    const int64_t first = out / (out_channels / groups) * depth;
    double sum = 0;  // an oracle should not add its own rounding
    for (int64_t c = 0; c < depth; ++c) {
      const float* plane = picture + (first + c) * height * width;
      const float* kernel = weights + (out * depth + c) * window.height * window.width;
      ForWindow(window, height, width, out_y, out_x, [&](int64_t y, int64_t x, int64_t ky, int64_t kx) {
        sum += static_cast<double>(plane[y * width + x]) * kernel[ky * window.width + kx];
      });
    }
    return static_cast<float>(sum);
  }
};

absl::StatusOr<Operation> Conv(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(2, 3));
  RETURN_IF_ERROR(ExpectPictures(in));
  const Shape& x = in.shape(0);
  const Shape& w = in.shape(1);
  ASSIGN_OR_RETURN(const int64_t groups, IntAttribute(in.node(), "group", 1));
  if (w.size() != 4 || groups < 1 || groups > x[1] || x[1] % groups != 0 || w[0] % groups != 0 ||
      w[1] != x[1] / groups || w[0] < 1) {
    return BadNode(in.node(), "weights that do not fit the input");
  }
  if (in.has(2) && in.shape(2) != Shape{w[0]}) return BadNode(in.node(), "not a bias per channel");
  ASSIGN_OR_RETURN(const Window window, ReadWindow(in.node(), w[2], w[3], x[2], x[3]));
  Operation operation;
  operation.shapes = {{x[0], w[0], window.out_height, window.out_width}};
  operation.terms = w[1] * w[2] * w[3];
  operation.run = Convolution{.batch = x[0], .in_channels = x[1], .height = x[2], .width = x[3],
                              .out_channels = w[0], .groups = groups, .window = window,
                              .has_bias = in.has(2)};
  return operation;
}

// ---- pooling ------------------------------------------------------------------------------------------

// A pooling: `start` and `add` fold the covered pixels, `finish(sum, covered, all)` makes the result.
template <typename Add, typename Finish>
absl::StatusOr<Operation> Pool(const Inputs& in, float start, Add add, Finish finish) {
  RETURN_IF_ERROR(in.Expect(1, 1));
  RETURN_IF_ERROR(ExpectPictures(in));
  const Shape& x = in.shape(0);
  ASSIGN_OR_RETURN(const auto sides, IntsAttribute(in.node(), "kernel_shape", {}));
  if (sides.size() != 2) return BadNode(in.node(), "kernel_shape is not two numbers");
  ASSIGN_OR_RETURN(const Window window, ReadWindow(in.node(), sides[0], sides[1], x[2], x[3]));
  if (!SeesPixels(window, x[2], x[3])) return BadNode(in.node(), "a window that covers nothing but padding");
  Operation operation;
  operation.shapes = {{x[0], x[1], window.out_height, window.out_width}};
  operation.terms = window.height * window.width;
  operation.run = [planes = x[0] * x[1], height = x[2], width = x[3], window, start, add, finish](
                      std::span<const float* const> from, std::span<float* const> to) {
    float* y = to[0];
    for (int64_t p = 0; p < planes; ++p) {
      const float* plane = from[0] + p * height * width;
      for (int64_t i = 0; i < window.out_height * window.out_width; ++i) {
        float sum = start;
        int64_t covered = 0;
        ForWindow(window, height, width, i / window.out_width, i % window.out_width,
                  [&](int64_t py, int64_t px, int64_t, int64_t) {
                    sum = add(sum, plane[py * width + px]);
                    ++covered;
                  });
        *y++ = finish(sum, covered, window.height * window.width);
      }
    }
  };
  return operation;
}

absl::StatusOr<Operation> MaxPool(const Inputs& in) {
  return Pool(in, std::numeric_limits<float>::lowest(), [](float a, float b) { return std::max(a, b); },
              [](float top, int64_t, int64_t) { return top; });
}

absl::StatusOr<Operation> AveragePool(const Inputs& in) {
  ASSIGN_OR_RETURN(const int64_t count_padding, IntAttribute(in.node(), "count_include_pad", 0));
  ASSIGN_OR_RETURN(const int64_t round_up, IntAttribute(in.node(), "ceil_mode", 0));
  if (count_padding != 0 && round_up != 0) {
    return BadNode(in.node(), "count_include_pad together with ceil_mode");  // frameworks disagree on it
  }
  return Pool(in, 0.0f, [](float a, float b) { return a + b; },
              [count_padding](float sum, int64_t covered, int64_t all) {
                return sum / static_cast<float>(count_padding != 0 ? all : std::max(covered, int64_t{1}));
              });
}

absl::StatusOr<Operation> GlobalAveragePool(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(1, 1));
  RETURN_IF_ERROR(ExpectPictures(in));
  const Shape& x = in.shape(0);
  const int64_t plane = x[2] * x[3];
  if (plane == 0) return BadNode(in.node(), "a mean of nothing");
  Operation operation;
  operation.shapes = {{x[0], x[1], 1, 1}};
  operation.run = [planes = x[0] * x[1], plane](std::span<const float* const> from,
                                                std::span<float* const> to) {
    for (int64_t p = 0; p < planes; ++p) {
      double sum = 0;
      for (int64_t i = 0; i < plane; ++i) sum += from[0][p * plane + i];
      to[0][p] = static_cast<float>(sum / static_cast<double>(plane));
    }
  };
  return operation;
}

// ---- matrix products ----------------------------------------------------------------------------------

// y[m][n] = alpha * sum over k of a[m][k] b[k][n] + beta * c[m][n]; strides let a and b lie transposed and
// c be repeated.
struct Product {
  int64_t rows, columns, depth;
  int64_t a_row, a_depth, b_depth, b_column, c_row = 0, c_column = 0;
  float alpha = 1, beta = 0;

  void operator()(std::span<const float* const> from, std::span<float* const> to) const {
    for (int64_t m = 0; m < rows; ++m) {
      for (int64_t n = 0; n < columns; ++n) {
        double sum = 0;
        for (int64_t k = 0; k < depth; ++k) {
          sum += static_cast<double>(from[0][m * a_row + k * a_depth]) * from[1][k * b_depth + n * b_column];
        }
        const float added = beta != 0 ? beta * from[2][m * c_row + n * c_column] : 0.0f;
        to[0][m * columns + n] = alpha * static_cast<float>(sum) + added;
      }
    }
  }
};

absl::StatusOr<Operation> Gemm(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(2, 3));
  RETURN_IF_ERROR(in.ExpectFloats());
  const Shape& a = in.shape(0);
  const Shape& b = in.shape(1);
  if (a.size() != 2 || b.size() != 2) return BadNode(in.node(), "inputs that are no matrices");
  ASSIGN_OR_RETURN(const int64_t a_turned, IntAttribute(in.node(), "transA", 0));
  ASSIGN_OR_RETURN(const int64_t b_turned, IntAttribute(in.node(), "transB", 0));
  Product product{.rows = a[a_turned ? 1 : 0], .columns = b[b_turned ? 0 : 1], .depth = a[a_turned ? 0 : 1],
                  .a_row = a_turned ? 1 : a[1], .a_depth = a_turned ? a[1] : 1,
                  .b_depth = b_turned ? 1 : b[1], .b_column = b_turned ? b[1] : 1};
  if (b[b_turned ? 1 : 0] != product.depth) return BadNode(in.node(), "inputs that do not fit together");
  ASSIGN_OR_RETURN(product.alpha, FloatAttribute(in.node(), "alpha", 1.0f));
  if (in.has(2)) {
    ASSIGN_OR_RETURN(product.beta, FloatAttribute(in.node(), "beta", 1.0f));
    Shape c = in.shape(2);
    if (c.size() > 2) return BadNode(in.node(), "a third input that does not fit");
    c.insert(c.begin(), 2 - c.size(), 1);
    if ((c[0] != 1 && c[0] != product.rows) || (c[1] != 1 && c[1] != product.columns)) {
      return BadNode(in.node(), "a third input that does not fit");
    }
    product.c_row = c[0] == 1 ? 0 : c[1];
    product.c_column = c[1] == 1 ? 0 : 1;
  }
  Operation operation;
  operation.shapes = {{product.rows, product.columns}};
  operation.terms = product.depth;
  operation.run = product;
  return operation;
}

absl::StatusOr<Operation> MatMul(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(2, 2));
  RETURN_IF_ERROR(in.ExpectFloats());
  const Shape& a = in.shape(0);
  const Shape& b = in.shape(1);
  if (a.size() < 2 || b.size() != 2 || a.back() != b[0]) {
    return BadNode(in.node(), "only a times a matrix that fits");
  }
  Shape shape = a;
  shape.back() = b[1];
  Operation operation;
  operation.shapes = {shape};
  operation.terms = b[0];
  operation.run = Product{.rows = Elements(Shape(a.begin(), a.end() - 1)), .columns = b[1], .depth = b[0],
                          .a_row = b[0], .a_depth = 1, .b_depth = b[1], .b_column = 1};
  return operation;
}

const NamedRule kRules[] = {
    {"AveragePool", AveragePool,
     {"kernel_shape", "strides", "pads", "auto_pad", "ceil_mode", "count_include_pad"}},
    {"Conv", Conv, {"kernel_shape", "strides", "pads", "auto_pad", "dilations", "group"}},
    {"Gemm", Gemm, {"alpha", "beta", "transA", "transB"}},
    {"GlobalAveragePool", GlobalAveragePool},
    {"MatMul", MatMul},
    {"MaxPool", MaxPool,
     {"kernel_shape", "strides", "pads", "auto_pad", "ceil_mode", "dilations", "storage_order"}},
};

}  // namespace

std::span<const NamedRule> WindowRules() { return kRules; }

}  // namespace rollcall::inference::operators
