#include "hours/credit.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace rollcall::hours {
namespace {

using std::chrono::minutes;

// What of one visit lies in one local day and one group of rounding.
struct Part {
  size_t work;
  Day day;
  ActivityKey activity;
  size_t group;  // the stay, or 0 where a whole day is rounded
  base::Time from;
  base::Duration counted{0};
  int64_t minutes = 0;
};

std::vector<Part> Parts(const Policy& policy, const std::vector<Work>& works) {
  const std::vector<Stay> stays = StaysOf(works);
  std::map<std::tuple<size_t, Day, size_t>, Part> parts;
  for (size_t i = 0; i < works.size(); ++i) {
    for (Interval rest : works[i].time) {
      const size_t group = policy.rounding_scope == RoundingScope::kDay
                               ? 0
                               : StayAt(stays, works[i].activity, rest.from);
      while (rest.from < rest.to) {
        const Day day = policy.zone.DayOf(rest.from);
        const base::Time end = std::min(rest.to, policy.zone.StartOf(day + std::chrono::days(1)));
        auto& part =
            parts.try_emplace({i, day, group}, Part{i, day, works[i].activity, group, rest.from})
                .first->second;
        part.from = std::min(part.from, rest.from);
        part.counted += end - rest.from;
        rest.from = end;
      }
    }
  }
  std::vector<Part> list;
  for (const auto& [key, part] : parts) list.push_back(part);
  return list;
}

int64_t RoundedMinutes(const Policy& policy, base::Duration time) {
  const base::Duration unit = minutes(policy.rounding_minutes);
  if (policy.rounding_direction == RoundingDirection::kNearest) time += unit / 2;
  return time / unit * policy.rounding_minutes;
}

// Gives each part what its end adds to the rounded sum of its group.
void Round(const Policy& policy, std::vector<Part>& parts) {
  const auto group_of = [&](const Part& part) {
    const bool by_day = policy.rounding_scope == RoundingScope::kDay;
    return std::tuple(part.activity, by_day ? part.day : Day(), part.group);
  };
  std::sort(parts.begin(), parts.end(), [&](const Part& a, const Part& b) {
    return std::tuple(group_of(a), a.from, a.work, a.day) <
           std::tuple(group_of(b), b.from, b.work, b.day);
  });
  base::Duration counted{0};
  int64_t given = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i == 0 || group_of(parts[i - 1]) != group_of(parts[i])) {
      counted = base::Duration(0);
      given = 0;
    }
    counted += parts[i].counted;
    parts[i].minutes = RoundedMinutes(policy, counted) - given;
    given += parts[i].minutes;
  }
}

// The weaker of the two ends of a visit; what people agreed on later is an entry made afterwards.
domain::EvidenceClass WeakerEnd(const Visit& visit) {
  using domain::EvidenceClass;
  if (visit.agreed_end) return EvidenceClass::kBackEntry;
  if (!visit.out) return visit.in_evidence;
  return domain::WeakerOf(visit.in_evidence, visit.out_evidence);
}

Line LineOf(const Work& work, Day day, base::Time from) {
  Line line;
  line.visit = work.visit->id;
  line.session = work.visit->session;
  line.day = day;
  line.from = from;
  line.practice = work.visit->practice;
  line.evidence = WeakerEnd(*work.visit);
  return line;
}

struct NumberedLine {
  size_t work;
  Line line;
};

// One line per visit and day, each visit's steps on its first.
std::vector<NumberedLine> Lines(const Policy& policy, const std::vector<Work>& works,
                                const std::vector<Part>& parts) {
  std::map<std::pair<size_t, Day>, Line> lines;
  for (const Part& part : parts) {
    Line& line =
        lines.try_emplace({part.work, part.day}, LineOf(works[part.work], part.day, part.from))
            .first->second;
    line.from = std::min(line.from, part.from);
    line.counted += part.counted;
    line.minutes += part.minutes;
  }
  std::vector<NumberedLine> list;
  for (size_t i = 0; i < works.size(); ++i) {
    auto line = lines.lower_bound({i, Day::min()});
    const size_t first = list.size();
    for (; line != lines.end() && line->first.first == i; ++line) {
      list.push_back({i, std::move(line->second)});
    }
    if (list.size() == first) {
      const base::Time in = works[i].visit->in;
      list.push_back({i, LineOf(works[i], policy.zone.DayOf(in), in)});
    }
    list[first].line.steps = works[i].steps;
  }
  for (auto& [work, each] : list) {
    if (each.counted == minutes(each.minutes)) continue;
    each.steps.push_back({.rule = Rule::kRounded,
                          .amount = each.counted,
                          .minutes = each.minutes,
                          .limit = policy.rounding_minutes});
  }
  std::sort(list.begin(), list.end(), [](const NumberedLine& a, const NumberedLine& b) {
    return std::tie(a.line.day, a.line.from, a.work) < std::tie(b.line.day, b.line.from, b.work);
  });
  return list;
}

