#ifndef ROLLCALL_BENCH_TRIAL_H_
#define ROLLCALL_BENCH_TRIAL_H_

#include <cstdint>
#include <span>
#include <vector>

#include "bench/statistics.h"

// Who is enrolled, who comes to the door, with which pictures: the plan of an open-set experiment
// (ISO/IEC 19795-1: mated and non-mated identification transactions). Pure.
namespace rollcall::bench {

struct TrialPlan {
  int32_t gallery = 200;  // people enrolled
  int32_t photos = 1;     // pictures behind each template
  int32_t frames = 1;     // pictures behind each probe
  int32_t draws = 20;     // galleries drawn
  int32_t attempts = 3;   // tries in a visit, each with pictures of its own, where there are enough
  uint64_t seed = 1;
};

struct Enrolment {
  int32_t person = 0;
  std::vector<int32_t> pictures;  // indices of that person's pictures
};

struct Visit {
  int32_t person = 0;
  std::vector<std::vector<int32_t>> attempts;  // at least one; pictures are used once in a visit
};

struct Draw {
  std::vector<Enrolment> gallery;
  std::vector<Visit> mated;      // enrolled people, with pictures that were not used at enrolment
  std::vector<Visit> non_mated;  // people who are not in this gallery
};

// Draws galleries at random. `pictures`: how many usable pictures each person has (0: takes no
// part).
//
// A gallery takes up to half of the people who have enough pictures to be enrolled and to come back
// (photos + frames), so that some of them stay strangers; the rest of its places go to people who
// have enough to be enrolled. Where even they are too few, the gallery is smaller than planned and
// the caller must say so. Everybody enrolled who has pictures left comes once; everybody else with
// enough pictures comes once as a stranger.
//
// Over the draws nobody is enrolled again before everybody else was, and nobody's picture is a
// probe again before her others were: that leaves less to chance than independent draws would.
// Requires photos, frames, draws and attempts to be at least 1.
std::vector<Draw> MakeDraws(std::span<const int32_t> pictures, const TrialPlan& plan);

// What came of one search of a matcher: whose template was nearest and how near.
struct MatedSearch {
  int32_t person = 0;
  float score = 0;           // of the nearest
  bool right_first = false;  // the nearest is the person herself
  int32_t nearest = 0;       // whose template is the nearest
};
struct NonMatedSearch {
  int32_t person = 0;
  float score = 0;
  int32_t nearest = 0;
};
struct SearchLog {
  size_t people = 0;  // persons are numbered [0, people)
  std::vector<MatedSearch> mated;
  std::vector<NonMatedSearch> non_mated;
};

// The matcher at the threshold where `fpir_target` of its own non-mated searches pass.
struct OpenSetPoint {
  double fpir_target = 0;
  float threshold = 0;
  double fpir = 0;  // achieved; at most the target
  int64_t false_positives = 0;
  double fnir = 0;  // missed, or somebody else came first
  int64_t misses = 0;
  double cross_credit = 0;  // somebody else came first, and above the threshold
  int64_t cross_credits = 0;
  double cross_credit_upper = 0;  // 95 %, as if searches were independent
  Interval fnir_interval;         // over people, the threshold set anew in each replicate
};

OpenSetPoint EvaluateAt(const SearchLog& log, double fpir_target, const BootstrapPlan& plan);

// One point of the detection error trade-off.
struct DetPoint {
  float threshold = 0;
  double fpir = 0;
  double fnir = 0;
};

// The whole trade-off at about `points` thresholds, spread evenly over the logarithm of the FPIR
// from 1 / non-mated searches to 1. Empty where either kind of search is missing.
std::vector<DetPoint> DetCurve(const SearchLog& log, int32_t points);

// The share of mated searches in which the person herself came first, whatever the score.
double RankOne(const SearchLog& log);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_TRIAL_H_
