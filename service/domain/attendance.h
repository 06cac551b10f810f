#ifndef ROLLCALL_DOMAIN_ATTENDANCE_H_
#define ROLLCALL_DOMAIN_ATTENDANCE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "domain/activity.h"
#include "domain/decision.h"
#include "domain/evidence.h"
#include "domain/ids.h"

namespace rollcall::domain {

enum class Action { kUnspecified = 0, kIn = 1, kOut = 2, kAuto = 3 };

// Numbers are stored in ledger rows: never renumber.
enum class EventKind { kCheckIn = 1, kCheckOut = 2, kReversal = 3 };

// A raw fact: somebody was seen, and how. Never changed, never deleted.
struct AttendanceEvent {
  base::Uuid event_id;       // globally unique
  EventKind kind = EventKind::kCheckIn;
  SessionKey session;
  base::Uuid volunteer_key;  // Volunteer::key
  PostId post;
  base::Time capture_time;   // when the kiosk saw it, by the kiosk's clock
  base::Time record_time;    // when the server took it; what minutes are computed from
  EvidenceClass evidence = EvidenceClass::kFace;
  std::vector<Proof> proofs;
  SourceKind source = SourceKind::kNone;
  KioskId kiosk;
  std::string recorder;      // Caller::identity
  bool practice = false;
  base::Uuid token_id;       // the consumed token; nil for reversals
  base::Uuid second_token_id;  // the second factor's, consumed with it; nil where there was none
  base::Uuid request_id;
  base::Uuid reverses;       // kReversal: the event taken back; nil otherwise
};

// What a request to come or go is held to, beside the session's times.
struct VisitRules {
  int32_t max_pairs_per_day = 3;  // of one session, by the day of the check-in; 0: any number
  base::Duration auto_checkout_guard = std::chrono::minutes(5);
  base::Duration undo_window = std::chrono::minutes(5);
};

// Where one volunteer stands in one session, derived from its events.
struct VisitState {
  std::optional<base::Time> open_since;  // record_time of the check-in without a check-out
  base::Uuid open_event;                 // that check-in
  int32_t pairs = 0;  // completed pairs that began today, reversals taken off
};

struct ActionResult {
  // kCheckedIn or kCheckedOut: do it. Otherwise the refusal to answer with: kAlreadyCheckedIn,
  // kNotCheckedIn, kTooSoon, kPairLimit or kOutsideSessionTime.
  Decision decision = Decision::kUnspecified;
  EventKind kind = EventKind::kCheckIn;
};

// What a requested action comes to at `now`. kAuto: in when no visit is open, out when one is, but
// never out within auto_checkout_guard of the check-in. Re-entry opens a new pair while the rules
// allow one. Pure.
ActionResult ResolveAction(Action requested, const VisitState& state, const Session& session,
                           const SessionWindow& window, const VisitRules& rules, base::Time now);

}  // namespace rollcall::domain

#endif  // ROLLCALL_DOMAIN_ATTENDANCE_H_
