#ifndef ROLLCALL_INFERENCE_KERNELS_INT8_H_
#define ROLLCALL_INFERENCE_KERNELS_INT8_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "inference/kernels/tile.h"

// The same loops over pictures of bytes: activations 0..255, weights -127..127, sums of 32 bits. One instruction
// (vpdpbusd) multiplies and adds four pairs in each lane.
namespace rollcall::inference::kernels {

// Whether this processor has the instructions (AVX-512 with VNNI: Ice Lake, Zen 4 and later). Without them nothing
// else of this header may be called.
bool HasInt8();

// From a sum of products to a result, per column:
//   v = sum factors + offsets + residual residual_factors
//   v = min(bend(v), tops) + zeros, bend as in layers.h
// and, where the result is a byte, rounded to the nearest (ties to even) and limited to 0..255. Empty vectors stand
// for what a layer does not have. Finite, and such that no v reaches 2^31.
struct Requantise {
  std::vector<float> factors;
  std::vector<float> offsets;
  std::vector<float> residual_factors;
  std::vector<float> slopes;
  std::vector<float> tops;
  std::vector<float> zeros;
};

// A layer as the loops want it. Immutable.
struct Int8Layer {
  Aligned<int8_t> weights;
  Aligned<float> factors, offsets, residual_factors, slopes, tops, zeros;  // null where the layer has none
  // No slope above 1. Then offsets and tops hold the zeros already, and zeros what is left of them.
  bool gentle = false;
};

// `weights`: columns x taps x depth; depth is a multiple of 4, columns of 16. All of `requantise` have `columns`
// entries or none. Cost: a copy.
Int8Layer PackInt8(const std::vector<int8_t>& weights, const Requantise& requantise, size_t columns);

// Convolution over bytes. As ConvolveF32, with geometry.depth as packed: of each tap that many bytes are read, and
// those beyond the picture's own channels meet weights of 0. Results are exact functions of the inputs, whatever the
// order of additions. Bytes in, bytes or floats out.
void ConvolveInt8(const Geometry& geometry, const Int8Layer& layer, const uint8_t* in, const uint8_t* residual,
                  uint8_t* out);
void ConvolveInt8(const Geometry& geometry, const Int8Layer& layer, const uint8_t* in, const uint8_t* residual,
                  float* out);

// Depthwise over bytes, for a window of any size; `weights`: taps x columns. Windows of 3 x 3 with the taps row by
// row and no residual run several times as fast.
Int8Layer PackDepthwiseInt8(const std::vector<int8_t>& weights, const Requantise& requantise, size_t columns);
void DepthwiseInt8(const Geometry& geometry, const Int8Layer& layer, const uint8_t* in, const uint8_t* residual,
                   uint8_t* out);

}  // namespace rollcall::inference::kernels

#endif  // ROLLCALL_INFERENCE_KERNELS_INT8_H_
