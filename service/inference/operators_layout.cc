#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "inference/operator_parts.h"

namespace rollcall::inference::operators {
namespace {

// An operation that only moves elements of input 0, whatever their type: `move` is called with pointers of
// either type. The outputs have the type of input 0.
template <typename Move>
Operation Mover(const Inputs& in, std::vector<Shape> shapes, Move move) {
  Operation operation;
  operation.shapes = std::move(shapes);
  operation.is_float = in.is_float(0);
  if (operation.is_float) {
    operation.run = move;
  } else {
    operation.run_ints = move;
  }
  return operation;
}

// The same elements in the same order under another shape.
absl::StatusOr<Operation> Renamed(const Inputs& in, Shape shape) {
  if (Elements(shape) != Elements(in.shape(0))) {
    return BadNode(in.node(), "another number of elements in the new shape");
  }
  const auto count = static_cast<size_t>(Elements(shape));
  return Mover(in, {std::move(shape)},
               [count](auto from, auto to) { std::copy_n(from[0], count, to[0]); });
}

absl::StatusOr<Operation> Known(Array array) {
  Operation operation;
  operation.shapes = {array.shape};
  operation.is_float = array.is_float();
  operation.known = std::move(array);
  return operation;
}

// ---- known without any number -------------------------------------------------------------------

absl::StatusOr<Operation> Constant(const Inputs& in) {
  const auto found = in.node().attributes.find("value");
  const Array* array =
      found == in.node().attributes.end() ? nullptr : std::get_if<Array>(&found->second);
  if (array == nullptr) return BadNode(in.node(), "only tensors are known as constants");
  return Known(*array);
}

absl::StatusOr<Operation> ShapeOf(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(1, 1));
  const Shape& shape = in.shape(0);
  return Known({.shape = {static_cast<int64_t>(shape.size())}, .values = shape});
}

// ---- another shape --------------------------------------------------------------------------------

absl::StatusOr<Operation> Identity(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(1, 3));  // Dropout brings its ratio along
  return Renamed(in, in.shape(0));
}

// 0 keeps a side, one -1 takes what is left.
absl::StatusOr<Operation> Reshape(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(2, 2));
  ASSIGN_OR_RETURN(Shape shape, in.Ints(1));
  const Shape& old = in.shape(0);
  int64_t known = 1;
  int64_t* rest = nullptr;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && i < old.size()) shape[i] = old[i];
    if (shape[i] == -1 && rest == nullptr) {
      rest = &shape[i];
    } else if (shape[i] < 1 || shape[i] > kMaxElements || (known *= shape[i]) > kMaxElements) {
      return BadNode(in.node(), "an impossible new shape");
    }
  }
  if (rest != nullptr) *rest = Elements(old) / known;
  return Renamed(in, std::move(shape));
}

// [a, b, c, d] becomes [a b, c d], cut before `axis`.
absl::StatusOr<Operation> Flatten(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(1, 1));
  const Shape& old = in.shape(0);
  ASSIGN_OR_RETURN(int64_t axis, IntAttribute(in.node(), "axis", 1));
  if (axis != static_cast<int64_t>(old.size())) {
    ASSIGN_OR_RETURN(axis, in.Axis(axis, old.size()));
  }
  return Renamed(in, {Elements(Shape(old.begin(), old.begin() + axis)),
                      Elements(Shape(old.begin() + axis, old.end()))});
}

absl::StatusOr<Operation> Unsqueeze(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(1, 2));
  ASSIGN_OR_RETURN(std::vector<int64_t> axes, in.IntsFrom("axes", 1));
  const size_t rank = in.shape(0).size() + axes.size();
  std::vector<bool> added(rank);
  for (const int64_t given : axes) {
    ASSIGN_OR_RETURN(const int64_t axis, in.Axis(given, rank));
    if (added[static_cast<size_t>(axis)]) return BadNode(in.node(), "an axis twice");
    added[static_cast<size_t>(axis)] = true;
  }
  Shape shape(rank, 1);
  auto next = in.shape(0).begin();
  for (size_t i = 0; i < rank; ++i) {
    if (!added[i]) shape[i] = *next++;
  }
  return Renamed(in, std::move(shape));
}

