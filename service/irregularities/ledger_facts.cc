#include "irregularities/ledger_facts.h"

#include <algorithm>

namespace rollcall::irregularities {
namespace {

using domain::EventKind;
using domain::EvidenceClass;

bool IsMachine(EvidenceClass evidence) {
  return evidence == EvidenceClass::kFace || evidence == EvidenceClass::kQr ||
         evidence == EvidenceClass::kPin || evidence == EvidenceClass::kGps;
}

// A second factor counts like a first.
bool SeenByMachine(const domain::AttendanceEvent& event) {
  return IsMachine(event.evidence) ||
         std::any_of(event.proofs.begin(), event.proofs.end(),
                     [](const domain::Proof& proof) { return IsMachine(proof.kind); });
}

Fact FromEvent(int64_t sequence, const ledger::EventRow& row) {
  const domain::AttendanceEvent& event = row.event;
  const SessionTimes session{event.session, row.session_starts, row.session_ends};
  if (event.kind == EventKind::kReversal) {
    return Withdrawal{sequence, event.reverses, session, event.volunteer_key, event.record_time};
  }
  Sighting seen;
  seen.sequence = sequence;
  seen.event = event.event_id;
  seen.direction = event.kind == EventKind::kCheckIn ? Direction::kIn : Direction::kOut;
  seen.session = session;
  seen.volunteer_key = event.volunteer_key;
  seen.captured = event.capture_time;
  seen.recorded = event.record_time;
  seen.machine = SeenByMachine(event);
  seen.from_files = event.source == domain::SourceKind::kVideoFile ||
                    event.source == domain::SourceKind::kPictures;
  seen.kiosk = event.kiosk;
  seen.recorder = event.recorder;
  seen.practice = event.practice;
  return seen;
}

Fact FromEntry(int64_t sequence, const ledger::EntryRow& row) {
  Credit credit;
  credit.sequence = sequence;
  credit.session = row.session;
  credit.volunteer_key = row.volunteer_key;
  credit.recorded = row.record_time;
  credit.in_event = row.in_event;
  credit.out_event = row.out_event;
  credit.minutes = row.minutes;
  credit.practice = row.practice;
  credit.takes_back = !row.reverses.IsNil();
  return credit;
}

}  // namespace

std::optional<Fact> LedgerFacts::Of(int64_t sequence, const ledger::Row& row) {
  if (const auto* event = std::get_if<ledger::EventRow>(&row)) return FromEvent(sequence, *event);
  if (const auto* entry = std::get_if<ledger::EntryRow>(&row)) {
    if (entry->has_times()) {
      // An adjustment says nothing new of how the hours came about.
      if (!entry->adjusted_by.IsNil()) return std::nullopt;
      return FromApproval(sequence, *entry);
    }
    return FromEntry(sequence, *entry);
  }
  if (const auto* proposal = std::get_if<ledger::ProposalRow>(&row)) Take(*proposal);
  if (const auto* resolution = std::get_if<ledger::ResolutionRow>(&row)) Take(*resolution);
  return std::nullopt;
}

void LedgerFacts::Take(const ledger::ProposalRow& row) {
  proposals_[row.proposal_id] = {{row.session, row.session_starts, row.session_ends},
                                 row.proposer.identity};
}

void LedgerFacts::Take(const ledger::ResolutionRow& row) {
  proposals_.erase(approved_);
  approved_ = {};
  if (row.outcome != domain::Outcome::kApproved) {
    proposals_.erase(row.proposal);
    return;
  }
  approved_ = row.proposal;
  approver_ = row.decider.identity;
}

BackEntry LedgerFacts::FromApproval(int64_t sequence, const ledger::EntryRow& row) const {
  BackEntry entry;
  entry.sequence = sequence;
  entry.proposal = row.proposal;
  entry.session.key = row.session;
  entry.volunteer_key = row.volunteer_key;
  entry.in_event = row.in_event;
  entry.from = row.in;
  entry.to = row.out;
  entry.recorded = row.record_time;
  entry.minutes = row.minutes;
  entry.practice = row.practice;
  // Always there in a ledger that verifies.
  if (const auto asked = proposals_.find(row.proposal); asked != proposals_.end()) {
    entry.session = asked->second.session;
    entry.proposer = asked->second.proposer;
    entry.approver = approver_;
  }
  return entry;
}

}  // namespace rollcall::irregularities
