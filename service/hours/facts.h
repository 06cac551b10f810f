#ifndef ROLLCALL_HOURS_FACTS_H_
#define ROLLCALL_HOURS_FACTS_H_

#include <compare>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"
#include "domain/evidence.h"
#include "domain/ids.h"
#include "hours/intervals.h"
#include "hours/zone.h"

namespace rollcall::hours {

// Time of a session in which nobody serves, as its organiser declared it.
enum class WindowKind { kBreak, kTravel };  // kBreak: rest and meals

struct Window {
  WindowKind kind = WindowKind::kBreak;
  Interval time;
};

// One coming and going of one person.
struct Visit {
  base::Uuid id;  // of the check-in; what result lines refer to
  domain::SessionKey session;
  base::Time session_starts;
  base::Time session_ends;
  std::vector<Window> windows;        // of the session
  base::Duration activity_length{0};  // of all its sessions together; the same in all its visits
  base::Time in;
  std::optional<base::Time> out;  // nothing: no check-out
  // The end that organiser and volunteer agreed on where there was no check-out.
  std::optional<base::Time> agreed_end;
  domain::EvidenceClass in_evidence = domain::EvidenceClass::kFace;
  domain::EvidenceClass out_evidence = domain::EvidenceClass::kFace;  // with `out` only
  bool practice = false;
};

// Who has to approve what lies above a day's tiers, from low to high.
enum class Tier { kFinal = 0, kParent = 1, kProvince = 2 };

// A tier of one local day that has been approved. Each tier on its own: a province that approved
// what lies above 12 h has not answered for the parent organisation.
struct TierApproval {
  Day day;
  Tier tier = Tier::kParent;
};

// What is known of one person, in any order.
struct Facts {
  std::vector<Visit> visits;
  std::vector<TierApproval> approvals;
};

}  // namespace rollcall::hours

#endif  // ROLLCALL_HOURS_FACTS_H_
