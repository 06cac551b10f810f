// What visits are worth, and the entries and sums that follow.
#include <algorithm>
#include <tuple>

#include "hours/compute.h"
#include "simulator/format_fields.h"
#include "simulator/oracle.h"

namespace rollcall::simulator {
namespace {

using domain::EvidenceClass;

// The first instant of the local day on which `time` lies.
base::Time StartOfDay(base::Time time) {
  constexpr base::Duration kEast = std::chrono::hours(8);  // of UTC, as all policies of the world say
  return base::Time(std::chrono::floor<std::chrono::days>(time + kEast).time_since_epoch()) - kEast;
}

// 0 witnessed, 1 attested by staff, 2 entered afterwards.
int Weakness(EvidenceClass evidence) {
  if (evidence == EvidenceClass::kBackEntry || evidence == EvidenceClass::kTransfer) return 2;
  return evidence == EvidenceClass::kStaff ? 1 : 0;
}

// A field that is left out where it is 0.
void SetUnlessZero(TrueRow& row, int field, int64_t value) {
  if (value != 0) row.integers[field] = value;
}

}  // namespace

// Of two visits from one instant the lower id counts first, which the server may have chosen already.
base::Uuid Oracle::IdOf(size_t index) const {
  const TrueVisit& visit = visits_[index];
  base::Uuid id = visit.in ? facts_[*visit.in].event_id : rows_[proposals_[*visit.agreed].row].id;
  if (!id.IsNil()) return id;
  id.bytes.fill(0xff);
  for (size_t i = 0; i < 8; ++i) id.bytes[15 - i] = static_cast<uint8_t>(index >> 8 * i);
  return id;
}

base::Time Oracle::InOf(const TrueVisit& visit) const {
  return visit.in ? facts_[*visit.in].time : proposals_[*visit.agreed].act.in;
}

base::Time Oracle::EndOf(const TrueVisit& visit) const {
  if (visit.out) return facts_[*visit.out].time;
  return visit.agreed ? proposals_[*visit.agreed].act.out : InOf(visit);
}

std::vector<size_t> Oracle::VisitsOf(const base::Uuid& volunteer, bool practice) const {
  std::vector<size_t> found;
  for (size_t i = 0; i < visits_.size(); ++i) {
    const TrueVisit& visit = visits_[i];
    if (visit.volunteer == volunteer && visit.practice == practice && !visit.gone) {
      found.push_back(i);
    }
  }
  std::sort(found.begin(), found.end(), [this](size_t a, size_t b) {
    return std::tuple(InOf(visits_[a]), IdOf(a)) < std::tuple(InOf(visits_[b]), IdOf(b));
  });
  return found;
}

void TellHours(const Told& told, hours::Visit& fact) {
  fact.session_starts = told.starts;
  fact.session_ends = told.ends;
  fact.activity_length = told.activity_length;
  for (const domain::SessionBreak& each : told.breaks) {
    const bool travel = each.kind == domain::BreakKind::kTravel;
    fact.windows.push_back({travel ? hours::WindowKind::kTravel : hours::WindowKind::kBreak,
                            each.starts, each.ends});
  }
}

hours::Visit Oracle::FactsOf(size_t index) const {
  const TrueVisit& visit = visits_[index];
  const Place& place = PlaceOf(visit.place);
  hours::Visit fact;
  fact.id = IdOf(index);
  fact.session = {domain::OrganisationId(place.organisation), domain::ActivityId(place.activity),
                  domain::SessionId(place.session)};
  TellHours(visit.session, fact);
  // The newest row about any of her visits to the activity says how long that is.
  size_t newest = 0;
  for (const TrueVisit& other : visits_) {
    const Place& there = PlaceOf(other.place);
    if (other.gone || other.volunteer != visit.volunteer || other.practice != visit.practice ||
        there.organisation != place.organisation || there.activity != place.activity ||
        other.told < newest) {
      continue;
    }
    newest = other.told;
    fact.activity_length = other.session.activity_length;
  }
  fact.practice = visit.practice;
  fact.in = visit.agreed ? proposals_[*visit.agreed].act.in : InOf(visit);
  if (visit.agreed) fact.agreed_end = EndOf(visit);
  if (visit.out) fact.out = EndOf(visit);
  return fact;
}

std::map<size_t, Worth> Oracle::Compute(const base::Uuid& volunteer, bool practice) const {
  hours::Facts facts;
  std::map<base::Uuid, size_t> by_id;
  std::map<std::pair<std::string, base::Sha256Digest>, hours::PolicyPtr> policies;
  for (const size_t index : VisitsOf(volunteer, practice)) {
    const TrueVisit& visit = visits_[index];
    const hours::Visit& fact = facts.visits.emplace_back(FactsOf(index));
    if (!visit.credit) continue;
    by_id[fact.id] = index;
    policies.emplace(std::pair(fact.session.organisation.value, visit.credit->policy->hash),
                     visit.credit->policy);
  }
  std::map<size_t, Worth> worth;
  for (const auto& [id, index] : by_id) worth[index] = {};
  for (const auto& [key, policy] : policies) {
    facts.approvals.clear();
    for (const Approval& approval : approvals_) {
      if (approval.organisation == key.first && approval.volunteer == volunteer &&
          approval.practice == practice) {
        facts.approvals.push_back(approval.what);
      }
    }
    const auto result = hours::Compute(*policy, facts);
    ROLLCALL_CHECK(result.ok());
    for (const hours::Line& line : result->lines) {
      const auto found = by_id.find(line.visit);
      if (found == by_id.end() || line.session.organisation.value != key.first ||
          visits_[found->second].credit->policy->hash != key.second) {
        continue;
      }
      Worth& sum = worth[found->second];
      sum.minutes += line.minutes;
      sum.parent += line.awaiting_parent;
      sum.province += line.awaiting_province;
    }
  }
  return worth;
}

TrueRow& Oracle::AddCredit(size_t index, const Worth& worth, const hours::PolicyPtr& policy,
                           base::Time now) {
  TrueVisit& visit = visits_[index];
  const Fact* in = visit.in ? &facts_[*visit.in] : nullptr;
  TrueRow& row = AddRow(kRowEntry, PlaceOf(visit.place).organisation, now);
  row.place = visit.place;
  row.ids[kFieldVolunteer] = visit.volunteer;
  row.integers[kFieldPractice] = visit.practice;
  row.integers[kFieldMinutes] = worth.minutes;
  SetUnlessZero(row, kFieldAwaitingParent, worth.parent);
  SetUnlessZero(row, kFieldAwaitingProvince, worth.province);
  if (in != nullptr) {
    row.rows[kFieldInEvent] = static_cast<size_t>(in->sequence) - 1;
    row.integers[kFieldInEvidence] = static_cast<int64_t>(in->evidence);
  }
  if (visit.agreed) {
    const Proposed& proposed = proposals_[*visit.agreed];
    row.rows[kFieldProposal] = proposed.row;
    row.integers[kFieldIn] = base::ToUnixMicros(proposed.act.in);
    row.integers[kFieldOut] = base::ToUnixMicros(proposed.act.out);
    row.integers[kFieldInEvidence] = static_cast<int64_t>(proposed.in_evidence);
    row.integers[kFieldOutEvidence] = static_cast<int64_t>(proposed.out_evidence);
  } else {
    const Fact& out = facts_[*visit.out];
    row.rows[kFieldOutEvent] = static_cast<size_t>(out.sequence) - 1;
    row.integers[kFieldOutEvidence] = static_cast<int64_t>(out.evidence);
  }
  visit.credit = {rows_.size() - 1, policy, worth};
  return row;
}

// Everything that the entry has which it takes back, but not its 26, 53 and 54.
TrueRow& Oracle::AddTakingBack(size_t index, base::Time now) {
  const size_t credited = visits_[index].credit->row;
  TrueRow back = rows_[credited];
  back.id = {};
  back.integers[kFieldRecordTime] = base::ToUnixMicros(now);
  for (const int field : {kFieldMinutes, kFieldAwaitingParent, kFieldAwaitingProvince}) {
    if (back.integers.contains(field)) back.integers[field] *= -1;
  }
  back.integers.erase(kFieldIn);
  back.integers.erase(kFieldOut);
  back.rows.erase(kFieldAdjustedBy);
  back.rows[kFieldReverses] = credited;
  rows_.push_back(std::move(back));
  return rows_.back();
}

// Rule 3 of FORMAT.md: the visits on the days of the change, and on days that these share, and so on;
// all of them where a policy joins days.
std::vector<size_t> Oracle::Near(const Change& change) const {
  base::Time from = StartOfDay(change.from);
  base::Time to = StartOfDay(change.to) + std::chrono::days(1);
  bool everything = change.policy != nullptr && change.policy->JoinsDays();
  const std::vector<size_t> all = VisitsOf(change.volunteer, change.practice);
  std::set<size_t> near;
  for (bool grown = true; grown;) {
    grown = false;
    for (const size_t index : all) {
      const TrueVisit& visit = visits_[index];
      const auto [begins, ends] = std::minmax({InOf(visit), EndOf(visit)});
      if (!everything && (begins > to || ends < from)) continue;
      if (!near.insert(index).second) continue;
      grown = true;
      from = std::min(from, StartOfDay(begins));
      to = std::max(to, StartOfDay(ends) + std::chrono::days(1));
      everything = everything || (visit.credit && visit.credit->policy->JoinsDays());
    }
  }
  std::vector<size_t> found;
  for (const size_t index : all) {
    if (near.contains(index)) found.push_back(index);
  }
  return found;
}

void Oracle::Adjust(const Change& change, base::Time now) {
  const auto worth = Compute(change.volunteer, change.practice);
  for (const size_t index : Near(change)) {
    const auto& credit = visits_[index].credit;
    if (!credit || credit->worth == worth.at(index)) continue;
    const hours::PolicyPtr policy = credit->policy;
    AddTakingBack(index, now).rows[kFieldAdjustedBy] = change.row;
    AddCredit(index, worth.at(index), policy, now).rows[kFieldAdjustedBy] = change.row;
  }
}

int64_t Oracle::entries() const {
  return std::count_if(rows_.begin(), rows_.end(),
                       [](const TrueRow& row) { return row.kind == kRowEntry; });
}

std::set<base::Uuid> Oracle::VolunteersOf(const std::string& organisation) const {
  std::set<base::Uuid> volunteers;
  for (const TrueRow& row : rows_) {
    const bool hers =
        row.kind == kRowEvent || row.kind == kRowEntry || row.kind == kRowTierApproval;
    if (row.organisation == organisation && hers) {
      volunteers.insert(row.ids.at(kFieldVolunteer));
    }
  }
  return volunteers;
}

Sums Oracle::SumsOf(const std::string& organisation, const base::Uuid& volunteer, base::Time now,
                    base::Duration pending_after) const {
  Sums sums;
  for (const TrueVisit& visit : visits_) {
    if (visit.gone || visit.volunteer != volunteer ||
        PlaceOf(visit.place).organisation != organisation) {
      continue;
    }
    if (visit.open()) {
      const bool over = now - facts_[*visit.in].session.ends > pending_after;
      if (!visit.practice) ++(over ? sums.pending : sums.open);
      continue;
    }
    if (!visit.credit) continue;
    const Worth& worth = visit.credit->worth;
    if (visit.practice) {
      sums.practice += worth.minutes;
      continue;
    }
    sums.minutes += worth.minutes;
    sums.parent += worth.parent;
    sums.province += worth.province;
    const TrueRow& entry = rows_[visit.credit->row];
    const auto weakness = [&](int field) {
      return Weakness(static_cast<EvidenceClass>(entry.integers.at(field)));
    };
    const int weaker = std::max(weakness(kFieldInEvidence), weakness(kFieldOutEvidence));
    (weaker == 0   ? sums.witnessed
     : weaker == 1 ? sums.attested
                   : sums.afterwards) += worth.minutes;
  }
  return sums;
}

std::map<std::pair<int, base::Uuid>, int64_t> Oracle::Balances() const {
  std::map<std::pair<int, base::Uuid>, int64_t> balances;
  for (const TrueVisit& visit : visits_) {
    balances[{visit.place, visit.volunteer}] += visit.credit ? visit.credit->worth.minutes : 0;
  }
  return balances;
}

}  // namespace rollcall::simulator
