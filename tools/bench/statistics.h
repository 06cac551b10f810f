#ifndef ROLLCALL_BENCH_STATISTICS_H_
#define ROLLCALL_BENCH_STATISTICS_H_

#include <cstdint>
#include <functional>
#include <random>
#include <span>
#include <vector>

// Rates, their uncertainty, and the sampling behind both. Pure functions; everything random comes
// from a seed, so that a run can be repeated to the last digit.
namespace rollcall::bench {

// A range, ends included. For rates both ends lie in [0, 1].
struct Interval {
  double low = 0;
  double high = 0;
};

// The largest rate that would still show at most `events` in `trials` with probability 1 -
// `confidence` (Clopper and Pearson 1934, one-sided). 1 where `trials` is 0; for no event this is
// close to 3 / trials at 95 %. Requires 0 <= events <= trials and confidence in (0, 1). The trials
// must be independent for the promise to hold; searches that share people are not, which is what
// BootstrapPeople is for.
double UpperBound(int64_t events, int64_t trials, double confidence = 0.95);

// The mirror image: the smallest rate that would still show at least `events`. 0 where there is
// none.
double LowerBound(int64_t events, int64_t trials, double confidence = 0.95);

// A generator of whole numbers that gives the same ones with every standard library.
class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}
  // A number in [0, limit), each equally likely. Requires limit >= 1.
  size_t Below(size_t limit);
  // A number in [0, 1).
  double Unit();
  // A number in [-1, 1).
  double Symmetric() { return 2 * Unit() - 1; }
  // Normally distributed, mean 0, standard deviation 1.
  double Normal();
  template <typename T>
  void Shuffle(std::vector<T>& values) {
    for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[Below(i)]);
  }

 private:
  std::mt19937_64 engine_;  // its sequence is fixed by the C++ standard
};

struct BootstrapPlan {
  uint64_t seed = 1;
  int32_t replicates = 1000;
};

// The middle 95 % of `statistic` when people, not comparisons, are drawn anew with replacement:
// whatever one person contributes comes or stays away together. `statistic` gets a weight (how
// often she was drawn) for each of `people`; a NaN result (nothing left to count) is passed over.
// {0, 0} where no replicate counts.
// Cost: replicates * (people + statistic).
Interval BootstrapPeople(size_t people, const BootstrapPlan& plan,
                         const std::function<double(std::span<const int32_t>)>& statistic);

// The `share` quantile (0..1) of `values` by linear interpolation. Requires values not to be empty.
double Quantile(std::vector<double> values, double share);

// The lowest threshold at which at most `rate` of `descending` reach it (score >= threshold).
// `descending`: scores in falling order. Where `rate` lets all pass, or there are none: -1, the
// lowest cosine. Ties at the border are kept out together, so the achieved rate may be lower, never
// higher.
float ThresholdForRate(std::span<const float> descending, double rate);

// How many of `descending` are at or above `threshold`.
int64_t CountAtOrAbove(std::span<const float> descending, float threshold);

// One-to-one comparison of single pictures.
struct RocPoint {
  double fmr_target = 0;
  float threshold = 0;
  double fmr = 0;  // achieved; at most the target
  double fnmr = 0;
  int64_t false_matches = 0;
  int64_t false_non_matches = 0;
  Interval fnmr_interval;  // over people, threshold held fixed
};

struct Roc {
  int64_t mated = 0;
  int64_t non_mated = 0;
  double equal_error_rate = 0;
  std::vector<RocPoint> points;  // by falling fmr_target
};

// The scores of all pairs. A mated pair belongs to one person, which the bootstrap needs.
struct PairScores {
  size_t people = 0;
  std::vector<float> non_mated;
  std::vector<float> mated;
  std::vector<int32_t> mated_person;  // parallel to `mated`, each in [0, people)
};

// Sorts `scores.non_mated`. Targets below 1 / non_mated are left out: they were not measured.
Roc MakeRoc(PairScores& scores, std::span<const double> fmr_targets, const BootstrapPlan& plan);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_STATISTICS_H_
