#include "bench/calibrate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "bench/progress.h"
#include "bench/similarity.h"

namespace rollcall::bench {
namespace {

// Rates at which points are written, of each decade.
constexpr double kSteps[] = {10, 7, 5, 3, 2, 1.5};
// Scores that more than this share of comparisons reach are of no use to anybody.
constexpr double kHighestRate = 0.02;
constexpr double kConfidence = 0.95;

std::vector<float> MeanOf(const std::vector<const std::vector<float>*>& vectors) {
  std::vector<float> mean(vectors.front()->size(), 0.0f);
  for (const auto* vector : vectors) {
    for (size_t i = 0; i < mean.size(); ++i) mean[i] += (*vector)[i];
  }
  const float norm = std::sqrt(Cosine(mean, mean));
  for (float& value : mean) value /= norm;
  return mean;
}

// Embeddings of a person's photographs (variant 0).
std::vector<const std::vector<float>*> Photographs(
    const std::vector<std::vector<Observation>>& person) {
  std::vector<const std::vector<float>*> all;
  for (const auto& variants : person) {
    if (variants.front().embedding) all.push_back(&variants.front().embedding->values);
  }
  return all;
}

// The number of sets of `k` among `n`, but at most `limit`.
size_t Sets(size_t n, size_t k, size_t limit) {
  double sets = 1;
  for (size_t i = 0; i < k; ++i) sets *= static_cast<double>(n - i) / static_cast<double>(i + 1);
  return sets < static_cast<double>(limit) ? static_cast<size_t>(std::lround(sets)) : limit;
}

// `count` different sets of `k` indices below `n`.
std::set<std::vector<size_t>> DrawSets(size_t n, size_t k, size_t count, Dice& dice) {
  std::vector<size_t> order(n);
  for (size_t i = 0; i < n; ++i) order[i] = i;
  std::set<std::vector<size_t>> drawn;
  while (drawn.size() < count) {
    dice.Shuffle(order);
    std::vector<size_t> chosen(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(k));
    std::sort(chosen.begin(), chosen.end());
    drawn.insert(std::move(chosen));
  }
  return drawn;
}

// Two people and how alike the visit of one was to the template of the other.
struct Hit {
  float score = 0;
  int32_t of_template = 0;
  int32_t of_visit = 0;
};

float VisitScore(const PersonTemplate& item, const VisitProbes& visit) {
  float best = -1;
  for (const auto& probe : visit.attempts) best = std::max(best, Cosine(item.mean, probe));
  return best;
}

// The score that kHighestRate of the comparisons reach, from an even sample of them.
float LowestUsefulScore(const std::vector<PersonTemplate>& templates,
                        const std::vector<VisitProbes>& visits) {
  constexpr size_t kSample = 200'000;
  const size_t all = templates.size() * visits.size();
  const size_t step = std::max<size_t>(1, all / kSample);
  std::vector<float> scores;
  for (size_t i = 0; i < all; i += step) {
    const PersonTemplate& item = templates[i / visits.size()];
    const VisitProbes& visit = visits[i % visits.size()];
    if (item.person != visit.person) scores.push_back(VisitScore(item, visit));
  }
  std::sort(scores.begin(), scores.end(), std::greater<>());
  return ThresholdForRate(scores, kHighestRate);
}

// Weighted sums that the bootstrap needs: how often each person stands on either side.
struct Sides {
  std::vector<double> templates;
  std::vector<double> visits;

