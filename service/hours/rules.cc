#include "hours/rules.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace rollcall::hours {
namespace {

constexpr base::Time kEarliest = base::Time::min();
constexpr base::Time kLatest = base::Time::max();

void Drop(Work& work, Step step) {
  work.time.clear();
  work.steps.push_back(step);
}

// Keeps `left` of the work's time; notes what went under `step`.
void Keep(Work& work, IntervalSet left, Step step) {
  step.amount = Length(work.time) - Length(left);
  if (step.amount.count() == 0) return;
  work.time = std::move(left);
  work.steps.push_back(step);
}

void TakePresence(Work& work) {
  const Visit& visit = *work.visit;
  if (!visit.out && !visit.agreed_end) {
    work.open = true;
    work.steps.push_back({.rule = Rule::kOpen});
    return;
  }
  base::Time end = visit.out.value_or(base::Time());
  if (visit.agreed_end) {
    const base::Time latest = visit.in + visit.activity_length;
    end = std::min(*visit.agreed_end, latest);
    work.steps.push_back({.rule = Rule::kAgreedEnd, .to = *visit.agreed_end});
    if (end < *visit.agreed_end) {
      work.steps.push_back({.rule = Rule::kAgreedEndCapped, .from = *visit.agreed_end, .to = end});
    }
  }
  if (end <= visit.in) {
    Drop(work, {.rule = Rule::kNoTime});
  } else {
    work.time = {{visit.in, end}};
  }
}

void LimitPairs(const Policy& policy, std::vector<Work>& works) {
  if (policy.pairs_per_day == 0 || std::cmp_less_equal(works.size(), policy.pairs_per_day)) return;
  std::map<std::pair<ActivityKey, Day>, int32_t> pairs;
  for (Work& work : works) {
    const int32_t count = ++pairs[{work.activity, policy.zone.DayOf(work.visit->in)}];
    if (count > policy.pairs_per_day && !work.open) {
      Drop(work, {.rule = Rule::kPairLimit, .limit = policy.pairs_per_day});
    }
  }
}

// Moves what of `from` lies between the two times to `to`, at the boundary of two shifts.
void HandOver(Work& from, Work& to, base::Time begin, base::Time end, base::Time boundary) {
  const IntervalSet moved = Clip(from.time, begin, end);
  if (moved.empty()) return;
  from.time = Subtract(from.time, moved);
  from.steps.push_back({.rule = Rule::kHandedOver, .from = boundary, .amount = Length(moved)});
  const IntervalSet gained = Subtract(moved, to.time);
  if (gained.empty()) return;
  to.time = Union(to.time, gained);
  to.steps.push_back({.rule = Rule::kTakenOver, .from = boundary, .amount = Length(gained)});
}

// A boundary of a session of an activity, and the stay in which she was there.
using Boundary = std::tuple<ActivityKey, base::Time, size_t>;

struct ShiftVisit {
  Work* work;
  size_t stay;
};

// Time moves only within one stay: where she was there all the time from one visit to the other.
void SplitAtShiftBoundaries(std::vector<Work>& works) {
  for (Work& work : works) work.present = work.time;
  if (works.size() < 2) return;
  const std::vector<Stay> stays = StaysOf(works);
  std::map<Boundary, Work*> first_starting;
  std::map<Boundary, Work*> last_ending;
  std::vector<ShiftVisit> by_start;
  for (Work& work : works) {  // in the order of check-in
    if (work.time.empty()) continue;
    const size_t stay = StayAt(stays, work.activity, work.time.front().from);
    first_starting.try_emplace({work.activity, work.visit->session_starts, stay}, &work);
    last_ending.insert_or_assign({work.activity, work.visit->session_ends, stay}, &work);
    by_start.push_back({&work, stay});
  }
  std::stable_sort(by_start.begin(), by_start.end(), [](const ShiftVisit& a, const ShiftVisit& b) {
    return a.work->visit->session_starts < b.work->visit->session_starts;
  });
  // Forwards, so that what was handed on can be handed on again; then backwards.
  for (const auto& [work, stay] : by_start) {
    const base::Time boundary = work->visit->session_ends;
    const auto next = first_starting.find({work->activity, boundary, stay});
    if (next == first_starting.end()) continue;
    HandOver(*work, *next->second, boundary, kLatest, boundary);
  }
  for (auto each = by_start.rbegin(); each != by_start.rend(); ++each) {
    const base::Time boundary = each->work->visit->session_starts;
    const auto before = last_ending.find({each->work->activity, boundary, each->stay});
    if (before == last_ending.end()) continue;
    HandOver(*each->work, *before->second, kEarliest, boundary, boundary);
  }
}

void ClipToSession(const Policy& policy, Work& work) {
  if (work.time.empty()) return;
  const base::Time from = work.visit->session_starts - policy.allowed_early;
  const base::Time to = work.visit->session_ends + policy.grace_late;
  const base::Time came = work.time.front().from;
  const base::Time left = work.time.back().to;
  IntervalSet inside = Clip(work.time, from, to);
  if (inside.empty()) {
    return Drop(work, {.rule = Rule::kOutsideSession, .from = came, .to = left});
  }
  if (came < from) work.steps.push_back({.rule = Rule::kEarlyArrival, .from = came, .to = from});
  if (left > to) work.steps.push_back({.rule = Rule::kLateLeaving, .from = left, .to = to});
  work.time = std::move(inside);
}

void DemandShare(const Policy& policy, std::vector<Work>& works) {
  if (policy.minimum_share_percent == 0) return;
  std::map<ActivityKey, std::vector<Work*>> activities;
  for (Work& work : works) {
    if (!work.time.empty()) activities[work.activity].push_back(&work);
  }
  for (const auto& [activity, members] : activities) {
    std::vector<Interval> present;
    for (const Work* const work : members) {
      present.insert(present.end(), work->time.begin(), work->time.end());
    }
    const base::Duration length = Length(Merge(std::move(present)));
    if (length * 100 >= members.front()->visit->activity_length * policy.minimum_share_percent) {
      continue;
    }
    for (Work* const work : members) {
      Drop(*work,
           {.rule = Rule::kBelowShare, .amount = length, .limit = policy.minimum_share_percent});
    }
  }
}

void ExcludeWindows(const Policy& policy, Work& work) {
  if (work.visit->windows.empty()) return;
  const auto exclude = [&work](WindowKind kind, Rule rule) {
    std::vector<Interval> windows;
    for (const Window& window : work.visit->windows) {
      if (window.kind == kind) windows.push_back(window.time);
    }
    Keep(work, Subtract(work.time, Merge(std::move(windows))), {.rule = rule});
  };
  if (policy.exclude_break_windows) exclude(WindowKind::kBreak, Rule::kBreakWindow);
  if (policy.exclude_travel) exclude(WindowKind::kTravel, Rule::kTravel);
}

void CreditOverlapsOnce(std::vector<Work>& works) {
  if (works.size() < 2) return;
  std::vector<Work*> order;
  for (Work& work : works) {
    if (!work.time.empty()) order.push_back(&work);
  }
  // `works` is by check-in and id already.
  std::stable_sort(order.begin(), order.end(), [](const Work* a, const Work* b) {
    return a->time.front().from < b->time.front().from;
  });
  IntervalSet taken;  // by earlier ones, without what is over when the next begins
  for (size_t i = 0; i < order.size(); ++i) {
    Work& work = *order[i];
    const base::Time begins = work.time.front().from;
    std::erase_if(taken, [begins](const Interval& each) { return each.to <= begins; });
    IntervalSet left = Subtract(work.time, taken);
    const IntervalSet lost = Subtract(work.time, left);
    if (!lost.empty()) {
      const auto keeps_it = [&](const Work* earlier) {
        return !Clip(earlier->time, lost.front().from, lost.front().to).empty();
      };
      const auto other =
          std::find_if(order.begin(), order.begin() + static_cast<ptrdiff_t>(i), keeps_it);
      Keep(work, std::move(left), {.rule = Rule::kOverlap, .other = (*other)->visit->id});
    }
    taken = Union(taken, work.time);
  }
}

void DeductBreaks(const Policy& policy, std::vector<Work>& works) {
  if (policy.break_after.count() == 0) return;
  struct Piece {
    size_t stay;
    Interval time;
    Work* work;
  };
  const std::vector<Stay> stays = StaysOf(works);
  std::vector<Piece> pieces;
  for (Work& work : works) {
    for (const Interval& time : work.time) {
      pieces.push_back({StayAt(stays, work.activity, time.from), time, &work});
    }
  }
  std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
    return std::tie(a.stay, a.time.from) < std::tie(b.stay, b.time.from);
  });
  base::Duration so_far{0};
  for (size_t i = 0; i < pieces.size(); ++i) {
    const auto& [stay, time, work] = pieces[i];
    if (i == 0 || pieces[i - 1].stay != stay) so_far = base::Duration(0);
    // The break as a part of this piece, if any of it is.
    const base::Time from = std::max(time.from, time.from + (policy.break_after - so_far));
    const base::Time to =
        std::min(time.to, time.from + (policy.break_after + policy.break_deducted - so_far));
    so_far += time.to - time.from;
    if (from >= to) continue;
    Keep(*work, Subtract(work->time, {{from, to}}),
         {.rule = Rule::kBreakDeducted,
          .limit = std::chrono::duration_cast<std::chrono::minutes>(policy.break_after).count()});
  }
}

}  // namespace

