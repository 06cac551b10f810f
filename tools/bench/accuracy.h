#ifndef ROLLCALL_BENCH_ACCURACY_H_
#define ROLLCALL_BENCH_ACCURACY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "bench/dataset.h"
#include "bench/observe.h"
#include "bench/searches.h"
#include "bench/statistics.h"
#include "bench/trial.h"
#include "recognition/model_pack.h"

// How well the product recognises the people of a data set.
namespace rollcall::bench {

struct AccuracyOptions {
  int32_t gallery = 200;
  int32_t draws = 20;
  uint64_t seed = 1;
  int32_t bootstrap_replicates = 1000;
  // (photos behind the template, frames behind the probe).
  std::vector<std::pair<int32_t, int32_t>> pictures = {{1, 1}, {3, 1}, {1, 3}, {3, 3}};
  std::vector<double> fpir_targets = {0.01, 0.003, 0.001};
  std::vector<double> fmr_targets = {1e-2, 1e-3, 1e-4, 1e-5, 1e-6};
  ProductSettings product;
};

// Failures over all pictures of the set, by the gate of enrolment and that of the door.
struct GateCounts {
  int64_t pictures = 0;
  int64_t unreadable = 0;
  int64_t no_face = 0;
  int64_t several_faces = 0;
  int64_t refused_by_gate = 0;
  std::vector<std::pair<std::string, int64_t>> by_fault;  // of refused_by_gate
  int64_t failures() const { return unreadable + no_face + several_faces + refused_by_gate; }
};

// The matcher alone with one pair of picture counts.
struct MatcherResult {
  int32_t gallery = 0;  // as drawn; smaller than asked for where the data set is too small
  int32_t photos = 1;
  int32_t frames = 1;
  int64_t mated = 0;
  int64_t non_mated = 0;
  double rank_one = 0;
  std::vector<OpenSetPoint> points;  // empty where either kind of search is missing
  std::vector<DetPoint> det;
};

// The product's own decision with one pair of picture counts.
struct ProductResult {
  int32_t gallery = 0;
  int32_t photos = 1;
  int32_t frames = 1;
  std::optional<float>
      threshold;         // for this roster and these counts; absent: below what was measured
  double asked_fmr = 0;  // budget / divisor / gallery
  ProductTally tally;
  Interval fnir_interval;
};

struct AccuracyReport {
  std::string data_set;  // the folder's name
  DatasetNotes notes;
  int64_t people = 0;
  int64_t pictures = 0;
  int64_t left_out = 0;
  Layout layout = Layout::kAligned;
  int32_t shift_right_px = 0;
  std::string model_id;
  std::string calibration_provenance;
  int64_t people_seen_by_calibration = 0;
  AccuracyOptions options;
  GateCounts enrolment_gate;
  GateCounts check_in_gate;
  Roc roc;
  std::vector<MatcherResult> matcher;
  std::vector<ProductResult> product;
};

// Runs the whole experiment on what Observe saw. `quiet`: no progress on stderr.
// FailedPrecondition, reason NO_FACES: nothing to search.
absl::StatusOr<AccuracyReport> MeasureAccuracy(const Dataset& dataset,
                                               const Observations& observations, Layout layout,
                                               const recognition::ModelPack& pack,
                                               const AccuracyOptions& options, bool quiet);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_ACCURACY_H_
