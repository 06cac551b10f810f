#ifndef ROLLCALL_DOMAIN_ACTIVITY_H_
#define ROLLCALL_DOMAIN_ACTIVITY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "domain/ids.h"
#include "domain/presentation.h"

namespace rollcall::domain {

// Numbers are stored.
enum class OrganisationLevel {
  kCountyCentre = 1,
  kTownshipInstitute = 2,
  kVillageStation = 3,
  kAssociation = 4,
};

struct Organisation {
  OrganisationId id;
  std::string name;
  OrganisationLevel level = OrganisationLevel::kAssociation;
  OrganisationId parent;  // today's; empty at the top. The registry keeps the history of moves
  base::Time created;
};

struct OrganisationMove {
  OrganisationId organisation;
  OrganisationId parent;  // empty: became a top
  base::Time moved;
  std::string recorder;
};

struct Activity {
  OrganisationId organisation;
  ActivityId id;
  std::string title;
  std::string place;
  // Practice activities accept pictures and video files as sources; their hours never enter a total,
  // an export or a certificate outside practice. Fixed at creation.
  bool practice = false;
  base::Time created;
  std::optional<base::Time> closed;
  // What Order 67, Art. 5 and 7, wants recorded besides; an hour certificate needs them. May be
  // empty, and may be said later.
  std::string content = {};           // what is done, in words
  std::string person_in_charge = {};  // a name
};

struct Post {
  PostId id;
  std::string title;
};

// Numbers are stored.
enum class BreakKind { kRest = 1, kTravel = 2 };  // kRest: rest and meals

// Time of a session in which nobody serves, as its organiser declared it. Whether it counts all the
// same is for the hours policy to say.
struct SessionBreak {
  BreakKind kind = BreakKind::kRest;
  base::Time starts;
  base::Time ends;
  bool operator==(const SessionBreak&) const = default;
};

constexpr size_t kMaxBreaks = 20;  // of one session

// The dated part of an activity. Roster, time window and hours hang on it.
struct Session {
  SessionKey key;
  base::Time starts;
  base::Time ends;
  std::vector<Post> posts;
  PresentationPolicy presentation = PresentationPolicy::kDefault;
  ChallengeKind challenge = ChallengeKind::kDefault;
  SiteId site = {};  // where it is held, for kiosks of that site only; empty: wherever they stand
  std::vector<SessionBreak> breaks = {};  // in the order of time, none overlapping another
};

// Times outside of which a check-in or check-out is answered "outside the session's time".
struct SessionWindow {
  base::Duration early = std::chrono::hours(1);   // check-in from this long before the start
  base::Duration late = std::chrono::hours(4);    // check-out until this long after the end
};

// OK when the session may be created. InvalidArgument, reason BAD_SESSION: ends not after starts, or
// longer than 7 days; more than kMaxBreaks breaks; a break that does not end after its start, lies
// outside of the session, or begins before the one ahead of it is over.
absl::Status ValidateSession(const Session& session);
// The part of it about breaks.
absl::Status ValidateBreaks(const Session& session);

bool InCheckInWindow(const Session& session, const SessionWindow& window, base::Time now);
bool InCheckOutWindow(const Session& session, const SessionWindow& window, base::Time now);

// Numbers are stored. A walk-in was not signed up but is declared at the door by staff; she is part of
// the roster from then on, and so of the set that a face is compared with.
enum class RosterKind { kSignedUp = 1, kWalkIn = 2 };

struct RosterEntry {
  SessionKey session;
  VolunteerId volunteer;
  PostId post;  // empty: none
  RosterKind kind = RosterKind::kSignedUp;
};

constexpr int32_t kMaxRoster = 10'000;

}  // namespace rollcall::domain

#endif  // ROLLCALL_DOMAIN_ACTIVITY_H_
