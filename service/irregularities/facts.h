#ifndef ROLLCALL_IRREGULARITIES_FACTS_H_
#define ROLLCALL_IRREGULARITIES_FACTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/clock.h"
#include "base/uuid.h"
#include "domain/evidence.h"
#include "domain/ids.h"

// What the checks of this folder know of the ledger: facts of their own, so that a new kind of row
// needs a case in ledger_facts.cc and nothing else here. Plain values; no rules.
namespace rollcall::irregularities {

// A session as a row tells it.
struct SessionTimes {
  domain::SessionKey key;
  base::Time starts;
  base::Time ends;
};

enum class Direction { kIn, kOut };

// Somebody came or went, or a member of staff said so at the time.
struct Sighting {
  int64_t sequence = 0;
  base::Uuid event;
  Direction direction = Direction::kIn;
  SessionTimes session;
  base::Uuid volunteer_key;
  base::Time captured;  // by the clock of the kiosk, which may be wrong
  base::Time
      recorded;  // by the server's clock; never before `captured` where both clocks are right
  bool machine = false;     // a camera, QR code, PIN or position proves it, alone or beside staff
  bool from_files = false;  // shown from a video or pictures, which practice alone may do
  domain::KioskId kiosk;    // empty: none
  std::string recorder;     // who called: a kiosk or a member of staff
  bool practice = false;
};

// A sighting was taken back.
struct Withdrawal {
  int64_t sequence = 0;
  base::Uuid event;  // of the sighting
  SessionTimes session;
  base::Uuid volunteer_key;
  base::Time recorded;
};

// Minutes credited for a pair of sightings, or taken back with it.
struct Credit {
  int64_t sequence = 0;
  domain::SessionKey session;
  base::Uuid volunteer_key;
  base::Time recorded;
  base::Uuid in_event;
  base::Uuid out_event;
  int64_t minutes = 0;
  bool practice = false;
  bool takes_back = false;
};

// Minutes that were entered afterwards, and approved by a second person.
struct BackEntry {
  int64_t sequence = 0;  // of the row that credits
  base::Uuid proposal;   // the same for all people of one named list
  SessionTimes session;
  base::Uuid volunteer_key;
  base::Uuid in_event;  // the check-in without a check-out that it completes; nil: there was none
  base::Time from;      // the time that is said to have been served
  base::Time to;
  base::Time recorded;
  int64_t minutes = 0;
  std::string proposer;
  std::string approver;
  bool practice = false;
};

using Fact = std::variant<Sighting, Withdrawal, Credit, BackEntry>;

}  // namespace rollcall::irregularities

#endif  // ROLLCALL_IRREGULARITIES_FACTS_H_
