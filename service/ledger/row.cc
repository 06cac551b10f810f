#include "ledger/row.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <type_traits>
#include <vector>

#include "hours/compute.h"
#include "ledger/canonical.h"
#include "ledger/ledger.h"
#include "ledger/row_fields.h"
#include "ledger/session_fields.h"

namespace rollcall::ledger {
namespace {

using domain::AttendanceEvent;
using domain::EventKind;
using domain::EvidenceClass;

constexpr size_t kUsualSize = 512;  // of an event or an entry, ample

std::string_view FaultOf(const EventRow& row) {
  const AttendanceEvent& e = row.event;
  if (!IsSession(e.session)) return "malformed session key";
  if (e.event_id.IsNil() || e.volunteer_key.IsNil() || e.request_id.IsNil()) return "nil id";
  if (e.kind < EventKind::kCheckIn || e.kind > EventKind::kReversal) return "unknown event kind";
  const bool reversal = e.kind == EventKind::kReversal;
  if (reversal != e.token_id.IsNil()) return "a token belongs to every event but a reversal";
  if (!e.second_token_id.IsNil() && (reversal || e.second_token_id == e.token_id)) {
    return "a second token belongs to a first one, and is another";
  }
  if (reversal == e.reverses.IsNil()) return "a reversal, and nothing else, names what it reverses";
  if (!IsIdOrEmpty(e.post.value) || !IsIdOrEmpty(e.kiosk.value)) return "malformed id";
  if (!IsTextOrEmpty(e.recorder)) return "malformed recorder";
  if (!IsEvidence(e.evidence)) return "unknown evidence class";
  if (e.source < domain::SourceKind::kNone || e.source > domain::SourceKind::kPictures) {
    return "unknown source";
  }
  if (e.proofs.size() > kMaxProofs) return "too many proofs";
  for (const domain::Proof& proof : e.proofs) {
    if (!IsEvidence(proof.kind) || !IsTextOrEmpty(proof.detail)) return "malformed proof";
  }
  return FaultOfSession(row);
}

std::string_view FaultOf(const EntryRow& row) {
  if (!IsSession(row.session)) return "malformed session key";
  if (row.entry_id.IsNil() || row.volunteer_key.IsNil()) return "nil id";
  if (row.proposal.IsNil()) {
    if (row.in_event.IsNil() || row.out_event.IsNil()) return "nil id";
    if (row.adjusted_by.IsNil() && row.reverses.IsNil() != row.reversal_event.IsNil()) {
      return "a reversing entry names both the entry and the event";
    }
  } else {
    if (!row.reversal_event.IsNil()) return "an entry of two causes";
    if (row.reverses.IsNil() && (!row.out_event.IsNil() || row.out < row.in)) {
      return "an agreed entry with a check-out, or with times that run backwards";
    }
  }
  if (!row.adjusted_by.IsNil() && !row.reversal_event.IsNil()) return "an entry of two causes";
  if (!hours::InRange(row.in) || !hours::InRange(row.out)) {
    return "a time before 1970 or after 2199";
  }
  for (const int64_t minutes : {row.minutes, row.awaiting_parent, row.awaiting_province}) {
    if (row.reverses.IsNil() ? minutes < 0 : minutes > 0) return "minutes of the wrong sign";
  }
  if (!IsId(row.policy_name)) return "malformed policy name";
  if (!IsEvidence(row.in_evidence) || !IsEvidence(row.out_evidence)) {
    return "unknown evidence class";
  }
  return {};
}

std::string_view FaultOf(const PolicyRow& row) {
  if (!IsId(row.organisation.value)) return "malformed organisation";
  if (row.policy == nullptr || !IsId(row.policy->name)) return "malformed policy";
  return {};
}

std::string_view FaultOf(const TierApprovalRow& row) {
  if (!IsId(row.organisation.value) || !IsId(row.approving.value)) return "malformed organisation";
  if (row.approval_id.IsNil() || row.volunteer_key.IsNil() || row.request_id.IsNil()) {
    return "nil id";
  }
  if (row.tier != hours::Tier::kParent && row.tier != hours::Tier::kProvince) {
    return "an approval of no tier";
  }
  if (!hours::InRange(base::Time(row.day.time_since_epoch()))) {
    return "a time before 1970 or after 2199";
  }
  if (base::Time(row.day.time_since_epoch()) > row.record_time + std::chrono::days(1)) {
    return "an approval of a day to come";
  }
  if (!IsText(row.reason_text)) return "no reason, or a malformed one";
  if (row.approver.person == row.volunteer_key) return "an approval for oneself";
  return FaultOfActor(row.approver);
}

base::Bytes EncodeRow(const EventRow& row) {
  const AttendanceEvent& e = row.event;
  std::vector<base::Bytes> proofs;
  for (const domain::Proof& proof : e.proofs) {
    FieldWriter w;
    w.Integer(kProofKind, static_cast<int64_t>(proof.kind));
    w.Text(kProofDetail, proof.detail);
    proofs.push_back(w.Take());
  }
  FieldWriter w(kUsualSize);
  w.Integer(kRowKind, static_cast<int64_t>(RowKind::kEvent));
  w.Text(kOrganisation, e.session.organisation.value);
  w.Uuid(kId, e.event_id);
  w.Integer(kEventKind, static_cast<int64_t>(e.kind));
  w.Text(kActivity, e.session.activity.value);
  w.Text(kSession, e.session.session.value);
  w.Uuid(kVolunteerKey, e.volunteer_key);
  w.Text(kPost, e.post.value);
  w.Integer(kCaptureTime, base::ToUnixMicros(e.capture_time));
  w.Integer(kRecordTime, base::ToUnixMicros(e.record_time));
  w.Integer(kEvidence, static_cast<int64_t>(e.evidence));
  w.List(kProofs, proofs);
  w.Integer(kSource, static_cast<int64_t>(e.source));
  w.Text(kKiosk, e.kiosk.value);
  w.Text(kRecorder, e.recorder);
  w.Integer(kPractice, e.practice ? 1 : 0);
  w.Uuid(kTokenId, e.token_id);
  w.Uuid(kSecondTokenId, e.second_token_id);
  w.Uuid(kRequestId, e.request_id);
  w.Bytes(kPayloadHash, row.payload_hash);
  w.Uuid(kReverses, e.reverses);
  WriteSession(w, row);
  return w.Take();
}

base::Bytes EncodeRow(const EntryRow& row) {
  FieldWriter w(kUsualSize);
  w.Integer(kRowKind, static_cast<int64_t>(RowKind::kEntry));
  w.Text(kOrganisation, row.session.organisation.value);
  w.Uuid(kId, row.entry_id);
  w.Text(kActivity, row.session.activity.value);
  w.Text(kSession, row.session.session.value);
  w.Uuid(kVolunteerKey, row.volunteer_key);
  w.Integer(kRecordTime, base::ToUnixMicros(row.record_time));
  w.Integer(kPractice, row.practice ? 1 : 0);
  w.Uuid(kReverses, row.reverses);
  w.Uuid(kAdjustedBy, row.adjusted_by);
  if (row.awaiting_parent != 0) w.Integer(kAwaitingParent, row.awaiting_parent);
  if (row.awaiting_province != 0) w.Integer(kAwaitingProvince, row.awaiting_province);
  w.Uuid(kInEvent, row.in_event);
  w.Uuid(kOutEvent, row.out_event);
  w.Integer(kMinutes, row.minutes);
  w.Text(kPolicyName, row.policy_name);
  w.Integer(kPolicyVersion, row.policy_version);
  w.Bytes(kPolicyHash, row.policy_hash);
  w.Integer(kInEvidence, static_cast<int64_t>(row.in_evidence));
  w.Integer(kOutEvidence, static_cast<int64_t>(row.out_evidence));
  w.Uuid(kReversalEvent, row.reversal_event);
  w.Uuid(kProposal, row.proposal);
  if (row.has_times()) {
    w.Integer(kInTime, base::ToUnixMicros(row.in));
    w.Integer(kOutTime, base::ToUnixMicros(row.out));
  }
  return w.Take();
}

base::Bytes EncodeRow(const PolicyRow& row) {
  FieldWriter w;
  w.Integer(kRowKind, static_cast<int64_t>(RowKind::kPolicy));
  w.Text(kOrganisation, row.organisation.value);
  w.Integer(kRecordTime, base::ToUnixMicros(row.record_time));
  w.Text(kPolicyName, row.policy->name);
  w.Integer(kPolicyVersion, row.policy->version);
  w.Bytes(kPolicyHash, row.policy->hash);
  w.Text(kPolicyText, row.policy->text);
  return w.Take();
}

base::Bytes EncodeRow(const TierApprovalRow& row) {
  FieldWriter w;
  w.Integer(kRowKind, static_cast<int64_t>(RowKind::kTierApproval));
  w.Text(kOrganisation, row.organisation.value);
  w.Uuid(kId, row.approval_id);
  w.Uuid(kVolunteerKey, row.volunteer_key);
  w.Integer(kRecordTime, base::ToUnixMicros(row.record_time));
  w.Text(kRecorder, row.approver.identity);
  w.Integer(kPractice, row.practice ? 1 : 0);
  w.Uuid(kRequestId, row.request_id);
  w.Bytes(kPayloadHash, row.payload_hash);
  w.Text(kReasonText, row.reason_text);
  WriteActor(w, row.approver);
  w.Integer(kDay, row.day.time_since_epoch().count());
  w.Integer(kTier, static_cast<int64_t>(row.tier));
  w.Text(kApprovingOrganisation, row.approving.value);
  return w.Take();
}

EventRow DecodeEvent(FieldReader& r) {
  EventRow row;
  AttendanceEvent& e = row.event;
  e.session.organisation.value = r.Text(kOrganisation);
  e.event_id = r.Uuid(kId);
  e.kind = ReadEnum<EventKind>(r, kEventKind);
  e.session.activity.value = r.Text(kActivity);
  e.session.session.value = r.Text(kSession);
  e.volunteer_key = r.Uuid(kVolunteerKey);
  e.post.value = r.Text(kPost);
  e.capture_time = ReadTime(r, kCaptureTime);
  e.record_time = ReadTime(r, kRecordTime);
  e.evidence = ReadEnum<EvidenceClass>(r, kEvidence);
  for (const auto item : r.List(kProofs)) {
    FieldReader p(item);
    domain::Proof proof;
    proof.kind = ReadEnum<EvidenceClass>(p, kProofKind);
    proof.detail = p.Text(kProofDetail);
    e.proofs.push_back(std::move(proof));
  }
  e.source = ReadEnum<domain::SourceKind>(r, kSource);
  e.kiosk.value = r.Text(kKiosk);
  e.recorder = r.Text(kRecorder);
  e.practice = r.Integer(kPractice) != 0;
  e.token_id = r.Uuid(kTokenId);
  e.second_token_id = r.Uuid(kSecondTokenId);
  e.request_id = r.Uuid(kRequestId);
  row.payload_hash = ReadDigest(r, kPayloadHash);
  e.reverses = r.Uuid(kReverses);
  ReadSession(r, row);
  return row;
}

EntryRow DecodeEntry(FieldReader& r) {
  EntryRow row;
  row.session.organisation.value = r.Text(kOrganisation);
  row.entry_id = r.Uuid(kId);
  row.session.activity.value = r.Text(kActivity);
  row.session.session.value = r.Text(kSession);
  row.volunteer_key = r.Uuid(kVolunteerKey);
  row.record_time = ReadTime(r, kRecordTime);
  row.practice = r.Integer(kPractice) != 0;
  row.reverses = r.Uuid(kReverses);
  row.adjusted_by = r.Uuid(kAdjustedBy);
  if (r.Has(kAwaitingParent)) row.awaiting_parent = r.Integer(kAwaitingParent);
  if (r.Has(kAwaitingProvince)) row.awaiting_province = r.Integer(kAwaitingProvince);
  row.in_event = r.Uuid(kInEvent);
  row.out_event = r.Uuid(kOutEvent);
  row.minutes = r.Integer(kMinutes);
  row.policy_name = r.Text(kPolicyName);
  row.policy_version = static_cast<int32_t>(r.Integer(kPolicyVersion));
  row.policy_hash = ReadDigest(r, kPolicyHash);
  row.in_evidence = ReadEnum<EvidenceClass>(r, kInEvidence);
  row.out_evidence = ReadEnum<EvidenceClass>(r, kOutEvidence);
  row.reversal_event = r.Uuid(kReversalEvent);
  row.proposal = r.Uuid(kProposal);
  if (row.has_times()) {
    row.in = ReadTime(r, kInTime);
    row.out = ReadTime(r, kOutTime);
  }
  return row;
}

PolicyRow DecodePolicy(FieldReader& r) {
  PolicyRow row;
  row.organisation.value = r.Text(kOrganisation);
  row.record_time = ReadTime(r, kRecordTime);
  r.Text(kPolicyName);  // these three follow from the text and are compared with it by Decode
  r.Integer(kPolicyVersion);
  r.Bytes(kPolicyHash);
  auto policy = hours::ParsePolicy(r.Text(kPolicyText), "policy");
  if (policy.ok()) row.policy = std::make_shared<const hours::Policy>(*std::move(policy));
  return row;
}

TierApprovalRow DecodeTierApproval(FieldReader& r) {
  TierApprovalRow row;
  row.organisation.value = r.Text(kOrganisation);
  row.approval_id = r.Uuid(kId);
  row.volunteer_key = r.Uuid(kVolunteerKey);
  row.record_time = ReadTime(r, kRecordTime);
  row.approver.identity = r.Text(kRecorder);
  row.practice = r.Integer(kPractice) != 0;
  row.request_id = r.Uuid(kRequestId);
  row.payload_hash = ReadDigest(r, kPayloadHash);
  row.reason_text = r.Text(kReasonText);
  ReadActor(r, row.approver);
  // Beyond these is no day; clamped, so that no arithmetic overflows before that is noticed.
  constexpr int64_t kMaxDay = 100'000;
  row.day = hours::Day(std::chrono::days(std::clamp<int64_t>(r.Integer(kDay), -1, kMaxDay)));
  row.tier = ReadEnum<hours::Tier>(r, kTier);
  row.approving.value = r.Text(kApprovingOrganisation);
  return row;
}

absl::Status BadRow(std::string_view what) {
  return base::MakeError(absl::StatusCode::kDataLoss, "BAD_ROW",
                         "malformed ledger row: " + std::string(what));
}

}  // namespace

RowKind KindOf(const Row& row) {
  // The alternatives stand in the order of their numbers.
  return static_cast<RowKind>(row.index() + 1);
}

base::Time RecordTimeOf(const Row& row) {
  return std::visit(
      [](const auto& r) {
        if constexpr (std::is_same_v<std::decay_t<decltype(r)>, EventRow>) {
          return r.event.record_time;
        } else {
          return r.record_time;
        }
      },
      row);
}

std::string_view Fault(const Row& row) {
  if (!hours::InRange(RecordTimeOf(row))) return "a time before 1970 or after 2199";
  return std::visit([](const auto& r) { return FaultOf(r); }, row);
}

base::Bytes Encode(const Row& row) {
  ROLLCALL_CHECK(Fault(row).empty());
  return std::visit([](const auto& r) { return EncodeRow(r); }, row);
}

absl::StatusOr<Row> Decode(std::span<const uint8_t> body) {
  FieldReader reader(body);
  Row row;
  switch (static_cast<RowKind>(reader.Integer(kRowKind))) {
    case RowKind::kEvent:
      row = DecodeEvent(reader);
      break;
    case RowKind::kEntry:
      row = DecodeEntry(reader);
      break;
    case RowKind::kPolicy:
      row = DecodePolicy(reader);
      break;
    case RowKind::kProposal:
      row = DecodeProposal(reader);
      break;
    case RowKind::kResolution:
      row = DecodeResolution(reader);
      break;
    case RowKind::kDispute:
      row = DecodeDispute(reader);
      break;
    case RowKind::kAnswer:
      row = DecodeAnswer(reader);
      break;
    case RowKind::kTierApproval:
      row = DecodeTierApproval(reader);
      break;
    default:
      return BadRow("unknown kind");
  }
  if (!reader.Finished()) return BadRow("fields missing, unknown or out of order");
  if (const auto fault = Fault(row); !fault.empty()) return BadRow(fault);
  // One value, one encoding: whatever slipped through above is not what we would have written.
  const base::Bytes again = std::visit([](const auto& r) { return EncodeRow(r); }, row);
  if (!std::equal(again.begin(), again.end(), body.begin(), body.end())) {
    return BadRow("not the canonical bytes");
  }
  return row;
}

}  // namespace rollcall::ledger
