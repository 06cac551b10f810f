#ifndef ROLLCALL_BENCH_SPEED_GALLERY_GROWTH_H_
#define ROLLCALL_BENCH_SPEED_GALLERY_GROWTH_H_

#include <utility>
#include <vector>

#include "bench/speed/galleries.h"

namespace rollcall::bench {

// Sizes in steps of about three from 1,000 to `most` (at least 1,000), both included.
std::vector<int64_t> SizesUpTo(int64_t most);

// The slope of log y over log x by least squares. Requires two points, all above 0, of different x.
double LogLogSlope(const std::vector<std::pair<double, double>>& points);

// How many people take 1, 2 and 4 times `cache_bytes` where a search reads `bytes_each` of each;
// none where cache_bytes is 0.
std::vector<int64_t> SizesAbove(int64_t cache_bytes, int64_t bytes_each);

// A gallery that grows and is timed on the way.
class GalleryGrowth {
 public:
  // `context` must outlive it.
  explicit GalleryGrowth(const SpeedContext& context);

  MadeGallery& gallery() { return gallery_; }
  // Whether that many people fit into what is free, by what those that are there have taken.
  bool FitsMemory(int64_t people) const;
  // Adds people, then measures the median time of a search.
  absl::Status GrowTo(int64_t people);

  // The sizes that search_slope counts: what a search reads of them does not fit into the last
  // cache.
  const std::vector<int64_t>& slope_sizes() const { return slope_sizes_; }
  // search_slope, over those of slope_sizes that the gallery has grown to, searched in turns.
  absl::StatusOr<Row> SlopeRow() const;
  LinePlot Plot() const;
  // memory_1m; to be asked right after GrowTo.
  Row MemoryRow() const;

 private:
  // People and median milliseconds of a search, of each of snapshots_.
  absl::StatusOr<std::vector<std::pair<double, double>>> SearchInTurns() const;

  const SpeedContext& context_;
  const int64_t resident_before_;
  MadeGallery gallery_;
  const std::vector<int64_t> slope_sizes_;
  std::vector<std::pair<double, double>> times_;  // people, milliseconds
  std::vector<gallery::Snapshot> snapshots_;      // of slope_sizes_, as far as it has grown
};

// search_enrol_p99: stretches of searches alone and stretches with ten enrolments a second, in
// turns.
absl::StatusOr<Row> WhileEnrolling(const SpeedContext& context, MadeGallery& gallery);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_GALLERY_GROWTH_H_
