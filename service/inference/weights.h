#ifndef ROLLCALL_INFERENCE_WEIGHTS_H_
#define ROLLCALL_INFERENCE_WEIGHTS_H_

#include <cstdint>
#include <vector>

#include "inference/kernels/tile.h"
#include "inference/layers.h"

// A layer's weights in the orders that the loops want them, before they are narrowed and packed.
namespace rollcall::inference {

// Rows of taps x geometry.depth, one per padded column; groups become zeros between the groups.
std::vector<float> DenseWeights(const Convolution& convolution, const kernels::Geometry& geometry);

// Where the pixels of a window's row lie side by side without padding, they become one tap of greater depth. The order
// of the weights stays what it was.
void JoinTaps(const Window& window, const kernels::PictureLayout& in, kernels::Geometry& geometry);

// Makes the depth a multiple of `step`: more zeros behind each tap. What they are multiplied with lies behind the
// tap's own numbers, in the next pixel or after the picture's end.
std::vector<float> Deepen(const std::vector<float>& weights, int64_t step, kernels::Geometry& geometry);

// Depthwise weights, padded columns x taps.
std::vector<float> ColumnWeights(const Convolution& convolution, const kernels::Geometry& geometry);
// The same, taps x padded columns.
std::vector<float> TapWeights(const Convolution& convolution, const kernels::Geometry& geometry);

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_WEIGHTS_H_