  double Comparisons(std::span<const int32_t> weights) const {
    double left = 0;
    double right = 0;
    double same = 0;
    for (size_t p = 0; p < templates.size(); ++p) {
      left += weights[p] * templates[p];
      right += weights[p] * visits[p];
      same += static_cast<double>(weights[p]) * weights[p] * templates[p] * visits[p];
    }
    return left * right - same;
  }
};

size_t BinOf(const Hit& hit, double first_threshold, size_t bins) {
  const auto bin = static_cast<size_t>((static_cast<double>(hit.score) - first_threshold) * 1000);
  return std::min(bin, bins - 1);
}

// Rates at every threshold, from counts in bins of a thousandth.
std::vector<double> SuffixRates(const std::vector<double>& counts, double comparisons) {
  std::vector<double> rates(counts.size());
  double sum = 0;
  for (size_t i = counts.size(); i-- > 0;) {
    sum += counts[i];
    rates[i] = comparisons > 0 ? sum / comparisons : 0;
  }
  return rates;
}

// The 95th percentile over people drawn anew, at every threshold.
std::vector<double> BootstrapBounds(const std::vector<Hit>& hits, const Sides& sides,
                                    double first_threshold, size_t bins,
                                    const BootstrapPlan& plan) {
  Dice dice(plan.seed);
  std::vector<std::vector<double>> by_bin(bins);
  std::vector<int32_t> weights(sides.templates.size());
  std::vector<size_t> bin_of;
  for (const Hit& hit : hits) bin_of.push_back(BinOf(hit, first_threshold, bins));
  for (int32_t replicate = 0; replicate < plan.replicates; ++replicate) {
    std::fill(weights.begin(), weights.end(), 0);
    for (size_t draw = 0; draw < weights.size(); ++draw) ++weights[dice.Below(weights.size())];
    std::vector<double> counts(bins, 0);
    for (size_t i = 0; i < hits.size(); ++i) {
      counts[bin_of[i]] += static_cast<double>(weights[static_cast<size_t>(hits[i].of_template)]) *
                           weights[static_cast<size_t>(hits[i].of_visit)];
    }
    const auto rates = SuffixRates(counts, sides.Comparisons(weights));
    for (size_t bin = 0; bin < bins; ++bin) by_bin[bin].push_back(rates[bin]);
  }
  std::vector<double> bounds;
  for (auto& rates : by_bin) bounds.push_back(Quantile(std::move(rates), kConfidence));
  return bounds;
}

// Up to three digits, never down.
double RoundedUp(double rate) {
  const double unit = std::pow(10.0, std::floor(std::log10(rate)) - 2);
  const double rounded = std::ceil(rate / unit - 1e-9) * unit;
  // Through text, so that the file says 4.93e-06 and not 4.9299999999999998e-06.
  char text[32];
  std::snprintf(text, sizeof(text), "%.2e", rounded);
  return std::strtod(text, nullptr);
}

}  // namespace

int32_t CalibrationPlan::variants() const {
  return attempts * *std::max_element(frames.begin(), frames.end());
}

std::vector<PersonTemplate> MakeTemplates(const Observations& people, int32_t photos,
                                          const CalibrationPlan& plan) {
  const auto k = static_cast<size_t>(photos);
  std::vector<std::pair<int32_t, std::vector<const std::vector<float>*>>> able;
  for (size_t p = 0; p < people.size(); ++p) {
    auto photographs = Photographs(people[p]);
    if (photographs.size() >= k) able.emplace_back(static_cast<int32_t>(p), std::move(photographs));
  }
  if (able.empty()) return {};
  // One photo: every photo. Several: as many sets from each person as the plan's number asks for.
  const size_t each = photos == 1
                          ? std::numeric_limits<size_t>::max()
                          : (static_cast<size_t>(plan.templates) + able.size() - 1) / able.size();
  Dice dice(plan.bootstrap.seed * 1000 + k);
  std::vector<PersonTemplate> templates;
  for (const auto& [person, photographs] : able) {
    const size_t count = Sets(photographs.size(), k, each);
    for (const auto& set : DrawSets(photographs.size(), k, count, dice)) {
      std::vector<const std::vector<float>*> chosen;
      for (const size_t i : set) chosen.push_back(photographs[i]);
      templates.push_back({person, MeanOf(chosen)});
    }
  }
  return templates;
}

std::vector<VisitProbes> SimulatedVisits(const Observations& people, int32_t frames,
                                         const CalibrationPlan& plan) {
  const auto m = static_cast<size_t>(frames);
  std::vector<VisitProbes> visits;
  for (size_t p = 0; p < people.size(); ++p) {
    for (const auto& variants : people[p]) {
      VisitProbes visit;
      visit.person = static_cast<int32_t>(p);
      for (size_t attempt = 0; attempt < static_cast<size_t>(plan.attempts); ++attempt) {
        std::vector<const std::vector<float>*> chosen;
        for (size_t v = attempt * m; v < std::min((attempt + 1) * m, variants.size()); ++v) {
          if (variants[v].embedding) chosen.push_back(&variants[v].embedding->values);
        }
        if (!chosen.empty()) visit.attempts.push_back(MeanOf(chosen));
      }
      if (!visit.attempts.empty()) visits.push_back(std::move(visit));
    }
  }
  return visits;
}

std::vector<VisitProbes> PhotographVisits(const Observations& people, int32_t frames,
                                          const CalibrationPlan& plan) {
  const auto m = static_cast<size_t>(frames);
  Dice dice(plan.bootstrap.seed * 1000 + 500 + m);
  std::vector<VisitProbes> visits;
  for (size_t p = 0; p < people.size(); ++p) {
    auto photographs = Photographs(people[p]);
    const size_t count = photographs.size();
    if (count < std::max<size_t>(m, 2)) continue;
    dice.Shuffle(photographs);
    const size_t attempts = std::min(static_cast<size_t>(plan.attempts), count / m);
    // With pictures to spare, windows over them give several visits; else there is only the one.
    const size_t starts = count > attempts * m ? count : 1;
    for (size_t start = 0; start < starts; ++start) {
      VisitProbes visit;
      visit.person = static_cast<int32_t>(p);
      for (size_t attempt = 0; attempt < attempts; ++attempt) {
        std::vector<const std::vector<float>*> chosen;
        for (size_t f = 0; f < m; ++f) {
          chosen.push_back(photographs[(start + attempt * m + f) % count]);
        }
        visit.attempts.push_back(MeanOf(chosen));
      }
      visits.push_back(std::move(visit));
    }
  }
  return visits;
}

double FalseMatchBounds::At(int32_t thousandth) const {
  const int64_t index = thousandth - std::lround(first_threshold * 1000);
  if (index < 0 || comparisons == 0) return 1;
  if (static_cast<size_t>(index) < bound.size()) return bound[static_cast<size_t>(index)];
  return std::min(1.0, 3.0 / static_cast<double>(comparisons));
}

FalseMatchBounds BoundFalseMatches(const std::vector<PersonTemplate>& templates,
                                   const std::vector<VisitProbes>& visits, size_t people,
                                   const BootstrapPlan& plan) {
  FalseMatchBounds result;
  if (templates.empty() || visits.empty()) return result;
  // A whole thousandth, so that bins and thresholds fall together.
  const double floor = std::ceil(LowestUsefulScore(templates, visits) * 1000.0) / 1000;
  Sides sides{std::vector<double>(people), std::vector<double>(people)};
  for (const auto& item : templates) sides.templates[static_cast<size_t>(item.person)] += 1;
  for (const auto& visit : visits) sides.visits[static_cast<size_t>(visit.person)] += 1;
  std::vector<Hit> hits;
  for (const auto& item : templates) {
    for (const auto& visit : visits) {
      if (item.person == visit.person) continue;
      ++result.comparisons;
      const float score = VisitScore(item, visit);
      if (static_cast<double>(score) >= floor) hits.push_back({score, item.person, visit.person});
    }
  }
  if (result.comparisons == 0) return result;
  result.first_threshold = floor;
  const auto bins = static_cast<size_t>(std::lround((1 - floor) * 1000)) + 1;
  std::vector<double> counts(bins, 0);
  for (const Hit& hit : hits) counts[BinOf(hit, floor, bins)] += 1;
  result.bound = BootstrapBounds(hits, sides, floor, bins, plan);
  const double least = std::min(1.0, 3.0 / static_cast<double>(result.comparisons));
  double above = 0;
  for (size_t i = bins; i-- > 0;) {
    above += counts[i];
    result.bound[i] = std::max(
        {result.bound[i], least, UpperBound(static_cast<int64_t>(above), result.comparisons)});
  }
  return result;
}

std::vector<CurvePoint> PickPoints(const FalseMatchBounds& a, const FalseMatchBounds& b) {
  std::vector<CurvePoint> points;
  int32_t threshold = -1000;
  for (double decade = 1e-3; decade > 1e-9; decade /= 10) {
    for (const double step : kSteps) {
      const double rate = step * decade;
      while (threshold < 1000 && std::max(a.At(threshold), b.At(threshold)) > rate) ++threshold;
      const double bound = std::max(a.At(threshold), b.At(threshold));
      if (bound > rate) return points;  // as far down as was measured
      if (points.empty() || threshold > points.back().threshold) {
        points.push_back({RoundedUp(bound), threshold});
      }
    }
  }
  return points;
}

absl::StatusOr<std::vector<MeasuredCurve>> Calibrate(const Observations& people,
                                                     const CalibrationPlan& plan, bool quiet) {
  Progress progress("comparing", static_cast<int64_t>(plan.photos.size() * plan.frames.size()),
                    MachineClock(), quiet);
  std::vector<MeasuredCurve> curves;
  for (const int32_t photos : plan.photos) {
    const auto templates = MakeTemplates(people, photos, plan);
    for (const int32_t frames : plan.frames) {
      const auto simulated = BoundFalseMatches(templates, SimulatedVisits(people, frames, plan),
                                               people.size(), plan.bootstrap);
      const auto photographs = BoundFalseMatches(templates, PhotographVisits(people, frames, plan),
                                                 people.size(), plan.bootstrap);
      MeasuredCurve curve{photos, frames, std::min(simulated.comparisons, photographs.comparisons),
                          PickPoints(simulated, photographs)};
      if (curve.points.empty()) {
        return base::MakeError(absl::StatusCode::kFailedPrecondition, "TOO_FEW_PEOPLE",
                               "not enough people with " + std::to_string(photos) +
                                   " pictures for a curve of " + std::to_string(photos) +
                                   " photos and " + std::to_string(frames) + " frames");
      }
      curves.push_back(std::move(curve));
      progress.Add();
    }
  }
  return curves;
}

std::string CalibrationJson(const std::string& model_id, const std::string& provenance,
                            const std::vector<MeasuredCurve>& curves,
                            const std::vector<std::string>& people_hashes) {
  // By hand, so that a point is a line and a difference between two files can be read.
  const auto quoted = [](const std::string& text) { return nlohmann::json(text).dump(); };
  std::string out = "{\n  \"format\": 1,\n  \"model_id\": " + quoted(model_id) +
                    ",\n  \"provenance\": " + quoted(provenance) + ",\n  \"curves\": [";
  for (size_t c = 0; c < curves.size(); ++c) {
    const MeasuredCurve& curve = curves[c];
    out += std::string(c == 0 ? "" : ",") +
           "\n    {\n      \"photos\": " + std::to_string(curve.photos) +
           ",\n      \"frames\": " + std::to_string(curve.frames) +
           ",\n      \"comparisons\": " + std::to_string(curve.comparisons) +
           ",\n      \"points\": [";
    for (size_t i = 0; i < curve.points.size(); ++i) {
      char line[96];
      std::snprintf(line, sizeof(line), "%s\n        { \"fmr\": %.3g, \"threshold\": %.3f }",
                    i == 0 ? "" : ",", curve.points[i].fmr, curve.points[i].threshold / 1000.0);
      out += line;
    }
    out += "\n      ]\n    }";
  }
  out += "\n  ],\n  \"people\": [";
  constexpr size_t kPerLine = 8;
  for (size_t i = 0; i < people_hashes.size(); ++i) {
    out += std::string(i == 0 ? "" : ",") + (i % kPerLine == 0 ? "\n    " : " ") +
           quoted(people_hashes[i]);
  }
  return out + "\n  ]\n}\n";
}

}  // namespace rollcall::bench
