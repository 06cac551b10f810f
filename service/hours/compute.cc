#include "hours/compute.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "hours/credit.h"
#include "hours/rules.h"

namespace rollcall::hours {
namespace {

constexpr base::Duration kLongest = std::chrono::days(31);

bool IsSound(const Interval& time) {
  return InRange(time.from) && InRange(time.to) && time.from < time.to &&
         time.to - time.from <= kLongest;
}

// What is wrong with one visit by itself; empty: nothing.
std::string_view FaultOf(const Visit& visit) {
  if (visit.id.IsNil()) return "has no id";
  if (!IsSound(Interval{visit.session_starts, visit.session_ends})) {
    return "is of a session that does not end after its start, within 31 days";
  }
  for (const Window& window : visit.windows) {
    if (!IsSound(window.time)) return "has a break that does not end after its start";
  }
  if (visit.activity_length.count() <= 0 || visit.activity_length > kLongestActivity) {
    return "is of an activity whose length is not above 0, or more than 372 days";
  }
  if (visit.out && visit.agreed_end) return "has both a check-out and an agreed end";
  const base::Time end = visit.out ? *visit.out : visit.agreed_end.value_or(visit.in);
  if (!InRange(visit.in) || !InRange(end) || end - visit.in > kLongest) {
    return "lasts more than 31 days, or lies before 1970 or after 2199";
  }
  return "";
}

absl::Status Validate(const Facts& facts) {
  const auto bad = [](const Visit& visit, std::string_view what) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_FACTS",
                           "visit " + visit.id.ToString() + " " + std::string(what));
  };
  std::set<base::Uuid> ids;
  std::map<ActivityKey, base::Duration> lengths;
  for (const Visit& visit : facts.visits) {
    if (const std::string_view fault = FaultOf(visit); !fault.empty()) return bad(visit, fault);
    if (!ids.insert(visit.id).second) return bad(visit, "is given twice");
    const auto [known, added] = lengths.try_emplace(
        {visit.session.organisation, visit.session.activity}, visit.activity_length);
    if (known->second != visit.activity_length) {
      return bad(visit, "has another activity length than a visit of the same activity");
    }
  }
  for (const TierApproval& approval : facts.approvals) {
    if (approval.tier == Tier::kParent || approval.tier == Tier::kProvince) continue;
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_FACTS",
                           "an approval of " + FormatDay(approval.day) + " is of no tier");
  }
  return absl::OkStatus();
}

int64_t& ClassTotal(Totals& totals, domain::EvidenceClass evidence) {
  const std::string_view name = domain::PublicClass(evidence);
  if (name == domain::PublicClass(domain::EvidenceClass::kFace)) return totals.minutes_witnessed;
  if (name == domain::PublicClass(domain::EvidenceClass::kStaff)) return totals.minutes_attested;
  return totals.minutes_entered_afterwards;
}

void AddUp(const Line& line, Totals& totals) {
  if (line.practice) {
    totals.practice_minutes += line.minutes + line.awaiting_parent + line.awaiting_province;
    return;
  }
  totals.minutes += line.minutes;
  ClassTotal(totals, line.evidence) += line.minutes;
  totals.awaiting_parent += line.awaiting_parent;
  totals.awaiting_province += line.awaiting_province;
  if (line.status == LineStatus::kPending) ++totals.pending_visits;
}

}  // namespace

std::string_view ToString(LineStatus status) {
  switch (status) {
    case LineStatus::kCredited:
      return "credited";
    case LineStatus::kAwaitsParent:
      return "awaits parent";
    case LineStatus::kAwaitsProvince:
      return "awaits province";
    case LineStatus::kPending:
      return "pending";
    case LineStatus::kNothing:
      return "nothing";
  }
  return "unknown";
}

bool InRange(base::Time time) {
  constexpr base::Time kYear2200{std::chrono::sys_days(std::chrono::year(2200) / 1 / 1)};
  return time >= base::Time() && time < kYear2200;
}

absl::StatusOr<Result> Compute(const Policy& policy, const Facts& facts) {
  RETURN_IF_ERROR(Validate(facts));
  Result result;
  for (const bool practice : {false, true}) {
    std::vector<Work> works;
    for (const Visit& visit : facts.visits) {
      if (visit.practice == practice) works.emplace_back(visit);
    }
    if (works.empty()) continue;
    ApplyTimeRules(policy, works);
    for (Line& line : Credit(policy, works, facts.approvals)) {
      AddUp(line, result.totals);
      result.lines.push_back(std::move(line));
    }
  }
  std::stable_sort(result.lines.begin(), result.lines.end(), [](const Line& a, const Line& b) {
    return std::tie(a.day, a.from, a.visit) < std::tie(b.day, b.from, b.visit);
  });
  return result;
}

absl::StatusOr<int64_t> MinutesAlone(const Policy& policy, const Visit& visit) {
  Policy alone = policy;
  alone.pairs_per_day = 0;
  alone.minimum_share_percent = 0;
  alone.activity_cap_minutes = 0;
  alone.cap_at_activity_length = false;
  alone.day_cap_minutes = 0;
  alone.final_until_minutes = 0;
  alone.parent_until_minutes = 0;
  ASSIGN_OR_RETURN(const Result result, Compute(alone, {.visits = {visit}, .approvals = {}}));
  return result.totals.minutes + result.totals.practice_minutes;
}

std::vector<PendingVisit> SweepPending(const Policy& policy, const Facts& facts, base::Time now) {
  std::vector<PendingVisit> found;
  for (const Visit& visit : facts.visits) {
    if (visit.out || visit.agreed_end) continue;
    const base::Time since = visit.session_ends + policy.pending_after;
    if (since <= now) found.push_back({visit.id, since});
  }
  std::sort(found.begin(), found.end(), [](const PendingVisit& a, const PendingVisit& b) {
    return std::tie(a.since, a.visit) < std::tie(b.since, b.visit);
  });
  return found;
}

}  // namespace rollcall::hours
