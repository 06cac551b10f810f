#include "hours/policy.h"

namespace rollcall::hours {

std::string_view ToString(Level level) {
  switch (level) {
    case Level::kCounty:
      return "county";
    case Level::kCity:
      return "city";
    case Level::kProvince:
      return "province";
  }
  return "unknown";
}

bool Policy::JoinsDays() const {
  if (minimum_share_percent > 0 || activity_cap_minutes > 0) return true;
  // Nobody gets more than the length of an activity from what lies within its sessions.
  const bool within = clip_to_session && allowed_early.count() == 0 && grace_late.count() == 0 &&
                      rounding_direction == RoundingDirection::kDown;
  return cap_at_activity_length && !within;
}

const PolicyPtr& DefaultPolicy() {
  static const PolicyPtr& policy = *new PolicyPtr([] {
    auto parsed = ParsePolicy(DefaultPolicyText(), "default.toml");
    ROLLCALL_CHECK(parsed.ok());
    return std::make_shared<const Policy>(*std::move(parsed));
  }());
  return policy;
}

}  // namespace rollcall::hours
