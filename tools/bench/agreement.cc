#include "bench/agreement.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "bench/format.h"
#include "bench/progress.h"
#include "bench/similarity.h"
#include "bench/trial.h"

namespace rollcall::bench {
namespace {

// The pictures that both engines have an embedding of, in one order.
struct Both {
  Pictures fast, reference;
};

absl::StatusOr<Both> Match(const Observations& fast, const Observations& reference, Agreement& agreement) {
  const auto different = [] {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "DIFFERENT_PICTURES",
                           "the two engines did not see the same pictures");
  };
  if (fast.size() != reference.size()) return different();
  Both both{Pictures(fast.size()), Pictures(fast.size())};
  for (size_t p = 0; p < fast.size(); ++p) {
    if (fast[p].size() != reference[p].size()) return different();
    for (size_t i = 0; i < fast[p].size(); ++i) {
      const Observation& a = fast[p][i].front();
      const Observation& b = reference[p][i].front();
      if (a.embedding.has_value() != b.embedding.has_value()) ++agreement.only_one;
      if (!a.embedding || !b.embedding) continue;
      both.fast[p].push_back(&a);
      both.reference[p].push_back(&b);
      ++agreement.pictures;
    }
  }
  return both;
}

std::vector<const std::vector<float>*> Vectors(const Pictures& pictures) {
  std::vector<const std::vector<float>*> vectors;
  for (const auto& person : pictures) {
    for (const Observation* picture : person) vectors.push_back(&picture->embedding->values);
  }
  return vectors;
}

// Scores of all pairs of pictures on both engines. The differences are counted in steps of a hundred-thousandth: there
// are millions of them.
void ComparePairs(const Both& both, float threshold, Agreement& agreement) {
  constexpr double kSteps = 1e5;
  std::vector<int64_t> by_step(static_cast<size_t>(2 * kSteps) + 1);
  const auto fast = Vectors(both.fast);
  const auto reference = Vectors(both.reference);
  for (size_t i = 0; i < fast.size(); ++i) {
    for (size_t k = 0; k < i; ++k) {
      const float a = Cosine(*fast[i], *fast[k]);
      const float b = Cosine(*reference[i], *reference[k]);
      const double difference = std::min(2.0, std::abs(static_cast<double>(a) - b));
      ++by_step[static_cast<size_t>(difference * kSteps)];
      if ((a >= threshold) != (b >= threshold)) ++agreement.pairs_flipped;
      ++agreement.pairs;
    }
  }
  int64_t below = 0;
  size_t step = 0;
  while (step < by_step.size() && (below += by_step[step]) * 1000 < agreement.pairs * 999) ++step;
  agreement.score_p999 = static_cast<double>(step + 1) / kSteps;
}

RatePair Rates(int64_t fast, int64_t reference, int64_t of) {
  const auto count = static_cast<double>(std::max<int64_t>(1, of));
  return {static_cast<double>(fast) / count, static_cast<double>(reference) / count};
}

template <typename Search>
int64_t SameFirst(const std::vector<Search>& a, const std::vector<Search>& b) {
  int64_t same = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].nearest == b[i].nearest) ++same;
  }
  return same;
}

absl::StatusOr<AgreementRow> CompareSearches(const Both& both, const TrialPlan& plan,
                                             const domain::Calibration& calibration, const ProductSettings& product) {
  // One plan for both: they have the same pictures.
  const std::vector<Draw> draws = MakeDraws(Counts(both.reference), plan);
  AgreementRow row;
  row.gallery = draws.empty() ? 0 : static_cast<int32_t>(draws.front().gallery.size());
  row.photos = plan.photos;
  row.frames = plan.frames;
  ASSIGN_OR_RETURN(const SearchLog fast, RunMatcher(both.fast, draws));
  ASSIGN_OR_RETURN(const SearchLog reference, RunMatcher(both.reference, draws));
  row.mated = static_cast<int64_t>(reference.mated.size());
  row.mated_same_first = SameFirst(fast.mated, reference.mated);
  row.non_mated = static_cast<int64_t>(reference.non_mated.size());
  row.non_mated_same_first = SameFirst(fast.non_mated, reference.non_mated);

  ASSIGN_OR_RETURN(const ProductTally a, RunProduct(both.fast, draws, product, calibration));
  ASSIGN_OR_RETURN(const ProductTally b, RunProduct(both.reference, draws, product, calibration));
  row.fnir = Rates(a.misses(), b.misses(), b.mated);
  row.fpir = Rates(a.accepted, b.accepted, b.non_mated);
  row.decisions = static_cast<int64_t>(b.attempts.size());
  row.close_calls = a.close_calls;
  for (size_t i = 0; i < b.attempts.size(); ++i) {
    if (a.attempts[i] == b.attempts[i]) continue;
    ++row.flips;
    const bool both_name = a.attempts[i].person != AttemptOutcome::kNobody &&
                           b.attempts[i].person != AttemptOutcome::kNobody;
    if (both_name && a.attempts[i].person != b.attempts[i].person) ++row.names;
  }
  return row;
}

}  // namespace

