#ifndef ROLLCALL_BENCH_SPEED_PEERS_NET_H_
#define ROLLCALL_BENCH_SPEED_PEERS_NET_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "inference/session.h"

namespace rollcall::bench {

// A net as a peer runs it: floats in, floats out, one thread, numbers that are almost 0 taken for 0
// (fr_feature's dead channels have such weights; without that a peer takes ten times as long on
// some processors, and a ratio against it would be worth nothing).
// Thread-safety: none.
class PeerNet {
 public:
  virtual ~PeerNet() = default;
  // `input`: as many floats as the input shape says.
  virtual absl::Status Run(std::span<const float> input) = 0;
  // The `i`th output of the last run, in the order of ModelSpec::output_names; valid until the
  // next.
  virtual std::span<const float> output(size_t i) const = 0;
};

// By cv::dnn. `spec` must name its outputs. Internal, reason PEER_FAILED.
absl::StatusOr<std::unique_ptr<PeerNet>> MakeCvNet(std::span<const uint8_t> onnx,
                                                   const inference::ModelSpec& spec);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_PEERS_NET_H_
