#ifndef ROLLCALL_APP_FACES_H_
#define ROLLCALL_APP_FACES_H_

#include <cstddef>
#include <optional>

#include "base/status.h"
#include "domain/decision.h"
#include "recognition/face_pipeline.h"
#include "recognition/quality.h"
#include "recognition/types.h"

namespace rollcall::app {

struct CountedFaces {
  // People in the zone. Somebody far behind is not one: less than half as large as the largest face
  // and below the size that could be recognised.
  size_t count = 0;
  // The largest face. Where count is 1 complete, with an embedding where it could be aligned; where
  // they are several box, score and size only.
  std::optional<recognition::Face> main;
};

// Finds the one person a picture is about. Whoever stands in the background is never embedded.
// `liveness`: whether fr_liveness looks at her.
// Errors of FacePipeline::Analyse. Cost: one Analyse.
absl::StatusOr<CountedFaces> AnalyseMainFace(recognition::FacePipeline& pipeline,
                                             const recognition::Picture& picture,
                                             const recognition::Zone& zone,
                                             const recognition::QualityPolicy& policy,
                                             bool liveness);

// The answer to a face with this fault; kUnspecified for kGood.
domain::Decision DecisionOf(recognition::QualityFault fault);

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_FACES_H_
