#include "bench/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/status.h"

namespace rollcall::bench {
namespace {

// The continued fraction of the incomplete beta function by Lentz's method (Press et al., Numerical
// Recipes, section 6.4). Converges fast for x < (a + 1) / (a + b + 2), within about sqrt(max(a, b))
// steps.
double BetaFraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  constexpr int kMaxSteps = 100'000;
  const auto away_from_zero = [](double v) { return std::abs(v) < kTiny ? kTiny : v; };
  double c = 1;
  double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
  double result = d;
  for (int step = 1; step <= kMaxSteps; ++step) {
    const double m = step;
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away_from_zero(1 + even * d);
    c = away_from_zero(1 + even / c);
    result *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away_from_zero(1 + odd * d);
    c = away_from_zero(1 + odd / c);
    const double change = d * c;
    result *= change;
    if (std::abs(change - 1) < 1e-14) break;
  }
  return result;
}

// The regularised incomplete beta function I_x(a, b): the probability of at least `a` events in
// a + b - 1 trials of rate `x`.
double Beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
                                a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * BetaFraction(a, b, x) / a;
  return 1 - front * BetaFraction(b, a, 1 - x) / b;
}

// The x at which I_x(a, b) equals `p`, by bisection; Beta grows with x.
double InverseBeta(double a, double b, double p) {
  double low = 0;
  double high = 1;
  for (int step = 0; step < 200 && high - low > 1e-15 * high; ++step) {
    const double middle = low + (high - low) / 2;
    (Beta(a, b, middle) < p ? low : high) = middle;
  }
  return high;
}

double EqualErrorRate(std::span<const float> non_mated_descending, std::vector<float> mated) {
  if (non_mated_descending.empty() || mated.empty()) return 0;
  std::sort(mated.begin(), mated.end());
  const auto all = static_cast<double>(non_mated_descending.size());
  for (size_t below = 0; below < mated.size(); ++below) {
    const double fmr =
        static_cast<double>(CountAtOrAbove(non_mated_descending, mated[below])) / all;
    const double fnmr = static_cast<double>(below) / static_cast<double>(mated.size());
    if (fnmr >= fmr) return (fnmr + fmr) / 2;
  }
  return 0;
}

}  // namespace

double UpperBound(int64_t events, int64_t trials, double confidence) {
  ROLLCALL_CHECK(events >= 0 && events <= trials && confidence > 0 && confidence < 1);
  if (events == trials) return 1;
  return InverseBeta(static_cast<double>(events) + 1, static_cast<double>(trials - events),
                     confidence);
}

double LowerBound(int64_t events, int64_t trials, double confidence) {
  ROLLCALL_CHECK(events >= 0 && events <= trials && confidence > 0 && confidence < 1);
  if (events == 0) return 0;
  return InverseBeta(static_cast<double>(events), static_cast<double>(trials - events) + 1,
                     1 - confidence);
}

size_t Dice::Below(size_t limit) {
  ROLLCALL_CHECK(limit >= 1);
  // Numbers at the top that would favour small results are thrown away.
  const uint64_t whole = std::numeric_limits<uint64_t>::max() / limit * limit;
  uint64_t value = engine_();
  while (value >= whole) value = engine_();
  return value % limit;
}

double Dice::Unit() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }

double Dice::Normal() {
  // Box and Muller; 1 - Unit() lies in (0, 1].
  const double radius = std::sqrt(-2 * std::log(1 - Unit()));
  return radius * std::cos(2 * std::numbers::pi * Unit());
}

Interval BootstrapPeople(size_t people, const BootstrapPlan& plan,
                         const std::function<double(std::span<const int32_t>)>& statistic) {
  if (people == 0) return {};
  Dice dice(plan.seed);
  std::vector<double> results;
  std::vector<int32_t> weights(people);
  for (int32_t replicate = 0; replicate < plan.replicates; ++replicate) {
    std::fill(weights.begin(), weights.end(), 0);
    for (size_t draw = 0; draw < people; ++draw) ++weights[dice.Below(people)];
    const double result = statistic(weights);
    if (!std::isnan(result)) results.push_back(result);
  }
  if (results.empty()) return {};
  return {Quantile(results, 0.025), Quantile(results, 0.975)};
}

double Quantile(std::vector<double> values, double share) {
  ROLLCALL_CHECK(!values.empty());
  std::sort(values.begin(), values.end());
  const double place = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (values[above] - values[below]) * (place - static_cast<double>(below));
}

float ThresholdForRate(std::span<const float> descending, double rate) {
  // The small addition keeps 0.003 * 1000 from becoming 2.
  const auto allowed = static_cast<size_t>(rate * static_cast<double>(descending.size()) + 1e-9);
  if (allowed >= descending.size()) return -1;
  return std::nextafter(descending[allowed], std::numeric_limits<float>::infinity());
}

int64_t CountAtOrAbove(std::span<const float> descending, float threshold) {
  return std::partition_point(descending.begin(), descending.end(),
                              [threshold](float score) { return score >= threshold; }) -
         descending.begin();
}

Roc MakeRoc(PairScores& scores, std::span<const double> fmr_targets, const BootstrapPlan& plan) {
  std::sort(scores.non_mated.begin(), scores.non_mated.end(), std::greater<>());
  Roc roc;
  roc.mated = static_cast<int64_t>(scores.mated.size());
  roc.non_mated = static_cast<int64_t>(scores.non_mated.size());
  roc.equal_error_rate = EqualErrorRate(scores.non_mated, scores.mated);
  for (const double target : fmr_targets) {
    if (roc.mated == 0 || target * static_cast<double>(roc.non_mated) < 1) continue;
    RocPoint point;
    point.fmr_target = target;
    point.threshold = ThresholdForRate(scores.non_mated, target);
    point.false_matches = CountAtOrAbove(scores.non_mated, point.threshold);
    point.fmr = static_cast<double>(point.false_matches) / static_cast<double>(roc.non_mated);
    std::vector<int64_t> misses(scores.people, 0);
    std::vector<int64_t> pairs(scores.people, 0);
    for (size_t i = 0; i < scores.mated.size(); ++i) {
      const auto person = static_cast<size_t>(scores.mated_person[i]);
      ++pairs[person];
      if (scores.mated[i] < point.threshold) {
        ++misses[person];
        ++point.false_non_matches;
      }
    }
    point.fnmr = static_cast<double>(point.false_non_matches) / static_cast<double>(roc.mated);
    point.fnmr_interval =
        BootstrapPeople(scores.people, plan, [&](std::span<const int32_t> weights) {
          int64_t missed = 0;
          int64_t all = 0;
          for (size_t p = 0; p < weights.size(); ++p) {
            missed += weights[p] * misses[p];
            all += weights[p] * pairs[p];
          }
          return static_cast<double>(missed) / static_cast<double>(all);
        });
    roc.points.push_back(point);
  }
  return roc;
}

}  // namespace rollcall::bench
