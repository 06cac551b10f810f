#include "ledger/derive.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

#include "hours/compute.h"

namespace rollcall::ledger {
namespace {

absl::Status NoPolicy() {
  return base::MakeError(absl::StatusCode::kDataLoss, "LEDGER_INCONSISTENT",
                         "an entry under a policy that stands nowhere before it");
}

absl::StatusOr<hours::PolicyPtr> PolicyFor(const KnownVisit& visit, const PolicyOf& policies) {
  ASSIGN_OR_RETURN(hours::PolicyPtr policy,
                   policies(visit.session.organisation, visit.entry->policy_hash));
  if (policy == nullptr) return NoPolicy();
  return policy;
}

// What a KnownVisit and a ProposalRow say of their session.
template <typename Of>
hours::Visit VisitTo(const Of& of) {
  hours::Visit visit;
  visit.session = of.session;
  visit.session_starts = of.session_starts;
  visit.session_ends = of.session_ends;
  for (const domain::SessionBreak& each : of.breaks) {
    const bool travel = each.kind == domain::BreakKind::kTravel;
    visit.windows.push_back({travel ? hours::WindowKind::kTravel : hours::WindowKind::kBreak,
                             {each.starts, each.ends}});
  }
  visit.activity_length = of.activity_length;
  return visit;
}

hours::Visit FactOf(const KnownVisit& known) {
  hours::Visit visit = VisitTo(known);
  visit.id = known.id;
  // Both agreed on when her time begins, too.
  visit.in = known.agreed_end ? known.agreed_in : known.in;
  visit.out = known.out;
  visit.agreed_end = known.agreed_end;
  visit.in_evidence = known.in_evidence;
  visit.out_evidence = known.out_evidence;
  visit.practice = known.practice;
  return visit;
}

// What the visits are, with the newest word about how long each activity is.
std::vector<hours::Visit> FactsOf(const std::vector<const KnownVisit*>& visits) {
  using Key = std::pair<std::string_view, std::string_view>;
  const auto key = [](const KnownVisit& v) {
    return Key{v.session.organisation.value, v.session.activity.value};
  };
  std::map<Key, const KnownVisit*> newest;
  for (const KnownVisit* visit : visits) {
    const KnownVisit*& known = newest.try_emplace(key(*visit), visit).first->second;
    if (known->told < visit->told) known = visit;
  }
  std::vector<hours::Visit> facts;
  for (const KnownVisit* visit : visits) {
    facts.push_back(FactOf(*visit));
    facts.back().activity_length = newest.at(key(*visit))->activity_length;
  }
  return facts;
}

struct Worth {
  int64_t minutes = 0;
  int64_t awaiting_parent = 0;
  int64_t awaiting_province = 0;
  bool operator==(const Worth&) const = default;
};

Worth WorthOf(const EntryRow& entry) {
  return {entry.minutes, entry.awaiting_parent, entry.awaiting_province};
}

// What each visit is worth that has an entry, or gets one under `fresh`.
absl::StatusOr<std::map<base::Uuid, Worth>> WorthOfAll(const Person& person, const Reach& reach,
                                                       const hours::PolicyPtr& fresh,
                                                       const PolicyOf& policies) {
  // One computation for each policy, of each organisation as approvals are by organisation.
  std::map<std::pair<domain::OrganisationId, base::Sha256Digest>, hours::PolicyPtr> rules;
  std::map<base::Uuid, std::pair<domain::OrganisationId, base::Sha256Digest>> rule_of;
  for (const KnownVisit* visit : reach.visits) {
    if (!visit->complete() || (!visit->entry && fresh == nullptr)) continue;
    hours::PolicyPtr policy = fresh;
    if (visit->entry) {
      ASSIGN_OR_RETURN(policy, PolicyFor(*visit, policies));
    }
    const std::pair key(visit->session.organisation, policy->hash);
    rules.emplace(key, policy);
    rule_of.emplace(visit->id, key);
  }
  std::map<base::Uuid, Worth> worth;
  for (const auto& [visit, rule] : rule_of) worth[visit] = {};
  const hours::Facts all{FactsOf(reach.visits), {}};
  for (const auto& [key, policy] : rules) {
    hours::Facts facts = all;
    for (const TierApprovalRow& approval : person.approvals()) {
      if (approval.organisation != key.first || approval.practice != person.changed().practice) {
        continue;
      }
      facts.approvals.push_back({approval.day, approval.tier});
    }
    ASSIGN_OR_RETURN(const hours::Result result, hours::Compute(*policy, facts));
    for (const hours::Line& line : result.lines) {
      const auto rule = rule_of.find(line.visit);
      if (rule == rule_of.end() || rule->second != key) continue;
      Worth& sum = worth[line.visit];
      sum.minutes += line.minutes;
      sum.awaiting_parent += line.awaiting_parent;
      sum.awaiting_province += line.awaiting_province;
    }
  }
  return worth;
}

// The visits that may share time with `reach`, and perhaps some more.
std::span<const KnownVisit> VisitsNear(const Person& person, const Reach& reach) {
  const std::vector<KnownVisit>& all = person.visits();
  if (reach.everything) return all;
  const auto earlier = [](const KnownVisit& visit, base::Time time) { return visit.in < time; };
  const auto first = std::lower_bound(all.begin(), all.end(), reach.from - kLongestVisit, earlier);
  const auto last = std::lower_bound(first, all.end(), reach.to + kLongestVisit, earlier);
  return {first, last};
}

EntryRow TakingBack(const EntryRow& entry, base::Time record_time) {
  EntryRow back = entry;
  back.entry_id = {};
  back.record_time = record_time;
  back.reverses = entry.entry_id;
  back.minutes = -entry.minutes;
  back.awaiting_parent = -entry.awaiting_parent;
  back.awaiting_province = -entry.awaiting_province;
  back.adjusted_by = {};
  back.in = back.out = {};
  return back;
}

EntryRow Crediting(const KnownVisit& visit, const hours::Policy& policy, const Worth& worth,
                   base::Time record_time) {
  EntryRow entry;
  entry.session = visit.session;
  entry.record_time = record_time;
  entry.practice = visit.practice;
  entry.in_event = visit.in_event;
  entry.out_event = visit.out_event;
  entry.minutes = worth.minutes;
  entry.awaiting_parent = worth.awaiting_parent;
  entry.awaiting_province = worth.awaiting_province;
  entry.policy_name = policy.name;
  entry.policy_version = policy.version;
  entry.policy_hash = policy.hash;
  entry.in_evidence = visit.in_evidence;
  entry.out_evidence = visit.out_evidence;
  if (visit.agreed_end) {
    entry.proposal = visit.proposal;
    entry.in = visit.agreed_in;
    entry.out = *visit.agreed_end;
  }
  return entry;
}

// Whether a visit lies on a day of `span`, where `zone` says what a day is.
bool SharesDay(const KnownVisit& visit, const Span& span, const hours::Zone& zone) {
  const base::Time from = zone.StartOf(zone.DayOf(span.from));
  const base::Time to = zone.StartOf(zone.DayOf(span.to) + std::chrono::days(1));
  return visit.practice == span.practice && std::min(visit.in, visit.end()) <= to &&
         std::max(visit.in, visit.end()) >= from;
}

}  // namespace

absl::StatusOr<Reach> ReachOf(const Person& person, const Span& changed,
                              const hours::PolicyPtr& policy, const PolicyOf& policies) {
  Reach reach{false, changed.from, changed.to, {}};
  std::set<const hours::Policy*> rules;
  std::vector<hours::PolicyPtr> kept;  // so that the pointers stay
  const auto take = [&](const hours::PolicyPtr& one) {
    if (!rules.insert(one.get()).second) return false;
    kept.push_back(one);
    return true;
  };
  if (policy != nullptr) take(policy);
  // A change without a policy, as the reversal of a check-in, has the days that its neighbours
  // have.
  for (const KnownVisit& visit : VisitsNear(person, reach)) {
    if (!visit.entry) continue;
    ASSIGN_OR_RETURN(const hours::PolicyPtr own, PolicyFor(visit, policies));
    if (SharesDay(visit, changed, own->zone)) take(own);
  }
  for (bool grown = true; grown && !reach.everything;) {
    grown = false;
    for (const hours::Policy* rule : rules) {
      const hours::Zone& zone = rule->zone;
      reach.from = std::min(reach.from, zone.StartOf(zone.DayOf(reach.from)));
      reach.to = std::max(reach.to, zone.StartOf(zone.DayOf(reach.to) + std::chrono::days(1)));
      reach.everything = reach.everything || rule->JoinsDays();
    }
    const auto near = VisitsNear(person, reach);
    for (const KnownVisit& visit : near) {
      const base::Time from = std::min(visit.in, visit.end());
      const base::Time to = std::max(visit.in, visit.end());
      if (visit.practice != changed.practice || from > reach.to || to < reach.from) continue;
      if (from < reach.from || to > reach.to) grown = true;
      reach.from = std::min(reach.from, from);
      reach.to = std::max(reach.to, to);
      if (!visit.entry) continue;
      ASSIGN_OR_RETURN(const hours::PolicyPtr own, PolicyFor(visit, policies));
      grown = take(own) || grown;
    }
  }
  for (const KnownVisit& visit : VisitsNear(person, reach)) {
    if (visit.practice != changed.practice) continue;
    const base::Time from = std::min(visit.in, visit.end());
    const base::Time to = std::max(visit.in, visit.end());
    if (reach.everything || (from <= reach.to && to >= reach.from)) reach.visits.push_back(&visit);
  }
  return reach;
}

absl::StatusOr<std::vector<EntryRow>> EntriesAfter(const Person& person, const Cause& cause,
                                                   const PolicyOf& policies) {
  std::vector<EntryRow> entries;
  for (const EntryRow& stranded : person.stranded()) {
    EntryRow back = TakingBack(stranded, cause.record_time);
    if (cause.proposal.IsNil()) {
      back.reversal_event = cause.id;
    } else {
      back.proposal = cause.proposal;
    }
    entries.push_back(std::move(back));
  }
  ASSIGN_OR_RETURN(const Reach reach, ReachOf(person, person.changed(), cause.policy, policies));
  ASSIGN_OR_RETURN(const auto worth, WorthOfAll(person, reach, cause.policy, policies));
  for (const KnownVisit* visit : reach.visits) {
    if (!visit->complete() || visit->entry || cause.policy == nullptr) continue;
    entries.push_back(Crediting(*visit, *cause.policy, worth.at(visit->id), cause.record_time));
  }
  for (const KnownVisit* visit : reach.visits) {
    if (!visit->entry || worth.at(visit->id) == WorthOf(*visit->entry)) continue;
    EntryRow back = TakingBack(*visit->entry, cause.record_time);
    back.adjusted_by = cause.id;
    entries.push_back(std::move(back));
    ASSIGN_OR_RETURN(const hours::PolicyPtr policy, PolicyFor(*visit, policies));
    EntryRow credit = Crediting(*visit, *policy, worth.at(visit->id), cause.record_time);
    credit.adjusted_by = cause.id;
    entries.push_back(std::move(credit));
  }
  for (EntryRow& entry : entries) entry.volunteer_key = person.volunteer_key();
  return entries;
}

hours::Visit VisitOf(const ProposalRow& proposal) {
  hours::Visit visit = VisitTo(proposal);
  visit.id = proposal.proposal_id;
  visit.in = proposal.in;
  visit.agreed_end = proposal.out;
  return visit;
}

}  // namespace rollcall::ledger
