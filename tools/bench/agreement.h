#ifndef ROLLCALL_BENCH_AGREEMENT_H_
#define ROLLCALL_BENCH_AGREEMENT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "bench/observe.h"
#include "bench/searches.h"
#include "domain/match_curve.h"

// Whether a fast engine decides as the reference does: the same people, pictures and galleries through both.
namespace rollcall::bench {

struct AgreementOptions {
  std::vector<int32_t> galleries = {200, 1000};
  int32_t draws = 20;
  uint64_t seed = 1;
  // (photos behind the template, frames behind the probe).
  std::vector<std::pair<int32_t, int32_t>> pictures = {{1, 1}, {3, 1}, {1, 3}, {3, 3}};
  ProductSettings product;
};

// A rate on both engines.
struct RatePair {
  double fast = 0;
  double reference = 0;
};

// What came of one size of gallery and one pair of picture counts. Rates as ISO/IEC 19795-1 names them.
struct AgreementRow {
  int32_t gallery = 0;  // as drawn; smaller than asked for where the data set is too small
  int32_t photos = 1;
  int32_t frames = 1;

  // The matcher alone, no threshold: how often both find the same person nearest.
  int64_t mated = 0;
  int64_t mated_same_first = 0;
  int64_t non_mated = 0;
  int64_t non_mated_same_first = 0;

  // The product's own decision at the calibrated thresholds.
  RatePair fnir;  // first attempts of enrolled people that were not recognised
  RatePair fpir;  // visits of strangers that were taken for somebody
  int64_t decisions = 0;  // attempts
  int64_t flips = 0;      // attempts with another decision or another name
  int64_t close_calls = 0;  // attempts that the fast engine embedded again in float32
  int64_t names = 0;      // flips in which the two engines named different people
};

struct Agreement {
  int64_t pictures = 0;       // of which both engines have an embedding
  int64_t only_one = 0;       // of which one engine has none
  double score_p999 = 0;      // 99.9th percentile of the score's difference over all pairs of pictures
  int64_t pairs = 0;
  int64_t pairs_flipped = 0;  // on different sides of the threshold for one photo and one frame in a gallery of galleries.front()
  std::vector<AgreementRow> rows;
};

// Both observations of the same data set, in the same order. Pictures without an embedding on either side are left out
// of both. InvalidArgument, reason DIFFERENT_PICTURES: they are not of the same pictures. FailedPrecondition, reason
// NO_FACES: nothing to search. Cost: pairs of pictures, and the galleries twice. `quiet`: no progress on stderr.
absl::StatusOr<Agreement> MeasureAgreement(const Observations& fast, const Observations& reference,
                                           const domain::Calibration& calibration, const AgreementOptions& options,
                                           bool quiet);

// For people, and for programs: {"format": 1, "pictures": ..., "rows": [...]}.
std::string AgreementTable(const Agreement& agreement, const std::string& fast_name, const std::string& reference_name);
std::string AgreementJson(const Agreement& agreement, const std::string& fast_name, const std::string& reference_name);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_AGREEMENT_H_
