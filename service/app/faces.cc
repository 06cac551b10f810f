#include "app/faces.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace rollcall::app {
namespace {

// Behind somebody who stands at the kiosk, the next in the queue is smaller than this share.
constexpr float kBackgroundShare = 0.5f;

}  // namespace

absl::StatusOr<CountedFaces> AnalyseMainFace(recognition::FacePipeline& pipeline,
                                             const recognition::Picture& picture,
                                             const recognition::Zone& zone,
                                             const recognition::QualityPolicy& policy,
                                             bool liveness) {
  recognition::AnalyseOptions options;
  options.liveness = liveness;
  options.zone = zone;
  ASSIGN_OR_RETURN(std::vector<recognition::Face> faces, pipeline.Analyse(picture, options));
  CountedFaces counted;
  if (faces.empty()) return counted;

  const float main_side = faces.front().quality.side_px;
  float background_side = 0;
  for (const recognition::Face& face : faces) {
    const float side = face.quality.side_px;
    if (side < kBackgroundShare * main_side && side < policy.min_side_px) {
      background_side = std::max(background_side, side);
    } else {
      ++counted.count;
    }
  }
  if (counted.count == 1 && faces.size() > 1) {
    // The pipeline embeds only where it sees one face: look again, past the background.
    options.min_side_px = std::max(options.min_side_px, (background_side + main_side) / 2);
    ASSIGN_OR_RETURN(faces, pipeline.Analyse(picture, options));
    if (faces.empty()) return CountedFaces{};
  }
  counted.main = std::move(faces.front());
  return counted;
}

domain::Decision DecisionOf(recognition::QualityFault fault) {
  using domain::Decision;
  using recognition::QualityFault;
  switch (fault) {
    case QualityFault::kTooSmall:
      return Decision::kTooSmall;
    case QualityFault::kTooDark:
      return Decision::kTooDark;
    case QualityFault::kTooBright:
      return Decision::kTooBright;
    case QualityFault::kBlurred:
      return Decision::kBlurred;
    case QualityFault::kTurnedAway:
      return Decision::kTurnedAway;
    case QualityFault::kTilted:
      return Decision::kTilted;
    case QualityFault::kFaceCovered:
      return Decision::kFaceCovered;
    case QualityFault::kUnclear:
      return Decision::kUnclear;
    case QualityFault::kGood:
      break;
  }
  return Decision::kUnspecified;
}

}  // namespace rollcall::app
