#ifndef ROLLCALL_INFERENCE_QUANTISE_H_
#define ROLLCALL_INFERENCE_QUANTISE_H_

#include <vector>

#include "inference/activation_ranges.h"
#include "inference/kernels/int8.h"
#include "inference/layers.h"
#include "inference/picture.h"

// From float32 to bytes: activations with a scale and a zero point per channel, weights with a scale per output
// channel. That activations may have a scale per channel costs nothing, as it goes into the weights of the layers
// that read them; so no channel with large numbers takes the resolution from the others.
namespace rollcall::inference {

// Bytes for a value with these ranges, each widened to include 0 so that padding has a byte of its own. Channels
// that hardly move get at least a ten-thousandth of the widest one's step: what they say is noise, and it must not
// become large in the layers behind. Entries for `padded` channels.
ByteScale ScaleFor(const std::vector<Range>& ranges, size_t padded);

// Bytes that are pixels.
ByteScale ScaleForPixels(const PixelScale& pixels, size_t channels, size_t padded);

// What stands around a layer, in bytes: the picture read, the residual where there is one, and the result, or null
// where that is to be float32.
struct LayerScales {
  const ByteScale& in;
  const ByteScale* residual = nullptr;
  const ByteScale* out = nullptr;
};

// The layer for ConvolveInt8 or, where it is depthwise, DepthwiseInt8. `weights`: columns x taps x depth (depthwise:
// columns x taps, and `depth` is 1) with zeros for padding; depth is a multiple of 4, and number k of a tap belongs to
// channel k modulo the channels of scales.in.
// InvalidArgument, reason BAD_MODEL: sums that could leave 32 bits, or results that could reach 2^31 steps of
// the output's scale.
absl::StatusOr<kernels::Int8Layer> QuantiseLayer(const Convolution& convolution, const std::vector<float>& weights,
                                                 const LayerScales& scales, size_t columns,
                                                 size_t depth);

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_QUANTISE_H_
