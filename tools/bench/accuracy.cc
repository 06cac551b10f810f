#include "bench/accuracy.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "bench/progress.h"

namespace rollcall::bench {
namespace {

constexpr int32_t kDetPoints = 60;

std::string FaultName(recognition::QualityFault fault) {
  constexpr std::array kNames = {"good",       "too small",    "too dark",
                                 "too bright", "blurred",      "turned away",
                                 "tilted",     "face covered", "unclear"};
  const auto index = static_cast<size_t>(fault);
  return index < kNames.size() ? kNames[index] : "other";
}

GateCounts CountGate(const Observations& observations, const recognition::QualityPolicy& policy,
                     Layout layout) {
  GateCounts counts;
  std::map<std::string, int64_t> faults;
  for (const auto& person : observations) {
    for (const auto& variants : person) {
      const Observation& seen = variants.front();
      ++counts.pictures;
      switch (Judge(seen, policy, layout)) {
        case Verdict::kUsable:
          break;
        case Verdict::kUnreadable:
          ++counts.unreadable;
          break;
        case Verdict::kNoFace:
          ++counts.no_face;
          break;
        case Verdict::kSeveralFaces:
          ++counts.several_faces;
          break;
        case Verdict::kGate: {
          ++counts.refused_by_gate;
          recognition::FaceQuality quality = seen.quality;
          if (layout == Layout::kAligned) quality.side_px = policy.min_side_px;
          ++faults[FaultName(recognition::JudgeQuality(quality, policy))];
          break;
        }
      }
    }
  }
  counts.by_fault.assign(faults.begin(), faults.end());
  return counts;
}

int32_t DrawnGallery(const std::vector<Draw>& draws) {
  return draws.empty() ? 0 : static_cast<int32_t>(draws.front().gallery.size());
}

TrialPlan PlanFor(const AccuracyOptions& options, std::pair<int32_t, int32_t> pictures) {
  TrialPlan plan;
  plan.gallery = options.gallery;
  plan.photos = pictures.first;
  plan.frames = pictures.second;
  plan.draws = options.draws;
  plan.attempts = options.product.match.max_attempts;
  plan.seed = options.seed;
  return plan;
}

absl::StatusOr<MatcherResult> MeasureMatcher(const Pictures& pictures, const TrialPlan& plan,
                                             const AccuracyOptions& options) {
  const std::vector<Draw> draws = MakeDraws(Counts(pictures), plan);
  ASSIGN_OR_RETURN(const SearchLog log, RunMatcher(pictures, draws));
  MatcherResult result;
  result.gallery = DrawnGallery(draws);
  result.photos = plan.photos;
  result.frames = plan.frames;
  result.mated = static_cast<int64_t>(log.mated.size());
  result.non_mated = static_cast<int64_t>(log.non_mated.size());
  result.rank_one = RankOne(log);
  if (log.mated.empty() || log.non_mated.empty()) return result;  // nothing was measured
  for (const double target : options.fpir_targets) {
    result.points.push_back(EvaluateAt(log, target, {options.seed, options.bootstrap_replicates}));
  }
  result.det = DetCurve(log, kDetPoints);
  return result;
}

absl::StatusOr<ProductResult> MeasureProduct(const Pictures& pictures, const TrialPlan& plan,
                                             const AccuracyOptions& options,
                                             const domain::Calibration& calibration) {
  const std::vector<Draw> draws = MakeDraws(Counts(pictures), plan);
  ProductResult result;
  ASSIGN_OR_RETURN(result.tally, RunProduct(pictures, draws, options.product, calibration));
  result.gallery = DrawnGallery(draws);
  result.photos = plan.photos;
  result.frames = plan.frames;
  result.asked_fmr = AskedFmr(options.product.match, result.gallery);
  result.threshold = calibration.ThresholdFor(result.asked_fmr, plan.photos, plan.frames);
  const ProductTally& tally = result.tally;
  result.fnir_interval =
      BootstrapPeople(pictures.size(), {options.seed, options.bootstrap_replicates},
                      [&tally](std::span<const int32_t> weights) {
                        int64_t mated = 0;
                        int64_t misses = 0;
                        for (size_t p = 0; p < weights.size(); ++p) {
                          mated += weights[p] * tally.mated_of_person[p];
                          misses += weights[p] * tally.misses_of_person[p];
                        }
                        return static_cast<double>(misses) / static_cast<double>(mated);
                      });
  return result;
}

}  // namespace

absl::StatusOr<AccuracyReport> MeasureAccuracy(const Dataset& dataset,
                                               const Observations& observations, Layout layout,
                                               const recognition::ModelPack& pack,
                                               const AccuracyOptions& options, bool quiet) {
  AccuracyReport report;
  report.data_set = dataset.root.filename().string();
  report.notes = dataset.notes;
  report.people = static_cast<int64_t>(dataset.people.size());
  report.pictures = static_cast<int64_t>(dataset.pictures());
  report.left_out = dataset.left_out;
  report.layout = layout;
  report.model_id = pack.embedder().id;
  report.calibration_provenance = pack.calibration_provenance();
  report.options = options;
  report.options.product.layout = layout;
  report.enrolment_gate = CountGate(observations, options.product.enrolment_quality, layout);
  report.check_in_gate = CountGate(observations, options.product.check_in_quality, layout);

  Progress progress("comparing", 1 + 2 * static_cast<int64_t>(options.pictures.size()),
                    MachineClock(), quiet);
  const Pictures all = WithEmbedding(observations);
  PairScores pairs = ComparePairs(all);
  report.roc = MakeRoc(pairs, options.fmr_targets, {options.seed, options.bootstrap_replicates});
  progress.Add();

  const auto& seen = pack.calibration_people();
  const Pictures unseen = Unseen(observations, dataset, {seen.begin(), seen.end()});
  report.people_seen_by_calibration = std::count_if(
      unseen.begin(), unseen.end(), [](const auto& person) { return person.empty(); });
  for (const auto& counts : options.pictures) {
    const TrialPlan plan = PlanFor(options, counts);
    ASSIGN_OR_RETURN(MatcherResult matcher, MeasureMatcher(all, plan, options));
    report.matcher.push_back(std::move(matcher));
    progress.Add();
    ASSIGN_OR_RETURN(ProductResult product,
                     MeasureProduct(unseen, plan, report.options, pack.calibration()));
    report.product.push_back(std::move(product));
    progress.Add();
  }
  return report;
}

}  // namespace rollcall::bench
