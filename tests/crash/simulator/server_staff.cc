// Acts of staff as the server hands them to the ledger.
#include <utility>

#include "simulator/server.h"

namespace rollcall::simulator {
namespace {

domain::SessionKey KeyOf(const Place& place) {
  return {domain::OrganisationId(place.organisation), domain::ActivityId(place.activity),
          domain::SessionId(place.session)};
}

ledger::ProposeRequest Proposing(const Arrived& arrived, const Place& place, const Rules& rules) {
  const Ask& ask = arrived.ask;
  const StaffAct& act = *ask.staff;
  ledger::ProposeRequest request;
  request.kind = act.kind;
  request.session = SessionOf(place);
  request.practice = ask.practice;
  if (act.kind == domain::ProposalKind::kBatch) {
    request.people = act.people;
    request.headcount = act.headcount;
  } else {
    request.volunteer_key = ask.volunteer;
  }
  const bool corrects = act.kind == domain::ProposalKind::kCorrection ||
                        act.kind == domain::ProposalKind::kCancellation;
  if (corrects) request.corrects = act.entry;
  if (act.kind != domain::ProposalKind::kCancellation) {
    request.in = act.in;
    request.out = act.out;
  }
  request.policy = rules.policy;
  request.activity_length = place.activity_length;
  request.reason_text = act.reason;
  request.proposer = act.actor;
  request.lifetime = act.lifetime;
  request.request_id = ask.request_id;
  request.payload_hash = ask.payload;
  request.now = arrived.now;
  return request;
}

ledger::ResolveRequest Resolving(const Arrived& arrived) {
  const Ask& ask = arrived.ask;
  const StaffAct& act = *ask.staff;
  ledger::ResolveRequest request;
  request.organisation = domain::OrganisationId(ask.organisation);
  request.proposal_id = act.subject;
  request.outcome = act.outcome;
  request.reason_text = act.reason;
  request.decider = act.actor;
  if (!act.consent.IsNil()) request.consent = {act.consent, ask.volunteer, ask.evidence};
  request.request_id = ask.request_id;
  request.payload_hash = ask.payload;
  request.now = arrived.now;
  return request;
}

ledger::TierApprovalRow Approving(const Arrived& arrived) {
  const Ask& ask = arrived.ask;
  const StaffAct& act = *ask.staff;
  ledger::TierApprovalRow row;
  row.organisation = domain::OrganisationId(ask.organisation);
  row.volunteer_key = ask.volunteer;
  row.record_time = arrived.now;
  row.practice = ask.practice;
  row.day = act.day;
  row.tier = act.tier;
  row.approving = domain::OrganisationId("above");
  row.reason_text = act.reason;
  row.approver = act.actor;
  row.request_id = ask.request_id;
  row.payload_hash = ask.payload;
  return row;
}

ledger::DisputeRow Disputing(const Arrived& arrived, const Place& place) {
  const Ask& ask = arrived.ask;
  const StaffAct& act = *ask.staff;
  ledger::DisputeRow row;
  row.session = KeyOf(place);
  row.volunteer_key = ask.volunteer;
  row.kind = act.dispute;
  row.entry = act.entry;
  row.reason_text = act.reason;
  row.opener = act.actor;
  row.record_time = arrived.now;
  row.due = arrived.now + act.lifetime;
  row.request_id = ask.request_id;
  row.payload_hash = ask.payload;
  return row;
}

ledger::AnswerRow Answering(const Arrived& arrived) {
  const Ask& ask = arrived.ask;
  const StaffAct& act = *ask.staff;
  ledger::AnswerRow row;
  row.organisation = domain::OrganisationId(ask.organisation);
  row.dispute = act.subject;
  row.verdict = act.verdict;
  row.proposal = act.proposal;
  row.reason_text = act.reason;
  row.answerer = act.actor;
  row.record_time = arrived.now;
  row.request_id = ask.request_id;
  row.payload_hash = ask.payload;
  return row;
}

StaffAnswer AnswerOf(const ledger::Proposal& proposal) {
  return {proposal.sequence, proposal.row.proposal_id, proposal.resolution_sequence,
          proposal.row.minutes, proposal.replayed};
}
StaffAnswer AnswerOf(const ledger::TierApproval& approval) {
  return {approval.sequence, approval.row.approval_id, 0, approval.minutes, approval.replayed};
}
StaffAnswer AnswerOf(const ledger::Dispute& dispute) {
  return {dispute.sequence, dispute.row.dispute_id, dispute.answer_sequence, 0, dispute.replayed};
}

template <typename T>
Given GivenOf(const absl::StatusOr<T>& result) {
  Given given;
  given.answers = 1;
  given.outcome = ledger::RecordOutcome{};
  if (result.ok()) {
    given.staff = AnswerOf(*result);
  } else {
    given.outcome = result.status();
  }
  return given;
}

}  // namespace

domain::Session SessionOf(const Place& place) {
  domain::Session session;
  session.key = KeyOf(place);
  session.starts = place.starts;
  session.ends = place.ends;
  session.breaks = place.breaks;
  return session;
}

Given Server::TakeStaff(const Arrived& arrived, const Rules& rules) {
  const Place& place = places_[static_cast<size_t>(arrived.ask.place)];
  switch (arrived.ask.staff->what) {
    case StaffAct::What::kPropose:
      return GivenOf(ledger_->Propose(Proposing(arrived, place, rules)));
    case StaffAct::What::kResolve:
      return GivenOf(ledger_->Resolve(Resolving(arrived)));
    case StaffAct::What::kApproveTier:
      return GivenOf(ledger_->ApproveTier(Approving(arrived)));
    case StaffAct::What::kDispute:
      return GivenOf(ledger_->OpenDispute(Disputing(arrived, place)));
    case StaffAct::What::kAnswer:
      return GivenOf(ledger_->AnswerDispute(Answering(arrived)));
  }
  return {};
}

}  // namespace rollcall::simulator
