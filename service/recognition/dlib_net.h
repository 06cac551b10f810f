#ifndef ROLLCALL_RECOGNITION_DLIB_NET_H_
#define ROLLCALL_RECOGNITION_DLIB_NET_H_

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "recognition/dlib_weights.h"

namespace rollcall::recognition {

// From a chip (kDlibChipSide x kDlibChipSide pixels, blue first) to kDlibDimension numbers.
// Thread-safety: none.
using ChipNet = std::function<absl::StatusOr<std::vector<float>>(std::span<const uint8_t> chip)>;

// dlib's face network as dlib itself runs it: several times slower than an engine, and what an
// engine is held against. From dlib's own .dat file, whose bytes must be trusted (dlib's reader is
// not made for others), and from weights. InvalidArgument, reason BAD_MODEL: not such a file.
absl::StatusOr<ChipNet> ReadDlibNet(const base::Bytes& dat);
absl::StatusOr<ChipNet> MakeDlibNet(const DlibWeights& weights);

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_DLIB_NET_H_
