#ifndef ROLLCALL_BENCH_SEARCHES_H_
#define ROLLCALL_BENCH_SEARCHES_H_

#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "base/status.h"
#include "bench/observe.h"
#include "bench/trial.h"
#include "domain/decision.h"
#include "domain/match_curve.h"
#include "recognition/quality.h"

// Carries out a planned trial with the product's own parts: recognition::MeanEmbedding,
// gallery::Gallery and Snapshot, domain::DecideMatch.
namespace rollcall::bench {

// One row a person; what she may be enrolled and searched with. Views into an Observations.
using Pictures = std::vector<std::vector<const Observation*>>;

// The pictures that have an embedding; the rest do not exist for a matcher without a gate.
Pictures WithEmbedding(const Observations& observations);

// All pictures, usable or not, of the people that the product's calibration did not see (`seen`
// holds the hashes of their folders, FolderHash). The others stay with no picture.
Pictures Unseen(const Observations& observations, const Dataset& dataset,
                const std::set<std::string>& seen);

// How many pictures each person has, for MakeDraws.
std::vector<int32_t> Counts(const Pictures& pictures);

// The scores of every pair of pictures. Cost: pictures^2 / 2 dot products.
PairScores ComparePairs(const Pictures& pictures);

// The matcher alone: no gate, no threshold. Looks at the first attempt of each visit only.
// `pictures` must be those that `draws` was made for, each with an embedding.
absl::StatusOr<SearchLog> RunMatcher(const Pictures& pictures, std::span<const Draw> draws);

struct ProductSettings {
  domain::MatchPolicy match;
  recognition::QualityPolicy enrolment_quality = recognition::QualityPolicy::ForEnrolment();
  recognition::QualityPolicy check_in_quality = recognition::QualityPolicy::ForCheckIn();
  // Enrolment photos of one person reach this cosine with some other of hers, or the odd ones are
  // refused; equals app::EnrolSettings::same_person (a test compares them).
  float same_person = 0.336f;
  Layout layout = Layout::kAligned;
};

// The false match rate that the product asks a calibration's curve for, with so many people enrolled (0 counts as 1).
double AskedFmr(const domain::MatchPolicy& policy, int32_t gallery);

// What the product made of one attempt.
struct AttemptOutcome {
  static constexpr int32_t kNobody = -1;

  domain::Decision decision = domain::Decision::kUnspecified;  // that: no frame passed the gate
  int32_t person = kNobody;  // who was named: recognised, or asked for a second factor

  bool operator==(const AttemptOutcome&) const = default;
};

// What the product did. Mated counts are of first attempts unless they say "visits".
struct ProductTally {
  int64_t enrolments = 0;
  int64_t failed_enrolments = 0;  // no photo passed the gate

  int64_t mated = 0;
  int64_t recognised = 0;     // the right person, by face alone
  int64_t second_factor = 0;  // the right person, but a second factor is asked
  int64_t ambiguous = 0;
  int64_t unknown = 0;
  int64_t not_enrolled = 0;         // cannot be found: failed enrolment
  int64_t not_acquired = 0;         // no frame passed the gate
  int64_t cross_credits = 0;        // another person's name, by face alone
  int64_t cross_second_factor = 0;  // another person's name, but a second factor is asked
  int64_t mated_visits_missed = 0;  // not recognised in any attempt of the visit

  int64_t non_mated = 0;                // visits
  int64_t non_mated_people = 0;         // different ones
  int64_t accepted = 0;                 // visits in which some attempt was recognised as anyone
  int64_t non_mated_second_factor = 0;  // visits in which some attempt asked for a second factor
  int64_t non_mated_not_acquired = 0;   // visits without a usable frame; they count as refused
  int64_t non_mated_attempts = 0;

  int64_t close_calls = 0;  // attempts that were decided again on exact embeddings
  std::vector<AttemptOutcome> attempts;  // all, in the order of the draws: mated ones first in each

  std::vector<int64_t> mated_of_person;  // first attempts and misses, for the bootstrap
  std::vector<int64_t> misses_of_person;
  int64_t misses() const { return mated - recognised; }
};

// The product's decision on every visit: gate at enrolment and at the door, threshold from
// `calibration`, margin, look-alikes. A rejected picture is not replaced: a person whose photos are
// all rejected is a miss, and so is a probe without a usable frame.
absl::StatusOr<ProductTally> RunProduct(const Pictures& pictures, std::span<const Draw> draws,
                                        const ProductSettings& settings,
                                        const domain::Calibration& calibration);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SEARCHES_H_
