#include "bench/speed/nets.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <utility>

#include "bench/format.h"
#include "bench/picture_view.h"
#include "bench/speed/peers/chain.h"
#include "inference/engines.h"
#include "recognition/decode.h"
#include "recognition/detector.h"
#include "recognition/geometry.h"

namespace rollcall::bench {
namespace {

void SetNetLimit(Row& row, const SpeedContext& context, const std::string& engine, double macs) {
  const Rate rate = RateOf(context.roofs, engine);
  SetLimit(row, 1000 * macs / rate.macs,
           Fixed(macs / 1e6, 1) + " million multiply-adds / " + Fixed(rate.macs / 1e9, 0) + " G/s (" + rate.how +
               ", measured) = " + Significant(1000 * macs / rate.macs) + " ms");
}

}  // namespace

const NetInfo& DetectNet() {
  static const auto* const net =
      new NetInfo{"fr_detect.onnx",
                  {"fr_detect", {1, 3, 240, 320}, {"scores", "boxes"}, {4420 * 2, 4420 * 4},
                   inference::PixelScale{.mean = 127, .factor = 1.0f / 128}},
                  100.4e6};
  return *net;
}

const NetInfo& LandmarkNetInfo() {
  static const auto* const net =
      new NetInfo{"fr_landmark.onnx",
                  {"fr_landmark", {1, 1, 64, 64}, {"output"}, {136},
                   inference::PixelScale{.mean = 0, .factor = 1.0f / 256}},
                  15.6e6};
  return *net;
}

const NetInfo& EmbedNet() {
  static const auto* const net =
      new NetInfo{"fr_feature.onnx",
                  {"fr_feature", {1, 3, 112, 112}, {"output"}, {512},
                   inference::PixelScale{.mean = 127, .factor = 1.0f / 128}},
                  221.2e6};
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
    const cv::Mat view = View(picture);
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

double CosineOf(std::span<const float> a, std::span<const float> b) {
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    ab += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    aa += static_cast<double>(a[i]) * static_cast<double>(a[i]);
    bb += static_cast<double>(b[i]) * static_cast<double>(b[i]);
  }
  return ab / std::sqrt(aa * bb);
}

std::vector<uint8_t> PixelsOf(const inference::ModelSpec& spec, const std::vector<float>& input) {
  const auto channels = static_cast<size_t>(spec.input_shape[1]);
  const size_t plane = input.size() / channels;
  std::vector<uint8_t> pixels(input.size());
  for (size_t i = 0; i < plane; ++i) {
    for (size_t c = 0; c < channels; ++c) {
      const float byte = input[c * plane + i] / spec.pixels->factor + spec.pixels->mean;
      pixels[i * channels + c] = static_cast<uint8_t>(std::clamp(std::lround(byte), 0L, 255L));
    }
  }
  return pixels;
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
  std::vector<std::vector<uint8_t>> pictures;
  for (const auto& numbers : inputs) pictures.push_back(PixelsOf(net.spec, numbers));
  const auto picture = [&pictures](int32_t round) -> const std::vector<uint8_t>& {
    return pictures[static_cast<size_t>(std::max(0, round)) % pictures.size()];
  };
  const auto input = [&inputs](int32_t round) -> const std::vector<float>& {
    return inputs[static_cast<size_t>(std::max(0, round)) % inputs.size()];
  };
  // Short nets several times a turn, so that the clock and the other side's cache weigh little.
  const int32_t repeat = net.macs < 50e6 ? 5 : 2;
  ASSIGN_OR_RETURN(const RoundTimes times,
                   Interleave(context.rounds, repeat, context.clock,
                              {[&](int32_t round) { return ours->RunPixels(picture(round)).status(); },
                               [&](int32_t round) { return (*peer)->Run(input(round)); }}));
  Row row = MeasuredRow(
      id, RatioOf(times[0], times[1]),
      std::string(net.file) + " on " + engine.name() +
          ", the net alone on both sides, one core; ours takes bytes, the peer floats made of them before");
  SetNetLimit(row, context, engine.name(), net.macs);
  return row;
}

absl::StatusOr<Row> DetectRow(const SpeedContext& context, std::string_view id,
                              absl::StatusOr<std::unique_ptr<PeerNet>> peer,
                              const std::vector<std::vector<float>>& inputs) {
  if (!peer.ok()) return MissingRow(id, base::Message(peer.status()));
  const NetInfo& net = DetectNet();
  ASSIGN_OR_RETURN(const auto ours, recognition::MakeFrDetect(context.engine, context.pack.file(net.file)));
  std::vector<recognition::Picture> pictures;
  for (const auto& numbers : inputs) {
    recognition::Picture& picture = pictures.emplace_back();
    picture.width = static_cast<int32_t>(net.spec.input_shape[3]);
    picture.height = static_cast<int32_t>(net.spec.input_shape[2]);
    picture.bgr = PixelsOf(net.spec, numbers);
    for (size_t i = 0; i < picture.bgr.size(); i += 3) std::swap(picture.bgr[i], picture.bgr[i + 2]);
  }
  const auto at = [&inputs](int32_t round) { return static_cast<size_t>(std::max(0, round)) % inputs.size(); };
  ASSIGN_OR_RETURN(const RoundTimes times,
                   Interleave(context.rounds, 2, context.clock,
                              {[&](int32_t round) { return ours->Detect(pictures[at(round)]).status(); },
                               [&](int32_t round) { return (*peer)->Run(inputs[at(round)]); }}));
  Row row = MeasuredRow(id, RatioOf(times[0], times[1]),
                        std::string(net.file) + " on " + context.engine.name() +
                            ", one core; ours from a picture of the net's size to boxes, the peer's net alone");
  SetNetLimit(row, context, context.engine.name(), net.macs);
  return row;
}

}  // namespace rollcall::bench
