#include "hours/stars.h"

#include <algorithm>

#include "base/text.h"

namespace rollcall::hours {
namespace {

using absl::StatusCode;

absl::Status Precondition(std::string_view reason, std::string_view message) {
  return base::MakeError(StatusCode::kFailedPrecondition, reason, message);
}

absl::Status Denied(std::string_view reason, std::string_view message) {
  return base::MakeError(StatusCode::kPermissionDenied, reason, message);
}

bool IsUndecided(const StarApplication& application) {
  return application.state == ApplicationState::kSubmitted ||
         application.state == ApplicationState::kReviewed ||
         application.state == ApplicationState::kOnNotice;
}

absl::Status WrongState(std::string_view step) {
  return Precondition("WRONG_STATE", "the application is not where it can be " + std::string(step));
}

absl::Status CheckDecider(const StarApplication& application, const Decider& decider) {
  if (decider.person.IsNil()) {
    return base::MakeError(StatusCode::kInvalidArgument, "BAD_DECIDER",
                           "a person has to decide: nobody is named");
  }
  if (decider.person == application.volunteer) {
    return Denied("SELF_DECISION", "nobody decides about her own star");
  }
  return absl::OkStatus();
}

int64_t ThresholdMinutes(const StarRules& rules, int32_t star) {
  return rules.threshold_hours[static_cast<size_t>(star) - 1] * 60;
}

}  // namespace

StarStanding Standing(const Policy& policy, const StarFacts& facts) {
  StarStanding standing;
  standing.held = facts.held;
  for (const ServedMinutes& served : facts.served) {
    if (served.practice) continue;
    const bool after = facts.registered && served.from >= *facts.registered;
    (after || !policy.stars.after_registration ? standing.minutes
                                               : standing.minutes_before_registration) +=
        served.minutes;
  }
  const auto stars = static_cast<int32_t>(policy.stars.threshold_hours.size());
  while (standing.earned < stars &&
         standing.minutes >= ThresholdMinutes(policy.stars, standing.earned + 1)) {
    ++standing.earned;
  }
  if (const int32_t top = std::max(standing.held, standing.earned); top < stars) {
    standing.minutes_missing = ThresholdMinutes(policy.stars, top + 1) - standing.minutes;
  }
  return standing;
}

absl::Status CheckApplication(const Policy& policy, const StarFacts& facts, int32_t star) {
  const auto stars = static_cast<int32_t>(policy.stars.threshold_hours.size());
  if (star < 1 || star > stars) {
    return base::MakeError(StatusCode::kInvalidArgument, "BAD_STAR",
                           "policy " + policy.Label() + " has stars 1 to " + std::to_string(stars));
  }
  if (policy.stars.after_registration && !facts.registered) {
    return Precondition("NOT_REGISTERED", "only registered volunteers can apply for a star");
  }
  if (facts.barred) return Precondition("BARRED", "barred or suspended: no star for now");
  if (facts.application_open) {
    return Precondition("APPLICATION_OPEN", "another application is still open");
  }
  if (star <= facts.held) return Precondition("STAR_HELD", "this star or a higher one is held");
  const int64_t missing = ThresholdMinutes(policy.stars, star) - Standing(policy, facts).minutes;
  if (missing > 0) {
    return Precondition(
        "STAR_NOT_EARNED",
        std::to_string(missing) + " minutes are missing for star " + std::to_string(star));
  }
  return absl::OkStatus();
}

absl::StatusOr<StarApplication> Submit(const Policy& policy, const StarFacts& facts,
                                       const base::Uuid& volunteer, int32_t star, Day today) {
  RETURN_IF_ERROR(CheckApplication(policy, facts, star));
  StarApplication application;
  application.volunteer = volunteer;
  application.star = star;
  application.submitted = today;
  application.approver_level = policy.stars.approvers[static_cast<size_t>(star) - 1];
  return application;
}

absl::StatusOr<StarApplication> Review(StarApplication application, const Decider& reviewer,
                                       int32_t score) {
  if (application.state != ApplicationState::kSubmitted) return WrongState("reviewed");
  RETURN_IF_ERROR(CheckDecider(application, reviewer));
  if (score < 0 || score > 100) {
    return base::MakeError(StatusCode::kInvalidArgument, "BAD_SCORE",
                           "a review score must be from 0 to 100");
  }
  application.state = ApplicationState::kReviewed;
  application.reviewer = reviewer.person;
  application.review_score = score;
  return application;
}

absl::StatusOr<StarApplication> Approve(const Policy& policy, const Calendar& calendar,
                                        StarApplication application, const Decider& approver,
                                        Day today) {
  if (application.state != ApplicationState::kReviewed) return WrongState("approved");
  RETURN_IF_ERROR(CheckDecider(application, approver));
  if (approver.person == application.reviewer) {
    return Denied("SAME_PERSON", "whoever reviewed cannot approve: two people are needed");
  }
  if (approver.level != application.approver_level) {
    return Denied("WRONG_LEVEL", "this star is for the " +
                                     std::string(ToString(application.approver_level)) +
                                     " to approve");
  }
  if (application.review_score < policy.stars.minimum_review_score) {
    return Precondition("REVIEW_TOO_LOW", "the review score is below " +
                                              std::to_string(policy.stars.minimum_review_score));
  }
  const int32_t notice = policy.stars.notice_days;
  application.notice_until = today + std::chrono::days(notice);
  if (policy.stars.notice_in_working_days) {
    ASSIGN_OR_RETURN(application.notice_until, calendar.AddWorkingDays(today, notice));
  }
  application.state = ApplicationState::kOnNotice;
  application.approver = approver.person;
  return application;
}

absl::StatusOr<StarApplication> Grant(const Policy& policy, StarFacts facts,
                                      StarApplication application, Day today) {
  if (application.state != ApplicationState::kOnNotice) return WrongState("granted");
  if (policy.stars.notice_days > 0 && today <= application.notice_until) {
    return Precondition("NOTICE_RUNNING",
                        "the public notice runs until " + FormatDay(application.notice_until));
  }
  facts.application_open = false;
  RETURN_IF_ERROR(CheckApplication(policy, facts, application.star));
  application.state = ApplicationState::kGranted;
  application.decided = today;
  return application;
}

absl::StatusOr<StarApplication> Refuse(StarApplication application, const Decider& decider,
                                       const std::string& reason, Day today) {
  if (!IsUndecided(application)) return WrongState("refused");
  RETURN_IF_ERROR(CheckDecider(application, decider));
  if (!base::ValidateDisplayText(reason, "the reason", kMaxReason).ok()) {
    return base::MakeError(
        StatusCode::kInvalidArgument, "REASON_MISSING",
        "a refusal needs a reason in words, at most " + std::to_string(kMaxReason) + " bytes");
  }
  application.state = ApplicationState::kRefused;
  application.refusal = reason;
  application.decided = today;
  return application;
}

absl::StatusOr<StarApplication> Withdraw(StarApplication application, const base::Uuid& person,
                                         Day today) {
  if (!IsUndecided(application)) return WrongState("withdrawn");
  if (person != application.volunteer) {
    return Denied("NOT_THE_VOLUNTEER", "only she who applied can withdraw");
  }
  application.state = ApplicationState::kWithdrawn;
  application.decided = today;
  return application;
}

}  // namespace rollcall::hours
