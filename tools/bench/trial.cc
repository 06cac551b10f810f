#include "bench/trial.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/status.h"

namespace rollcall::bench {
namespace {

std::vector<int32_t> Shuffled(int32_t count, Dice& dice) {
  std::vector<int32_t> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  dice.Shuffle(order);
  return order;
}

// Cuts `order` from `begin` on into attempts of `frames` pictures.
Visit MakeVisit(int32_t person, const std::vector<int32_t>& order, size_t begin,
                const TrialPlan& plan) {
  Visit visit;
  visit.person = person;
  const auto frames = static_cast<size_t>(plan.frames);
  while (visit.attempts.size() < static_cast<size_t>(plan.attempts) &&
         begin + frames <= order.size()) {
    const auto first = order.begin() + static_cast<std::ptrdiff_t>(begin);
    visit.attempts.emplace_back(first, first + plan.frames);
    begin += frames;
  }
  return visit;
}

// The people of one gallery, in the order of MakeDraws' contract.
std::vector<int32_t> ChooseGallery(std::span<const int32_t> pictures, const TrialPlan& plan,
                                   Dice& dice) {
  std::vector<int32_t> returning;
  std::vector<int32_t> enrolled_only;
  for (size_t p = 0; p < pictures.size(); ++p) {
    if (pictures[p] >= plan.photos + plan.frames) {
      returning.push_back(static_cast<int32_t>(p));
    } else if (pictures[p] >= plan.photos) {
      enrolled_only.push_back(static_cast<int32_t>(p));
    }
  }
  dice.Shuffle(returning);
  dice.Shuffle(enrolled_only);
  const auto half = returning.begin() + static_cast<std::ptrdiff_t>((returning.size() + 1) / 2);
  std::vector<int32_t> order(returning.begin(), half);
  order.insert(order.end(), enrolled_only.begin(), enrolled_only.end());
  order.insert(order.end(), half, returning.end());
  if (order.size() > static_cast<size_t>(plan.gallery)) {
    order.resize(static_cast<size_t>(plan.gallery));
  }
  return order;
}

Draw MakeDraw(std::span<const int32_t> pictures, const TrialPlan& plan, Dice& dice) {
  Draw draw;
  std::vector<bool> enrolled(pictures.size(), false);
  for (const int32_t person : ChooseGallery(pictures, plan, dice)) {
    const auto p = static_cast<size_t>(person);
    enrolled[p] = true;
    const std::vector<int32_t> order = Shuffled(pictures[p], dice);
    draw.gallery.push_back({person, {order.begin(), order.begin() + plan.photos}});
    Visit visit = MakeVisit(person, order, static_cast<size_t>(plan.photos), plan);
    if (!visit.attempts.empty()) draw.mated.push_back(std::move(visit));
  }
  for (size_t p = 0; p < pictures.size(); ++p) {
    if (enrolled[p]) continue;
    Visit visit = MakeVisit(static_cast<int32_t>(p), Shuffled(pictures[p], dice), 0, plan);
    if (!visit.attempts.empty()) draw.non_mated.push_back(std::move(visit));
  }
  return draw;
}

std::vector<NonMatedSearch> ByFallingScore(std::vector<NonMatedSearch> searches) {
  std::sort(searches.begin(), searches.end(), [](const auto& a, const auto& b) {
    return a.score != b.score ? a.score > b.score : a.person < b.person;
  });
  return searches;
}

std::vector<float> Scores(const std::vector<NonMatedSearch>& searches) {
  std::vector<float> scores;
  scores.reserve(searches.size());
  for (const NonMatedSearch& search : searches) scores.push_back(search.score);
  return scores;
}

bool Missed(const MatedSearch& search, float threshold) {
  return !search.right_first || !(search.score >= threshold);
}

// FNIR when each person counts `weights` times; NaN when nobody is left.
double WeightedFnir(const SearchLog& log, const std::vector<NonMatedSearch>& descending,
                    double fpir_target, std::span<const int32_t> weights) {
  const auto weight = [&weights](int32_t person) { return weights[static_cast<size_t>(person)]; };
  int64_t strangers = 0;
  for (const NonMatedSearch& search : descending) strangers += weight(search.person);
  const auto allowed = static_cast<int64_t>(fpir_target * static_cast<double>(strangers) + 1e-9);
  float threshold = -1;
  int64_t passed = 0;
  for (const NonMatedSearch& search : descending) {
    passed += weight(search.person);
    if (passed > allowed) {
      threshold = std::nextafter(search.score, std::numeric_limits<float>::infinity());
      break;
    }
  }
  int64_t mated = 0;
  int64_t misses = 0;
  for (const MatedSearch& search : log.mated) {
    mated += weight(search.person);
    if (Missed(search, threshold)) misses += weight(search.person);
  }
  return static_cast<double>(misses) / static_cast<double>(mated);
}

}  // namespace

std::vector<Draw> MakeDraws(std::span<const int32_t> pictures, const TrialPlan& plan) {
  ROLLCALL_CHECK(plan.photos >= 1 && plan.frames >= 1 && plan.draws >= 1 && plan.attempts >= 1);
  Dice dice(plan.seed);
  std::vector<Draw> draws;
  for (int32_t i = 0; i < plan.draws; ++i) draws.push_back(MakeDraw(pictures, plan, dice));
  return draws;
}

OpenSetPoint EvaluateAt(const SearchLog& log, double fpir_target, const BootstrapPlan& plan) {
  OpenSetPoint point;
  point.fpir_target = fpir_target;
  const std::vector<NonMatedSearch> descending = ByFallingScore(log.non_mated);
  const std::vector<float> scores = Scores(descending);
  point.threshold = ThresholdForRate(scores, fpir_target);
  point.false_positives = CountAtOrAbove(scores, point.threshold);
  for (const MatedSearch& search : log.mated) {
    if (Missed(search, point.threshold)) ++point.misses;
    if (!search.right_first && search.score >= point.threshold) ++point.cross_credits;
  }
  const auto mated = static_cast<int64_t>(log.mated.size());
  const auto rate = [](int64_t events, size_t trials) {
    return trials == 0 ? 0.0 : static_cast<double>(events) / static_cast<double>(trials);
  };
  point.fpir = rate(point.false_positives, log.non_mated.size());
  point.fnir = rate(point.misses, log.mated.size());
  point.cross_credit = rate(point.cross_credits, log.mated.size());
  point.cross_credit_upper = UpperBound(point.cross_credits, mated);
  point.fnir_interval = BootstrapPeople(log.people, plan, [&](std::span<const int32_t> weights) {
    return WeightedFnir(log, descending, fpir_target, weights);
  });
  return point;
}

std::vector<DetPoint> DetCurve(const SearchLog& log, int32_t points) {
  if (log.mated.empty() || log.non_mated.empty() || points < 2) return {};
  const std::vector<float> scores = Scores(ByFallingScore(log.non_mated));
  const double least = std::log(1.0 / static_cast<double>(scores.size()));
  std::vector<DetPoint> curve;
  for (int32_t i = 0; i < points; ++i) {
    DetPoint point;
    point.threshold = ThresholdForRate(scores, std::exp(least * (1 - i / (points - 1.0))));
    point.fpir = static_cast<double>(CountAtOrAbove(scores, point.threshold)) /
                 static_cast<double>(scores.size());
    const auto misses = std::count_if(
        log.mated.begin(), log.mated.end(),
        [&point](const MatedSearch& search) { return Missed(search, point.threshold); });
    point.fnir = static_cast<double>(misses) / static_cast<double>(log.mated.size());
    curve.push_back(point);
  }
  return curve;
}

double RankOne(const SearchLog& log) {
  if (log.mated.empty()) return 0;
  const auto first = std::count_if(log.mated.begin(), log.mated.end(),
                                   [](const MatedSearch& search) { return search.right_first; });
  return static_cast<double>(first) / static_cast<double>(log.mated.size());
}

}  // namespace rollcall::bench