absl::StatusOr<Agreement> MeasureAgreement(const Observations& fast, const Observations& reference,
                                           const domain::Calibration& calibration, const AgreementOptions& options,
                                           bool quiet) {
  Agreement agreement;
  ASSIGN_OR_RETURN(const Both both, Match(fast, reference, agreement));
  Progress progress("comparing",
                    1 + static_cast<int64_t>(options.galleries.size() * options.pictures.size()), MachineClock(), quiet);
  const domain::MatchPolicy& match = options.product.match;
  const double fmr = AskedFmr(match, options.galleries.empty() ? 1 : options.galleries.front());
  ComparePairs(both, calibration.ThresholdFor(fmr, 1, 1).value_or(1.0f), agreement);
  progress.Add();
  for (const int32_t gallery : options.galleries) {
    for (const auto& [photos, frames] : options.pictures) {
      const TrialPlan plan{.gallery = gallery, .photos = photos, .frames = frames, .draws = options.draws,
                           .attempts = match.max_attempts, .seed = options.seed};
      ASSIGN_OR_RETURN(agreement.rows.emplace_back(), CompareSearches(both, plan, calibration, options.product));
      progress.Add();
    }
  }
  return agreement;
}

std::string AgreementTable(const Agreement& agreement, const std::string& fast_name,
                           const std::string& reference_name) {
  std::string text = fast_name + " against " + reference_name + ", " + Thousands(agreement.pictures) + " pictures" +
                     (agreement.only_one > 0 ? ", " + Thousands(agreement.only_one) + " more seen by one alone" : "") +
                     "\n\nScores of " + Thousands(agreement.pairs) + " pairs differ by at most " +
                     Fixed(agreement.score_p999, 4) + " in 99.9 % of them; " + Thousands(agreement.pairs_flipped) +
                     " pairs are on the other side of the threshold.\n\n" +
                     "  people photos frames   same first, mated   strangers     FNIR            FPIR         "
                     "decisions  closely   flips  other name\n";
  for (const AgreementRow& row : agreement.rows) {
    const auto share = [](int64_t part, int64_t whole) {
      return Percent(static_cast<double>(part) / static_cast<double>(std::max<int64_t>(1, whole)));
    };
    char line[260];
    std::snprintf(line, sizeof(line), "  %6d %6d %6d %19s %11s %7s, %7s %7s, %7s %10s %8s %7s %11s\n", row.gallery,
                  row.photos, row.frames, share(row.mated_same_first, row.mated).c_str(),
                  share(row.non_mated_same_first, row.non_mated).c_str(), Percent(row.fnir.fast).c_str(),
                  Percent(row.fnir.reference).c_str(), Percent(row.fpir.fast).c_str(),
                  Percent(row.fpir.reference).c_str(), Thousands(row.decisions).c_str(),
                  share(row.close_calls, row.decisions).c_str(), Thousands(row.flips).c_str(),
                  Thousands(row.names).c_str());
    text += line;
  }
  return text;
}

std::string AgreementJson(const Agreement& agreement, const std::string& fast_name,
                          const std::string& reference_name) {
  nlohmann::ordered_json json = {{"format", 1},
                                 {"fast", fast_name},
                                 {"reference", reference_name},
                                 {"pictures", agreement.pictures},
                                 {"only_one", agreement.only_one},
                                 {"score_difference_p999", agreement.score_p999},
                                 {"pairs", agreement.pairs},
                                 {"pairs_flipped", agreement.pairs_flipped},
                                 {"rows", nlohmann::ordered_json::array()}};
  for (const AgreementRow& row : agreement.rows) {
    json["rows"].push_back({{"gallery", row.gallery},
                            {"photos", row.photos},
                            {"frames", row.frames},
                            {"mated", row.mated},
                            {"mated_same_first", row.mated_same_first},
                            {"non_mated", row.non_mated},
                            {"non_mated_same_first", row.non_mated_same_first},
                            {"fnir_fast", row.fnir.fast},
                            {"fnir_reference", row.fnir.reference},
                            {"fpir_fast", row.fpir.fast},
                            {"fpir_reference", row.fpir.reference},
                            {"decisions", row.decisions},
                            {"close_calls", row.close_calls},
                            {"flips", row.flips},
                            {"other_name", row.names}});
  }
  return json.dump(2) + "\n";
}

}  // namespace rollcall::bench
