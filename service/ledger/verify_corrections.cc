// What the verifier holds proposals, resolutions and their entries against.
#include <algorithm>
#include <utility>

#include "ledger/correction_rules.h"
#include "ledger/verifier.h"

namespace rollcall::ledger {

std::string Verifier::CheckFitsAll(const ProposalRow& row) {
  for (const base::Uuid& volunteer : row.concerned()) {
    const absl::Status fits = CheckFits(row, PersonOf(volunteer));
    if (!fits.ok()) return base::Message(fits);
  }
  return {};
}

std::string Verifier::CheckProposal(const ProposalRow& row) {
  const hours::PolicyPtr policy = FindPolicy(row.session.organisation, row.policy_hash);
  if (policy == nullptr) return "a proposal under a policy that stands nowhere before it";
  if (policy->name != row.policy_name || policy->version != row.policy_version) {
    return "a proposal that calls its policy by another name";
  }
  if (const absl::Status sound = CheckUnderPolicy(row, *policy); !sound.ok()) {
    return base::Message(sound);
  }
  if (auto fault = CheckFitsAll(row); !fault.empty()) return fault;
  proposals_.emplace(row.proposal_id, Known{row, last_ + 1, false, {}});
  return {};
}

std::string Verifier::CheckResolution(const ResolutionRow& row) {
  const auto found = proposals_.find(row.proposal);
  if (found == proposals_.end() || found->second.row.session.organisation != row.organisation) {
    return "a resolution of a proposal that stands nowhere before it";
  }
  Known& known = found->second;
  if (known.resolved) return "a second resolution of one proposal";
  if (const absl::Status may = ledger::CheckResolution(known.row, row); !may.ok()) {
    return base::Message(may);
  }
  known.resolved = true;
  known.decider = row.decider;
  if (row.outcome != domain::Outcome::kApproved) return {};
  if (auto fault = CheckFitsAll(known.row); !fault.empty()) return fault;
  const Cause cause{row.resolution_id, row.record_time, row.proposal,
                    FindPolicy(row.organisation, known.row.policy_hash)};
  for (const base::Uuid& volunteer : known.row.concerned()) {
    Person& person = PersonOf(volunteer);
    if (const auto fault = person.Agree(known.row); !fault.empty()) return std::string(fault);
    if (auto fault = ExpectEntries(person, cause); !fault.empty()) return fault;
  }
  return {};
}

std::vector<domain::Actor> Verifier::InvolvedIn(const EntryRow& entry) {
  std::vector<domain::Actor> involved;
  if (const auto found = proposals_.find(entry.proposal); found != proposals_.end()) {
    involved.push_back(found->second.row.proposer);
    involved.push_back(found->second.decider);
  }
  for (const VisitPair& pair : PersonOf(entry.volunteer_key).VisitsIn(entry.session).pairs()) {
    if (pair.in.event != entry.in_event) continue;
    involved.push_back(RecorderOf(pair.in.recorder));
    if (pair.out) involved.push_back(RecorderOf(pair.out->recorder));
  }
  return involved;
}

std::string Verifier::CheckDispute(const DisputeRow& row) {
  KnownDispute known{row, last_ + 1, {}, false};
  if (row.kind == domain::DisputeKind::kEntry) {
    const KnownVisit* visit = PersonOf(row.volunteer_key).FindByEntry(row.entry);
    if (visit == nullptr || visit->session != row.session) {
      return "a dispute of an entry that does not stand";
    }
    known.involved = InvolvedIn(*visit->entry);
  }
  disputes_.emplace(row.dispute_id, std::move(known));
  return {};
}

std::string Verifier::CheckAnswer(const AnswerRow& row) {
  const auto found = disputes_.find(row.dispute);
  if (found == disputes_.end() || found->second.row.session.organisation != row.organisation) {
    return "an answer to a dispute that stands nowhere before it";
  }
  KnownDispute& known = found->second;
  if (std::exchange(known.answered, true)) return "a second answer to one dispute";
  const absl::Status may = domain::CheckAnswerer(row.answerer, known.row.opener,
                                                 known.row.volunteer_key, known.involved);
  if (!may.ok()) return base::Message(may);
  if (row.proposal.IsNil()) return {};
  const auto proposal = proposals_.find(row.proposal);
  if (proposal == proposals_.end() || proposal->second.sequence < known.sequence ||
      proposal->second.row.session.organisation != row.organisation) {
    return "an answer with a proposal that was not made upon it";
  }
  const auto concerned = proposal->second.row.concerned();
  const bool hers =
      std::find(concerned.begin(), concerned.end(), known.row.volunteer_key) != concerned.end();
  return hers ? "" : "an answer with a proposal for somebody else";
}

}  // namespace rollcall::ledger
