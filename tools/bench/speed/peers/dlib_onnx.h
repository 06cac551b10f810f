#ifndef ROLLCALL_BENCH_SPEED_PEERS_DLIB_ONNX_H_
#define ROLLCALL_BENCH_SPEED_PEERS_DLIB_ONNX_H_

#include "base/bytes.h"
#include "base/status.h"

namespace rollcall::bench {

// dlib's face recognition net as an ONNX file, for engines that read nothing else: input "input"
// (1 x 3 x 150 x 150, RGB, (value - mean) / 256), output "output" (1 x 128), the scales folded into
// the convolutions. `weights` and `layout`: face-api's two files.
// InvalidArgument, reason BAD_MODEL: they are not those.
absl::StatusOr<base::Bytes> DlibNetAsOnnx(const base::Bytes& weights, const base::Bytes& layout);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_PEERS_DLIB_ONNX_H_
