#ifndef ROLLCALL_INFERENCE_SESSION_CHECKS_H_
#define ROLLCALL_INFERENCE_SESSION_CHECKS_H_

#include <span>
#include <string>

#include "inference/session.h"

// What every engine promises of its answers and refusals (session.h), in one place.
namespace rollcall::inference {

// InvalidArgument, reason BAD_MODEL: "name: what".
absl::Status BadModel(const ModelSpec& spec, const std::string& what);

// InvalidArgument, reason BAD_TENSOR, unless `input` is as many finite numbers as spec.input_shape says.
absl::Status CheckInput(const ModelSpec& spec, std::span<const float> input);

// InvalidArgument, reason BAD_TENSOR, unless `pixels` is as many bytes as spec.input_shape says. Requires spec.pixels.
absl::Status CheckPixels(const ModelSpec& spec, std::span<const uint8_t> pixels);

// Internal, reason MODEL_OUTPUT, unless all of `output` are finite.
absl::Status CheckOutput(const ModelSpec& spec, std::span<const float> output);

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_SESSION_CHECKS_H_
