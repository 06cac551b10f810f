#include "ledger/hours.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "ledger/visits.h"

namespace rollcall::ledger {
namespace {

using domain::EvidenceClass;

absl::Status Inconsistent(std::string_view what) {
  return base::MakeError(absl::StatusCode::kDataLoss, "LEDGER_INCONSISTENT", what);
}

// The total that a pair belongs to: that of the weaker of its ends.
int64_t& PublicTotal(VolunteerHours& hours, EvidenceClass in, EvidenceClass out) {
  const auto either_is = [in, out](std::string_view name) {
    return domain::PublicClass(in) == name || domain::PublicClass(out) == name;
  };
  if (either_is(domain::PublicClass(EvidenceClass::kBackEntry))) {
    return hours.minutes_entered_afterwards;
  }
  if (either_is(domain::PublicClass(EvidenceClass::kStaff))) return hours.minutes_attested;
  return hours.minutes_witnessed;
}

void AddToTotals(const Visit& visit, VolunteerHours& hours) {
  if (visit.practice) {
    hours.practice_minutes += visit.minutes;
    return;
  }
  switch (visit.status) {
    case VisitStatus::kConfirmed:
      hours.minutes += visit.minutes;
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

using Entries = std::map<base::Uuid, const EntryRow*>;  // by the check-out, without reversals

absl::StatusOr<Visit> MakeVisit(const domain::SessionKey& session, const VisitPair& pair,
                                const Entries& entries, const HoursFilter& filter) {
  Visit visit;
  visit.session = session;
  visit.practice = pair.in.practice;
  visit.in = pair.in.time;
  visit.in_evidence = pair.in.evidence;
  visit.in_event = pair.in.event;
  if (!pair.out) {
    const bool over = filter.now > pair.in.session_ends + filter.pending_after;
    visit.status = over ? VisitStatus::kPending : VisitStatus::kOpen;
    return visit;
  }
  const auto entry = entries.find(pair.out->event);
  if (entry == entries.end()) return Inconsistent("a check-out without its entry");
  visit.status = VisitStatus::kConfirmed;
  visit.out = pair.out->time;
  visit.out_evidence = pair.out->evidence;
  visit.out_event = pair.out->event;
  visit.minutes = entry->second->minutes;
  visit.policy =
      entry->second->policy_name + "/" + std::to_string(entry->second->policy_version);
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
      // One that takes back needs no look: its check-out no longer stands.
      if (entry->reverses.IsNil()) entries[entry->out_event] = entry;
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
  std::stable_sort(hours.visits.begin(), hours.visits.end(),
                   [](const Visit& a, const Visit& b) { return a.in < b.in; });
  return hours;
}

}  // namespace rollcall::ledger
