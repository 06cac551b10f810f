#include <algorithm>
#include <opencv2/core.hpp>

#include "bench/format.h"
#include "bench/picture_view.h"
#include "bench/speed/groups.h"
#include "bench/speed/peers/chain.h"
#include "recognition/decode.h"
#include "recognition/geometry.h"
#include "recognition/measure.h"

namespace rollcall::bench {
namespace {

// A picture and where its largest face goes in the patch.
struct Aligned {
  recognition::Picture picture;
  recognition::Affine matrix{};
};

absl::StatusOr<std::vector<Aligned>> FacesToAlign(SpeedContext& context) {
  ASSIGN_OR_RETURN(const auto pipeline,
                   recognition::MakeFacePipeline(context.pack, context.engine));
  std::vector<Aligned> faces;
  for (size_t i = 0; i < context.people.size(); ++i) {
    ASSIGN_OR_RETURN(auto picture,
                     recognition::DecodePicture(context.Frame(static_cast<int32_t>(i)),
                                                recognition::DecodeLimits::ForFrames()));
    ASSIGN_OR_RETURN(const auto found,
                     pipeline->Analyse(picture, {.embed = false, .eyes = false, .liveness = false}));
    if (found.empty()) continue;
    faces.push_back({std::move(picture), recognition::AlignmentOf(found.front().points)});
  }
  if (!faces.empty()) return faces;
  return base::MakeError(absl::StatusCode::kFailedPrecondition, "NO_FACES",
                         "no face was found in the bench's own frames");
}

absl::StatusOr<Guard> SamePatch(const std::vector<Aligned>& faces) {
  constexpr double kMost = 2;
  double worst = 0;
  for (const Aligned& face : faces) {
    recognition::Picture ours;
    recognition::CutAligned(face.picture, face.matrix, ours);
    const cv::Mat peer = WarpedPatch(View(face.picture), face.matrix);
    worst = std::max(worst, cv::norm(View(ours), peer, cv::NORM_INF));
  }
  return Guard{"furthest colour value from cv::warpAffine's over " + std::to_string(faces.size()) +
                   " patches: " + Fixed(worst, 0) + " of 255",
               worst, worst <= kMost};
}

}  // namespace

absl::StatusOr<std::vector<Row>> AlignRows(SpeedContext& context) {
  constexpr int32_t kRepeat = 20;  // short: otherwise the clock weighs too much
  ASSIGN_OR_RETURN(const std::vector<Aligned> faces, FacesToAlign(context));
  recognition::Picture crop;  // whose memory is used again
  const auto face = [&faces](int32_t round) -> const Aligned& {
    return faces[static_cast<size_t>(std::max(0, round)) % faces.size()];
  };
  ASSIGN_OR_RETURN(
      const RoundTimes times,
      Interleave(context.rounds, kRepeat, context.clock,
                 {[&](int32_t round) {
                    recognition::CutAligned(face(round).picture, face(round).matrix, crop);
                    return absl::OkStatus();
                  },
                  [&](int32_t round) {
                    WarpedPatch(View(face(round).picture), face(round).matrix);
                    return absl::OkStatus();
                  }}));
  Row row = MeasuredRow("align", RatioOf(times[0], times[1]), "112 x 112 out of 1280 x 720");
  ASSIGN_OR_RETURN(row.guard, SamePatch(faces));
  constexpr double kMacs = 112.0 * 112 * 3 * 4;
  const double least = 1000 * kMacs / context.roofs.float_macs;
  SetLimit(row, least,
           "112 x 112 x 3 colours x 4 neighbours, at the float32 roof: " + Significant(least) +
               " ms; reading the picture comes on top");
  return std::vector<Row>{std::move(row)};
}

}  // namespace rollcall::bench
