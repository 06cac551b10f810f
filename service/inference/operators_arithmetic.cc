#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

#include "inference/operator_parts.h"

namespace rollcall::inference::operators {
namespace {

// ---- one input, element by element --------------------------------------------------------------

template <typename Function>
absl::StatusOr<Operation> Unary(const Inputs& in, Function function) {
  RETURN_IF_ERROR(in.ExpectFloats());
  Operation operation;
  operation.shapes = {in.shape(0)};
  const auto count = static_cast<size_t>(Elements(in.shape(0)));
  operation.run = [count, function](std::span<const float* const> from, std::span<float* const> to) {
    for (size_t i = 0; i < count; ++i) to[0][i] = function(from[0][i]);
  };
  return operation;
}

absl::StatusOr<Operation> Relu(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(1, 1));
  return Unary(in, [](float x) { return std::max(x, 0.0f); });
}

absl::StatusOr<Operation> LeakyRelu(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(1, 1));
  ASSIGN_OR_RETURN(const float slope, FloatAttribute(in.node(), "alpha", 0.01f));
  return Unary(in, [slope](float x) { return x < 0 ? x * slope : x; });
}

absl::StatusOr<Operation> Sigmoid(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(1, 1));
  return Unary(in, [](float x) { return 1 / (1 + std::exp(-x)); });
}

absl::StatusOr<Operation> Exp(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(1, 1));
  return Unary(in, [](float x) { return std::exp(x); });
}

absl::StatusOr<Operation> Sqrt(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(1, 1));
  return Unary(in, [](float x) { return std::sqrt(x); });
}

// The bounds are attributes up to operator set 10 and inputs from 11.
absl::StatusOr<Operation> Clip(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(1, 3));
  float bounds[2] = {std::numeric_limits<float>::lowest(), std::numeric_limits<float>::max()};
  const char* names[2] = {"min", "max"};
  for (size_t i = 0; i < 2; ++i) {
    ASSIGN_OR_RETURN(bounds[i], FloatAttribute(in.node(), names[i], bounds[i]));
    if (!in.has(i + 1)) continue;
    ASSIGN_OR_RETURN(const std::vector<float> given, in.Floats(i + 1));
    if (given.size() != 1) return BadNode(in.node(), "a bound is not one number");
    bounds[i] = given[0];
  }
  return Unary(in, [low = bounds[0], high = bounds[1]](float x) { return std::min(std::max(x, low), high); });
}

// ---- two inputs, element by element ---------------------------------------------------------------

// The shape that two tensors are stretched to: axes are matched from the last one, and a side of 1 is
// repeated (numpy's rule).
absl::StatusOr<Shape> Stretched(const Inputs& in, const Shape& a, const Shape& b) {
  Shape shape(std::max(a.size(), b.size()));
  for (size_t back = 1; back <= shape.size(); ++back) {
    const int64_t x = back <= a.size() ? a[a.size() - back] : 1;
    const int64_t y = back <= b.size() ? b[b.size() - back] : 1;
    if (x != y && x != 1 && y != 1) return BadNode(in.node(), "shapes that do not fit together");
    shape[shape.size() - back] = x == 1 ? y : x;
  }
  return shape;
}

// For each axis of `to`, how far apart its neighbours lie in a tensor of shape `from`: 0 where it repeats.
std::vector<int64_t> StretchStrides(const Shape& from, const Shape& to) {
  const std::vector<int64_t> own = Strides(from);
  std::vector<int64_t> strides(to.size(), 0);
  for (size_t back = 1; back <= from.size(); ++back) {
    if (from[from.size() - back] != 1) strides[to.size() - back] = own[from.size() - back];
  }
  return strides;
}

// Two stretched inputs, walked together.
struct Walk {
  Shape shape;
  std::vector<int64_t> a;
  std::vector<int64_t> b;

  template <typename T, typename Function>
  T* Apply(const T* x, const T* y, T* to, Function function, size_t axis = 0) const {
    if (axis == shape.size()) {
      *to = function(*x, *y);
      return to + 1;
    }
    for (int64_t i = 0; i < shape[axis]; ++i) {
      to = Apply(x + i * a[axis], y + i * b[axis], to, function, axis + 1);
    }
    return to;
  }
};

