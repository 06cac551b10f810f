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

  // search_slope, over the sizes so far that are larger than this core's own cache.
  Row SlopeRow() const;
  LinePlot Plot() const;
  // memory_1m; to be asked right after GrowTo.
  Row MemoryRow() const;

 private:
  const SpeedContext& context_;
  const int64_t resident_before_;
  MadeGallery gallery_;
  std::vector<std::pair<double, double>> times_;  // people, milliseconds
};

// search_enrol_p99: stretches of searches alone and stretches with ten enrolments a second, in
// turns.
absl::StatusOr<Row> WhileEnrolling(const SpeedContext& context, MadeGallery& gallery);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_GALLERY_GROWTH_H_
