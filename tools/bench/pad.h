#ifndef ROLLCALL_BENCH_PAD_H_
#define ROLLCALL_BENCH_PAD_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/machine.h"
#include "domain/presentation.h"

// Presentation attack detection: error rates from presentations that were looked at already. The
// terms are those of ISO/IEC 30107-3; the attacks are simulated, so this is no evaluation by that
// standard.
namespace rollcall::bench {

inline constexpr std::string_view kBonaFide = "bona_fide";

// One visit of one person, or of her picture, up to the decision.
struct PadPresentation {
  std::string species;   // kBonaFide, or the attack instrument's
  std::string person;    // whom it shows
  bool chooses = false;  // of the half that thresholds are chosen on; the other half is reported
  // Enough frames passed the gate, so that the product would decide. Where not: a non-response.
  bool responded = false;
  std::vector<float> live;  // fr_liveness on the frames behind the decision; not empty if responded
  bool still = false;       // FaceTrack::still
};

// How the frames' values become one.
enum class Fusion { kMean, kMedian, kLowest };
inline constexpr Fusion kAllFusions[] = {Fusion::kMean, Fusion::kMedian, Fusion::kLowest};
std::string_view ToString(Fusion fusion);  // "mean", "median", "lowest"

// Requires live not to be empty.
double Fuse(Fusion fusion, std::span<const float> live);

// Whether a presentation that responded is taken for an attack.
using PadDetector = std::function<bool(const PadPresentation&)>;

// The product's detector with the values fused by `fusion`: below `threshold`, or still.
PadDetector DetectorOf(Fusion fusion, double threshold);

// The error rate of one species: APCER of an attack (taken for genuine), BPCER of kBonaFide (taken
// for an attack).
struct PadRate {
  std::string species;
  int64_t presentations = 0;  // that responded
  int64_t non_responses = 0;
  int64_t people = 0;  // behind those that responded
  int64_t errors = 0;
  double rate = 0;  // errors / presentations; 0 where there is none
  // Upper 95 % bound (Clopper and Pearson) as if there were one presentation a person: several of
  // one photograph are not independent. 1 where nobody responded.
  double upper = 1;
};

// One row a species, bona fide first, then by first appearance. Judges the half with
// `chooses` == `choosing_half`.
std::vector<PadRate> PadRates(std::span<const PadPresentation> presentations,
                              const PadDetector& detector, bool choosing_half);

// The highest threshold, in steps of 0.01 from 0 to 1, with which at most `max_bpcer` of the bona
// fide presentations of the choosing half lie below it. 0 where there is none to choose from.
double ChooseThreshold(std::span<const PadPresentation> presentations, Fusion fusion,
                       double max_bpcer);

// What a picture that is held still, or turned, came to in a challenge.
struct ChallengeTrial {
  std::string challenge;  // "turn", "blink"
  std::string species;
  std::string person;
  bool passed = false;
};
struct ChallengeRate {
  std::string challenge;
  std::string species;
  int64_t trials = 0;
  int64_t people = 0;
  int64_t passed = 0;
  double upper = 1;  // as PadRate::upper, of passed / trials
};
std::vector<ChallengeRate> ChallengeRates(std::span<const ChallengeTrial> trials);

// One way to decide, chosen on one half and reported on the other.
struct PadResult {
  Fusion fusion = Fusion::kMean;
  double threshold = 0;
  std::vector<PadRate> chosen_on;
  std::vector<PadRate> reported_on;
};

struct PadReport {
  std::vector<std::string> folders;
  std::string model;  // the file that decides, by SHA-256
  uint64_t seed = 0;
  int32_t presentations = 0;  // of each species a face
  int32_t frames = 0;
  double max_bpcer = 0;
  int64_t faces = 0;
  int64_t people = 0;
  double shipped_threshold = 0;
  std::vector<PadRate> shipped;   // the product's rule with its default, on the reported half
  std::vector<PadResult> chosen;  // the same with a threshold from the choosing half, per fusion
  // The mean at fixed thresholds, on the half that chooses: what there was to choose from.
  struct Step {
    double threshold = 0;
    std::vector<PadRate> rates;
  };
  std::vector<Step> sweep;
  std::vector<ChallengeRate> challenges;
  // Of the frames' values, per species over both halves: 5, 50 and 95 %.
  struct Spread {
    std::string species;
    double low = 0, median = 0, high = 0;
  };
  std::vector<Spread> spreads;
};

// Everything but folders, model and challenges, from `presentations`. `settings`: the product's.
PadReport MakePadReport(std::span<const PadPresentation> presentations,
                        const domain::PresentationSettings& settings, double max_bpcer);

// For people, and for programs: {"format": 1, "what": "simulated, not an ISO/IEC 30107-3
// evaluation", ...}.
std::string PadTable(const PadReport& report, const Machine& machine);
std::string PadJson(const PadReport& report, const Machine& machine);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_PAD_H_
