#ifndef ROLLCALL_LEDGER_SESSION_FIELDS_H_
#define ROLLCALL_LEDGER_SESSION_FIELDS_H_

#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "domain/activity.h"
#include "ledger/row_fields.h"

// Fields 22 to 25, the session as it stood, of the rows that have one: session_starts,
// session_ends, breaks and activity_length of an EventRow or a ProposalRow.
namespace rollcall::ledger {

std::vector<base::Bytes> EncodeBreaks(const std::vector<domain::SessionBreak>& breaks);
std::vector<domain::SessionBreak> DecodeBreaks(FieldReader& r);
std::string_view FaultOfSession(const domain::Session& session, base::Duration activity_length);

// What is wrong with the session of `row`; empty: nothing.
template <typename Row>
std::string_view FaultOfSession(const Row& row) {
  domain::Session session;
  session.starts = row.session_starts;
  session.ends = row.session_ends;
  session.breaks = row.breaks;
  return FaultOfSession(session, row.activity_length);
}

template <typename Row>
void WriteSession(FieldWriter& w, const Row& row) {
  w.Integer(kSessionStarts, base::ToUnixMicros(row.session_starts));
  w.Integer(kSessionEnds, base::ToUnixMicros(row.session_ends));
  w.List(kBreaks, EncodeBreaks(row.breaks));
  w.Integer(kActivityLength, row.activity_length.count());
}

template <typename Row>
void ReadSession(FieldReader& r, Row& row) {
  row.session_starts = ReadTime(r, kSessionStarts);
  row.session_ends = ReadTime(r, kSessionEnds);
  row.breaks = DecodeBreaks(r);
  row.activity_length = base::Duration(r.Integer(kActivityLength));
}

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_SESSION_FIELDS_H_
