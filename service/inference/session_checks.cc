#include "inference/session_checks.h"

#include <algorithm>
#include <cmath>

#include "inference/graph.h"

namespace rollcall::inference {
namespace {

bool AllFinite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

}  // namespace

absl::Status BadModel(const ModelSpec& spec, const std::string& what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_MODEL", spec.name + ": " + what);
}

absl::Status CheckInput(const ModelSpec& spec, std::span<const float> input) {
  const int64_t wanted = Elements(spec.input_shape);
  if (static_cast<int64_t>(input.size()) == wanted && AllFinite(input)) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_TENSOR",
                         spec.name + ": expected " + std::to_string(wanted) + " finite values, got " +
                             std::to_string(input.size()));
}

absl::Status CheckPixels(const ModelSpec& spec, std::span<const uint8_t> pixels) {
  ROLLCALL_CHECK(spec.pixels.has_value());
  const int64_t wanted = Elements(spec.input_shape);
  if (static_cast<int64_t>(pixels.size()) == wanted) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_TENSOR",
                         spec.name + ": expected " + std::to_string(wanted) + " bytes of a picture, got " +
                             std::to_string(pixels.size()));
}

absl::Status CheckOutput(const ModelSpec& spec, std::span<const float> output) {
  if (AllFinite(output)) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kInternal, "MODEL_OUTPUT",
                         spec.name + ": the model produced a value that is not finite");
}

}  // namespace rollcall::inference
