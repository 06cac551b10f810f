#include "hours/recompute.h"

#include <map>

namespace rollcall::hours {
namespace {

absl::Status Bad(const base::Uuid& visit, std::string_view what) {
  return base::MakeError(
      absl::StatusCode::kInvalidArgument, "BAD_FACTS",
      "the standing entry of visit " + visit.ToString() + " " + std::string(what));
}

std::string Signed(int64_t minutes) { return (minutes > 0 ? "+" : "") + std::to_string(minutes); }

}  // namespace

absl::StatusOr<Recomputed> Recompute(const Policy& policy, const Facts& facts,
                                     const std::vector<StandingEntry>& standing) {
  ASSIGN_OR_RETURN(Result result, Compute(policy, facts));
  Recomputed all;
  all.policy = policy.Label();
  all.policy_hash = policy.hash;
  all.totals = result.totals;
  std::map<base::Uuid, size_t> index;
  for (Line& line : result.lines) {
    const auto [place, added] = index.try_emplace(line.visit, all.entries.size());
    if (added) all.entries.push_back({.visit = line.visit, .practice = line.practice});
    RecomputedEntry& entry = all.entries[place->second];
    entry.minutes += line.minutes;
    entry.awaiting += line.awaiting_parent + line.awaiting_province;
    entry.lines.push_back(std::move(line));
  }
  std::map<base::Uuid, const StandingEntry*> seen;
  for (const StandingEntry& stands : standing) {
    if (!seen.emplace(stands.visit, &stands).second) return Bad(stands.visit, "is given twice");
    const auto place = index.find(stands.visit);
    if (place == index.end()) return Bad(stands.visit, "is of no visit that was given");
    RecomputedEntry& entry = all.entries[place->second];
    entry.standing = stands.minutes;
    entry.standing_policy = stands.policy;
    if (!entry.practice) all.standing += stands.minutes;
  }
  for (RecomputedEntry& entry : all.entries) entry.difference = entry.minutes - entry.standing;
  all.difference = all.totals.minutes - all.standing;
  return all;
}

std::vector<std::string> ExplainEntry(const Policy& policy, const RecomputedEntry& entry,
                                      Language language) {
  const bool english = language == Language::kEnglish;
  std::vector<std::string> text;
  for (const Line& line : entry.lines) {
    text.push_back(Summary(line, language));
    for (const Step& step : line.steps) text.push_back("  " + Say(step, policy.zone, language));
  }
  const std::string stands = std::to_string(entry.standing);
  const std::string label = entry.standing_policy;
  if (label.empty()) {
    text.push_back(english ? "stands: nothing" : "现有记录：无");
  } else {
    text.push_back(english ? "stands: " + stands + " min under " + label
                           : "现有记录：" + stands + " 分钟，依据 " + label);
  }
  text.push_back((english ? "difference under " : "与下列规则的差额 ") + policy.Label() + ": " +
                 Signed(entry.difference) + (english ? " min" : " 分钟"));
  return text;
}

}  // namespace rollcall::hours
