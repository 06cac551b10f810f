#ifndef ROLLCALL_INFERENCE_PICTURE_OPERATORS_H_
#define ROLLCALL_INFERENCE_PICTURE_OPERATORS_H_

#include "inference/picture.h"

// Operators that would be plain loops over rows (operators.h), done where the picture lies: what stands between two
// convolutions need not be turned around twice. All pictures are of floats unless said; frames are written too. The
// pictures of one call may have different frames. The oracle is the plain operator.
namespace rollcall::inference {

// The mean of each channel, as a picture of one pixel.
void PoolPicture(const kernels::PictureLayout& in, const float* picture, float* mean);

// Each channel times its own factor, from a picture of one pixel.
void ScalePicture(const kernels::PictureLayout& in, const float* picture, const float* factors,
                  const kernels::PictureLayout& out, float* result);

// The sum of two pictures of one size.
void AddPictures(const kernels::PictureLayout& in, const float* picture, const kernels::PictureLayout& added,
                 const float* more, const kernels::PictureLayout& out, float* result);

// Puts the channels of `in` into `out` from channel `first` on; pictures of one height and width. Does not write the
// frame. `in` has no channels that only pad.
void PlaceChannels(const kernels::PictureLayout& in, const float* picture, const kernels::PictureLayout& out,
                   int64_t first, float* result);
void PlaceChannels(const kernels::PictureLayout& in, const float* picture, const kernels::PictureLayout& out,
                   int64_t first, const ByteScale& bytes, uint8_t* result);

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_PICTURE_OPERATORS_H_