absl::StatusOr<Operation> Squeeze(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(1, 2));
  const Shape& old = in.shape(0);
  ASSIGN_OR_RETURN(std::vector<int64_t> axes, in.IntsFrom("axes", 1));
  std::vector<bool> dropped(old.size());
  for (const int64_t given : axes) {
    ASSIGN_OR_RETURN(const int64_t axis, in.Axis(given, old.size()));
    dropped[static_cast<size_t>(axis)] = true;
  }
  Shape shape;
  for (size_t i = 0; i < old.size(); ++i) {
    const bool drop = axes.empty() ? old[i] == 1 : dropped[i];
    if (drop && old[i] != 1) return BadNode(in.node(), "an axis that is longer than 1");
    if (!drop) shape.push_back(old[i]);
  }
  return Renamed(in, std::move(shape));
}

// ---- other places ---------------------------------------------------------------------------------

absl::StatusOr<Operation> Transpose(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(1, 1));
  const Shape& old = in.shape(0);
  std::vector<int64_t> reversed;
  for (size_t i = old.size(); i-- > 0;) reversed.push_back(static_cast<int64_t>(i));
  ASSIGN_OR_RETURN(const std::vector<int64_t> order, IntsAttribute(in.node(), "perm", reversed));
  std::vector<int64_t> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  std::reverse(reversed.begin(), reversed.end());
  if (sorted != reversed) return BadNode(in.node(), "perm is no order of the axes");
  const std::vector<int64_t> strides = Strides(old);
  Shape shape;
  std::vector<int64_t> from_strides;
  for (const int64_t axis : order) {
    shape.push_back(old[static_cast<size_t>(axis)]);
    from_strides.push_back(strides[static_cast<size_t>(axis)]);
  }
  return Mover(in, {shape}, [shape, from_strides, to_strides = Strides(shape)](auto from, auto to) {
    CopyStrided(shape, from[0], from_strides, to[0], to_strides);
  });
}

// starts, ends, axes and steps are attributes up to operator set 9 and inputs from 10.
absl::StatusOr<Operation> Slice(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(1, 5));
  const Shape& old = in.shape(0);
  ASSIGN_OR_RETURN(const std::vector<int64_t> starts, in.IntsFrom("starts", 1));
  ASSIGN_OR_RETURN(const std::vector<int64_t> ends, in.IntsFrom("ends", 2));
  ASSIGN_OR_RETURN(std::vector<int64_t> axes, in.IntsFrom("axes", 3));
  ASSIGN_OR_RETURN(std::vector<int64_t> steps, in.IntsFrom("steps", 4));
  if (axes.empty()) {
    for (size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<int64_t>(i));
  }
  if (steps.empty()) steps.assign(starts.size(), 1);
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size()) {
    return BadNode(in.node(), "starts, ends, axes and steps of different lengths");
  }
  Shape shape = old;
  std::vector<int64_t> strides = Strides(old);
  std::vector<bool> cut(old.size());
  int64_t offset = 0;
  for (size_t i = 0; i < axes.size(); ++i) {
    ASSIGN_OR_RETURN(const int64_t given, in.Axis(axes[i], old.size()));
    const auto axis = static_cast<size_t>(given);
    if (cut[axis]) return BadNode(in.node(), "an axis twice");
    cut[axis] = true;
    if (steps[i] != 1) return BadNode(in.node(), "a step other than 1");
    const auto place = [side = old[axis]](int64_t at) {
      return std::clamp(at < 0 ? std::max(at, -side) + side : at, int64_t{0}, side);
    };
    const int64_t start = place(starts[i]);
    shape[axis] = std::max(int64_t{0}, place(ends[i]) - start);
    offset += start * strides[axis];
  }
  return Mover(in, {shape}, [shape, strides, offset, to_strides = Strides(shape)](auto from, auto to) {
    CopyStrided(shape, from[0] + offset, strides, to[0], to_strides);
  });
}