template <typename Function>
absl::StatusOr<Operation> Binary(const Inputs& in, Function function) {
  RETURN_IF_ERROR(in.Expect(2, 2));
  if (in.is_float(0) != in.is_float(1)) return BadNode(in.node(), "inputs of different types");
  Walk walk;
  ASSIGN_OR_RETURN(walk.shape, Stretched(in, in.shape(0), in.shape(1)));
  walk.a = StretchStrides(in.shape(0), walk.shape);
  walk.b = StretchStrides(in.shape(1), walk.shape);
  Operation operation;
  operation.shapes = {walk.shape};
  operation.is_float = in.is_float(0);
  if (operation.is_float) {
    operation.run = [walk, function](std::span<const float* const> from, std::span<float* const> to) {
      walk.Apply(from[0], from[1], to[0], function);
    };
  } else {
    operation.run_ints = [walk, function](std::span<const int64_t* const> from, std::span<int64_t* const> to) {
      walk.Apply(from[0], from[1], to[0], function);
    };
  }
  return operation;
}

// Calculates with int64 as with uint64, so that a number from a file that is too large wraps round and is refused
// where it is used.
template <typename T>
using Wrapping = std::conditional_t<std::is_same_v<T, int64_t>, uint64_t, T>;

absl::StatusOr<Operation> Add(const Inputs& in) {
  return Binary(in, []<typename T>(T x, T y) { return static_cast<T>(Wrapping<T>(x) + Wrapping<T>(y)); });
}
absl::StatusOr<Operation> Sub(const Inputs& in) {
  return Binary(in, []<typename T>(T x, T y) { return static_cast<T>(Wrapping<T>(x) - Wrapping<T>(y)); });
}
absl::StatusOr<Operation> Mul(const Inputs& in) {
  return Binary(in, []<typename T>(T x, T y) { return static_cast<T>(Wrapping<T>(x) * Wrapping<T>(y)); });
}
absl::StatusOr<Operation> Div(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(2, 2));
  if (!in.is_float(1)) {
    ASSIGN_OR_RETURN(const std::vector<int64_t> by, in.Ints(1));
    // The second would overflow for one dividend.
    for (const int64_t divisor : {0, -1}) {
      if (std::find(by.begin(), by.end(), divisor) != by.end()) {
        return BadNode(in.node(), "division by " + std::to_string(divisor));
      }
    }
  }
  return Binary(in, [](auto x, auto y) { return x / y; });
}

// x where it is positive, else x times the slope of its channel.
absl::StatusOr<Operation> PRelu(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(2, 2));
  RETURN_IF_ERROR(in.ExpectFloats());
  RETURN_IF_ERROR(in.Floats(1).status());
  ASSIGN_OR_RETURN(const Shape stretched, Stretched(in, in.shape(0), in.shape(1)));
  if (stretched != in.shape(0)) return BadNode(in.node(), "slopes that do not fit the input");
  return Binary(in, [](auto x, auto slope) { return x < 0 ? x * slope : x; });
}

// ---- along axes -----------------------------------------------------------------------------------

// Over the last axis (operator set 13), or over `axis` and all behind it together (before).
absl::StatusOr<Operation> Softmax(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(1, 1));
  RETURN_IF_ERROR(in.ExpectFloats());
  const Shape& shape = in.shape(0);
  const bool one_axis = in.graph().opset >= 13;
  ASSIGN_OR_RETURN(const int64_t given, IntAttribute(in.node(), "axis", one_axis ? -1 : 1));
  ASSIGN_OR_RETURN(const int64_t axis, in.Axis(given, shape.size()));
  if (one_axis && axis + 1 != static_cast<int64_t>(shape.size())) {
    return BadNode(in.node(), "only along the last axis");
  }
  const auto length = static_cast<size_t>(Elements(Shape(shape.begin() + axis, shape.end())));
  const size_t rows = length == 0 ? 0 : static_cast<size_t>(Elements(shape)) / length;
  Operation operation;
  operation.shapes = {shape};
  operation.run = [rows, length](std::span<const float* const> from, std::span<float* const> to) {
    for (size_t row = 0; row < rows; ++row) {
      const float* x = from[0] + row * length;
      float* y = to[0] + row * length;
      const float top = *std::max_element(x, x + length);  // exp overflows otherwise
      float sum = 0;
      for (size_t i = 0; i < length; ++i) sum += y[i] = std::exp(x[i] - top);
      for (size_t i = 0; i < length; ++i) y[i] /= sum;
    }
  };
  return operation;
}

