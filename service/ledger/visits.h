#ifndef ROLLCALL_LEDGER_VISITS_H_
#define ROLLCALL_LEDGER_VISITS_H_

#include <optional>
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
};

struct VisitPair {
  VisitMark in;
  std::optional<VisitMark> out;
};

// The events of one volunteer in one session, folded into visits. Pure.
class Visits {
 public:
  // Takes the next event, in the order of the ledger. Returns what is wrong with it and leaves the
  // visits as they were, or an empty text.
  std::string_view Add(const EventRow& row);

  // Without what was taken back. Only the last can be without `out`.
  const std::vector<VisitPair>& pairs() const { return pairs_; }
  // The last event that stands: the only one that may be taken back. Nil: there is none.
  base::Uuid last_standing() const;
  domain::VisitState State() const;

 private:
  std::vector<VisitPair> pairs_;
};

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_VISITS_H_
