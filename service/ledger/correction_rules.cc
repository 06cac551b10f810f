#include "ledger/correction_rules.h"

#include <algorithm>
#include <string>

#include "hours/compute.h"
#include "ledger/derive.h"

namespace rollcall::ledger {
namespace {

using domain::ProposalKind;

absl::Status Not(std::string_view reason, std::string_view message) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition, reason, message);
}

absl::Status CheckOpenVisit(const ProposalRow& proposal, const Visits& visits) {
  const VisitPair* open = visits.open();
  if (proposal.kind != ProposalKind::kClose) {
    // Of a correction the open visit is another one, which stays as it is.
    if (open == nullptr || !proposal.corrects.IsNil()) return absl::OkStatus();
    return Not("VISIT_OPEN",
               "she has a visit without check-out in this session; close that one instead");
  }
  const bool same = open != nullptr && open->in.event == proposal.in_event &&
                    open->in.evidence == proposal.in_evidence &&
                    open->in.practice == proposal.practice &&
                    std::max(open->in.time, proposal.session_starts) == proposal.in;
  return same ? absl::OkStatus()
              : Not("NOT_PENDING", "she has no such visit without check-out in this session");
}

absl::Status CheckCorrected(const ProposalRow& proposal, const Person& person) {
  if (proposal.corrects.IsNil()) return absl::OkStatus();
  const KnownVisit* visit = person.FindByEntry(proposal.corrects);
  if (visit != nullptr && visit->session == proposal.session &&
      visit->practice == proposal.practice) {
    return absl::OkStatus();
  }
  return Not("ENTRY_GONE", "this entry does not stand any more: it has been taken back");
}

}  // namespace

absl::Status CheckFits(const ProposalRow& proposal, const Person& person) {
  RETURN_IF_ERROR(CheckOpenVisit(proposal, person.VisitsIn(proposal.session)));
  RETURN_IF_ERROR(CheckCorrected(proposal, person));
  if (proposal.cancels()) return absl::OkStatus();
  const KnownVisit* other =
      person.Overlapping(proposal.in, proposal.out, proposal.practice, proposal.corrects);
  if (other == nullptr) return absl::OkStatus();
  const domain::SessionKey& where = other->session;
  return Not("OVERLAP", "this time overlaps with hours that stand already: entry " +
                            other->entry->entry_id.ToString() + " in " + where.activity.value +
                            "/" + where.session.value);
}

absl::Status CheckUnderPolicy(const ProposalRow& proposal, const hours::Policy& policy) {
  if (proposal.kind == ProposalKind::kClose &&
      proposal.record_time <= proposal.session_ends + policy.pending_after) {
    return Not("NOT_PENDING", "she may still check out herself; a visit is pending only later");
  }
  int64_t minutes = 0;
  if (!proposal.cancels()) {
    ASSIGN_OR_RETURN(minutes, hours::MinutesAlone(policy, VisitOf(proposal)));
  }
  if (minutes == proposal.minutes) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_PROPOSAL",
                         "minutes that its times do not give");
}

absl::Status CheckResolution(const ProposalRow& proposal, const ResolutionRow& resolution) {
  if (resolution.record_time >= proposal.expires) {
    return Not("PROPOSAL_LAPSED", "this proposal has lapsed; make another one");
  }
  if (resolution.outcome == domain::Outcome::kWithdrawn) {
    if (resolution.decider.identity == proposal.proposer.identity) return absl::OkStatus();
    return Not("NOT_PROPOSER", "only who made a proposal can withdraw it");
  }
  if (resolution.token_id.IsNil()) {
    return domain::CheckDecider(proposal.proposer, resolution.decider, proposal.concerned());
  }
  if (proposal.kind != ProposalKind::kClose) {
    return Not("CONSENT_ONLY_CLOSES",
               "her own consent closes a forgotten check-out; anything else needs an approver");
  }
  if (resolution.volunteer_key != proposal.volunteer_key) {
    return Not("CONSENT_NOT_HERS", "this is the visit of somebody else");
  }
  return domain::CheckWitness(proposal.proposer, resolution.decider);
}

}  // namespace rollcall::ledger
