#ifndef ROLLCALL_LEDGER_VISITS_H_
#define ROLLCALL_LEDGER_VISITS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"
#include "domain/attendance.h"
#include "domain/evidence.h"
#include "ledger/row.h"

namespace rollcall::ledger {

// What a visit needs to know of one of its two events.
struct VisitMark {
  base::Uuid event;
  base::Time time;  // record_time
  base::Time session_starts;
  base::Time session_ends;
  domain::EvidenceClass evidence = domain::EvidenceClass::kFace;
  bool practice = false;
  std::string recorder;
  base::Duration activity_length{0};
  std::vector<domain::SessionBreak> breaks;
};

struct VisitPair {
  VisitMark in;
  std::optional<VisitMark> out;
  // Two people agreed on its end: it has none of its own and never gets one. Settled for ever, also
  // when that entry is corrected afterwards.
  bool closed = false;

  bool open() const { return !out && !closed; }
};

// The events of one volunteer in one session, folded into visits. Pure.
class Visits {
 public:
  // Takes the next event, in the order of the ledger. Returns what is wrong with it and leaves the
  // visits as they were, or an empty text.
  std::string_view Add(const EventRow& row);
  // The same for an entry that EntryRow::closes() the check-in `in_event`.
  std::string_view Close(const base::Uuid& in_event);

  // Without what was taken back. Only the last can be open.
  const std::vector<VisitPair>& pairs() const { return pairs_; }
  // The visit that has no end; null: there is none.
  const VisitPair* open() const;
  // The last event that stands: the only one that may be taken back. Nil: there is none, or two
  // people have settled it.
  base::Uuid last_standing() const;
  // `since`: when the day began, see VisitState::pairs.
  domain::VisitState State(base::Time since) const;

 private:
  std::vector<VisitPair> pairs_;
};

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_VISITS_H_
