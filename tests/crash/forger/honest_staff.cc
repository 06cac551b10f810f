// What staff of an honest ledger agree on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "forged_ledger.h"
#include "support/status_matchers.h"

namespace rollcall::forger {
namespace {

using domain::Action;
using domain::Outcome;
using domain::ProposalKind;
using support::IsOk;

domain::Actor Organiser() {
  return {"olga", domain::Role::kOrganiser, {}, base::Sha256(base::AsBytes("olga"))};
}
domain::Actor Approver() { return {"adam", domain::Role::kApprover, {}, {}}; }
domain::Actor Auditor() { return {"ines", domain::Role::kAuditor, {}, {}}; }

}  // namespace

void HonestLedger::Agree() {
  constexpr void (HonestLedger::*kActs[])() = {
      &HonestLedger::EnterADayAndApproveIt, &HonestLedger::BeInTwoPlaces,
      &HonestLedger::CloseAForgottenVisit,  &HonestLedger::CorrectAndCancel,
      &HonestLedger::DisputeAndAnswer,      &HonestLedger::EnterACrowd};
  (this->*kActs[agreed_++ % std::ssize(kActs)])();
}

// Eleven hours, of which three wait for somebody above.
void HonestLedger::EnterADayAndApproveIt() {
  const base::Uuid volunteer = ids_.Next();
  Resolve(Propose(ProposalKind::kBackEntry, {volunteer}, 0, 660), Outcome::kApproved);
  ApproveTier(volunteer, hours::Tier::kParent);
}

void HonestLedger::EnterACrowd() {
  const base::Uuid first = ids_.Next();
  const base::Uuid second = ids_.Next();
  Resolve(Propose(ProposalKind::kBatch, {first, second}, 0, 60), Outcome::kRefused);
  Resolve(Propose(ProposalKind::kBatch, {second, first}, 5, 60), Outcome::kApproved);
  Resolve(Propose(ProposalKind::kBatch, {first, second}, 70, 90), Outcome::kWithdrawn);
  Propose(ProposalKind::kBatch, {first, second}, 70, 90);  // nobody decides
}

void HonestLedger::CloseAForgottenVisit() {
  const base::Uuid volunteer = ids_.Next();
  Record(volunteer, Action::kIn, /*practice=*/false, shift_,
         shift_.starts + std::chrono::minutes(10));
  Resolve(Propose(ProposalKind::kClose, {volunteer}, 0, 100), Outcome::kApproved,
          ledger::Consent{ids_.Next(), volunteer, domain::EvidenceClass::kPin});
}

void HonestLedger::CorrectAndCancel() {
  const base::Uuid volunteer = ids_.Next();
  Record(volunteer, Action::kIn, /*practice=*/false, shift_, shift_.starts);
  Record(volunteer, Action::kOut, /*practice=*/false, shift_,
         shift_.starts + std::chrono::minutes(40));
  Resolve(Propose(ProposalKind::kCorrection, {volunteer}, 0, 50, EntryOf(volunteer)),
          Outcome::kApproved);
  Resolve(Propose(ProposalKind::kCancellation, {volunteer}, 0, 0, EntryOf(volunteer)),
          Outcome::kApproved);
}

// The visit that began earlier takes the time that the later one was credited.
void HonestLedger::BeInTwoPlaces() {
  const base::Uuid volunteer = ids_.Next();
  domain::Session other = shift_;
  other.key.activity = domain::ActivityId("reading");
  const auto at = [this](int64_t minute) { return shift_.starts + std::chrono::minutes(minute); };
  Record(volunteer, Action::kIn, /*practice=*/false, shift_, at(0));
  Record(volunteer, Action::kIn, /*practice=*/false, other, at(20));
  Record(volunteer, Action::kOut, /*practice=*/false, other, at(60));
  Record(volunteer, Action::kOut, /*practice=*/false, shift_, at(50));
}

void HonestLedger::DisputeAndAnswer() {
  const base::Uuid volunteer = ids_.Next();
  Resolve(Propose(ProposalKind::kBackEntry, {volunteer}, 30, 90), Outcome::kApproved);
  const base::Uuid entry = EntryOf(volunteer);
  const ledger::Dispute dispute = OpenDispute(volunteer, entry);
  const auto correction = Propose(ProposalKind::kCorrection, {volunteer}, 30, 95, entry);
  AnswerDispute(dispute, correction.row.proposal_id);
  OpenDispute(volunteer, {});  // nobody answers
}

ledger::Proposal HonestLedger::Propose(ProposalKind kind, const std::vector<base::Uuid>& people,
                                       int64_t in, int64_t out, const base::Uuid& corrects) {
  ledger::ProposeRequest request;
  request.kind = kind;
  request.session = shift_;
  if (kind == ProposalKind::kBatch) {
    request.people = people;
    request.headcount = static_cast<int32_t>(people.size()) + 1;
  } else {
    request.volunteer_key = people[0];
  }
  request.corrects = corrects;
  if (kind != ProposalKind::kCancellation) {
    request.in = shift_.starts + std::chrono::minutes(in);
    request.out = shift_.starts + std::chrono::minutes(out);
  }
  request.policy = policy_;
  request.reason_text = "no tablet at the river";
  request.proposer = Organiser();
  request.lifetime = std::chrono::hours(24 * 14);
  request.request_id = ids_.Next();
  request.payload_hash = base::Sha256(request.request_id.bytes);
  request.now = clock_.Now();
  const auto proposal = ledger_->Propose(request);
  EXPECT_THAT(proposal, IsOk());
  return proposal.value_or(ledger::Proposal());
}

void HonestLedger::Resolve(const ledger::Proposal& proposal, Outcome outcome,
                           std::optional<ledger::Consent> consent) {
  ledger::ResolveRequest request;
  request.organisation = shift_.key.organisation;
  request.proposal_id = proposal.row.proposal_id;
  request.outcome = outcome;
  if (outcome == Outcome::kRefused) request.reason_text = "nobody saw them";
  request.decider = outcome == Outcome::kWithdrawn ? Organiser() : Approver();
  request.consent = consent;
  request.request_id = ids_.Next();
  request.payload_hash = base::Sha256(request.request_id.bytes);
  request.now = clock_.Now();
  EXPECT_THAT(ledger_->Resolve(request), IsOk());
}

void HonestLedger::ApproveTier(const base::Uuid& volunteer, hours::Tier tier) {
  ledger::TierApprovalRow row;
  row.organisation = shift_.key.organisation;
  row.volunteer_key = volunteer;
  row.record_time = clock_.Now();
  row.day = policy_->zone.DayOf(shift_.starts);
  row.tier = tier;
  row.approving = domain::OrganisationId("above");
  row.reason_text = "the flood";
  row.approver = Approver();
  row.request_id = ids_.Next();
  row.payload_hash = base::Sha256(row.request_id.bytes);
  EXPECT_THAT(ledger_->ApproveTier(row), IsOk());
}

ledger::Dispute HonestLedger::OpenDispute(const base::Uuid& volunteer, const base::Uuid& entry) {
  ledger::DisputeRow row;
  row.session = shift_.key;
  row.volunteer_key = volunteer;
  row.kind = entry.IsNil() ? domain::DisputeKind::kMissing : domain::DisputeKind::kEntry;
  row.entry = entry;
  row.reason_text = "I stayed until the end";
  row.opener = {"desk-1", domain::Role::kDesk, {}, {}};
  row.record_time = clock_.Now();
  row.due = row.record_time + std::chrono::hours(24 * 15);
  row.request_id = ids_.Next();
  row.payload_hash = base::Sha256(row.request_id.bytes);
  const auto dispute = ledger_->OpenDispute(row);
  EXPECT_THAT(dispute, IsOk());
  return dispute.value_or(ledger::Dispute());
}

void HonestLedger::AnswerDispute(const ledger::Dispute& dispute, const base::Uuid& proposal) {
  ledger::AnswerRow row;
  row.organisation = shift_.key.organisation;
  row.dispute = dispute.row.dispute_id;
  row.verdict = domain::Verdict::kUpheld;
  row.proposal = proposal;
  row.reason_text = "the list at the gate says so too";
  row.answerer = Auditor();
  row.record_time = clock_.Now();
  row.request_id = ids_.Next();
  row.payload_hash = base::Sha256(row.request_id.bytes);
  EXPECT_THAT(ledger_->AnswerDispute(row), IsOk());
}

base::Uuid HonestLedger::EntryOf(const base::Uuid& volunteer) {
  ledger::HoursFilter filter;
  filter.events.volunteer_key = volunteer;
  filter.now = clock_.Now();
  const auto page = ledger_->HoursByVolunteer(filter, {});
  EXPECT_THAT(page, IsOk());
  if (!page.ok() || page->items.size() != 1) return {};
  for (const ledger::Visit& visit : page->items[0].visits) {
    if (visit.status == ledger::VisitStatus::kConfirmed) return visit.entry;
  }
  return {};
}

}  // namespace rollcall::forger