// y = scale (x - mean) / sqrt(variance + epsilon) + shift, each by channel (axis 1).
absl::StatusOr<Operation> BatchNormalization(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(5, 5));
  RETURN_IF_ERROR(in.ExpectFloats());
  const Shape& shape = in.shape(0);
  if (shape.size() < 2) return BadNode(in.node(), "an input without channels");
  ASSIGN_OR_RETURN(const Normalisation by_channel, NormalisationOf(in.graph(), in.node()));
  const auto batch = static_cast<size_t>(shape[0]);
  const auto plane = static_cast<size_t>(Elements(Shape(shape.begin() + 2, shape.end())));
  Operation operation;
  operation.shapes = {shape};
  operation.run = [batch, plane, by_channel](std::span<const float* const> from, std::span<float* const> to) {
    const float* x = from[0];
    float* y = to[0];
    for (size_t n = 0; n < batch; ++n) {
      for (size_t c = 0; c < by_channel.factors.size(); ++c) {
        for (size_t i = 0; i < plane; ++i) *y++ = *x++ * by_channel.factors[c] + by_channel.offsets[c];
      }
    }
  };
  return operation;
}

// The mean over some axes. They must be neighbours, so that the loop is three loops.
absl::StatusOr<Operation> ReduceMean(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(1, 1));
  RETURN_IF_ERROR(in.ExpectFloats());
  const Shape& shape = in.shape(0);
  ASSIGN_OR_RETURN(std::vector<int64_t> axes, IntsAttribute(in.node(), "axes", {}));
  ASSIGN_OR_RETURN(const int64_t keep, IntAttribute(in.node(), "keepdims", 1));
  for (int64_t& axis : axes) {
    ASSIGN_OR_RETURN(axis, in.Axis(axis, shape.size()));
  }
  if (axes.empty()) {
    for (size_t i = 0; i < shape.size(); ++i) axes.push_back(static_cast<int64_t>(i));
  }
  std::sort(axes.begin(), axes.end());
  for (size_t i = 1; i < axes.size(); ++i) {
    if (axes[i] != axes[i - 1] + 1) return BadNode(in.node(), "axes that are not neighbours");
  }
  if (shape.empty()) return BadNode(in.node(), "a scalar has no axes");
  const auto first = shape.begin() + axes.front();
  const auto last = shape.begin() + axes.back() + 1;
  const auto outer = static_cast<size_t>(Elements(Shape(shape.begin(), first)));
  const auto middle = static_cast<size_t>(Elements(Shape(first, last)));
  const auto inner = static_cast<size_t>(Elements(Shape(last, shape.end())));
  if (middle == 0) return BadNode(in.node(), "a mean of nothing");
  Shape result(shape.begin(), first);
  if (keep != 0) result.insert(result.end(), axes.size(), 1);
  result.insert(result.end(), last, shape.end());
  Operation operation;
  operation.shapes = {result};
  operation.run = [outer, middle, inner](std::span<const float* const> from, std::span<float* const> to) {
    for (size_t o = 0; o < outer; ++o) {
      for (size_t i = 0; i < inner; ++i) {
        double sum = 0;
        for (size_t m = 0; m < middle; ++m) sum += from[0][(o * middle + m) * inner + i];
        to[0][o * inner + i] = static_cast<float>(sum / static_cast<double>(middle));
      }
    }
  };
  return operation;
}

const NamedRule kRules[] = {
    {"Add", Add},
    {"BatchNormalization", BatchNormalization, {"epsilon", "momentum", "spatial"}},
    {"Clip", Clip, {"min", "max"}},
    {"Div", Div},
    {"Exp", Exp},
    {"LeakyRelu", LeakyRelu, {"alpha"}},
    {"Mul", Mul},
    {"PRelu", PRelu},
    {"ReduceMean", ReduceMean, {"axes", "keepdims"}},
    {"Relu", Relu},
    {"Sigmoid", Sigmoid},
    {"Softmax", Softmax, {"axis"}},
    {"Sqrt", Sqrt},
    {"Sub", Sub},
};

}  // namespace

std::span<const NamedRule> ArithmeticRules() { return kRules; }

}  // namespace rollcall::inference::operators

namespace rollcall::inference {

absl::StatusOr<Normalisation> NormalisationOf(const Graph& graph, const Node& node) {
  const operators::Inputs in(graph, node);
  ASSIGN_OR_RETURN(const float epsilon, FloatAttribute(node, "epsilon", 1e-5f));
  std::vector<float> terms[4];
  for (size_t i = 0; i < 4; ++i) {
    ASSIGN_OR_RETURN(terms[i], in.Floats(i + 1));
    if (static_cast<int64_t>(terms[i].size()) != in.shape(0)[1]) return BadNode(node, "not a number per channel");
  }
  const auto& [scale, shift, mean, variance] = terms;
  Normalisation result;
  for (size_t c = 0; c < scale.size(); ++c) {
    result.factors.push_back(scale[c] / std::sqrt(variance[c] + epsilon));
    result.offsets.push_back(shift[c] - mean[c] * result.factors[c]);
  }
  return result;
}

}  // namespace rollcall::inference
