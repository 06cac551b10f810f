#ifndef ROLLCALL_INFERENCE_PICTURE_STEPS_H_
#define ROLLCALL_INFERENCE_PICTURE_STEPS_H_

#include "inference/draft.h"

namespace rollcall::inference {

// Adds an operator as one over pictures (picture.h): a sum, a join of channels, a gate, a pooling, or a transposition
// that puts the channels last. False, and nothing is added, where it is no such operator or what it reads does not lie
// as pictures: then it is for plain_steps.h.
bool AddOverPictures(const Layer& layer, Draft& draft);

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_PICTURE_STEPS_H_
