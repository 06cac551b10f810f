#include "bench/speed/nets.h"

#include <algorithm>
#include <opencv2/imgcodecs.hpp>
#include <utility>

#include "bench/format.h"
#include "bench/speed/peers/chain.h"
#include "recognition/decode.h"
#include "recognition/geometry.h"

namespace rollcall::bench {
namespace {

// Where an engine's name says that it works in 8 bits, that is the roof that it is held to.
void SetNetLimit(Row& row, const SpeedContext& context, const std::string& engine, double macs) {
  const bool int8 = engine.find("int8") != std::string::npos;
  const double rate = int8 ? context.roofs.int8_macs : context.roofs.float_macs;
  SetLimit(row, 1000 * macs / rate,
           Fixed(macs / 1e6, 1) + " million multiply-adds / " + Fixed(rate / 1e9, 0) + " G/s (" +
               (int8 ? context.roofs.int8_how : context.roofs.float_how) +
               ", measured) = " + Significant(1000 * macs / rate) + " ms");
}

}  // namespace

const NetInfo& DetectNet() {
  static const auto* const net =
      new NetInfo{"fr_detect.onnx",
                  {"fr_detect", {1, 3, 240, 320}, {"scores", "boxes"}, {4420 * 2, 4420 * 4}},
                  100.4e6};
  return *net;
}

const NetInfo& LandmarkNetInfo() {
  static const auto* const net =
      new NetInfo{"fr_landmark.onnx", {"fr_landmark", {1, 1, 64, 64}, {"output"}, {136}}, 15.6e6};
  return *net;
}

const NetInfo& EmbedNet() {
  static const auto* const net =
      new NetInfo{"fr_feature.onnx", {"fr_feature", {1, 3, 112, 112}, {"output"}, {512}}, 221.2e6};
  return *net;
}

absl::StatusOr<NetInputs> MakeNetInputs(SpeedContext& context, int32_t frames) {
  // The reference steps, so that a fault of the fast path does not spoil its own test.
  const auto reference = inference::MakeReferenceEngine();
  ASSIGN_OR_RETURN(const auto pipeline, recognition::MakeFacePipeline(context.pack, *reference));
  NetInputs inputs;
  for (int32_t i = 0; i < frames; ++i) {
    const base::Bytes& jpeg = context.Frame(i);
    ASSIGN_OR_RETURN(const recognition::Picture picture, recognition::DecodePicture(jpeg, {}));
    ASSIGN_OR_RETURN(
        const auto faces,
        pipeline->Analyse(picture, {.embed = false, .eyes = false, .liveness = false}));
    if (faces.empty()) continue;
    const cv::Mat view(picture.height, picture.width, CV_8UC3,
                       const_cast<uint8_t*>(picture.bgr.data()));
    DetectInput(view, inputs.detect.emplace_back());
    LandmarkInput(view, faces.front().box, inputs.landmark.emplace_back());
    const cv::Mat crop = WarpedPatch(view, recognition::AlignmentOf(faces.front().points));
    EmbedInput(crop, inputs.embed.emplace_back());
    recognition::Picture& kept = inputs.crops.emplace_back();
    kept.width = crop.cols;
    kept.height = crop.rows;
    kept.bgr.assign(crop.data, crop.data + 3 * crop.total());
  }
  if (!inputs.embed.empty()) return inputs;
  return base::MakeError(absl::StatusCode::kFailedPrecondition, "NO_FACES",
                         "no face was found in the bench's own frames");
}

absl::StatusOr<std::unique_ptr<inference::Session>> LoadOurs(const SpeedContext& context,
                                                             inference::Engine& engine,
                                                             const NetInfo& net) {
  return engine.Load(context.pack.file(net.file), net.spec);
}

absl::StatusOr<std::unique_ptr<PeerNet>> LoadCv(const SpeedContext& context, const NetInfo& net) {
  return MakeCvNet(context.pack.file(net.file), net.spec);
}

absl::StatusOr<std::unique_ptr<PeerNet>> LoadOrt(const SpeedContext& context, const NetInfo& net) {
  if (context.ort == nullptr) return context.why_no_ort;
  return context.ort->MakeNet(context.pack.file(net.file), net.spec);
}

absl::StatusOr<Row> NetRow(const SpeedContext& context, std::string_view id,
                           inference::Engine& engine, const NetInfo& net,
                           absl::StatusOr<std::unique_ptr<PeerNet>> peer,
                           const std::vector<std::vector<float>>& inputs) {
  if (!peer.ok()) return MissingRow(id, base::Message(peer.status()));
  ASSIGN_OR_RETURN(const auto ours, LoadOurs(context, engine, net));
  const auto input = [&inputs](int32_t round) -> const std::vector<float>& {
    return inputs[static_cast<size_t>(std::max(0, round)) % inputs.size()];
  };
  // Short nets several times a turn, so that the clock and the other side's cache weigh little.
  const int32_t repeat = net.macs < 50e6 ? 5 : 2;
  ASSIGN_OR_RETURN(const RoundTimes times,
                   Interleave(context.rounds, repeat, context.clock,
                              {[&](int32_t round) { return ours->Run(input(round)).status(); },
                               [&](int32_t round) { return (*peer)->Run(input(round)); }}));
  Row row = MeasuredRow(
      id, RatioOf(times[0], times[1]),
      std::string(net.file) + " on " + engine.name() + ", the net alone on both sides, one core");
  SetNetLimit(row, context, engine.name(), net.macs);
  return row;
}

}  // namespace rollcall::bench
