#ifndef ROLLCALL_INFERENCE_CONVOLUTION_STEPS_H_
#define ROLLCALL_INFERENCE_CONVOLUTION_STEPS_H_

#include "inference/draft.h"

namespace rollcall::inference {

// Adds a convolution in the form of what it reads, by the fastest loop that this processor has. InvalidArgument, reason
// BAD_MODEL: its input or output is no picture, or numbers that do not fit the ranges of its activations.
absl::Status AddConvolution(const Layer& layer, Draft& draft);

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_CONVOLUTION_STEPS_H_
