#ifndef ROLLCALL_RECOGNITION_DLIB_ONNX_H_
#define ROLLCALL_RECOGNITION_DLIB_ONNX_H_

#include "base/bytes.h"
#include "recognition/dlib_weights.h"

namespace rollcall::recognition {

// dlib's face network as an ONNX file, so that any engine can run it: input "input" (1 x 3 x
// kDlibChipSide x kDlibChipSide: a chip as it lies in memory, blue first, each byte times
// kDlibPixelFactor), output "output" (1 x kDlibDimension). That dlib wants red first and a mean
// taken off each colour is in the first convolution. The same weights give the same bytes. Requires
// weights from ReadDlibWeights.
base::Bytes DlibNetAsOnnx(const DlibWeights& weights);
inline constexpr float kDlibPixelFactor = 1.0f / 256;

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_DLIB_ONNX_H_
