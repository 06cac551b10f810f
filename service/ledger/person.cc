#include "ledger/person.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "ledger/session_fields.h"

namespace rollcall::ledger {
namespace {

template <typename Row>
void TakeSession(const Row& row, int64_t told, KnownVisit& visit) {
  CopySession(row, visit);
  visit.told = told;
}

// Mostly one of the last.
template <typename Visits, typename Condition>
auto FindLast(Visits& visits, const Condition& condition) -> decltype(visits.data()) {
  const auto found = std::find_if(visits.rbegin(), visits.rend(), condition);
  return found == visits.rend() ? nullptr : &*found;
}

}  // namespace

std::string_view Person::Add(const EventRow& row) {
  ++told_;
  switch (row.event.kind) {
    case domain::EventKind::kCheckIn:
      return AddCheckIn(row);
    case domain::EventKind::kCheckOut:
      return AddCheckOut(row);
    case domain::EventKind::kReversal:
      return AddReversal(row);
  }
  return "unknown event kind";
}

std::string_view Person::AddCheckIn(const EventRow& row) {
  const domain::AttendanceEvent& e = row.event;
  if (!lenient_) {
    if (const auto fault = sessions_[e.session].Add(row); !fault.empty()) return fault;
  }
  KnownVisit visit;
  visit.id = visit.in_event = e.event_id;
  visit.session = e.session;
  TakeSession(row, told_, visit);
  visit.practice = e.practice;
  visit.in = e.record_time;
  visit.in_evidence = e.evidence;
  changed_ = {e.record_time, e.record_time, e.practice};
  Insert(std::move(visit));
  return {};
}

std::string_view Person::AddCheckOut(const EventRow& row) {
  const domain::AttendanceEvent& e = row.event;
  KnownVisit* visit = FindLast(visits_, [&](const KnownVisit& v) {
    return v.session == e.session && !v.in_event.IsNil() && !v.complete();
  });
  if (!lenient_ || visit != nullptr) {
    if (visit == nullptr) return "a check-out while not checked in";
    if (visit->practice != e.practice) return "practice and not practice in one visit";
    if (std::max(e.record_time - visit->in, visit->in - e.record_time) > kLongestVisit) {
      return "a check-out more than ten days from its check-in";
    }
  }
  if (!lenient_) {
    if (const auto fault = sessions_[e.session].Add(row); !fault.empty()) return fault;
  }
  if (visit == nullptr) return {};
  TakeSession(row, told_, *visit);
  visit->out = e.record_time;
  visit->out_event = e.event_id;
  visit->out_evidence = e.evidence;
  changed_ = {std::min(visit->in, e.record_time), std::max(visit->in, e.record_time), e.practice};
  return {};
}

std::string_view Person::AddReversal(const EventRow& row) {
  const domain::AttendanceEvent& e = row.event;
  KnownVisit* visit = FindLast(visits_, [&](const KnownVisit& v) {
    return v.out ? v.out_event == e.reverses : !v.complete() && v.in_event == e.reverses;
  });
  if (!lenient_) {
    if (visit == nullptr) return "a reversal of what is not the last standing event";
    if (visit->practice != e.practice) return "practice and not practice in one visit";
    if (const auto fault = sessions_[e.session].Add(row); !fault.empty()) return fault;
  }
  if (visit == nullptr) return {};
  changed_ = {std::min(visit->in, visit->end()), std::max(visit->in, visit->end()),
              visit->practice};
  if (!visit->out) {
    Erase(visit->id);
    return {};
  }
  TakeSession(row, told_, *visit);
  Strand(*visit);
  visit->out.reset();
  visit->out_event = {};
  return {};
}

std::string_view Person::Agree(const ProposalRow& proposal) {
  ++told_;
  changed_ = {proposal.in, proposal.out, proposal.practice};
  if (proposal.kind == domain::ProposalKind::kClose) {
    if (const auto fault = AgreeToEnd(proposal); !fault.empty()) return fault;
    agreed_.push_back(proposal.proposal_id);
    return {};
  }
  if (!proposal.corrects.IsNil()) {
    KnownVisit* corrected = FindLast(visits_, [&](const KnownVisit& v) {
      return v.entry && v.entry->entry_id == proposal.corrects;
    });
    if (corrected == nullptr && !lenient_) return "a correction of an entry that does not stand";
    if (corrected != nullptr) {
      // A cancellation has no times of its own.
      const base::Time from = std::min(corrected->in, corrected->end());
      const base::Time to = std::max(corrected->in, corrected->end());
      changed_ = proposal.cancels() ? Span{from, to, proposal.practice}
                                    : Span{std::min(from, proposal.in), std::max(to, proposal.out),
                                           proposal.practice};
      Strand(*corrected);
      Erase(corrected->id);
    }
  }
  agreed_.push_back(proposal.proposal_id);
  if (proposal.cancels()) return {};
  KnownVisit visit;
  visit.id = visit.proposal = proposal.proposal_id;
  visit.session = proposal.session;
  TakeSession(proposal, told_, visit);
  visit.practice = proposal.practice;
  visit.in = visit.agreed_in = proposal.in;
  visit.agreed_end = proposal.out;
  visit.in_evidence = proposal.in_evidence;
  visit.out_evidence = proposal.out_evidence;
  Insert(std::move(visit));
  return {};
}

std::string_view Person::AgreeToEnd(const ProposalRow& proposal) {
  KnownVisit* visit = Mutable(proposal.in_event);
  if (visit == nullptr) return lenient_ ? "" : "an end for a visit that is not there";
  if (!lenient_) {
    const auto fault = sessions_[proposal.session].Close(proposal.in_event);
    if (!fault.empty()) return fault;
  }
  TakeSession(proposal, told_, *visit);
  visit->agreed_end = proposal.out;
  visit->agreed_in = proposal.in;
  visit->proposal = proposal.proposal_id;
  visit->out_evidence = proposal.out_evidence;
  changed_.from = std::min(changed_.from, visit->in);
  return {};
}

bool Person::Agreed(const base::Uuid& proposal) const {
  return std::find(agreed_.begin(), agreed_.end(), proposal) != agreed_.end();
}

std::string_view Person::Add(const EntryRow& row) {
  if (!row.reverses.IsNil()) return TakeBack(row);
  KnownVisit* visit = Mutable(row.visit());
  if (visit == nullptr || !visit->complete() || visit->entry) {
    return lenient_ ? "" : "an entry without a complete visit, or a second one";
  }
  visit->entry = row;
  return {};
}

std::string_view Person::TakeBack(const EntryRow& row) {
  const auto same = [&](const EntryRow& entry) { return entry.entry_id == row.reverses; };
  const auto stranded = std::find_if(stranded_.begin(), stranded_.end(), same);
  if (stranded != stranded_.end()) {
    stranded_.erase(stranded);
    return {};
  }
  KnownVisit* visit =
      FindLast(visits_, [&](const KnownVisit& v) { return v.entry && same(*v.entry); });
  if (visit == nullptr) return lenient_ ? "" : "an entry taken back that does not stand";
  visit->entry.reset();
  return {};
}

void Person::Add(const TierApprovalRow& row) {
  ++told_;
  // The day may begin earlier or later than in UTC, wherever it is.
  const base::Time day(row.day.time_since_epoch());
  changed_ = {day - std::chrono::days(1), day + std::chrono::days(2), row.practice};
  approvals_.push_back(row);
}

const Visits& Person::VisitsIn(const domain::SessionKey& session) const {
  static const Visits& kNone = *new Visits();
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? kNone : found->second;
}

KnownVisit* Person::Mutable(const base::Uuid& id) {
  return FindLast(visits_, [&](const KnownVisit& v) { return v.id == id; });
}

const KnownVisit* Person::FindByEntry(const base::Uuid& entry_id) const {
  return FindLast(visits_,
                  [&](const KnownVisit& v) { return v.entry && v.entry->entry_id == entry_id; });
}

const KnownVisit* Person::FindByCheckOut(const base::Uuid& out_event) const {
  return FindLast(visits_, [&](const KnownVisit& v) { return v.out && v.out_event == out_event; });
}

const KnownVisit* Person::Overlapping(base::Time from, base::Time to, bool practice,
                                      const base::Uuid& except) const {
  for (const KnownVisit& visit : visits_) {
    if (!visit.entry || visit.entry->entry_id == except || visit.practice != practice) continue;
    const base::Time begins = std::max(visit.in, visit.session_starts);
    const base::Time ends = std::min(visit.end(), visit.session_ends);
    if (std::max(from, begins) < std::min(to, ends)) return &visit;
  }
  return nullptr;
}

KnownVisit& Person::Insert(KnownVisit visit) {
  const auto place = std::upper_bound(visits_.begin(), visits_.end(), visit,
                                      [](const KnownVisit& a, const KnownVisit& b) {
                                        return std::tie(a.in, a.id) < std::tie(b.in, b.id);
                                      });
  return *visits_.insert(place, std::move(visit));
}

void Person::Strand(KnownVisit& visit) {
  if (!visit.entry) return;
  stranded_.push_back(*std::move(visit.entry));
  visit.entry.reset();
}

void Person::Erase(const base::Uuid& id) {
  std::erase_if(visits_, [id = id](const KnownVisit& v) { return v.id == id; });
}

}  // namespace rollcall::ledger
