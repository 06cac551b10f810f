#include "domain/correction.h"

#include <algorithm>

namespace rollcall::domain {
namespace {

absl::Status Broken(std::string_view reason, std::string_view message) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition, reason, message);
}

bool Among(const base::Uuid& person, const std::vector<base::Uuid>& people) {
  return !person.IsNil() && std::find(people.begin(), people.end(), person) != people.end();
}

}  // namespace

absl::Status CheckWitness(const Actor& proposer, const Actor& recorder) {
  if (proposer.identity == recorder.identity) {
    return Broken("PROPOSER_CANNOT_DECIDE",
                  "whoever proposed this cannot decide on it; a second person must");
  }
  if (!proposer.person.IsNil() && proposer.person == recorder.person) {
    return Broken("SAME_PERSON",
                  "this is another account of the person who proposed it; a second person must "
                  "decide");
  }
  if (proposer.key && proposer.key == recorder.key) {
    return Broken("SAME_KEY",
                  "this certificate is for the key of the one who proposed it; a second person "
                  "must decide");
  }
  return absl::OkStatus();
}

absl::Status CheckDecider(const Actor& proposer, const Actor& decider,
                          const std::vector<base::Uuid>& concerned) {
  RETURN_IF_ERROR(CheckWitness(proposer, decider));
  if (proposer.role == decider.role) {
    return Broken("SAME_ROLE", "somebody of another role than the proposer's must decide");
  }
  if (Among(decider.person, concerned)) {
    return Broken("BENEFICIARY", "these are your own hours; somebody else must decide");
  }
  return absl::OkStatus();
}

absl::Status CheckProposer(const Actor& proposer, const std::vector<base::Uuid>& concerned) {
  if (!Among(proposer.person, concerned)) return absl::OkStatus();
  return Broken("BENEFICIARY", "these are your own hours; somebody else must propose them");
}

ProposalState StateOf(std::optional<Outcome> outcome, base::Time expires, base::Time now) {
  if (!outcome) return now < expires ? ProposalState::kStanding : ProposalState::kLapsed;
  switch (*outcome) {
    case Outcome::kApproved:
      return ProposalState::kApproved;
    case Outcome::kRefused:
      return ProposalState::kRefused;
    case Outcome::kWithdrawn:
      return ProposalState::kWithdrawn;
  }
  return ProposalState::kLapsed;
}

std::string_view ToString(ProposalKind kind) {
  switch (kind) {
    case ProposalKind::kClose:
      return "close";
    case ProposalKind::kBackEntry:
      return "back entry";
    case ProposalKind::kCorrection:
      return "correction";
    case ProposalKind::kCancellation:
      return "cancellation";
    case ProposalKind::kBatch:
      return "batch";
  }
  return "unknown";
}

std::string_view ToString(ReasonCode reason) {
  switch (reason) {
    case ReasonCode::kForgottenCheckOut:
      return "forgotten check-out";
    case ReasonCode::kNoKiosk:
      return "no kiosk";
    case ReasonCode::kKioskFailed:
      return "kiosk failed";
    case ReasonCode::kWrongTime:
      return "wrong time";
    case ReasonCode::kNotServed:
      return "not served";
    case ReasonCode::kCrowd:
      return "crowd";
    case ReasonCode::kOther:
      return "other";
  }
  return "unknown";
}

std::string_view ToString(ProposalState state) {
  switch (state) {
    case ProposalState::kStanding:
      return "standing";
    case ProposalState::kApproved:
      return "approved";
    case ProposalState::kRefused:
      return "refused";
    case ProposalState::kWithdrawn:
      return "withdrawn";
    case ProposalState::kLapsed:
      return "lapsed";
  }
  return "unknown";
}

}  // namespace rollcall::domain
