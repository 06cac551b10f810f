#ifndef ROLLCALL_LEDGER_CORRECTION_RULES_H_
#define ROLLCALL_LEDGER_CORRECTION_RULES_H_

#include "base/status.h"
#include "ledger/correction_rows.h"
#include "hours/policy.h"
#include "ledger/person.h"

// The rules between a proposal and everything before it, in one place for whoever writes and for
// whoever verifies. All pure.
namespace rollcall::ledger {

// Whether what `proposal` asks for `person`, one of those concerned, fits what stands. Asked when it
// is proposed and again when it is approved. FailedPrecondition: NOT_PENDING, VISIT_OPEN, ENTRY_GONE,
// OVERLAP (see Ledger::Propose).
absl::Status CheckFits(const ProposalRow& proposal, const Person& person);

// Whether the minutes, and of a kClose the waiting time, are those of `policy`, which has the
// proposal's hash. FailedPrecondition: NOT_PENDING. InvalidArgument: BAD_PROPOSAL, BAD_FACTS.
absl::Status CheckUnderPolicy(const ProposalRow& proposal, const hours::Policy& policy);

// Whether `resolution` may resolve `proposal`, which stands unresolved: time, people, consent.
// FailedPrecondition: PROPOSAL_LAPSED, NOT_PROPOSER, CONSENT_NOT_HERS, CONSENT_ONLY_CLOSES, and the
// reasons of domain::CheckDecider.
absl::Status CheckResolution(const ProposalRow& proposal, const ResolutionRow& resolution);

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_CORRECTION_RULES_H_