void ApplyTimeRules(const Policy& policy, std::vector<Work>& works) {
  std::sort(works.begin(), works.end(), [](const Work& a, const Work& b) {
    return std::tie(a.visit->in, a.visit->id) < std::tie(b.visit->in, b.visit->id);
  });
  for (Work& work : works) TakePresence(work);
  LimitPairs(policy, works);
  if (policy.clip_to_session) {
    SplitAtShiftBoundaries(works);
    for (Work& work : works) ClipToSession(policy, work);
  }
  DemandShare(policy, works);
  for (Work& work : works) {
    work.present = work.time;
    ExcludeWindows(policy, work);
  }
  CreditOverlapsOnce(works);
  DeductBreaks(policy, works);
}

std::vector<Stay> StaysOf(const std::vector<Work>& works) {
  std::map<ActivityKey, std::vector<Interval>> present;
  for (const Work& work : works) {
    auto& all = present[work.activity];
    all.insert(all.end(), work.present.begin(), work.present.end());
  }
  std::vector<Stay> stays;
  for (auto& [activity, intervals] : present) {
    for (const Interval& time : Merge(std::move(intervals))) stays.push_back({activity, time});
  }
  return stays;
}

size_t StayAt(const std::vector<Stay>& stays, const ActivityKey& activity, base::Time time) {
  const auto after = std::upper_bound(stays.begin(), stays.end(), std::tie(activity, time),
                                      [](const auto& key, const Stay& stay) {
                                        return key < std::tie(stay.activity, stay.time.from);
                                      });
  ROLLCALL_CHECK(after != stays.begin());
  return static_cast<size_t>(after - stays.begin()) - 1;
}

}  // namespace rollcall::hours
