#include "bench/trial.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/status.h"

namespace rollcall::bench {
namespace {

// Hands out people at random, each once before anybody comes again.
class Deck {
 public:
  Deck(std::vector<int32_t> people, Dice& dice) : people_(std::move(people)), dice_(dice) {
    dice_.Shuffle(people_);
  }

  size_t size() const { return people_.size(); }

  // The next `count` people who are not `taken` yet, or all that are left; marks them taken.
  std::vector<int32_t> Take(size_t count, std::vector<bool>& taken) {
    std::vector<int32_t> hand;
    for (size_t looked_at = 0; hand.size() < count && looked_at < 2 * size(); ++looked_at) {
      if (next_ == size()) {
        dice_.Shuffle(people_);
        next_ = 0;
      }
      const int32_t person = people_[next_++];
      if (taken[static_cast<size_t>(person)]) continue;
      taken[static_cast<size_t>(person)] = true;
      hand.push_back(person);
    }
    return hand;
  }

 private:
  std::vector<int32_t> people_;
  Dice& dice_;
  size_t next_ = 0;
};

// One person's pictures in an order that begins with other ones each time, so that every picture
// becomes a probe about equally often.
class PictureOrder {
 public:
  // `frames`: how many at the beginning are used up each time.
  std::vector<int32_t> Next(int32_t pictures, int32_t frames, Dice& dice) {
    if (order_.empty() || begin_ + frames > pictures) {
      order_.resize(static_cast<size_t>(pictures));
      std::iota(order_.begin(), order_.end(), 0);
      dice.Shuffle(order_);
      begin_ = 0;
    }
    std::vector<int32_t> rotated = order_;
    std::rotate(rotated.begin(), rotated.begin() + begin_, rotated.end());
    begin_ += frames;
    return rotated;
  }

 private:
  std::vector<int32_t> order_;
  int32_t begin_ = 0;
};

// Cuts `order` into attempts of `frames` pictures.
Visit MakeVisit(int32_t person, std::span<const int32_t> order, const TrialPlan& plan) {
  Visit visit;
  visit.person = person;
  const auto frames = static_cast<size_t>(plan.frames);
  while (visit.attempts.size() < static_cast<size_t>(plan.attempts) && frames <= order.size()) {
    const auto attempt = order.first(frames);
    visit.attempts.emplace_back(attempt.begin(), attempt.end());
    order = order.subspan(frames);
  }
  return visit;
}

class Planner {
 public:
  Planner(std::span<const int32_t> pictures, const TrialPlan& plan)
      : pictures_(pictures),
        plan_(plan),
        dice_(plan.seed),
        returning_(PeopleWith(plan.photos + plan.frames, INT32_MAX), dice_),
        enrolled_only_(PeopleWith(plan.photos, plan.photos + plan.frames), dice_),
        as_mated_(pictures.size()),
        as_stranger_(pictures.size()) {}

  Draw Next() {
    Draw draw;
    std::vector<bool> enrolled(pictures_.size(), false);
    for (const int32_t person : ChooseGallery(enrolled)) Enrol(person, draw);
    for (size_t p = 0; p < pictures_.size(); ++p) {
      if (enrolled[p] || pictures_[p] < plan_.frames) continue;
      const auto order = as_stranger_[p].Next(pictures_[p], plan_.frames, dice_);
      draw.non_mated.push_back(MakeVisit(static_cast<int32_t>(p), order, plan_));
    }
    return draw;
  }

 private:
  std::vector<int32_t> PeopleWith(int32_t at_least, int32_t below) const {
    std::vector<int32_t> people;
    for (size_t p = 0; p < pictures_.size(); ++p) {
      if (pictures_[p] >= at_least && pictures_[p] < below) {
        people.push_back(static_cast<int32_t>(p));
      }
    }
    return people;
  }

  // The people of one gallery, in the order of MakeDraws' contract.
  std::vector<int32_t> ChooseGallery(std::vector<bool>& taken) {
    const auto places = static_cast<size_t>(plan_.gallery);
    auto people = returning_.Take(std::min(places, (returning_.size() + 1) / 2), taken);
    for (Deck* deck : {&enrolled_only_, &returning_}) {
      const auto more = deck->Take(places - people.size(), taken);
      people.insert(people.end(), more.begin(), more.end());
    }
    return people;
  }

  // The template comes from the end of the order, the probes from what is before it.
  void Enrol(int32_t person, Draw& draw) {
    const auto p = static_cast<size_t>(person);
    const auto order = as_mated_[p].Next(pictures_[p], plan_.frames, dice_);
    const auto all = std::span<const int32_t>(order);
    const auto photos = all.last(static_cast<size_t>(plan_.photos));
    draw.gallery.push_back({person, {photos.begin(), photos.end()}});
    Visit visit = MakeVisit(person, all.first(all.size() - photos.size()), plan_);
    if (!visit.attempts.empty()) draw.mated.push_back(std::move(visit));
  }

  const std::span<const int32_t> pictures_;
  const TrialPlan& plan_;
  Dice dice_;
  Deck returning_;
  Deck enrolled_only_;
  std::vector<PictureOrder> as_mated_;
  std::vector<PictureOrder> as_stranger_;
};

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
  Planner planner(pictures, plan);
  std::vector<Draw> draws;
  for (int32_t i = 0; i < plan.draws; ++i) draws.push_back(planner.Next());
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
