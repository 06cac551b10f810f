#include "ledger/session_fields.h"

#include "hours/compute.h"

namespace rollcall::ledger {

std::string_view FaultOfSession(const domain::Session& session, base::Duration activity_length) {
  if (!hours::InRange(session.starts) || !hours::InRange(session.ends)) {
    return "a time before 1970 or after 2199";
  }
  if (session.ends <= session.starts) return "a session that ends before it starts";
  if (activity_length < session.ends - session.starts ||
      activity_length > hours::kLongestActivity) {
    return "an activity shorter than its session, or of more than a year";
  }
  return domain::ValidateBreaks(session).ok() ? "" : "breaks that do not fit their session";
}

std::vector<base::Bytes> EncodeBreaks(const std::vector<domain::SessionBreak>& breaks) {
  std::vector<base::Bytes> items;
  for (const domain::SessionBreak& each : breaks) {
    FieldWriter w;
    w.Integer(kBreakKind, static_cast<int64_t>(each.kind));
    w.Integer(kBreakStarts, base::ToUnixMicros(each.starts));
    w.Integer(kBreakEnds, base::ToUnixMicros(each.ends));
    items.push_back(w.Take());
  }
  return items;
}

std::vector<domain::SessionBreak> DecodeBreaks(FieldReader& r) {
  std::vector<domain::SessionBreak> breaks;
  for (const auto item : r.List(kBreaks)) {
    FieldReader b(item);
    domain::SessionBreak each;
    each.kind = ReadEnum<domain::BreakKind>(b, kBreakKind);
    each.starts = ReadTime(b, kBreakStarts);
    each.ends = ReadTime(b, kBreakEnds);
    breaks.push_back(each);
  }
  return breaks;
}

}  // namespace rollcall::ledger
