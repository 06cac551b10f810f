#ifndef ROLLCALL_BENCH_CALIBRATE_H_
#define ROLLCALL_BENCH_CALIBRATE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "bench/dataset.h"
#include "bench/observe.h"
#include "bench/statistics.h"

// Measures the false match curves from which the product's thresholds follow (domain::MatchCurve).
namespace rollcall::bench {

struct CalibrationPlan {
  std::vector<int32_t> photos = {1, 2, 3, 5};
  std::vector<int32_t> frames = {1, 3};
  int32_t attempts = 3;  // tries in a visit; the visit's score is the highest of them
  // About so many templates for each number of photos: where few people have that many pictures,
  // several different sets of them are taken from each.
  int32_t templates = 2200;
  BootstrapPlan bootstrap{1, 400};

  // Pictures and simulated frames of it that Observe must make for the frames of a visit.
  int32_t variants() const;
};

// One visit by somebody: unit vectors, one for each attempt.
struct VisitProbes {
  int32_t person = 0;
  std::vector<std::vector<float>> attempts;
};

struct PersonTemplate {
  int32_t person = 0;
  std::vector<float> mean;
};

// Means over sets of `photos` different pictures of each person who has as many; see
// CalibrationPlan::templates. Pictures without an embedding do not exist.
std::vector<PersonTemplate> MakeTemplates(const Observations& people, int32_t photos,
                                          const CalibrationPlan& plan);

// Visits at a kiosk: all frames are simulated from one photograph. One visit a photograph.
std::vector<VisitProbes> SimulatedVisits(const Observations& people, int32_t frames,
                                         const CalibrationPlan& plan);

// Visits whose frames are different photographs, of people who have at least two and `frames`.
std::vector<VisitProbes> PhotographVisits(const Observations& people, int32_t frames,
                                          const CalibrationPlan& plan);

// Upper 95 % bounds of the false match rate at thresholds of whole thousandths: bound[i] belongs to
// scores of at least first_threshold + i / 1000. Falls with i.
struct FalseMatchBounds {
  int64_t comparisons = 0;
  double first_threshold = 0;
  std::vector<double> bound;

  // 1 below the first threshold; 3 / comparisons beyond the last.
  double At(int32_t thousandth) const;
};

// Compares every template with every visit of another person. The bound is the larger of Clopper
// and Pearson's on the counts and the 95th percentile of a bootstrap over people, since comparisons
// share people. Never below 3 / comparisons.
FalseMatchBounds BoundFalseMatches(const std::vector<PersonTemplate>& templates,
                                   const std::vector<VisitProbes>& visits, size_t people,
                                   const BootstrapPlan& plan);

struct CurvePoint {
  double fmr = 0;         // upper bound at `threshold`, rounded up to three digits
  int32_t threshold = 0;  // in thousandths
};

struct MeasuredCurve {
  int32_t photos = 1;
  int32_t frames = 1;
  int64_t comparisons = 0;         // of the smaller of the two kinds of visits
  std::vector<CurvePoint> points;  // fmr strictly falling, thresholds strictly rising
};

// The lowest thresholds at which both bounds stay below each of the rates 1e-2, 7e-3, 5e-3, ..., as
// far down as both were measured.
std::vector<CurvePoint> PickPoints(const FalseMatchBounds& a, const FalseMatchBounds& b);

// Measures all curves of `plan`. FailedPrecondition, reason TOO_FEW_PEOPLE: some curve has no
// point.
absl::StatusOr<std::vector<MeasuredCurve>> Calibrate(const Observations& people,
                                                     const CalibrationPlan& plan, bool quiet);

// The file that the model manifest's "calibration" names.
std::string CalibrationJson(const std::string& model_id, const std::string& provenance,
                            const std::vector<MeasuredCurve>& curves,
                            const std::vector<std::string>& people_hashes);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_CALIBRATE_H_
