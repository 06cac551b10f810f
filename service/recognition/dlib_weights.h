#ifndef ROLLCALL_RECOGNITION_DLIB_WEIGHTS_H_
#define ROLLCALL_RECOGNITION_DLIB_WEIGHTS_H_

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace rollcall::recognition {

// What dlib's face network takes and gives: a chip of kDlibChipSide x kDlibChipSide pixels, of
// whose red, green and blue kDlibMeans are taken off before all is divided by 256, and
// kDlibDimension numbers.
inline constexpr int kDlibChipSide = 150;
inline constexpr int kDlibDimension = 128;
inline constexpr double kDlibMeans[3] = {122.782, 117.001, 104.298};

// The numbers of dlib's face network: a ResNet of 29 convolutions. dlib_onnx.h and dlib_net.h say
// how they hang together.
struct DlibWeights {
  // A convolution with the scale that follows it: the published file has a factor and an offset for
  // each of its outputs where the training had a batch normalisation. Both are in these numbers.
  struct Convolution {
    int64_t outputs = 0;
    int64_t inputs = 0;
    int64_t side = 0;            // of the window
    std::vector<float> filters;  // outputs x inputs x side x side
    std::vector<float> bias;     // outputs
  };
  std::vector<Convolution> convolutions;  // from the input to the output
  std::vector<float> matrix;              // of the top: 256 inputs x kDlibDimension
};

// Reads face-api's two files. `weights`: the numbers one after the other, each tensor as float32 or
// as bytes q that stand for q * scale + min. `layout`: JSON that lists the tensors, filters as
// height x width x inputs x outputs. InvalidArgument, reason BAD_MODEL: they are not those, or of
// another network; names the tensor.
absl::StatusOr<DlibWeights> ReadDlibWeights(const base::Bytes& weights, const base::Bytes& layout);

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_DLIB_WEIGHTS_H_