absl::StatusOr<Operation> Split(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(1, 2));
  const Shape& old = in.shape(0);
  ASSIGN_OR_RETURN(const int64_t given, IntAttribute(in.node(), "axis", 0));
  ASSIGN_OR_RETURN(const int64_t axis, in.Axis(given, old.size()));
  ASSIGN_OR_RETURN(std::vector<int64_t> sizes, in.IntsFrom("split", 1));
  const int64_t side = old[static_cast<size_t>(axis)];
  const auto parts = static_cast<int64_t>(in.node().outputs.size());
  if (sizes.empty() && side % parts == 0) sizes.assign(in.node().outputs.size(), side / parts);
  std::vector<Shape> shapes;
  int64_t sum = 0;
  for (const int64_t size : sizes) {
    if (size < 0 || size > side) return BadNode(in.node(), "a part of an impossible size");
    sum += size;
    shapes.push_back(old);
    shapes.back()[static_cast<size_t>(axis)] = size;
  }
  if (sum != side || shapes.empty()) return BadNode(in.node(), "the parts are not the whole");
  const std::vector<int64_t> strides = Strides(old);
  return Mover(in, shapes, [shapes, strides, axis](auto from, auto to) {
    auto part = from[0];
    for (size_t i = 0; i < shapes.size(); ++i) {
      // Row-major strides of a part: only the axes before the cut differ from the whole's.
      std::array<int64_t, 6> to_strides{};
      int64_t stride = 1;
      for (size_t k = shapes[i].size(); k-- > 0; stride *= shapes[i][k]) to_strides[k] = stride;
      CopyStrided(shapes[i], part, strides, to[i], to_strides);
      part += shapes[i][static_cast<size_t>(axis)] * strides[static_cast<size_t>(axis)];
    }
  });
}

absl::StatusOr<Operation> Concat(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(1, std::numeric_limits<size_t>::max()));
  ASSIGN_OR_RETURN(const int64_t given, IntAttribute(in.node(), "axis", 1));
  ASSIGN_OR_RETURN(const int64_t axis, in.Axis(given, in.shape(0).size()));
  const auto at = static_cast<size_t>(axis);
  Shape shape = in.shape(0);
  shape[at] = 0;
  std::vector<size_t> runs;  // of each input, how many elements lie together
  for (size_t i = 0; i < in.count(); ++i) {
    if (!in.has(i) || in.is_float(i) != in.is_float(0)) return BadNode(in.node(), "inputs of different types");
    Shape part = in.shape(i);
    if (part.size() != shape.size()) return BadNode(in.node(), "inputs with other axes");
    runs.push_back(static_cast<size_t>(Elements(Shape(part.begin() + axis, part.end()))));
    shape[at] += part[at];
    part[at] = shape[at];
    if (part != shape || !IsSaneShape(shape)) return BadNode(in.node(), "inputs that do not fit together");
  }
  const auto rows = static_cast<size_t>(Elements(Shape(shape.begin(), shape.begin() + axis)));
  return Mover(in, {shape}, [rows, runs](auto from, auto to) {
    auto out = to[0];
    for (size_t row = 0; row < rows; ++row) {
      for (size_t i = 0; i < runs.size(); ++i) out = std::copy_n(from[i] + row * runs[i], runs[i], out);
    }
  });
}

absl::StatusOr<Operation> Pad(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(1, 3));
  if (!in.is_float(0)) return BadNode(in.node(), "an input that is not float32");
  ASSIGN_OR_RETURN(const Padding padding, PaddingOf(in.graph(), in.node()));
  const Shape& old = in.shape(0);
  Shape shape = old;
  for (size_t i = 0; i < old.size(); ++i) shape[i] += padding.before[i] + padding.after[i];
  if (!IsSaneShape(shape)) return BadNode(in.node(), "an output of an impossible shape");
  const std::vector<int64_t> to_strides = Strides(shape);
  int64_t first = 0;
  for (size_t i = 0; i < old.size(); ++i) first += padding.before[i] * to_strides[i];
  Operation operation;
  operation.shapes = {shape};
  operation.run = [old, from_strides = Strides(old), to_strides, first, count = Elements(shape),
                   value = padding.value](std::span<const float* const> from, std::span<float* const> to) {
    std::fill_n(to[0], count, value);
    CopyStrided(old, from[0], from_strides, to[0] + first, to_strides);
  };
  return operation;
}

