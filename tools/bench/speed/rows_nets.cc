#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "bench/format.h"
#include "bench/picture_view.h"
#include "bench/speed/groups.h"
#include "bench/speed/nets.h"
#include "bench/speed/peers/chain.h"
#include "bench/speed/peers/hog.h"
#include "bench/speed/second_opinion.h"
#include "inference/engines.h"
#include "recognition/decode.h"
#include "recognition/detector.h"
#include "recognition/geometry.h"

namespace rollcall::bench {
namespace {

// How many frames the accuracy guards look at.
int32_t GuardFrames(const SpeedContext& context) {
  return static_cast<int32_t>(context.people.size()) * (context.quick ? 1 : 4);
}

absl::StatusOr<recognition::Picture> DecodedFrame(const SpeedContext& context, int32_t round) {
  return recognition::DecodePicture(context.Frame(round), recognition::DecodeLimits::ForFrames());
}

// Whether the engine's detector draws the boxes that the reference engine's does.
absl::StatusOr<Guard> SameBoxes(SpeedContext& context) {
  constexpr double kSameBox = 0.9;
  const auto reference = inference::MakeReferenceEngine();
  const base::Bytes& file = context.pack.file(DetectNet().file);
  ASSIGN_OR_RETURN(const auto ours, recognition::MakeFrDetect(context.engine, file));
  ASSIGN_OR_RETURN(const auto right, recognition::MakeFrDetect(*reference, file));
  double lowest = 1;
  bool same_count = true;
  int64_t faces = 0;
  for (int32_t i = 0; i < GuardFrames(context); ++i) {
    ASSIGN_OR_RETURN(const auto picture, DecodedFrame(context, i));
    ASSIGN_OR_RETURN(const auto found, ours->Detect(picture));
    ASSIGN_OR_RETURN(const auto expected, right->Detect(picture));
    same_count = same_count && found.size() == expected.size();
    for (const recognition::Detection& box : expected) {
      float best = 0;
      for (const auto& other : found) best = std::max(best, Overlap(box.box, other.box));
      lowest = std::min(lowest, static_cast<double>(best));
      ++faces;
    }
  }
  return Guard{std::string(same_count ? "as many faces as" : "ANOTHER NUMBER OF FACES than") +
                   " the reference engine, " + std::to_string(faces) +
                   " boxes, lowest overlap (IoU) " + Fixed(lowest, 4),
               lowest, same_count && lowest >= kSameBox};
}

absl::StatusOr<Guard> SamePoints(SpeedContext& context,
                                 const std::vector<std::vector<float>>& inputs) {
  constexpr double kSamePoint = 0.02;
  const auto reference = inference::MakeReferenceEngine();
  ASSIGN_OR_RETURN(const auto ours, LoadOurs(context, context.engine, LandmarkNetInfo()));
  ASSIGN_OR_RETURN(const auto right, LoadOurs(context, *reference, LandmarkNetInfo()));
  double worst = 0;
  for (const std::vector<float>& input : inputs) {
    ASSIGN_OR_RETURN(const auto found, ours->Run(input));
    ASSIGN_OR_RETURN(const auto expected, right->Run(input));
    for (size_t i = 0; i < found[0].values.size(); ++i) {
      worst = std::max(worst, std::abs(static_cast<double>(found[0].values[i]) -
                                       static_cast<double>(expected[0].values[i])));
    }
  }
  return Guard{"furthest coordinate from the reference engine's over " +
                   std::to_string(inputs.size()) + " faces: " + Fixed(100 * worst, 3) +
                   " % of the face's box",
               worst, worst <= kSamePoint};
}

absl::StatusOr<Guard> SameEmbedding(SpeedContext& context, inference::Engine& engine,
                                    const std::vector<std::vector<float>>& inputs) {
  constexpr double kMean = 0.99;
  constexpr double kWorst = 0.97;
  const auto reference = inference::MakeReferenceEngine();
  ASSIGN_OR_RETURN(const auto ours, LoadOurs(context, engine, EmbedNet()));
  ASSIGN_OR_RETURN(const auto right, LoadOurs(context, *reference, EmbedNet()));
  double sum = 0;
  double worst = 1;
  for (const std::vector<float>& input : inputs) {
    ASSIGN_OR_RETURN(const auto found, ours->Run(input));
    ASSIGN_OR_RETURN(const auto expected, right->Run(input));
    const double cosine = CosineOf(found[0].values, expected[0].values);
    sum += cosine;
    worst = std::min(worst, cosine);
  }
  const double mean = sum / static_cast<double>(inputs.size());
  return Guard{"cosine to the reference engine over " + std::to_string(inputs.size()) +
                   " faces: mean " + Fixed(mean, 5) + ", worst " + Fixed(worst, 5),
               worst, mean >= kMean && worst >= kWorst};
}

// The whole step of the product, a decoded frame to boxes, against another detector.
absl::StatusOr<Row> WholeDetect(
    SpeedContext& context, std::string_view id, std::string note,
    const std::function<absl::Status(const recognition::Picture&)>& peer) {
  ASSIGN_OR_RETURN(const auto ours,
                   recognition::MakeFrDetect(context.engine, context.pack.file(DetectNet().file)));
  std::vector<recognition::Picture> pictures;
  for (int32_t i = 0; i < 4; ++i) {
    ASSIGN_OR_RETURN(pictures.emplace_back(), DecodedFrame(context, i));
  }
  const auto picture = [&pictures](int32_t round) -> const recognition::Picture& {
    return pictures[static_cast<size_t>(std::max(0, round)) % pictures.size()];
  };
  ASSIGN_OR_RETURN(const RoundTimes times,
                   Interleave(context.rounds, 1, context.clock,
                              {[&](int32_t round) { return ours->Detect(picture(round)).status(); },
                               [&](int32_t round) { return peer(picture(round)); }}));
  return MeasuredRow(id, RatioOf(times[0], times[1]), std::move(note));
}

absl::StatusOr<Row> YuNetRow(SpeedContext& context) {
  const auto file = recognition::ModelPack::ReadFile(context.manifest, context.model_cache,
                                                     "face_detection_yunet_2022mar.onnx");
  if (!file.ok()) {
    return MissingRow("detect_yunet",
                      "its model file is yours to supply: " + base::Message(file.status()));
  }
  ASSIGN_OR_RETURN(const auto yunet, recognition::MakeYuNet(*file));
  return WholeDetect(
      context, "detect_yunet", "1280 x 720 letterboxed to 320 x 320 for the peer",
      [&](const recognition::Picture& picture) { return yunet->Detect(picture).status(); });
}

absl::StatusOr<Row> HogRow(SpeedContext& context) {
  HogDetector hog;
  return WholeDetect(context, "detect_hog", "1280 x 720 halved and grey for the peer",
                     [&hog](const recognition::Picture& picture) {
                       cv::Mat half;
                       cv::resize(View(picture), half, {640, 360}, 0, 0, cv::INTER_AREA);
                       cv::Mat grey;
                       cv::cvtColor(half, grey, cv::COLOR_BGR2GRAY);
                       hog.Detect(grey);
                       return absl::OkStatus();
                     });
}

}  // namespace

absl::StatusOr<std::vector<Row>> DetectRows(SpeedContext& context) {
  ASSIGN_OR_RETURN(const NetInputs inputs, MakeNetInputs(context, 4));
  ASSIGN_OR_RETURN(const Guard guard, SameBoxes(context));
  std::vector<Row> rows;
  if (context.wants("detect_cv")) {
    ASSIGN_OR_RETURN(rows.emplace_back(), DetectRow(context, "detect_cv", LoadCv(context, DetectNet()), inputs.detect));
    rows.back().guard = guard;
  }
  if (context.wants("detect_ort")) {
    ASSIGN_OR_RETURN(rows.emplace_back(),
                     DetectRow(context, "detect_ort", LoadOrt(context, DetectNet()), inputs.detect));
    rows.back().guard = guard;
  }
  if (context.wants("detect_yunet")) {
    ASSIGN_OR_RETURN(rows.emplace_back(), YuNetRow(context));
  }
  if (context.wants("detect_hog")) {
    ASSIGN_OR_RETURN(rows.emplace_back(), HogRow(context));
  }
  return rows;
}

absl::StatusOr<std::vector<Row>> LandmarkRows(SpeedContext& context) {
  ASSIGN_OR_RETURN(const NetInputs inputs, MakeNetInputs(context, GuardFrames(context)));
  ASSIGN_OR_RETURN(Row row, NetRow(context, "landmark_ort", context.engine, LandmarkNetInfo(),
                                   LoadOrt(context, LandmarkNetInfo()), inputs.landmark));
  ASSIGN_OR_RETURN(row.guard, SamePoints(context, inputs.landmark));
  return std::vector<Row>{std::move(row)};
}

absl::StatusOr<std::vector<Row>> EmbedRows(SpeedContext& context) {
  ASSIGN_OR_RETURN(const NetInputs inputs, MakeNetInputs(context, GuardFrames(context)));
  ASSIGN_OR_RETURN(const Guard fast, SameEmbedding(context, context.engine, inputs.embed));
  std::vector<Row> rows;
  if (context.wants("embed_cv")) {
    ASSIGN_OR_RETURN(rows.emplace_back(), NetRow(context, "embed_cv", context.engine, EmbedNet(),
                                                 LoadCv(context, EmbedNet()), inputs.embed));
    rows.back().guard = fast;
  }
  if (context.wants("embed_ort")) {
    ASSIGN_OR_RETURN(rows.emplace_back(), NetRow(context, "embed_ort", context.engine, EmbedNet(),
                                                 LoadOrt(context, EmbedNet()), inputs.embed));
    rows.back().guard = fast;
  }
  if (context.wants("embed_f32_ort")) {
    ASSIGN_OR_RETURN(rows.emplace_back(),
                     NetRow(context, "embed_f32_ort", context.float_engine, EmbedNet(),
                            LoadOrt(context, EmbedNet()), inputs.embed));
    ASSIGN_OR_RETURN(rows.back().guard, SameEmbedding(context, context.float_engine, inputs.embed));
  }
  if (context.wants("embed2_ort") || context.wants("embed_dlib")) {
    ASSIGN_OR_RETURN(std::vector<Row> second, SecondOpinionRows(context, inputs));
    for (Row& row : second) rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace rollcall::bench
