#ifndef ROLLCALL_LEDGER_SESSION_FIELDS_H_
#define ROLLCALL_LEDGER_SESSION_FIELDS_H_

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "domain/activity.h"
#include "ledger/row_fields.h"

// Fields 22 to 25, the session as it stood, of the rows that have one: session_starts,
// session_ends, breaks and activity_length of an EventRow or a ProposalRow, and of what is made of
// them.
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

// `activity_length`: of all sessions of the activity as they are known; a session is part of it.
template <typename Row>
void SetSession(const domain::Session& session, base::Duration activity_length, Row& row) {
  row.session_starts = session.starts;
  row.session_ends = session.ends;
  row.breaks = session.breaks;
  row.activity_length = std::max(activity_length, session.ends - session.starts);
}

template <typename From, typename To>
void CopySession(const From& from, To& to) {
  to.session_starts = from.session_starts;
  to.session_ends = from.session_ends;
  to.breaks = from.breaks;
  to.activity_length = from.activity_length;
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
