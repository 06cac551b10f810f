#include "irregularities/ledger_facts.h"

#include <algorithm>

namespace rollcall::irregularities {
namespace {

using domain::EventKind;
using domain::EvidenceClass;

bool IsMachine(EvidenceClass evidence) {
  return evidence == EvidenceClass::kFace || evidence == EvidenceClass::kQr ||
         evidence == EvidenceClass::kPin || evidence == EvidenceClass::kGps;
}

// A second factor counts like a first.
bool SeenByMachine(const domain::AttendanceEvent& event) {
  return IsMachine(event.evidence) ||
         std::any_of(event.proofs.begin(), event.proofs.end(),
                     [](const domain::Proof& proof) { return IsMachine(proof.kind); });
}

Fact FromEvent(int64_t sequence, const ledger::EventRow& row) {
  const domain::AttendanceEvent& event = row.event;
  const SessionTimes session{event.session, row.session_starts, row.session_ends};
  if (event.kind == EventKind::kReversal) {
    return Withdrawal{sequence, event.reverses, session, event.volunteer_key, event.record_time};
  }
  Sighting seen;
  seen.sequence = sequence;
  seen.event = event.event_id;
  seen.direction = event.kind == EventKind::kCheckIn ? Direction::kIn : Direction::kOut;
  seen.session = session;
  seen.volunteer_key = event.volunteer_key;
  seen.captured = event.capture_time;
  seen.recorded = event.record_time;
  seen.machine = SeenByMachine(event);
  seen.from_files = event.source == domain::SourceKind::kVideoFile ||
                    event.source == domain::SourceKind::kPictures;
  seen.kiosk = event.kiosk;
  seen.recorder = event.recorder;
  seen.practice = event.practice;
  return seen;
}

Fact FromEntry(int64_t sequence, const ledger::EntryRow& row) {
  Credit credit;
  credit.sequence = sequence;
  credit.session = row.session;
  credit.volunteer_key = row.volunteer_key;
  credit.recorded = row.record_time;
  credit.in_event = row.in_event;
  credit.out_event = row.out_event;
  credit.minutes = row.minutes;
  credit.practice = row.practice;
  credit.takes_back = !row.reverses.IsNil();
  return credit;
}

}  // namespace

std::optional<Fact> FactOf(int64_t sequence, const ledger::Row& row) {
  if (const auto* event = std::get_if<ledger::EventRow>(&row)) return FromEvent(sequence, *event);
  if (const auto* entry = std::get_if<ledger::EntryRow>(&row)) return FromEntry(sequence, *entry);
  return std::nullopt;
}

}  // namespace rollcall::irregularities
