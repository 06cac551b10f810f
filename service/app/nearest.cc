#include "app/nearest.h"

namespace rollcall::app {
namespace {

absl::StatusOr<std::vector<domain::Candidate>> Search(const gallery::RowList& rows,
                                                      const recognition::Embedding& probe) {
  ASSIGN_OR_RETURN(const auto nearest, rows.Search(probe.values, probe.model_id, 2));
  std::vector<domain::Candidate> candidates;
  for (const gallery::Neighbour& n : nearest) {
    candidates.push_back({n.subject, n.similarity, n.photos, false});
  }
  return candidates;
}

}  // namespace

absl::StatusOr<std::vector<domain::Candidate>> FindNearest(
    const Services& services, const gallery::RowList& rows, int32_t frames,
    const recognition::Embedding& probe,
    const std::function<absl::StatusOr<recognition::Embedding>()>& exactly) {
  ASSIGN_OR_RETURN(auto candidates, Search(rows, probe));
  if (!domain::IsCloseCall(candidates, static_cast<int64_t>(rows.size()), frames,
                           services.settings.match, services.calibration, probe.score_tolerance)) {
    return candidates;
  }
  ASSIGN_OR_RETURN(const recognition::Embedding exact, exactly());
  return Search(rows, exact);
}

}  // namespace rollcall::app
