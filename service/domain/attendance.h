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

// How raw events become minutes: data with a name, a version and a hash, stamped on every entry so
// that it can be recomputed and explained.
struct HoursPolicy {
  std::string name = "default";
  int32_t version = 1;
  // Time before the session's start and after its end is not credited.
  bool clip_to_session = true;
  int32_t max_pairs_per_session = 3;
  base::Duration auto_checkout_guard = std::chrono::minutes(5);
  base::Duration undo_window = std::chrono::minutes(5);
  // An open visit becomes pending (worth 0 until two people agree) this long after the session ends.
  base::Duration pending_after = std::chrono::hours(4);

  // SHA-256 over a canonical text of every field; see Canonical().
  base::Sha256Digest Hash() const;
  // One "key=value" line per field in the order above, '\n'-terminated, durations in seconds.
  std::string Canonical() const;
};

// Whole minutes of a pair, rounded down; 0 when clipping leaves nothing. `in` <= `out` is not required:
// a clock that went back gives 0, never a negative number.
int64_t MinutesOf(base::Time in, base::Time out, const Session& session,
                  const HoursPolicy& policy);

// Where one volunteer stands in one session, derived from its events.
struct VisitState {
  std::optional<base::Time> open_since;  // record_time of the check-in without a check-out
  base::Uuid open_event;                 // that check-in
  int32_t pairs = 0;                     // completed pairs, reversals taken off
};

struct ActionResult {
  // kCheckedIn or kCheckedOut: do it. Otherwise the refusal to answer with: kAlreadyCheckedIn,
  // kNotCheckedIn, kTooSoon, kPairLimit or kOutsideSessionTime.
  Decision decision = Decision::kUnspecified;
  EventKind kind = EventKind::kCheckIn;
};

// What a requested action comes to at `now`. kAuto: in when no visit is open, out when one is, but
// never out within auto_checkout_guard of the check-in. Re-entry opens a new pair while the policy
// allows one. Pure.
ActionResult ResolveAction(Action requested, const VisitState& state, const Session& session,
                           const SessionWindow& window, const HoursPolicy& policy, base::Time now);

}  // namespace rollcall::domain

#endif  // ROLLCALL_DOMAIN_ATTENDANCE_H_
