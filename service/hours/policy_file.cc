#include <algorithm>

#include "base/toml_reader.h"
#include "hours/policy.h"

namespace rollcall::hours {
namespace {

using std::chrono::minutes;

constexpr size_t kMaxStars = 10;
constexpr int64_t kDayMinutes = 1500;  // the day on which the clock is put back has 25 hours

void ReadHead(base::TomlReader& file, Policy& policy) {
  policy.name = file.Id("name");
  policy.version = static_cast<int32_t>(file.Integer("version", 1, 1'000'000));
  policy.title = file.Text("title", 200);
  policy.title_zh = file.Text("title_zh", 200);
  policy.source = file.Text("source", 1000);
  const std::string zone = file.Text("time_zone", 64);
  if (const absl::StatusOr<Zone> found = Zone::Find(zone); found.ok()) {
    policy.zone = *found;
  } else {
    file.Complain("time_zone", base::Message(found.status()));
  }
}

void ReadVisitRules(base::TomlReader& file, Policy& policy) {
  policy.rounding_minutes = file.Integer("rounding.unit_minutes", 1, 60);
  policy.rounding_direction = file.Choice<RoundingDirection>(
      "rounding.direction",
      {{"down", RoundingDirection::kDown}, {"nearest", RoundingDirection::kNearest}});
  policy.rounding_scope = file.Choice<RoundingScope>(
      "rounding.per", {{"pair", RoundingScope::kPair}, {"day", RoundingScope::kDay}});
  policy.clip_to_session = file.Flag("session.clip");
  policy.allowed_early = minutes(file.Integer("session.allowed_early_minutes", 0, 240));
  policy.grace_late = minutes(file.Integer("session.grace_late_minutes", 0, 240));
  if (!policy.clip_to_session && policy.allowed_early.count() > 0) {
    file.Complain("session.allowed_early_minutes", "has no meaning without session.clip");
  }
  if (!policy.clip_to_session && policy.grace_late.count() > 0) {
    file.Complain("session.grace_late_minutes", "has no meaning without session.clip");
  }
  policy.exclude_break_windows = file.Flag("breaks.exclude_windows");
  policy.break_after = minutes(file.Integer("breaks.after_minutes", 0, 1440));
  policy.break_deducted = minutes(file.Integer("breaks.deduct_minutes", 0, 240));
  if ((policy.break_after.count() > 0) != (policy.break_deducted.count() > 0)) {
    file.Complain("breaks.deduct_minutes",
                  "needs breaks.after_minutes, and the other way round; 0 and 0 mean none");
  }
  policy.exclude_travel = file.Flag("travel.excluded");
}

void ReadSums(base::TomlReader& file, Policy& policy) {
  policy.minimum_share_percent =
      static_cast<int32_t>(file.Integer("activity.minimum_share_percent", 0, 100));
  policy.activity_cap_minutes = file.Integer("activity.cap_minutes", 0, 1'000'000);
  policy.cap_at_activity_length = file.Flag("activity.cap_at_length");
  policy.pairs_per_day = static_cast<int32_t>(file.Integer("activity.pairs_per_day", 0, 100));
  policy.day_cap_minutes = file.Integer("day.cap_minutes", 0, kDayMinutes);
  policy.final_until_minutes = file.Integer("day.final_until_minutes", 0, kDayMinutes);
  policy.parent_until_minutes = file.Integer("day.parent_until_minutes", 0, kDayMinutes);
  if ((policy.final_until_minutes > 0) != (policy.parent_until_minutes > 0) ||
      policy.final_until_minutes > policy.parent_until_minutes) {
    file.Complain("day.parent_until_minutes",
                  "must be at least day.final_until_minutes; 0 and 0 mean that all is final");
  }
  policy.pending_after = minutes(file.Integer("open.pending_after_minutes", 0, 10'080));
  policy.recording_working_days =
      static_cast<int32_t>(file.Integer("recording.working_days", 0, 250));
}

void ReadStars(base::TomlReader& file, StarRules& stars) {
  stars.threshold_hours = file.Integers("stars.threshold_hours", 1, 100'000, kMaxStars);
  const auto& hours = stars.threshold_hours;
  if (std::adjacent_find(hours.begin(), hours.end(), std::greater_equal<>()) != hours.end()) {
    file.Complain("stars.threshold_hours", "must rise from star to star");
  }
  for (const std::string& word : file.Words("stars.approvers", kMaxStars)) {
    const Level levels[] = {Level::kCounty, Level::kCity, Level::kProvince};
    const auto* const level = std::find_if(std::begin(levels), std::end(levels),
                                           [&](Level each) { return ToString(each) == word; });
    if (level == std::end(levels)) {
      file.Complain("stars.approvers",
                    "must be \"county\", \"city\" or \"province\" for each star");
      break;
    }
    stars.approvers.push_back(*level);
  }
  if (stars.approvers.size() != hours.size()) {
    file.Complain("stars.approvers", "must have as many as stars.threshold_hours");
  }
  stars.after_registration = file.Flag("stars.after_registration");
  stars.notice_days = static_cast<int32_t>(file.Integer("stars.notice_days", 0, 90));
  stars.notice_in_working_days = file.Flag("stars.notice_in_working_days");
  stars.minimum_review_score =
      static_cast<int32_t>(file.Integer("stars.minimum_review_score", 0, 100));
}

void ReadBans(base::TomlReader& file, BanRules& bans) {
  const auto days = [&](const char* key, int64_t low, int64_t high) {
    return static_cast<int32_t>(file.Integer(key, low, high));
  };
  bans.notice_days = days("bans.notice_days", 1, 90);
  bans.decide_within_days = days("bans.decide_within_days", 1, 365);
  bans.minimum_days = days("bans.minimum_days", 1, 3650);
  bans.maximum_days = days("bans.maximum_days", 1, 3650);
  if (bans.decide_within_days <= bans.notice_days) {
    file.Complain("bans.decide_within_days",
                  "must leave time for a hearing after bans.notice_days");
  }
  if (bans.maximum_days < bans.minimum_days) {
    file.Complain("bans.maximum_days", "must be at least bans.minimum_days");
  }
}

}  // namespace

absl::StatusOr<Policy> ParsePolicy(std::string_view text, const std::string& name) {
  ASSIGN_OR_RETURN(base::TomlReader file, base::TomlReader::Parse(text, name, "BAD_POLICY"));
  Policy policy;
  ReadHead(file, policy);
  ReadVisitRules(file, policy);
  ReadSums(file, policy);
  ReadStars(file, policy.stars);
  ReadBans(file, policy.bans);
  RETURN_IF_ERROR(file.Finish());
  policy.text = text;
  policy.hash = base::Sha256(base::AsBytes(text));
  return policy;
}

}  // namespace rollcall::hours
