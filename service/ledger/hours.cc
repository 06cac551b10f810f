#include "ledger/hours.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "ledger/session_fields.h"
#include "ledger/visits.h"

namespace rollcall::ledger {
namespace {

using domain::EvidenceClass;

absl::Status Inconsistent(std::string_view what) {
  return base::MakeError(absl::StatusCode::kDataLoss, "LEDGER_INCONSISTENT", what);
}

// The total that a pair belongs to: that of the weaker of its ends.
int64_t& PublicTotal(VolunteerHours& hours, EvidenceClass in, EvidenceClass out) {
  const std::string_view name = domain::PublicClass(domain::WeakerOf(in, out));
  if (name == domain::PublicClass(EvidenceClass::kBackEntry)) {
    return hours.minutes_entered_afterwards;
  }
  if (name == domain::PublicClass(EvidenceClass::kStaff)) return hours.minutes_attested;
  return hours.minutes_witnessed;
}

void AddToTotals(const Visit& visit, VolunteerHours& hours) {
  if (visit.practice) {
    hours.practice_minutes += visit.minutes;
    return;
  }
  switch (visit.status) {
    case VisitStatus::kCorrected:
      return;
    case VisitStatus::kConfirmed:
      hours.minutes += visit.minutes;
      hours.awaiting_parent += visit.awaiting_parent;
      hours.awaiting_province += visit.awaiting_province;
      PublicTotal(hours, visit.in_evidence, *visit.out_evidence) += visit.minutes;
      return;
    case VisitStatus::kOpen:
      ++hours.open_visits;
      return;
    case VisitStatus::kPending:
      ++hours.pending_visits;
      return;
  }
}

// The entries of one volunteer.
struct Entries {
  // The last of each visit; an adjustment takes the place of what it adjusts.
  std::map<base::Uuid, const EntryRow*> by_out;     // of complete pairs
  std::map<base::Uuid, const EntryRow*> by_closed;  // of those closed by agreement, by the check-in
  std::map<base::Uuid, const EntryRow*> agreed;     // without any event, by the proposal
  std::set<base::Uuid> taken_back;                  // entry ids
  std::map<base::Uuid, const ProposalRow*> proposals;

  void Add(const EntryRow& entry) {
    if (!entry.reverses.IsNil()) {
      // One that follows a reversed check-out needs no look: its pair is gone.
      taken_back.insert(entry.reverses);
    } else if (!entry.has_times()) {
      by_out[entry.out_event] = &entry;
    } else if (!entry.in_event.IsNil()) {
      by_closed[entry.in_event] = &entry;
    } else {
      agreed[entry.proposal] = &entry;
    }
  }
};

void SetEntry(const EntryRow& entry, const Entries& entries, Visit& visit) {
  const bool stands = entries.taken_back.count(entry.entry_id) == 0;
  visit.status = stands ? VisitStatus::kConfirmed : VisitStatus::kCorrected;
  visit.out_evidence = entry.out_evidence;
  visit.minutes = stands ? entry.minutes : 0;
  visit.awaiting_parent = stands ? entry.awaiting_parent : 0;
  visit.awaiting_province = stands ? entry.awaiting_province : 0;
  visit.policy = entry.policy_name + "/" + std::to_string(entry.policy_version);
  visit.entry = entry.entry_id;
  visit.proposal = entry.proposal;
}

void SetAgreed(const EntryRow& entry, const Entries& entries, Visit& visit) {
  SetEntry(entry, entries, visit);
  visit.out = entry.out;
  const auto proposal = entries.proposals.find(entry.proposal);
  if (proposal != entries.proposals.end()) CopySession(*proposal->second, visit);
}

absl::StatusOr<Visit> MakeVisit(const domain::SessionKey& session, const VisitPair& pair,
                                const Entries& entries, const HoursFilter& filter) {
  Visit visit;
  visit.session = session;
  visit.practice = pair.in.practice;
  visit.in = pair.in.time;
  visit.in_evidence = pair.in.evidence;
  visit.in_event = pair.in.event;
  CopySession(pair.out ? *pair.out : pair.in, visit);
  if (pair.open()) {
    const bool over = filter.now > pair.in.session_ends + filter.pending_after;
    visit.status = over ? VisitStatus::kPending : VisitStatus::kOpen;
    return visit;
  }
  if (pair.closed) {
    SetAgreed(*entries.by_closed.at(pair.in.event), entries, visit);
    return visit;
  }
  const auto entry = entries.by_out.find(pair.out->event);
  if (entry == entries.by_out.end()) return Inconsistent("a check-out without its entry");
  SetEntry(*entry->second, entries, visit);
  visit.out = pair.out->time;
  visit.out_event = pair.out->event;
  return visit;
}

Visit MakeVisit(const EntryRow& entry, const Entries& entries) {
  Visit visit;
  visit.session = entry.session;
  visit.practice = entry.practice;
  visit.in = entry.in;
  visit.in_evidence = entry.in_evidence;
  SetAgreed(entry, entries, visit);
  return visit;
}

}  // namespace

absl::StatusOr<VolunteerHours> SumHours(const base::Uuid& volunteer_key,
                                        const std::vector<Row>& rows, const HoursFilter& filter) {
  std::map<domain::SessionKey, Visits> sessions;
  Entries entries;
  for (const Row& row : rows) {
    if (const auto* event = std::get_if<EventRow>(&row)) {
      const auto fault = sessions[event->event.session].Add(*event);
      if (!fault.empty()) return Inconsistent(fault);
    } else if (const auto* entry = std::get_if<EntryRow>(&row)) {
      if (!entry->closes().IsNil()) {
        const auto fault = sessions[entry->session].Close(entry->closes());
        if (!fault.empty()) return Inconsistent(fault);
      }
      entries.Add(*entry);
    } else if (const auto* proposal = std::get_if<ProposalRow>(&row)) {
      entries.proposals[proposal->proposal_id] = proposal;
    }
  }
  VolunteerHours hours;
  hours.volunteer_key = volunteer_key;
  for (const auto& [session, visits] : sessions) {
    for (const VisitPair& pair : visits.pairs()) {
      ASSIGN_OR_RETURN(Visit visit, MakeVisit(session, pair, entries, filter));
      AddToTotals(visit, hours);
      hours.visits.push_back(std::move(visit));
    }
  }
  for (const auto& [proposal, entry] : entries.agreed) {
    hours.visits.push_back(MakeVisit(*entry, entries));
    AddToTotals(hours.visits.back(), hours);
  }
  std::stable_sort(hours.visits.begin(), hours.visits.end(),
                   [](const Visit& a, const Visit& b) { return a.in < b.in; });
  return hours;
}

}  // namespace rollcall::ledger
