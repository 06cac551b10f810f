#include "bench/speed/second_opinion.h"

#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>
#include <opencv2/imgproc.hpp>

#include "bench/format.h"
#include "bench/picture_view.h"
#include "inference/calibration.h"
#include "recognition/dlib_onnx.h"
#include "recognition/embedder.h"

namespace rollcall::bench {
namespace {

constexpr char kSecond[] = "dlib_resnet-face_api-1.7.15";
constexpr int kSide = recognition::kDlibChipSide;
constexpr double kMacs = 270.9e6;

// A face whose chip is the picture itself: its points lie where the chip wants them.
struct ChipFace {
  recognition::Picture picture;
  recognition::Landmarks landmarks{};
  std::vector<float> input;  // what the net sees
};

ChipFace MakeChipFace(const recognition::Picture& crop) {
  constexpr struct {
    size_t landmark;
    double x;
    double y;
  } kPoints[] = {{36, 0.12058, 0.21373},
                 {39, 0.33409, 0.22906},
                 {42, 0.64606, 0.22897},
                 {45, 0.85957, 0.21350},
                 {33, 0.49011, 0.62780}};
  ChipFace face;
  cv::Mat chip;
  cv::resize(View(crop), chip, {kSide, kSide});
  face.picture = {kSide, kSide, {}};
  face.picture.bgr.assign(chip.data, chip.data + 3 * chip.total());
  for (const auto& p : kPoints) {
    face.landmarks[p.landmark] = {static_cast<float>((p.x + 0.25) / 1.5 * kSide),
                                  static_cast<float>((p.y + 0.25) / 1.5 * kSide)};
  }
  const cv::Mat blob = cv::dnn::blobFromImage(chip, recognition::kDlibPixelFactor, {kSide, kSide},
                                              {}, false, false);
  face.input.assign(blob.ptr<float>(), blob.ptr<float>() + blob.total());
  return face;
}

// Held against dlib's own network on the same chips, and against the peer, whose input was not cut by dlib and is off by
// one here and there.
absl::StatusOr<Guard> SameAsOthers(recognition::Embedder& ours, PeerNet& peer,
                                   recognition::Embedder& dlibs_own,
                                   const std::vector<ChipFace>& faces) {
  constexpr double kWorst = 0.999;  // in int8; in float32 it is 1 to six digits
  constexpr double kWorstOfPeer = 0.97;
  double worst = 1;
  double worst_of_peer = 1;
  for (const ChipFace& f : faces) {
    const recognition::FaceView view{f.picture, f.landmarks, f.picture};
    ASSIGN_OR_RETURN(const auto embedding, recognition::CutAndEmbed(ours, view));
    ASSIGN_OR_RETURN(const auto from_dlib, recognition::CutAndEmbed(dlibs_own, view));
    RETURN_IF_ERROR(peer.Run(f.input));
    worst = std::min(worst, CosineOf(embedding.values, from_dlib.values));
    worst_of_peer = std::min(worst_of_peer, CosineOf(embedding.values, peer.output(0)));
  }
  return Guard{"cosine over " + std::to_string(faces.size()) + " faces to dlib's own network, worst " +
                   Fixed(worst, 6) + ", and to the peer, which another chip was cut for, worst " +
                   Fixed(worst_of_peer, 4),
               worst, worst >= kWorst && worst_of_peer >= kWorstOfPeer};
}

absl::StatusOr<base::Bytes> OnnxOf(const recognition::ModelPack& second) {
  const recognition::EmbedderSpec& spec = second.embedder();
  ASSIGN_OR_RETURN(const auto weights, recognition::ReadDlibWeights(second.file(spec.file),
                                                                    second.file(spec.layout)));
  return recognition::DlibNetAsOnnx(weights);
}

absl::StatusOr<std::unique_ptr<PeerNet>> LoadPeer(const SpeedContext& context,
                                                  const base::Bytes& onnx) {
  if (context.ort == nullptr) return context.why_no_ort;
  return context.ort->MakeNet(onnx, {"dlib-resnet", {1, 3, kSide, kSide}, {"output"}, {128}});
}

absl::StatusOr<Row> AgainstOrt(const SpeedContext& context, const recognition::ModelPack& second,
                               recognition::Embedder& ours, recognition::Embedder& dlibs_own,
                               const std::vector<ChipFace>& faces) {
  ASSIGN_OR_RETURN(const base::Bytes onnx, OnnxOf(second));
  auto peer = LoadPeer(context, onnx);
  if (!peer.ok()) return MissingRow("embed2_ort", base::Message(peer.status()));
  const auto face = [&faces](int32_t round) -> const ChipFace& {
    return faces[static_cast<size_t>(std::max(0, round)) % faces.size()];
  };
  ASSIGN_OR_RETURN(const RoundTimes times,
                   Interleave(context.rounds, 1, context.clock,
                              {[&](int32_t round) {
                                 const ChipFace& f = face(round);
                                 return recognition::CutAndEmbed(ours, {f.picture, f.landmarks, f.picture}).status();
                               },
                               [&](int32_t round) { return (*peer)->Run(face(round).input); }}));
  Row row = MeasuredRow("embed2_ort", RatioOf(times[0], times[1]),
                        "the product's second embedder, its chip included, against the net alone, "
                        "as the same ONNX file");
  ASSIGN_OR_RETURN(row.guard, SameAsOthers(ours, **peer, dlibs_own, faces));
  const bool narrow = second.activations().contains(base::Sha256(onnx));
  const Rate rate = RateOf(context.roofs, narrow ? context.engine.name() : context.float_engine.name());
  const double least = 1000 * kMacs / rate.macs;
  SetLimit(row, least,
           Fixed(kMacs / 1e6, 1) + " million multiply-adds / " + Fixed(rate.macs / 1e9, 0) + " G/s (" + rate.how +
               ", measured) = " + Significant(least) + " ms");
  return row;
}

}  // namespace

absl::StatusOr<std::vector<Row>> SecondOpinionRows(SpeedContext& context, const NetInputs& inputs) {
  ASSIGN_OR_RETURN(const recognition::ModelPack second,
                   recognition::ModelPack::Load(context.manifest, context.model_cache, kSecond));
  ASSIGN_OR_RETURN(const auto embedder, recognition::MakeDlibEmbedder(context.engine, second));
  ASSIGN_OR_RETURN(const auto dlibs_own, recognition::MakeDlibsOwnEmbedder(second));
  std::vector<ChipFace> faces;
  for (const recognition::Picture& crop : inputs.crops) faces.push_back(MakeChipFace(crop));
  std::vector<Row> rows;
  if (context.wants("embed2_ort")) {
    ASSIGN_OR_RETURN(rows.emplace_back(), AgainstOrt(context, second, *embedder, *dlibs_own, faces));
  }
  if (context.wants("embed_dlib")) {
    ASSIGN_OR_RETURN(const auto ours, LoadOurs(context, context.engine, EmbedNet()));
    const auto turn = [&faces](int32_t round) {
      return static_cast<size_t>(std::max(0, round)) % faces.size();
    };
    ASSIGN_OR_RETURN(
        const RoundTimes times,
        Interleave(context.rounds, 1, context.clock,
                   {[&](int32_t round) { return ours->Run(inputs.embed[turn(round)]).status(); },
                    [&](int32_t round) {
                      const ChipFace& f = faces[turn(round)];
                      return recognition::CutAndEmbed(*dlibs_own, {f.picture, f.landmarks, f.picture}).status();
                    }}));
    rows.push_back(MeasuredRow("embed_dlib", RatioOf(times[0], times[1]),
                               "another net: 1.2 times the work, and less accurate"));
  }
  return rows;
}

}  // namespace rollcall::bench
