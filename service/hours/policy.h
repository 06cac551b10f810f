#ifndef ROLLCALL_HOURS_POLICY_H_
#define ROLLCALL_HOURS_POLICY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "hours/zone.h"

// Pure rules that turn facts (who came and went when) into minutes, and say why. No clock, no
// storage: the same facts and the same policy give the same minutes for ever.
namespace rollcall::hours {

enum class RoundingDirection {
  kDown,
  kNearest,  // may credit up to half a unit that nobody served; no policy that comes along uses it
};

// What is rounded as one. Coming and going of one activity that touch (a check-out and a check-in
// at the same instant, as at the change of a shift) are one stay, so that a change of shift costs
// nobody a minute.
enum class RoundingScope {
  kPair,  // each stay
  kDay,   // all of one activity on one local day
};

// Who decides: about stars, and about hours above a day's tiers. A province is above a city.
enum class Level { kCounty = 1, kCity = 2, kProvince = 3 };

std::string_view ToString(Level level);  // "county", "city", "province"

struct StarRules {
  // Of one star, two stars, ...: rising, at most 10. Both lists have the same length.
  std::vector<int64_t> threshold_hours;
  std::vector<Level> approvers;
  bool after_registration = true;  // only hours served after registration count
  int32_t notice_days = 0;         // public notice before a star is granted
  bool notice_in_working_days = false;
  int32_t minimum_review_score = 0;  // of 100
};

struct BanRules {
  int32_t notice_days = 0;  // at least, between the notice of a case and its hearing
  int32_t decide_within_days =
      0;  // after the notice; later the case has lapsed, and so the suspension
  int32_t minimum_days = 0;
  int32_t maximum_days = 0;
};

// How facts become minutes: data with a name, a version and a hash. Every value of the file has to
// be there, so that the hash says everything and no default in the code can change anybody's hours.
// "0: none" switches a rule off.
struct Policy {
  std::string name;
  int32_t version = 0;
  std::string title;
  std::string title_zh;
  std::string source;         // where the rules come from
  std::string text;           // the bytes of the file
  base::Sha256Digest hash{};  // SHA-256 over `text`
  Zone zone;                  // where days begin and end

  int64_t rounding_minutes = 1;
  RoundingDirection rounding_direction = RoundingDirection::kDown;
  RoundingScope rounding_scope = RoundingScope::kPair;

  bool clip_to_session = true;
  base::Duration allowed_early{0};  // credited before the session's start
  base::Duration grace_late{0};     // credited after its end

  bool exclude_break_windows = true;  // rest and meals as the session declares them
  base::Duration break_after{0};      // 0: none. After this much of one stay ...
  base::Duration break_deducted{0};   // ... the next so many minutes are a break
  bool exclude_travel = true;         // travel as the session declares it

  int32_t minimum_share_percent = 0;  // 0: none. Of the activity's length; below it nothing counts
  int64_t activity_cap_minutes = 0;   // 0: none
  bool cap_at_activity_length = true;
  int32_t pairs_per_day = 0;  // 0: none. Of one activity on one local day

  int64_t day_cap_minutes = 0;  // 0: none
  // Minutes of one local day, all activities together: up to `final` they stand at once, from there
  // up to `parent` the parent organisation approves them, above that the province. 0 and 0: none.
  int64_t final_until_minutes = 0;
  int64_t parent_until_minutes = 0;

  base::Duration pending_after{0};  // an open visit is pending this long after the session's end

  int32_t recording_working_days = 10;  // after an activity's end; 0: none
  StarRules stars;
  BanRules bans;

  std::string Label() const { return name + "/" + std::to_string(version); }

  // Whether what she did on one day can change what an activity is worth on another, as a minimum
  // share of the activity does. Where this is false, days that no visit joins (by lasting over
  // midnight, or by touching it on both sides) have nothing to do with each other.
  bool JoinsDays() const;
};

using PolicyPtr = std::shared_ptr<const Policy>;

// Reads one policy file (TOML; service/hours/policies has examples). `name`: of the file, for what
// is said about it. InvalidArgument, reason BAD_POLICY: not TOML, more than 64 KiB, an unknown or
// missing key, a value of the wrong kind or out of its range, values that contradict each other.
// The message names file, line and key ("x.toml:7: rounding.unit_minutes: must be a whole number
// from 1 to 60").
absl::StatusOr<Policy> ParsePolicy(std::string_view text, const std::string& name);

// The bytes of service/hours/policies/default.toml, and the policy that they are. Never null.
std::string_view DefaultPolicyText();
const PolicyPtr& DefaultPolicy();

}  // namespace rollcall::hours

#endif  // ROLLCALL_HOURS_POLICY_H_