// Lets `line` have what is left of `limit` after `used`.
void Cap(int64_t limit, Rule rule, int64_t& used, Line& line) {
  const int64_t allowed = std::clamp<int64_t>(limit - used, 0, line.minutes);
  if (allowed < line.minutes) {
    line.steps.push_back({.rule = rule, .minutes = line.minutes - allowed, .limit = limit});
  }
  line.minutes = allowed;
  used += allowed;
}

int64_t ActivityCap(const Policy& policy, const Visit& visit) {
  int64_t cap = policy.activity_cap_minutes > 0 ? policy.activity_cap_minutes : INT64_MAX;
  if (policy.cap_at_activity_length) {
    cap =
        std::min<int64_t>(cap, std::chrono::duration_cast<minutes>(visit.activity_length).count());
  }
  return cap;
}

// Splits the minutes of a line that begins at `used` minutes of its day among the tiers.
void SplitIntoTiers(const Policy& policy, const std::set<std::pair<Day, Tier>>& approved,
                    int64_t& used, Line& line) {
  if (policy.final_until_minutes == 0) return;
  const int64_t end = used + line.minutes;
  const auto above = [&](int64_t limit) {
    return std::clamp<int64_t>(end - limit, 0, line.minutes);
  };
  const int64_t province = above(policy.parent_until_minutes);
  const int64_t parent = above(policy.final_until_minutes) - province;
  used = end;
  const auto take = [&](int64_t amount, Tier tier, int64_t limit, Rule waits, Rule granted,
                        int64_t& awaiting) {
    if (amount == 0) return;
    const bool good = approved.contains({line.day, tier});
    line.steps.push_back({.rule = good ? granted : waits, .minutes = amount, .limit = limit});
    if (good) return;
    line.minutes -= amount;
    awaiting += amount;
  };
  take(parent, Tier::kParent, policy.final_until_minutes, Rule::kAwaitsParent,
       Rule::kParentApproved, line.awaiting_parent);
  take(province, Tier::kProvince, policy.parent_until_minutes, Rule::kAwaitsProvince,
       Rule::kProvinceApproved, line.awaiting_province);
}

LineStatus StatusOf(const Line& line, bool open) {
  if (open) return LineStatus::kPending;
  if (line.awaiting_province > 0) return LineStatus::kAwaitsProvince;
  if (line.awaiting_parent > 0) return LineStatus::kAwaitsParent;
  return line.minutes > 0 ? LineStatus::kCredited : LineStatus::kNothing;
}

}  // namespace

std::vector<Line> Credit(const Policy& policy, const std::vector<Work>& works,
                         const std::vector<TierApproval>& approvals) {
  std::set<std::pair<Day, Tier>> approved;
  for (const TierApproval& each : approvals) approved.emplace(each.day, each.tier);
  std::vector<Part> parts = Parts(policy, works);
  Round(policy, parts);
  std::map<ActivityKey, int64_t> of_activity;
  std::map<Day, int64_t> of_day;
  std::map<Day, int64_t> in_tiers;
  std::vector<Line> lines;
  for (auto& [work, line] : Lines(policy, works, parts)) {
    const int64_t cap = ActivityCap(policy, *works[work].visit);
    Cap(cap, Rule::kActivityCap, of_activity[works[work].activity], line);
    if (policy.day_cap_minutes > 0) {
      Cap(policy.day_cap_minutes, Rule::kDayCap, of_day[line.day], line);
    }
    SplitIntoTiers(policy, approved, in_tiers[line.day], line);
    line.status = StatusOf(line, works[work].open);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace rollcall::hours
