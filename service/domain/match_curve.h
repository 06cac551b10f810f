#ifndef ROLLCALL_DOMAIN_MATCH_CURVE_H_
#define ROLLCALL_DOMAIN_MATCH_CURVE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "base/status.h"

namespace rollcall::domain {

// A measured false match curve: how large a share of non-mated comparisons reaches a score.
//
// One curve belongs to one (photos behind the template, frames behind the probe). What is counted
// is a visit, not a frame: the score of a visit is the highest of all its attempts, so that retries
// are in the figure (ISO/IEC 19795-1: attempt and transaction). Only measured points are stored, and
// nothing is ever extrapolated.
class MatchCurve {
 public:
  struct Point {
    double fmr = 0;    // upper 95 % bound of the false match rate at this threshold
    float threshold = 0;  // scores at or above it are matches
  };

  // `points`: at least one, fmr in (0, 1] strictly falling, thresholds in [-1, 1] not falling.
  // InvalidArgument, reason BAD_CALIBRATION, otherwise.
  static absl::StatusOr<MatchCurve> Create(int32_t photos, int32_t frames,
                                           std::vector<Point> points);

  int32_t photos() const { return photos_; }
  int32_t frames() const { return frames_; }

  // Returns the lowest stored threshold whose fmr is at most `fmr`; nothing when `fmr` lies below
  // the smallest measured rate ("face alone is not enough").
  std::optional<float> ThresholdFor(double fmr) const;

  double smallest_fmr() const { return points_.back().fmr; }
  const std::vector<Point>& points() const { return points_; }

 private:
  int32_t photos_ = 0;
  int32_t frames_ = 0;
  std::vector<Point> points_;
};

// All curves of one embedder.
class Calibration {
 public:
  // InvalidArgument, reason BAD_CALIBRATION: no curve, or two curves for the same counts.
  static absl::StatusOr<Calibration> Create(std::vector<MatchCurve> curves);

  // What holds for both: of each rate the higher of the two thresholds, and no rate that only one of them reaches. For
  // one embedder measured in two precisions, whose templates and probes may meet. A curve for counts that only one of
  // them has is taken as it is.
  static Calibration Stricter(const Calibration& a, const Calibration& b);

  // The curve for the largest counts that do not exceed `photos` and `frames` would understate the
  // threshold where scores rise with the number of pictures. Returned is therefore the highest of
  // the thresholds of all curves with at most these counts, and nothing where one of them lacks the
  // rate, or no curve has counts this small.
  std::optional<float> ThresholdFor(double fmr, int32_t photos, int32_t frames) const;

  const std::vector<MatchCurve>& curves() const { return curves_; }

 private:
  std::vector<MatchCurve> curves_;
};

}  // namespace rollcall::domain

#endif  // ROLLCALL_DOMAIN_MATCH_CURVE_H_
