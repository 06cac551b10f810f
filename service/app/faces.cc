#include "app/faces.h"

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
  options.background_share = kBackgroundShare;
  options.background_side_px = policy.min_side_px;
  options.only_count_beyond = true;
  ASSIGN_OR_RETURN(std::vector<recognition::Face> faces, pipeline.Analyse(picture, options));
  CountedFaces counted;
  counted.count = faces.size();
  if (!faces.empty()) counted.main = std::move(faces.front());
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
