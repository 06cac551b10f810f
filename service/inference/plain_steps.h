#ifndef ROLLCALL_INFERENCE_PLAIN_STEPS_H_
#define ROLLCALL_INFERENCE_PLAIN_STEPS_H_

#include "inference/draft.h"

namespace rollcall::inference {

// Adds an operator as its plain loop over row-major numbers (operators.h). InvalidArgument, reason BAD_MODEL: an
// operator that we lack, or one with more than 64 inputs or outputs.
absl::Status AddPlain(const Layer& layer, Draft& draft);

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_PLAIN_STEPS_H_
