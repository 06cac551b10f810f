#ifndef ROLLCALL_BENCH_SPEED_NETS_H_
#define ROLLCALL_BENCH_SPEED_NETS_H_

#include <memory>
#include <span>
#include <vector>

#include "bench/speed/context.h"

namespace rollcall::bench {

// One net of the model pack.
struct NetInfo {
  const char* file;
  inference::ModelSpec spec;
  double macs;  // multiply-adds of one run, counted from the file
};

const NetInfo& DetectNet();
const NetInfo& LandmarkNetInfo();
const NetInfo& EmbedNet();

// What the nets see: taken from the bench's frames by the reference steps.
struct NetInputs {
  std::vector<std::vector<float>> detect;
  std::vector<std::vector<float>> landmark;
  std::vector<std::vector<float>> embed;
  std::vector<recognition::Picture> crops;  // 112 x 112, aligned; what `embed` was made of
};
// From at most `frames` frames. FailedPrecondition, reason NO_FACES.
absl::StatusOr<NetInputs> MakeNetInputs(SpeedContext& context, int32_t frames);

// The net in an engine of ours; the net at a peer. ORT: PEER_ABSENT where it is not there.
absl::StatusOr<std::unique_ptr<inference::Session>> LoadOurs(const SpeedContext& context,
                                                             inference::Engine& engine,
                                                             const NetInfo& net);
absl::StatusOr<std::unique_ptr<PeerNet>> LoadCv(const SpeedContext& context, const NetInfo& net);
absl::StatusOr<std::unique_ptr<PeerNet>> LoadOrt(const SpeedContext& context, const NetInfo& net);

// The cosine of two vectors of one size, of any length above 0.
double CosineOf(std::span<const float> a, std::span<const float> b);

// The bytes that the floats of a net's input came from, h w c.
std::vector<uint8_t> PixelsOf(const inference::ModelSpec& spec, const std::vector<float>& input);

// A row of one net in `engine` against a peer, the net alone on both sides: pixels in, as each wants them, floats out.
// The limit is the net's multiply-adds at the roof of the engine's numbers. Where `peer` is an
// error, the row says so.
absl::StatusOr<Row> NetRow(const SpeedContext& context, std::string_view id,
                           inference::Engine& engine, const NetInfo& net,
                           absl::StatusOr<std::unique_ptr<PeerNet>> peer,
                           const std::vector<std::vector<float>>& inputs);

// The detector: ours from a picture of the net's size to boxes, the peer's net alone, which ends in all boxes, wanted
// or not. `inputs` of the net.
absl::StatusOr<Row> DetectRow(const SpeedContext& context, std::string_view id,
                              absl::StatusOr<std::unique_ptr<PeerNet>> peer,
                              const std::vector<std::vector<float>>& inputs);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_NETS_H_
