#ifndef ROLLCALL_GALLERY_SEARCH_H_
#define ROLLCALL_GALLERY_SEARCH_H_

#include <cstdint>
#include <span>
#include <vector>

#include "gallery/contents.h"
#include "gallery/fixed_point.h"
#include "gallery/gallery.h"
#include "gallery/kernels/sums.h"

namespace rollcall::gallery {

// Rows to be searched. Their places follow each other from `first_place` on, or, where the rows are
// scattered, are named by `places`.
struct Run {
  kernels::Rows rows;
  uint32_t first_place = 0;
  const uint32_t* places = nullptr;
  float rest = 0;  // at least RowNorms::rest of each row; of no meaning where they are scattered

  uint32_t PlaceOf(size_t i) const {
    return places != nullptr ? places[i] : first_place + static_cast<uint32_t>(i);
  }
};

std::vector<Run> RunsOf(const Contents& contents);

// The `k` best of `runs`, as Snapshot's searches return them.
std::vector<Neighbour> SearchRuns(const Contents& contents, std::span<const Run> runs,
                                  const FixedProbe& probe, int32_t k);
// The same for each probe.
std::vector<std::vector<Neighbour>> SearchRunsMany(const Contents& contents,
                                                   std::span<const Run> runs,
                                                   std::span<const FixedProbe> probes, int32_t k);

}  // namespace rollcall::gallery

#endif  // ROLLCALL_GALLERY_SEARCH_H_
