#include "ledger/correction_rows.h"

#include <algorithm>

#include "hours/compute.h"
#include "ledger/canonical.h"
#include "ledger/row.h"
#include "ledger/row_fields.h"
#include "ledger/session_fields.h"

namespace rollcall::ledger {
namespace {

using domain::EvidenceClass;
using domain::ProposalKind;

// Who is named, and what else each kind of proposal names.
std::string_view FaultOfSubject(const ProposalRow& row) {
  if (row.batch() != row.volunteer_key.IsNil()) return "one volunteer, or a batch";
  if (row.batch()) {
    if (row.people.empty() || row.people.size() > kMaxBatch || row.people.front().IsNil()) {
      return "a batch of nobody, or of too many";
    }
    for (size_t i = 1; i < row.people.size(); ++i) {
      if (row.people[i] <= row.people[i - 1]) return "people out of order, or twice";
    }
    if (row.headcount < static_cast<int32_t>(row.people.size()) || row.headcount > kMaxHeadcount) {
      return "a headcount below the list";
    }
  } else if (!row.people.empty() || row.headcount != 0) {
    return "a crowd outside of a batch";
  }
  if ((row.kind == ProposalKind::kClose) == row.in_event.IsNil()) {
    return "a check-in belongs to closing, and to nothing else";
  }
  const bool changes = row.kind == ProposalKind::kCorrection || row.cancels();
  if (changes == row.corrects.IsNil()) return "an entry belongs to a correction";
  return {};
}

std::string_view FaultOfTimes(const ProposalRow& row) {
  if (const auto session = FaultOfSession(row); !session.empty()) return session;
  if (!hours::InRange(row.expires)) return "a time before 1970 or after 2199";
  if (row.record_time < row.session_ends) return "a proposal before the session's end";
  if (row.expires <= row.record_time) return "a proposal that expires before it is made";
  if (row.cancels()) {
    return row.in == base::Time{} && row.out == base::Time{} && row.minutes == 0
               ? ""
               : "a cancellation that credits";
  }
  if (row.in < row.session_starts || row.out > row.session_ends || row.out < row.in) {
    return "times outside of the session";
  }
  if (row.minutes < (row.kind == ProposalKind::kClose ? 0 : 1)) return "a proposal of nothing";
  return {};
}

std::string_view FaultOfEvidence(const ProposalRow& row) {
  if (!IsEvidence(row.in_evidence)) return "unknown evidence class";
  const EvidenceClass expected = row.batch() ? EvidenceClass::kStaff : EvidenceClass::kBackEntry;
  const bool free_in = row.kind == ProposalKind::kClose;  // that of its check-in
  if (row.out_evidence != expected || (!free_in && row.in_evidence != expected)) {
    return "evidence that nobody has seen";
  }
  return {};
}

}  // namespace

std::string_view FaultOfActor(const domain::Actor& actor) {
  if (!IsText(actor.identity)) return "an act of nobody";
  const bool known =
      actor.role >= domain::Role::kKiosk && actor.role <= domain::Role::kAdministrator;
  return known ? "" : "unknown role";
}

void WriteActor(FieldWriter& w, const domain::Actor& actor) {
  w.Uuid(kPerson, actor.person);
  if (actor.key) w.Bytes(kKeyHash, *actor.key);
  w.Integer(kRole, static_cast<int64_t>(actor.role));
}

void ReadActor(FieldReader& r, domain::Actor& actor) {
  actor.person = r.Uuid(kPerson);
  if (r.Has(kKeyHash)) actor.key = ReadDigest(r, kKeyHash);
  actor.role = ReadEnum<domain::Role>(r, kRole);
}

std::string_view FaultOf(const ProposalRow& row) {
  if (!IsSession(row.session)) return "malformed session key";
  if (row.proposal_id.IsNil() || row.request_id.IsNil()) return "nil id";
  if (row.kind < ProposalKind::kClose || row.kind > ProposalKind::kBatch) {
    return "unknown kind of proposal";
  }
  if (row.reason < domain::ReasonCode::kForgottenCheckOut ||
      row.reason > domain::ReasonCode::kOther || !IsText(row.reason_text)) {
    return "no reason, or a malformed one";
  }
  if (!IsId(row.policy_name)) return "malformed policy name";
  for (const auto fault :
       {FaultOfActor(row.proposer), FaultOfSubject(row), FaultOfTimes(row), FaultOfEvidence(row)}) {
    if (!fault.empty()) return fault;
  }
  return CheckProposer(row.proposer, row.concerned()).ok() ? "" : "a proposal for oneself";
}

std::string_view FaultOf(const ResolutionRow& row) {
  if (!IsId(row.organisation.value)) return "malformed organisation";
  if (row.resolution_id.IsNil() || row.proposal.IsNil() || row.request_id.IsNil()) return "nil id";
  if (row.outcome < domain::Outcome::kApproved || row.outcome > domain::Outcome::kWithdrawn) {
    return "unknown outcome";
  }
  const bool refused = row.outcome == domain::Outcome::kRefused;
  if (refused ? !IsText(row.reason_text) : !IsTextOrEmpty(row.reason_text)) {
    return "no reason, or a malformed one";
  }
  if (row.token_id.IsNil() != row.volunteer_key.IsNil()) return "a consent of nobody";
  if (!row.token_id.IsNil()) {
    if (row.outcome != domain::Outcome::kApproved) return "a consent to nothing";
    if (row.evidence < EvidenceClass::kFace || row.evidence > EvidenceClass::kPin) {
      return "a consent that she did not prove";
    }
  }
  return FaultOfActor(row.decider);
}

base::Bytes EncodeRow(const ProposalRow& row) {
  std::vector<base::Bytes> people;
  for (const base::Uuid& person : row.people) {
    FieldWriter w;
    w.Uuid(kPersonKey, person);
    people.push_back(w.Take());
  }
  FieldWriter w;
  w.Integer(kRowKind, static_cast<int64_t>(RowKind::kProposal));
  w.Text(kOrganisation, row.session.organisation.value);
  w.Uuid(kId, row.proposal_id);
  w.Text(kActivity, row.session.activity.value);
  w.Text(kSession, row.session.session.value);
  w.Uuid(kVolunteerKey, row.volunteer_key);
  w.Integer(kRecordTime, base::ToUnixMicros(row.record_time));
  w.Text(kRecorder, row.proposer.identity);
  w.Integer(kPractice, row.practice ? 1 : 0);
  w.Uuid(kRequestId, row.request_id);
  w.Bytes(kPayloadHash, row.payload_hash);
  WriteSession(w, row);
  w.Uuid(kInEvent, row.in_event);
  w.Integer(kMinutes, row.minutes);
  w.Text(kPolicyName, row.policy_name);
  w.Integer(kPolicyVersion, row.policy_version);
  w.Bytes(kPolicyHash, row.policy_hash);
  w.Integer(kInEvidence, static_cast<int64_t>(row.in_evidence));
  w.Integer(kOutEvidence, static_cast<int64_t>(row.out_evidence));
  w.Integer(kProposalKind, static_cast<int64_t>(row.kind));
  w.Uuid(kCorrects, row.corrects);
  if (!row.cancels()) {
    w.Integer(kInTime, base::ToUnixMicros(row.in));
    w.Integer(kOutTime, base::ToUnixMicros(row.out));
  }
  w.List(kPeople, people);
  if (row.batch()) w.Integer(kHeadcount, row.headcount);
  w.Integer(kReasonCode, static_cast<int64_t>(row.reason));
  w.Text(kReasonText, row.reason_text);
  w.Integer(kExpires, base::ToUnixMicros(row.expires));
  WriteActor(w, row.proposer);
  return w.Take();
}

ProposalRow DecodeProposal(FieldReader& r) {
  ProposalRow row;
  row.session.organisation.value = r.Text(kOrganisation);
  row.proposal_id = r.Uuid(kId);
  row.session.activity.value = r.Text(kActivity);
  row.session.session.value = r.Text(kSession);
  row.volunteer_key = r.Uuid(kVolunteerKey);
  row.record_time = ReadTime(r, kRecordTime);
  row.proposer.identity = r.Text(kRecorder);
  row.practice = r.Integer(kPractice) != 0;
  row.request_id = r.Uuid(kRequestId);
  row.payload_hash = ReadDigest(r, kPayloadHash);
  ReadSession(r, row);
  row.in_event = r.Uuid(kInEvent);
  row.minutes = r.Integer(kMinutes);
  row.policy_name = r.Text(kPolicyName);
  row.policy_version = static_cast<int32_t>(r.Integer(kPolicyVersion));
  row.policy_hash = ReadDigest(r, kPolicyHash);
  row.in_evidence = ReadEnum<EvidenceClass>(r, kInEvidence);
  row.out_evidence = ReadEnum<EvidenceClass>(r, kOutEvidence);
  row.kind = ReadEnum<ProposalKind>(r, kProposalKind);
  row.corrects = r.Uuid(kCorrects);
  if (!row.cancels()) {
    row.in = ReadTime(r, kInTime);
    row.out = ReadTime(r, kOutTime);
  }
  for (const auto item : r.List(kPeople)) {
    FieldReader p(item);
    row.people.push_back(p.Uuid(kPersonKey));
  }
  if (row.batch()) row.headcount = static_cast<int32_t>(r.Integer(kHeadcount));
  row.reason = ReadEnum<domain::ReasonCode>(r, kReasonCode);
  row.reason_text = r.Text(kReasonText);
  row.expires = ReadTime(r, kExpires);
  ReadActor(r, row.proposer);
  return row;
}

base::Bytes EncodeRow(const ResolutionRow& row) {
  FieldWriter w;
  w.Integer(kRowKind, static_cast<int64_t>(RowKind::kResolution));
  w.Text(kOrganisation, row.organisation.value);
  w.Uuid(kId, row.resolution_id);
  w.Uuid(kVolunteerKey, row.volunteer_key);
  w.Integer(kRecordTime, base::ToUnixMicros(row.record_time));
  if (!row.token_id.IsNil()) w.Integer(kEvidence, static_cast<int64_t>(row.evidence));
  w.Text(kRecorder, row.decider.identity);
  w.Uuid(kTokenId, row.token_id);
  w.Uuid(kRequestId, row.request_id);
  w.Bytes(kPayloadHash, row.payload_hash);
  w.Uuid(kProposal, row.proposal);
  w.Text(kReasonText, row.reason_text);
  WriteActor(w, row.decider);
  w.Integer(kOutcome, static_cast<int64_t>(row.outcome));
  return w.Take();
}

ResolutionRow DecodeResolution(FieldReader& r) {
  ResolutionRow row;
  row.organisation.value = r.Text(kOrganisation);
  row.resolution_id = r.Uuid(kId);
  row.volunteer_key = r.Uuid(kVolunteerKey);
  row.record_time = ReadTime(r, kRecordTime);
  if (r.Has(kEvidence)) row.evidence = ReadEnum<EvidenceClass>(r, kEvidence);
  row.decider.identity = r.Text(kRecorder);
  row.token_id = r.Uuid(kTokenId);
  row.request_id = r.Uuid(kRequestId);
  row.payload_hash = ReadDigest(r, kPayloadHash);
  row.proposal = r.Uuid(kProposal);
  row.reason_text = r.Text(kReasonText);
  ReadActor(r, row.decider);
  row.outcome = ReadEnum<domain::Outcome>(r, kOutcome);
  return row;
}

domain::Actor RecorderOf(const std::string& identity) {
  return {identity, domain::Role::kUnspecified, {}, std::nullopt};
}

}  // namespace rollcall::ledger
