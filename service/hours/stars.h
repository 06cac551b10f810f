#ifndef ROLLCALL_HOURS_STARS_H_
#define ROLLCALL_HOURS_STARS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/uuid.h"
#include "hours/calendar.h"
#include "hours/policy.h"

// Star levels: by hours and quality (MCA Order 67, Art. 10), on application, never by themselves.
// An application is a value; a step takes one and returns the next, or an error that changes
// nothing.
namespace rollcall::hours {

// Minutes that stand for good, corrections (which may be negative) included.
struct ServedMinutes {
  base::Time from;  // when they were served
  int64_t minutes = 0;
  bool practice = false;
};

struct StarFacts {
  std::optional<base::Time> registered;  // as a volunteer; nothing: not registered
  std::vector<ServedMinutes> served;
  int32_t held = 0;               // stars; 0: none
  bool barred = false;            // banned or suspended today, see bans.h
  bool application_open = false;  // another one
};

struct StarStanding {
  int64_t minutes = 0;                      // that count
  int64_t minutes_before_registration = 0;  // that do not
  int32_t held = 0;
  int32_t earned = 0;  // the highest star that `minutes` reach; may be below `held`
  // To the star above the higher of `held` and `earned`; nothing: there is none.
  std::optional<int64_t> minutes_missing;
};

// Practice never counts. Service of somebody who is not registered counts only where the policy
// does not ask for registration. Minutes count as after registration where they were served from
// the instant of registration on.
StarStanding Standing(const Policy& policy, const StarFacts& facts);

// OK when `star` (1, 2, ...) may be applied for now. Stars may be skipped.
// InvalidArgument, reason BAD_STAR: the policy has no such star.
// FailedPrecondition: NOT_REGISTERED, BARRED, APPLICATION_OPEN, STAR_HELD (this one or a higher
// one), STAR_NOT_EARNED (the message says how many minutes are missing).
absl::Status CheckApplication(const Policy& policy, const StarFacts& facts, int32_t star);

// Numbers are stored.
enum class ApplicationState {
  kSubmitted = 1,
  kReviewed = 2,  // the quality of service has its score
  kOnNotice = 3,  // approved; the public may object
  kGranted = 4,
  kRefused = 5,    // with a reason
  kWithdrawn = 6,  // by the volunteer
};

struct StarApplication {
  base::Uuid volunteer;  // Volunteer::key
  int32_t star = 0;
  ApplicationState state = ApplicationState::kSubmitted;
  Day submitted;
  Level approver_level = Level::kCounty;
  base::Uuid reviewer;  // nil until reviewed; persons, not accounts
  int32_t review_score = 0;
  base::Uuid approver;  // nil until approved
  Day notice_until;     // the last day of the notice
  Day decided;          // granted, refused or withdrawn
  std::string refusal;
};

// Somebody who decides. `person` is who stands behind the account, so that a second account does
// not make a second person.
struct Decider {
  base::Uuid person;
  Level level = Level::kCounty;
};

constexpr size_t kMaxReason = 1000;  // bytes

// Every step: FailedPrecondition, reason WRONG_STATE, where the application is not in the state
// that the step begins with; InvalidArgument, reason BAD_DECIDER, for a nil person.

// Errors of CheckApplication.
absl::StatusOr<StarApplication> Submit(const Policy& policy, const StarFacts& facts,
                                       const base::Uuid& volunteer, int32_t star, Day today);

// kSubmitted -> kReviewed. `score` of 100 for the quality of service; InvalidArgument BAD_SCORE.
// PermissionDenied, reason SELF_DECISION: the volunteer herself.
absl::StatusOr<StarApplication> Review(StarApplication application, const Decider& reviewer,
                                       int32_t score);

// kReviewed -> kOnNotice. PermissionDenied: SELF_DECISION; SAME_PERSON, the reviewer; WRONG_LEVEL,
// the policy gives this star to another level. FailedPrecondition: REVIEW_TOO_LOW; NO_CALENDAR
// where the notice is in working days.
absl::StatusOr<StarApplication> Approve(const Policy& policy, const Calendar& calendar,
                                        StarApplication application, const Decider& approver,
                                        Day today);

// kOnNotice -> kGranted, on the day after the notice at the earliest: FailedPrecondition
// NOTICE_RUNNING. Looks again at what may have changed meanwhile: errors of CheckApplication (this
// application does not count as another one).
absl::StatusOr<StarApplication> Grant(const Policy& policy, StarFacts facts,
                                      StarApplication application, Day today);

// kSubmitted, kReviewed or kOnNotice -> kRefused. InvalidArgument, reason REASON_MISSING: blank,
// not display text, or more than kMaxReason bytes. PermissionDenied SELF_DECISION (who does not
// want the star withdraws).
absl::StatusOr<StarApplication> Refuse(StarApplication application, const Decider& decider,
                                       const std::string& reason, Day today);

// kSubmitted, kReviewed or kOnNotice -> kWithdrawn. PermissionDenied, reason NOT_THE_VOLUNTEER.
absl::StatusOr<StarApplication> Withdraw(StarApplication application, const base::Uuid& person,
                                         Day today);

}  // namespace rollcall::hours

#endif  // ROLLCALL_HOURS_STARS_H_
