// What the verifier holds proposals, resolutions and their entries against.
#include <algorithm>
#include <utility>

#include "ledger/correction_rules.h"
#include "ledger/verifier.h"

namespace rollcall::ledger {

std::string Verifier::CheckFitsAll(const ProposalRow& row) {
  for (const base::Uuid& person : row.concerned()) {
    const absl::Status fits =
        CheckFits(row, places_[{row.session, person}].visits, credits_[person]);
    if (!fits.ok()) return base::Message(fits);
  }
  return {};
}

std::string Verifier::CheckProposal(const ProposalRow& row) {
  const auto policy = policies_.find({row.session.organisation, row.policy_hash});
  if (policy == policies_.end()) return "a proposal under a policy that stands nowhere before it";
  if (policy->second.name != row.policy_name || policy->second.version != row.policy_version) {
    return "a proposal that calls its policy by another name";
  }
  if (const absl::Status sound = CheckUnderPolicy(row, policy->second); !sound.ok()) {
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
  const EntryRow* corrected = known.row.corrects.IsNil()
                                  ? nullptr
                                  : credits_[known.row.volunteer_key].Find(known.row.corrects);
  for (EntryRow& entry : EntriesOf(known.row, row.record_time, corrected)) {
    agreed_.push_back(std::move(entry));
  }
  return {};
}

std::string Verifier::CheckAgreedEntry(const EntryRow& row) {
  EntryRow expected = std::move(agreed_.front());
  agreed_.pop_front();
  expected.entry_id = row.entry_id;
  if (Encode(expected) != Encode(row)) return "an entry that differs from what was approved";
  Place& place = places_[{row.session, row.volunteer_key}];
  Credits& credits = credits_[row.volunteer_key];
  if (!row.reverses.IsNil()) {
    if (!credits.TakeBack(row.reverses)) return "an entry taken back that does not stand";
    place.entries.erase(row.out_event);
  } else {
    if (!row.closes().IsNil()) {
      const auto fault = place.visits.Close(row.closes());
      if (!fault.empty()) return std::string(fault);
    }
    credits.Add(row);
  }
  Count(row);
  return {};
}

std::vector<domain::Actor> Verifier::InvolvedIn(const EntryRow& entry) {
  std::vector<domain::Actor> involved;
  if (const auto found = proposals_.find(entry.proposal); found != proposals_.end()) {
    involved.push_back(found->second.row.proposer);
    involved.push_back(found->second.decider);
  }
  for (const VisitPair& pair : places_[{entry.session, entry.volunteer_key}].visits.pairs()) {
    if (pair.in.event != entry.in_event) continue;
    involved.push_back(RecorderOf(pair.in.recorder));
    if (pair.out) involved.push_back(RecorderOf(pair.out->recorder));
  }
  return involved;
}

std::string Verifier::CheckDispute(const DisputeRow& row) {
  KnownDispute known{row, last_ + 1, {}, false};
  if (row.kind == domain::DisputeKind::kEntry) {
    const EntryRow* entry = credits_[row.volunteer_key].Find(row.entry);
    if (entry == nullptr || entry->session != row.session) {
      return "a dispute of an entry that does not stand";
    }
    known.involved = InvolvedIn(*entry);
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
