#include "ledger/dispute_rows.h"

#include "hours/compute.h"
#include "ledger/canonical.h"
#include "ledger/row.h"
#include "ledger/row_fields.h"

namespace rollcall::ledger {

std::string_view FaultOf(const DisputeRow& row) {
  if (!IsSession(row.session)) return "malformed session key";
  if (row.dispute_id.IsNil() || row.volunteer_key.IsNil() || row.request_id.IsNil()) {
    return "nil id";
  }
  if (row.kind != domain::DisputeKind::kEntry && row.kind != domain::DisputeKind::kMissing) {
    return "unknown kind of dispute";
  }
  if ((row.kind == domain::DisputeKind::kEntry) == row.entry.IsNil()) {
    return "an entry belongs to a dispute of one";
  }
  if (!IsText(row.reason_text)) return "no reason, or a malformed one";
  if (!hours::InRange(row.due)) return "a time before 1970 or after 2199";
  if (row.due <= row.record_time) return "a dispute that is due before it is made";
  return FaultOfActor(row.opener);
}

std::string_view FaultOf(const AnswerRow& row) {
  if (!IsId(row.organisation.value)) return "malformed organisation";
  if (row.answer_id.IsNil() || row.dispute.IsNil() || row.request_id.IsNil()) return "nil id";
  if (row.verdict != domain::Verdict::kUpheld && row.verdict != domain::Verdict::kRejected) {
    return "unknown verdict";
  }
  if (row.verdict == domain::Verdict::kRejected && !row.proposal.IsNil()) {
    return "a proposal upon what was rejected";
  }
  if (!IsText(row.reason_text)) return "no reason, or a malformed one";
  return FaultOfActor(row.answerer);
}

base::Bytes EncodeRow(const DisputeRow& row) {
  FieldWriter w;
  w.Integer(kRowKind, static_cast<int64_t>(RowKind::kDispute));
  w.Text(kOrganisation, row.session.organisation.value);
  w.Uuid(kId, row.dispute_id);
  w.Text(kActivity, row.session.activity.value);
  w.Text(kSession, row.session.session.value);
  w.Uuid(kVolunteerKey, row.volunteer_key);
  w.Integer(kRecordTime, base::ToUnixMicros(row.record_time));
  w.Text(kRecorder, row.opener.identity);
  w.Uuid(kRequestId, row.request_id);
  w.Bytes(kPayloadHash, row.payload_hash);
  w.Uuid(kCorrects, row.entry);
  w.Text(kReasonText, row.reason_text);
  WriteActor(w, row.opener);
  w.Integer(kDisputeKind, static_cast<int64_t>(row.kind));
  w.Integer(kDue, base::ToUnixMicros(row.due));
  return w.Take();
}

DisputeRow DecodeDispute(FieldReader& r) {
  DisputeRow row;
  row.session.organisation.value = r.Text(kOrganisation);
  row.dispute_id = r.Uuid(kId);
  row.session.activity.value = r.Text(kActivity);
  row.session.session.value = r.Text(kSession);
  row.volunteer_key = r.Uuid(kVolunteerKey);
  row.record_time = ReadTime(r, kRecordTime);
  row.opener.identity = r.Text(kRecorder);
  row.request_id = r.Uuid(kRequestId);
  row.payload_hash = ReadDigest(r, kPayloadHash);
  row.entry = r.Uuid(kCorrects);
  row.reason_text = r.Text(kReasonText);
  ReadActor(r, row.opener);
  row.kind = ReadEnum<domain::DisputeKind>(r, kDisputeKind);
  row.due = ReadTime(r, kDue);
  return row;
}

base::Bytes EncodeRow(const AnswerRow& row) {
  FieldWriter w;
  w.Integer(kRowKind, static_cast<int64_t>(RowKind::kAnswer));
  w.Text(kOrganisation, row.organisation.value);
  w.Uuid(kId, row.answer_id);
  w.Integer(kRecordTime, base::ToUnixMicros(row.record_time));
  w.Text(kRecorder, row.answerer.identity);
  w.Uuid(kRequestId, row.request_id);
  w.Bytes(kPayloadHash, row.payload_hash);
  w.Uuid(kProposal, row.proposal);
  w.Text(kReasonText, row.reason_text);
  WriteActor(w, row.answerer);
  w.Uuid(kDispute, row.dispute);
  w.Integer(kVerdict, static_cast<int64_t>(row.verdict));
  return w.Take();
}

AnswerRow DecodeAnswer(FieldReader& r) {
  AnswerRow row;
  row.organisation.value = r.Text(kOrganisation);
  row.answer_id = r.Uuid(kId);
  row.record_time = ReadTime(r, kRecordTime);
  row.answerer.identity = r.Text(kRecorder);
  row.request_id = r.Uuid(kRequestId);
  row.payload_hash = ReadDigest(r, kPayloadHash);
  row.proposal = r.Uuid(kProposal);
  row.reason_text = r.Text(kReasonText);
  ReadActor(r, row.answerer);
  row.dispute = r.Uuid(kDispute);
  row.verdict = ReadEnum<domain::Verdict>(r, kVerdict);
  return row;
}

}  // namespace rollcall::ledger
