#ifndef ROLLCALL_APP_NEAREST_H_
#define ROLLCALL_APP_NEAREST_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "app/services.h"
#include "base/status.h"
#include "domain/decision.h"
#include "gallery/gallery.h"
#include "recognition/types.h"

namespace rollcall::app {

// The two of `rows` that are nearest to `probe`, best first, for domain::DecideMatch; which of them
// need a second factor is the caller's to say. Nobody is let in or turned away by rounding: where it
// could decide (domain::IsCloseCall, with `frames` behind the probe), `exactly` is asked for the probe
// in float32, and the search is made again with that. Errors of RowList::Search and of `exactly`.
absl::StatusOr<std::vector<domain::Candidate>> FindNearest(
    const Services& services, const gallery::RowList& rows, int32_t frames,
    const recognition::Embedding& probe,
    const std::function<absl::StatusOr<recognition::Embedding>()>& exactly);

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_NEAREST_H_
