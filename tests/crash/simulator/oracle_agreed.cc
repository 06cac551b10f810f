// What staff do: proposals, decisions, tier approvals, disputes and answers.
#include <algorithm>

#include "hours/compute.h"
#include "simulator/format_fields.h"
#include "simulator/oracle.h"

namespace rollcall::simulator {
namespace {

using domain::Actor;
using domain::EvidenceClass;
using domain::Outcome;
using domain::ProposalKind;

constexpr size_t kLongestText = 200;
constexpr base::Time kYear2200{std::chrono::sys_days(std::chrono::year(2200) / 1 / 1)};

Expected Failed(std::string reason) {
  Expected expected;
  expected.error = std::move(reason);
  return expected;
}
Expected Done(StaffAnswer answer) {
  Expected expected;
  expected.staff = answer;
  return expected;
}

bool IsText(const std::string& text) { return !text.empty() && text.size() <= kLongestText; }

// Why these two are not two people; empty: nothing shows that they are one.
std::string NotTwo(const Actor& one, const Actor& other) {
  if (one.identity == other.identity) return "PROPOSER_CANNOT_DECIDE";
  if (!one.person.IsNil() && one.person == other.person) return "SAME_PERSON";
  return one.key && one.key == other.key ? "SAME_KEY" : "";
}

bool Among(const base::Uuid& person, const std::vector<base::Uuid>& people) {
  return !person.IsNil() && std::find(people.begin(), people.end(), person) != people.end();
}

bool Corrects(ProposalKind kind) {
  return kind == ProposalKind::kCorrection || kind == ProposalKind::kCancellation;
}

// Of a row that somebody asked for.
void SetRequest(TrueRow& row, const Ask& ask) { row.ids[kFieldRequestId] = ask.request_id; }

}  // namespace

bool InRange(base::Time time) { return time >= base::Time() && time < kYear2200; }

Expected Oracle::TakeStaff(const Ask& ask, base::Time now, const Rules& rules) {
  using What = StaffAct::What;
  const What what = ask.staff->what;
  const bool here = what == What::kPropose || what == What::kDispute;
  const std::string& organisation = here ? PlaceOf(ask.place).organisation : ask.organisation;
  if (auto earlier = Earlier(organisation, ask)) {
  
    return *earlier;
  }
  switch (what) {
    case What::kPropose:
      return TakeProposal(ask, now, rules);
    case What::kResolve:
      return TakeResolution(ask, now);
    case What::kApproveTier:
      return TakeTierApproval(ask, now);
    case What::kDispute:
      return TakeDispute(ask, now);
    case What::kAnswer:
      return TakeAnswer(ask, now);
  }
  return {};
}

Expected Oracle::TakeProposal(const Ask& ask, base::Time now, const Rules& rules) {
  const Place& place = PlaceOf(ask.place);
  Proposed proposed;
  proposed.place = ask.place;
  proposed.act = *ask.staff;
  proposed.practice = ask.practice;
  proposed.session = {place.starts, place.ends, place.breaks, place.activity_length};
  proposed.policy = rules.policy;
  proposed.expires = now + ask.staff->lifetime;
  const std::string fault = FaultOfProposal(ask, now, proposed);
  if (!fault.empty()) return Failed(fault);
  AddPolicy(place.organisation, rules.policy, now);
  proposed.row = rows_.size();
  const StaffAct& act = proposed.act;
  TrueRow& row = AddRow(kRowProposal, place.organisation, now);
  row.place = ask.place;
  SetRequest(row, ask);
  if (act.kind != ProposalKind::kBatch) row.ids[kFieldVolunteer] = ask.volunteer;
  row.integers[kFieldPractice] = ask.practice;
  row.integers[kFieldSessionStarts] = base::ToUnixMicros(place.starts);
  row.integers[kFieldSessionEnds] = base::ToUnixMicros(place.ends);
  row.integers[kFieldMinutes] = proposed.minutes;
  row.integers[kFieldInEvidence] = static_cast<int64_t>(proposed.in_evidence);
  row.integers[kFieldOutEvidence] = static_cast<int64_t>(proposed.out_evidence);
  row.integers[kFieldProposalKind] = static_cast<int64_t>(act.kind);
  row.integers[kFieldExpires] = base::ToUnixMicros(proposed.expires);
  if (proposed.closes) {
    row.rows[kFieldInEvent] = static_cast<size_t>(facts_[*proposed.closes].sequence) - 1;
  }
  if (Corrects(act.kind)) row.ids[kFieldCorrects] = act.entry;
  if (act.kind == ProposalKind::kBatch) row.integers[kFieldHeadcount] = act.headcount;
  if (act.kind != ProposalKind::kCancellation) {
    row.integers[kFieldIn] = base::ToUnixMicros(act.in);
    row.integers[kFieldOut] = base::ToUnixMicros(act.out);
  }
  Keep(place.organisation, ask, kRowProposal, proposals_.size());
  proposals_.push_back(std::move(proposed));
  return Done(AnswerOf(proposals_.back()));
}

// Completes `proposed`. Empty: it can be proposed.
std::string Oracle::FaultOfProposal(const Ask& ask, base::Time now, Proposed& proposed) const {
  StaffAct& act = proposed.act;
  const bool batch = act.kind == ProposalKind::kBatch;
  const bool close = act.kind == ProposalKind::kClose;
  const bool cancels = act.kind == ProposalKind::kCancellation;
  const auto& starts = proposed.session.starts;
  const auto& ends = proposed.session.ends;
  if (now < ends) return "SESSION_NOT_OVER";
  proposed.people = batch ? act.people : std::vector<base::Uuid>{ask.volunteer};
  std::sort(proposed.people.begin(), proposed.people.end());
  const auto& people = proposed.people;
  const bool twice = std::adjacent_find(people.begin(), people.end()) != people.end();
  if (batch && (people.empty() || people.size() > 200 || twice ||
                act.headcount < static_cast<int32_t>(people.size()))) {
    return "BAD_BATCH";
  }
  if (!cancels) {
    if (act.out < starts || act.out > ends) return "OUTSIDE_SESSION";
    if (!close && (act.in < starts || act.in > ends)) return "OUTSIDE_SESSION";
    if (!close && act.out - act.in < std::chrono::minutes(1)) return "NOTHING_TO_CREDIT";
  }
  if (batch) proposed.in_evidence = proposed.out_evidence = EvidenceClass::kStaff;
  if (close) {
    const auto& door = DoorOf(ask.place, ask.volunteer);
    if (door.empty() || !visits_[door.back()].open()) return "NOT_PENDING";
    proposed.closes = visits_[door.back()].in;
    const Fact& in = facts_[*proposed.closes];
    proposed.in_evidence = in.evidence;
    act.in = std::max(in.time, starts);
    if (act.out < act.in) return "OUTSIDE_SESSION";
  }
  if (!cancels) {
    const Place& place = PlaceOf(proposed.place);
    hours::Visit visit;
    visit.id = ask.request_id;
    visit.session = {domain::OrganisationId(place.organisation),
                     domain::ActivityId(place.activity), domain::SessionId(place.session)};
    TellHours(proposed.session, visit);
    visit.in = act.in;
    visit.agreed_end = act.out;
    proposed.minutes = hours::MinutesAlone(*proposed.policy, visit).value_or(-1);
  }
  if (Among(act.actor.person, people)) return "BENEFICIARY";
  const bool nothing = !cancels && proposed.minutes < (close ? 0 : 1);
  if (!IsText(act.reason) || nothing || !InRange(now)) return "BAD_PROPOSAL";
  if (close && now <= ends + proposed.policy->pending_after) return "NOT_PENDING";
  for (const base::Uuid& volunteer : people) {
    if (auto fault = Fits(proposed, volunteer); !fault.empty()) return fault;
  }
  return {};
}

// Rule 8 of FORMAT.md; empty: it fits.
std::string Oracle::Fits(const Proposed& proposed, const base::Uuid& volunteer) const {
  const StaffAct& act = proposed.act;
  const auto& door = DoorOf(proposed.place, volunteer);
  const TrueVisit* open =
      door.empty() || !visits_[door.back()].open() ? nullptr : &visits_[door.back()];
  if (act.kind == ProposalKind::kClose) {
    const bool same = open != nullptr && open->in == proposed.closes &&
                      open->practice == proposed.practice;
    if (!same) return "NOT_PENDING";
  } else if (open != nullptr && !Corrects(act.kind)) {
    return "VISIT_OPEN";
  }
  bool stands = !Corrects(act.kind);
  bool overlaps = false;
  for (const TrueVisit& visit : visits_) {
    if (visit.volunteer != volunteer || !visit.credit || visit.practice != proposed.practice) {
      continue;
    }
    if (Corrects(act.kind) && rows_[visit.credit->row].id == act.entry) {
      stands = stands || visit.place == proposed.place;
      continue;
    }
    const base::Time begins = std::max(InOf(visit), visit.session.starts);
    const base::Time ends = std::min(EndOf(visit), visit.session.ends);
    overlaps = overlaps || std::max(act.in, begins) < std::min(act.out, ends);
  }
  if (!stands) return "ENTRY_GONE";
  return overlaps && act.kind != ProposalKind::kCancellation ? "OVERLAP" : "";
}

Expected Oracle::TakeResolution(const Ask& ask, base::Time now) {
  const StaffAct& act = *ask.staff;
  const auto row = FindRow(kRowProposal, ask.organisation, act.subject);
  if (!row) return Failed("NO_SUCH_PROPOSAL");
  size_t index = 0;
  while (proposals_[index].row != *row) ++index;
  const std::string fault = FaultOfResolution(ask, now, proposals_[index]);
  if (!fault.empty()) return Failed(fault);
  Proposed& proposed = proposals_[index];
  proposed.outcome = act.outcome;
  proposed.decider = act.actor;
  proposed.resolution = rows_.size();
  TrueRow& resolution = AddRow(kRowResolution, ask.organisation, now);
  SetRequest(resolution, ask);
  resolution.rows[kFieldProposal] = *row;
  resolution.integers[kFieldOutcome] = static_cast<int64_t>(act.outcome);
  if (!act.consent.IsNil()) {
    tokens_.insert(act.consent);
    resolution.ids[kFieldVolunteer] = ask.volunteer;
    resolution.integers[kFieldEvidence] = static_cast<int64_t>(ask.evidence);
  }
  Keep(ask.organisation, ask, kRowResolution, index);
  if (act.outcome == Outcome::kApproved) {
    for (const base::Uuid& volunteer : proposed.people) Agree(index, volunteer, now);
  }
  return Done(AnswerOf(proposals_[index]));
}

// Rules 8 and 9; empty: it can be decided so.
std::string Oracle::FaultOfResolution(const Ask& ask, base::Time now,
                                      const Proposed& proposed) const {
  const StaffAct& act = *ask.staff;
  const Actor& proposer = proposed.act.actor;
  const bool consent = !act.consent.IsNil();
  if (proposed.outcome) return "ALREADY_DECIDED";
  if (consent && tokens_.contains(act.consent)) return "TOKEN_USED";
  const bool refused = act.outcome == Outcome::kRefused;
  if (act.reason.size() > kLongestText || (refused && act.reason.empty()) || !InRange(now) ||
      (consent && act.outcome != Outcome::kApproved)) {
    return "BAD_RESOLUTION";
  }
  if (now >= proposed.expires) return "PROPOSAL_LAPSED";
  if (act.outcome == Outcome::kWithdrawn) {
    return act.actor.identity == proposer.identity ? "" : "NOT_PROPOSER";
  }
  if (consent) {
    if (proposed.act.kind != ProposalKind::kClose) return "CONSENT_ONLY_CLOSES";
    if (ask.volunteer != proposed.people[0]) return "CONSENT_NOT_HERS";
  }
  if (auto one = NotTwo(proposer, act.actor); !one.empty()) return one;
  if (!consent && proposer.role == act.actor.role) return "SAME_ROLE";
  if (!consent && Among(act.actor.person, proposed.people)) return "BENEFICIARY";
  if (refused) return {};
  for (const base::Uuid& volunteer : proposed.people) {
    if (auto fault = Fits(proposed, volunteer); !fault.empty()) return fault;
  }
  return {};
}

// The approval changes one person's hours.
void Oracle::Agree(size_t index, const base::Uuid& volunteer, base::Time now) {
  const Proposed& proposed = proposals_[index];
  const StaffAct& act = proposed.act;
  Change change{proposed.resolution, volunteer, proposed.practice, act.in, act.out,
                proposed.policy};
  if (Corrects(act.kind)) {
    size_t corrected = 0;
    while (!visits_[corrected].credit ||
           rows_[visits_[corrected].credit->row].id != act.entry) {
      ++corrected;
    }
    TrueVisit& visit = visits_[corrected];
    const auto [from, to] = std::minmax({InOf(visit), EndOf(visit)});
    const bool cancels = act.kind == ProposalKind::kCancellation;
    change.from = cancels ? from : std::min(from, act.in);
    change.to = cancels ? to : std::max(to, act.out);
    AddTakingBack(corrected, now).rows[kFieldProposal] = proposed.row;
    visit.credit.reset();
    visit.gone = true;
  }
  if (act.kind != ProposalKind::kCancellation) {
    size_t made = visits_.size();
    if (proposed.closes) {
      made = DoorOf(proposed.place, volunteer).back();
      change.from = std::min(change.from, InOf(visits_[made]));
    } else {
      visits_.push_back(
          {proposed.place, volunteer, proposed.practice, {}, {}, {}, {}, {}, false, {}});
    }
    TrueVisit& visit = visits_[made];
    visit.agreed = index;
    visit.session = proposed.session;
    visit.told = proposed.resolution;
    visit.credit = {0, proposed.policy, {}};
    const Worth worth = Compute(volunteer, proposed.practice).at(made);
    AddCredit(made, worth, proposed.policy, now);
  }
  Adjust(change, now);
}

Expected Oracle::TakeTierApproval(const Ask& ask, base::Time now) {
  const StaffAct& act = *ask.staff;
  const base::Time day(act.day.time_since_epoch());
  const bool tier = act.tier == hours::Tier::kParent || act.tier == hours::Tier::kProvince;
  if (!tier || !IsText(act.reason) || !InRange(now) || !InRange(day) ||
      day > now + std::chrono::days(1) || act.actor.person == ask.volunteer) {
    return Failed("BAD_APPROVAL");
  }
  const Oracle before = *this;
  const size_t index = rows_.size();
  TrueRow& row = AddRow(kRowTierApproval, ask.organisation, now);
  SetRequest(row, ask);
  row.ids[kFieldVolunteer] = ask.volunteer;
  row.integers[kFieldPractice] = ask.practice;
  row.integers[kFieldDay] = act.day.time_since_epoch().count();
  row.integers[kFieldTier] = static_cast<int64_t>(act.tier);
  approvals_.push_back({ask.organisation, ask.volunteer, ask.practice, {act.day, act.tier}});
  // Wherever the day may begin.
  Adjust({index, ask.volunteer, ask.practice, day - std::chrono::days(1),
          day + std::chrono::days(2), nullptr},
         now);
  if (rows_.size() == index + 1) {
    *this = before;
    return Failed("NOTHING_AWAITS");
  }
  Keep(ask.organisation, ask, kRowTierApproval, index);
  return Done(AnswerOfTier(index));
}

Expected Oracle::TakeDispute(const Ask& ask, base::Time now) {
  const StaffAct& act = *ask.staff;
  const Place& place = PlaceOf(ask.place);
  const bool of_entry = act.dispute == domain::DisputeKind::kEntry;
  if (of_entry == act.entry.IsNil() || !IsText(act.reason) || !InRange(now)) {
    return Failed("BAD_DISPUTE");
  }
  std::optional<size_t> entry;
  if (of_entry) {
    entry = FindRow(kRowEntry, place.organisation, act.entry);
    if (!entry || rows_[*entry].rows.contains(kFieldReverses)) return Failed("NO_SUCH_ENTRY");
    const bool stands = std::any_of(visits_.begin(), visits_.end(), [&](const TrueVisit& visit) {
      return visit.credit && visit.credit->row == *entry && visit.volunteer == ask.volunteer &&
             visit.place == ask.place;
    });
    if (!stands) return Failed("ENTRY_GONE");
  }
  disputes_.push_back({rows_.size(), ask.place, ask.volunteer, act.actor, entry, {}});
  TrueRow& row = AddRow(kRowDispute, place.organisation, now);
  row.place = ask.place;
  SetRequest(row, ask);
  row.ids[kFieldVolunteer] = ask.volunteer;
  if (of_entry) row.ids[kFieldCorrects] = act.entry;
  row.integers[kFieldDisputeKind] = static_cast<int64_t>(act.dispute);
  row.integers[kFieldDue] = base::ToUnixMicros(now + act.lifetime);
  Keep(place.organisation, ask, kRowDispute, disputes_.size() - 1);
  return Done(AnswerOf(disputes_.back()));
}

Expected Oracle::TakeAnswer(const Ask& ask, base::Time now) {
  const StaffAct& act = *ask.staff;
  const bool rejects = act.verdict == domain::Verdict::kRejected;
  if (!IsText(act.reason) || !InRange(now) || (rejects && !act.proposal.IsNil())) {
    return Failed("BAD_ANSWER");
  }
  const auto row = FindRow(kRowDispute, ask.organisation, act.subject);
  if (!row) return Failed("NO_SUCH_DISPUTE");
  size_t index = 0;
  while (disputes_[index].row != *row) ++index;
  Disputed& disputed = disputes_[index];
  if (disputed.answer) return Failed("ALREADY_ANSWERED");
  if (Involved(act.actor, disputed)) return Failed("INVOLVED");
  std::optional<size_t> proposal;
  if (!act.proposal.IsNil()) {
    proposal = FindRow(kRowProposal, ask.organisation, act.proposal);
    if (!proposal) return Failed("NO_SUCH_PROPOSAL");
    const auto made = std::find_if(proposals_.begin(), proposals_.end(),
                                   [&](const Proposed& p) { return p.row == *proposal; });
    if (made->row < *row || !Among(disputed.volunteer, made->people)) {
      return Failed("ANOTHER_PROPOSAL");
    }
  }
  disputed.answer = rows_.size();
  TrueRow& answer = AddRow(kRowAnswer, ask.organisation, now);
  SetRequest(answer, ask);
  answer.rows[kFieldDispute] = *row;
  answer.integers[kFieldVerdict] = static_cast<int64_t>(act.verdict);
  if (proposal) answer.rows[kFieldProposal] = *proposal;
  Keep(ask.organisation, ask, kRowAnswer, index);
  return Done(AnswerOf(disputed));
}

// Rule 13.
bool Oracle::Involved(const Actor& actor, const Disputed& disputed) const {
  if (actor.person == disputed.volunteer || !NotTwo(disputed.opener, actor).empty()) return true;
  if (!disputed.entry) return false;
  const TrueRow& entry = rows_[*disputed.entry];
  for (const int field : {kFieldInEvent, kFieldOutEvent}) {
    const auto event = entry.rows.find(field);
    if (event == entry.rows.end()) continue;
    if (facts_[fact_of_row_.at(event->second)].recorder == actor.identity) return true;
  }
  const auto proposal = entry.rows.find(kFieldProposal);
  if (proposal == entry.rows.end()) return false;
  const auto made = std::find_if(proposals_.begin(), proposals_.end(), [&](const Proposed& p) {
    return p.row == proposal->second;
  });
  return !NotTwo(made->act.actor, actor).empty() || !NotTwo(made->decider, actor).empty();
}

StaffAnswer Oracle::AnswerOf(const Proposed& proposed) const {
  StaffAnswer answer;
  answer.sequence = static_cast<int64_t>(proposed.row) + 1;
  answer.id = rows_[proposed.row].id;
  if (proposed.outcome) answer.second = static_cast<int64_t>(proposed.resolution) + 1;
  answer.minutes = proposed.minutes;
  return answer;
}

StaffAnswer Oracle::AnswerOf(const Disputed& disputed) const {
  StaffAnswer answer;
  answer.sequence = static_cast<int64_t>(disputed.row) + 1;
  answer.id = rows_[disputed.row].id;
  if (disputed.answer) answer.second = static_cast<int64_t>(*disputed.answer) + 1;
  return answer;
}

StaffAnswer Oracle::AnswerOfTier(size_t row) const {
  StaffAnswer answer;
  answer.sequence = static_cast<int64_t>(row) + 1;
  answer.id = rows_[row].id;
  for (size_t i = row + 1; i < rows_.size(); ++i) {
    const auto by = rows_[i].rows.find(kFieldAdjustedBy);
    if (by == rows_[i].rows.end() || by->second != row) break;
    answer.minutes += rows_[i].integers.at(kFieldMinutes);
  }
  return answer;
}

}  // namespace rollcall::simulator
