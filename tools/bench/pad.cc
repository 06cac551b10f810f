#include "bench/pad.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "bench/statistics.h"

namespace rollcall::bench {
namespace {

double Share(int64_t events, int64_t trials) {
  return trials == 0 ? 0 : static_cast<double>(events) / static_cast<double>(trials);
}

// The bound for as many independent trials as there are people; the events are rounded up.
double BoundOverPeople(int64_t events, int64_t trials, int64_t people) {
  if (trials == 0 || people == 0) return 1;
  const auto scaled =
      static_cast<int64_t>(std::ceil(Share(events, trials) * static_cast<double>(people) - 1e-9));
  return UpperBound(scaled, people);
}

// The species in the order of the rows.
std::vector<std::string> SpeciesOf(std::span<const PadPresentation> presentations) {
  std::vector<std::string> order = {std::string(kBonaFide)};
  for (const PadPresentation& p : presentations) {
    if (std::find(order.begin(), order.end(), p.species) == order.end()) {
      order.push_back(p.species);
    }
  }
  return order;
}

}  // namespace

std::string_view ToString(Fusion fusion) {
  switch (fusion) {
    case Fusion::kMean:
      return "mean";
    case Fusion::kMedian:
      return "median";
    case Fusion::kLowest:
      return "lowest";
  }
  return "unknown";
}

double Fuse(Fusion fusion, std::span<const float> live) {
  if (fusion == Fusion::kMean) {
    double sum = 0;
    for (const float value : live) sum += value;
    return sum / static_cast<double>(live.size());
  }
  return Quantile({live.begin(), live.end()}, fusion == Fusion::kMedian ? 0.5 : 0.0);
}

PadDetector DetectorOf(Fusion fusion, double threshold) {
  return [=](const PadPresentation& p) { return p.still || Fuse(fusion, p.live) < threshold; };
}

std::vector<PadRate> PadRates(std::span<const PadPresentation> presentations,
                              const PadDetector& detector, bool choosing_half) {
  std::vector<PadRate> rates;
  for (const std::string& species : SpeciesOf(presentations)) {
    PadRate rate;
    rate.species = species;
    std::set<std::string> people;
    for (const PadPresentation& p : presentations) {
      if (p.species != species || p.chooses != choosing_half) continue;
      if (!p.responded) {
        ++rate.non_responses;
        continue;
      }
      ++rate.presentations;
      people.insert(p.person);
      const bool attack = species != kBonaFide;
      if (detector(p) != attack) ++rate.errors;
    }
    rate.people = static_cast<int64_t>(people.size());
    rate.rate = Share(rate.errors, rate.presentations);
    rate.upper = BoundOverPeople(rate.errors, rate.presentations, rate.people);
    rates.push_back(std::move(rate));
  }
  return rates;
}

double ChooseThreshold(std::span<const PadPresentation> presentations, Fusion fusion,
                       double max_bpcer) {
  std::vector<double> genuine;
  for (const PadPresentation& p : presentations) {
    if (p.chooses && p.responded && p.species == kBonaFide) {
      genuine.push_back(Fuse(fusion, p.live));
    }
  }
  if (genuine.empty()) return 0;
  for (int step = 100; step > 0; --step) {
    const double threshold = step / 100.0;
    const auto below = std::count_if(genuine.begin(), genuine.end(),
                                     [=](double value) { return value < threshold; });
    if (Share(below, static_cast<int64_t>(genuine.size())) <= max_bpcer) return threshold;
  }
  return 0;
}

std::vector<ChallengeRate> ChallengeRates(std::span<const ChallengeTrial> trials) {
  std::map<std::pair<std::string, std::string>, std::pair<ChallengeRate, std::set<std::string>>>
      by_kind;
  for (const ChallengeTrial& trial : trials) {
    auto& [rate, people] = by_kind[{trial.challenge, trial.species}];
    rate.challenge = trial.challenge;
    rate.species = trial.species;
    ++rate.trials;
    if (trial.passed) ++rate.passed;
    people.insert(trial.person);
  }
  std::vector<ChallengeRate> rates;
  for (auto& [kind, entry] : by_kind) {
    auto& [rate, people] = entry;
    rate.people = static_cast<int64_t>(people.size());
    rate.upper = BoundOverPeople(rate.passed, rate.trials, rate.people);
    rates.push_back(std::move(rate));
  }
  return rates;
}

PadReport MakePadReport(std::span<const PadPresentation> presentations,
                        const domain::PresentationSettings& settings, double max_bpcer) {
  PadReport report;
  report.max_bpcer = max_bpcer;
  report.shipped_threshold = settings.min_live;
  report.shipped = PadRates(presentations, DetectorOf(Fusion::kMean, settings.min_live), false);
  for (const Fusion fusion : kAllFusions) {
    PadResult result;
    result.fusion = fusion;
    result.threshold = ChooseThreshold(presentations, fusion, max_bpcer);
    const PadDetector detector = DetectorOf(fusion, result.threshold);
    result.chosen_on = PadRates(presentations, detector, true);
    result.reported_on = PadRates(presentations, detector, false);
    report.chosen.push_back(std::move(result));
  }
  for (const double threshold : {0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9}) {
    report.sweep.push_back(
        {threshold, PadRates(presentations, DetectorOf(Fusion::kMean, threshold), true)});
  }
  std::set<std::string> people;
  for (const PadPresentation& p : presentations) people.insert(p.person);
  report.people = static_cast<int64_t>(people.size());
  for (const std::string& species : SpeciesOf(presentations)) {
    std::vector<double> values;
    for (const PadPresentation& p : presentations) {
      if (p.species == species) values.insert(values.end(), p.live.begin(), p.live.end());
    }
    if (values.empty()) continue;
    report.spreads.push_back(
        {species, Quantile(values, 0.05), Quantile(values, 0.5), Quantile(values, 0.95)});
  }
  return report;
}

}  // namespace rollcall::bench
