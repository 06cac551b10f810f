#include "ledger/visits.h"

namespace rollcall::ledger {

std::string_view Visits::Add(const EventRow& row) {
  const domain::AttendanceEvent& e = row.event;
  const bool open = this->open() != nullptr;
  const VisitMark mark{e.event_id,       e.record_time, row.session_starts,
                       row.session_ends, e.evidence,    e.practice,
                       e.recorder,       row.activity_length, row.breaks};
  switch (e.kind) {
    case domain::EventKind::kCheckIn:
      if (open) return "a check-in while checked in";
      pairs_.push_back({mark, std::nullopt, false});
      return {};
    case domain::EventKind::kCheckOut:
      if (!open) return "a check-out while not checked in";
      pairs_.back().out = mark;
      return {};
    case domain::EventKind::kReversal:
      if (e.reverses.IsNil() || e.reverses != last_standing()) {
        return "a reversal of what is not the last standing event";
      }
      if (open) {
        pairs_.pop_back();
      } else {
        pairs_.back().out.reset();
      }
      return {};
  }
  return "unknown event kind";
}

std::string_view Visits::Close(const base::Uuid& in_event) {
  if (open() == nullptr || pairs_.back().in.event != in_event) {
    return "an end for a visit that is not open";
  }
  pairs_.back().closed = true;
  return {};
}

const VisitPair* Visits::open() const {
  return !pairs_.empty() && pairs_.back().open() ? &pairs_.back() : nullptr;
}

base::Uuid Visits::last_standing() const {
  if (pairs_.empty() || pairs_.back().closed) return {};
  return pairs_.back().out ? pairs_.back().out->event : pairs_.back().in.event;
}

domain::VisitState Visits::State(base::Time since) const {
  domain::VisitState state;
  for (const VisitPair& pair : pairs_) {
    if (!pair.open()) {
      if (pair.in.time >= since) ++state.pairs;
    } else {
      state.open_since = pair.in.time;
      state.open_event = pair.in.event;
    }
  }
  return state;
}

}  // namespace rollcall::ledger
