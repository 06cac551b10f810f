#ifndef ROLLCALL_BENCH_SPEED_PEERS_JPEG_LOOP_H_
#define ROLLCALL_BENCH_SPEED_PEERS_JPEG_LOOP_H_

#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"

namespace rollcall::bench {

// libjpeg alone, as fast as it goes: BGR at 1 / `denominator` of the size (1, 2, 4 or 8), straight
// into `pixels`, which keeps its memory from call to call. No check of anything. At 8 only the DC
// coefficients count, so that reading the Huffman code is nearly all there is to do: the least that
// any decoder must. InvalidArgument, reason PEER_FAILED: not a JPEG.
struct BareJpeg {
  int32_t width = 0;
  int32_t height = 0;
};
absl::StatusOr<BareJpeg> DecodeBareJpeg(std::span<const uint8_t> bytes, int32_t denominator,
                                        std::vector<uint8_t>& pixels);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_PEERS_JPEG_LOOP_H_
