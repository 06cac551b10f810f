#include "inference/graph.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace rollcall::inference {
namespace {

// The attribute as a T, or `fallback` where there is none.
template <typename T>
absl::StatusOr<T> AttributeOr(const Node& node, const std::string& name, T fallback) {
  const auto found = node.attributes.find(name);
  if (found == node.attributes.end()) return fallback;
  if (const T* value = std::get_if<T>(&found->second)) return *value;
  return BadNode(node, "attribute " + name + " is of another type");
}

}  // namespace

int64_t Elements(const Shape& shape) {
  int64_t count = 1;
  for (const int64_t side : shape) count *= side;
  return count;
}

bool IsSaneShape(const Shape& shape) {
  if (shape.size() > 6) return false;
  int64_t count = 1;
  for (const int64_t side : shape) {
    if (side < 0 || side > kMaxElements) return false;
    count *= std::max(side, int64_t{1});  // at most 2^52
    if (count > kMaxElements) return false;
  }
  return true;
}

absl::Status BadGraph(const std::string& what) {
  constexpr size_t kLongest = 400;
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_MODEL", base::Printable(what, kLongest));
}

absl::Status BadNode(const Node& node, const std::string& what) {
  constexpr size_t kLongestOp = 40;  // so that a long name does not hide what is wrong
  constexpr size_t kLongestName = 100;
  return BadGraph(base::Printable(node.op, kLongestOp) + " " + base::Printable(node.name, kLongestName) + ": " + what);
}

absl::StatusOr<int64_t> IntAttribute(const Node& node, const std::string& name, int64_t fallback) {
  return AttributeOr<int64_t>(node, name, fallback);
}

absl::StatusOr<float> FloatAttribute(const Node& node, const std::string& name, float fallback) {
  return AttributeOr<float>(node, name, fallback);
}

absl::StatusOr<std::vector<int64_t>> IntsAttribute(const Node& node, const std::string& name,
                                                   std::vector<int64_t> fallback) {
  return AttributeOr<std::vector<int64_t>>(node, name, std::move(fallback));
}

absl::StatusOr<std::string> StringAttribute(const Node& node, const std::string& name,
                                            std::string fallback) {
  return AttributeOr<std::string>(node, name, std::move(fallback));
}

}  // namespace rollcall::inference
