#include "hours/bans.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "base/text.h"

namespace rollcall::hours {
namespace {

using absl::StatusCode;
using std::chrono::days;

bool IsText(const std::string& text) {
  return base::ValidateDisplayText(text, "it", kMaxBanText).ok();
}

absl::Status CheckPerson(const BanActor& actor) {
  if (!actor.program && !actor.person.IsNil()) return absl::OkStatus();
  return base::MakeError(
      StatusCode::kPermissionDenied, "NOT_A_PERSON",
      "bans are for people to decide: no program opens, hears or decides a case");
}

Day LastDayToDecide(const Policy& policy, const BanCase& ban) {
  return ban.noticed + days(policy.bans.decide_within_days);
}

// What every step after the first asks for.
absl::Status CheckStep(const Policy& policy, const BanCase& ban, const BanActor& actor,
                       std::initializer_list<BanState> begins_with, Day today) {
  RETURN_IF_ERROR(CheckPerson(actor));
  if (std::find(begins_with.begin(), begins_with.end(), ban.state) == begins_with.end()) {
    return base::MakeError(StatusCode::kFailedPrecondition, "WRONG_STATE",
                           "the case is not where this can be done");
  }
  if (today > LastDayToDecide(policy, ban)) {
    return base::MakeError(StatusCode::kFailedPrecondition, "CASE_LAPSED",
                           "the case lapsed on " + FormatDay(LastDayToDecide(policy, ban)));
  }
  if (ban.involved.contains(actor.person)) {
    return base::MakeError(StatusCode::kPermissionDenied, "INVOLVED",
                           "somebody who has a part in the case can neither hear nor decide it");
  }
  return absl::OkStatus();
}

absl::Status CheckReason(const std::string& reason) {
  if (IsText(reason)) return absl::OkStatus();
  return base::MakeError(
      StatusCode::kInvalidArgument, "REASON_MISSING",
      "a decision needs a reason in words, at most " + std::to_string(kMaxBanText) + " bytes");
}

absl::Status BadCase(std::string_view message) {
  return base::MakeError(StatusCode::kInvalidArgument, "BAD_CASE", message);
}

}  // namespace

absl::StatusOr<BanCase> OpenBanCase(const BanActor& opener, const base::Uuid& accused,
                                    const std::string& accusation,
                                    const std::vector<std::string>& evidence,
                                    std::set<base::Uuid> involved, Day today) {
  RETURN_IF_ERROR(CheckPerson(opener));
  if (accused.IsNil() || accused == opener.person) {
    return BadCase("a case is about somebody else");
  }
  if (!IsText(accusation)) return BadCase("the accusation must be a text");
  if (evidence.empty()) {
    return base::MakeError(StatusCode::kInvalidArgument, "NO_EVIDENCE",
                           "a case needs evidence: name the entries or files that show it");
  }
  if (evidence.size() > kMaxEvidence || !std::all_of(evidence.begin(), evidence.end(), IsText)) {
    return BadCase("evidence must be at most " + std::to_string(kMaxEvidence) + " texts");
  }
  BanCase ban;
  ban.accused = accused;
  ban.noticed = today;
  ban.accusation = accusation;
  ban.evidence = evidence;
  ban.involved = std::move(involved);
  ban.involved.insert(accused);
  ban.involved.insert(opener.person);
  return ban;
}

absl::StatusOr<BanCase> HoldHearing(const Policy& policy, BanCase ban, const BanActor& hearer,
                                    bool appeared, const std::string& statement, Day today) {
  RETURN_IF_ERROR(CheckStep(policy, ban, hearer, {BanState::kNoticed}, today));
  if (const Day earliest = ban.noticed + days(policy.bans.notice_days); today < earliest) {
    return base::MakeError(StatusCode::kFailedPrecondition, "NOTICE_TOO_SHORT",
                           "the hearing can be held from " + FormatDay(earliest) + " on");
  }
  if (!statement.empty() && !IsText(statement)) return BadCase("the statement must be a text");
  ban.state = BanState::kHeard;
  ban.hearer = hearer.person;
  ban.heard = today;
  ban.appeared = appeared;
  ban.statement = statement;
  return ban;
}

absl::StatusOr<BanCase> ImposeBan(const Policy& policy, BanCase ban, const BanActor& decider,
                                  int32_t length, const std::string& reason, Day today) {
  RETURN_IF_ERROR(CheckStep(policy, ban, decider, {BanState::kHeard}, today));
  if (decider.person != ban.hearer) {
    return base::MakeError(StatusCode::kPermissionDenied, "NOT_THE_HEARER",
                           "only who heard the accused can decide");
  }
  if (length < policy.bans.minimum_days || length > policy.bans.maximum_days) {
    return base::MakeError(StatusCode::kInvalidArgument, "BAD_BAN_LENGTH",
                           "policy " + policy.Label() + " allows bans of " +
                               std::to_string(policy.bans.minimum_days) + " to " +
                               std::to_string(policy.bans.maximum_days) + " days");
  }
  RETURN_IF_ERROR(CheckReason(reason));
  ban.state = BanState::kImposed;
  ban.reason = reason;
  ban.decided = today;
  ban.first_day = today;
  ban.last_day = today + days(length - 1);
  return ban;
}

absl::StatusOr<BanCase> DismissCase(const Policy& policy, BanCase ban, const BanActor& decider,
                                    const std::string& reason, Day today) {
  RETURN_IF_ERROR(CheckStep(policy, ban, decider, {BanState::kNoticed, BanState::kHeard}, today));
  RETURN_IF_ERROR(CheckReason(reason));
  ban.state = BanState::kDismissed;
  ban.reason = reason;
  ban.decided = today;
  return ban;
}

BanEffect EffectOn(const Policy& policy, const BanCase& ban, Day day) {
  switch (ban.state) {
    case BanState::kNoticed:
    case BanState::kHeard:
      return day >= ban.noticed && day <= LastDayToDecide(policy, ban) ? BanEffect::kSuspended
                                                                       : BanEffect::kNone;
    case BanState::kImposed:
      return day >= ban.first_day && day <= ban.last_day ? BanEffect::kBanned : BanEffect::kNone;
    case BanState::kDismissed:
      return BanEffect::kNone;
  }
  return BanEffect::kNone;
}

}  // namespace rollcall::hours