// Picks slices along an axis; the indices are known at load.
absl::StatusOr<Operation> Gather(const Inputs& in) {
  RETURN_IF_ERROR(in.Expect(2, 2));
  const Shape& old = in.shape(0);
  ASSIGN_OR_RETURN(const int64_t given, IntAttribute(in.node(), "axis", 0));
  ASSIGN_OR_RETURN(const int64_t axis, in.Axis(given, old.size()));
  ASSIGN_OR_RETURN(std::vector<int64_t> indices, in.Ints(1));
  const int64_t side = old[static_cast<size_t>(axis)];
  for (int64_t& index : indices) {
    if (index < -side || index >= side) return BadNode(in.node(), "an index beyond the end");
    if (index < 0) index += side;
  }
  Shape shape(old.begin(), old.begin() + axis);
  shape.insert(shape.end(), in.shape(1).begin(), in.shape(1).end());
  shape.insert(shape.end(), old.begin() + axis + 1, old.end());
  const int64_t outer = Elements(Shape(old.begin(), old.begin() + axis));
  const int64_t inner = Elements(Shape(old.begin() + axis + 1, old.end()));
  return Mover(in, {shape}, [outer, inner, side, indices](auto from, auto to) {
    auto out = to[0];
    for (int64_t o = 0; o < outer; ++o) {
      for (const int64_t index : indices) out = std::copy_n(from[0] + (o * side + index) * inner, inner, out);
    }
  });
}

const NamedRule kRules[] = {
    {"Concat", Concat, {"axis"}},
    {"Constant", Constant, {"value"}},
    {"Dropout", Identity, {"ratio", "seed"}},
    {"Flatten", Flatten, {"axis"}},
    {"Gather", Gather, {"axis"}},
    {"Identity", Identity},
    {"Pad", Pad, {"mode", "pads", "value"}},
    {"Reshape", Reshape},
    {"Shape", ShapeOf},
    {"Slice", Slice, {"starts", "ends", "axes"}},
    {"Split", Split, {"axis", "split"}},
    {"Squeeze", Squeeze, {"axes"}},
    {"Transpose", Transpose, {"perm"}},
    {"Unsqueeze", Unsqueeze, {"axes"}},
};

}  // namespace

std::span<const NamedRule> LayoutRules() { return kRules; }

}  // namespace rollcall::inference::operators

namespace rollcall::inference {

// pads and value are attributes up to operator set 10 and inputs from 11.
absl::StatusOr<Padding> PaddingOf(const Graph& graph, const Node& node) {
  const operators::Inputs in(graph, node);
  const auto mode = StringAttribute(node, "mode", "constant");
  if (!mode.ok() || *mode != "constant") return BadNode(node, "a mode other than constant");
  ASSIGN_OR_RETURN(const std::vector<int64_t> pads, in.IntsFrom("pads", 1));
  const size_t rank = in.shape(0).size();
  if (pads.size() != 2 * rank || std::any_of(pads.begin(), pads.end(), [](int64_t n) { return n < 0 || n > 4096; })) {
    return BadNode(node, "pads are not " + std::to_string(2 * rank) + " possible numbers");
  }
  const auto middle = pads.begin() + static_cast<std::ptrdiff_t>(rank);
  Padding padding{.before = {pads.begin(), middle}, .after = {middle, pads.end()}};
  ASSIGN_OR_RETURN(padding.value, FloatAttribute(node, "value", 0.0f));
  if (in.has(2)) {
    ASSIGN_OR_RETURN(const std::vector<float> value, in.Floats(2));
    if (value.size() != 1) return BadNode(node, "a value that is not one number");
    padding.value = value.front();
  }
  return padding;
}

}  // namespace rollcall::inference
