#ifndef ROLLCALL_IRREGULARITIES_KIOSK_CLOCKS_H_
#define ROLLCALL_IRREGULARITIES_KIOSK_CLOCKS_H_

#include <map>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "domain/ids.h"
#include "irregularities/facts.h"

namespace rollcall::irregularities {

// How far the clock of each kiosk is behind the server's, as far as the ledger shows it: the
// smallest difference between record and capture time of the last one to two days. Delays only ever
// add to that difference, so its minimum is the clock's error as soon as one row came through at
// once (the minimum filter of NTP, RFC 5905, 10). Whether one did is told by the pace: rows that
// come through at once are recorded as far apart as they were captured, an outbox records within
// seconds what took hours. Without such rows lateness is lateness, however often it repeats, and
// only a smaller difference than before says something about the clock. Memory: one entry for each
// kiosk.
class KioskClocks {
 public:
  // Takes the next row of a kiosk, in the order of the ledger.
  void Take(const Sighting& seen);

  // When it happened, by the server's clock: the capture time with the kiosk's error taken off
  // where it was delivered more than `late` after that; else the record time. *by_kiosk_clock: the
  // former.
  base::Time TimeOf(const Sighting& seen, base::Duration late, bool* by_kiosk_clock) const;

 private:
  struct Times {
    base::Time captured;
    base::Time recorded;
    base::Duration behind() const { return recorded - captured; }
  };
  struct Clock {
    base::Time window_starts;
    base::Duration smallest;               // of this window of a day
    bool at_once = false;                  // of this window: two rows kept their pace
    std::optional<base::Duration> before;  // the error that the windows before have shown
    Times paced;                           // the row with which the next ones are compared

    base::Duration Error() const;
  };
  using Key = std::pair<domain::OrganisationId, domain::KioskId>;

  static void Compare(Clock& clock, const Times& row);

  std::map<Key, Clock> clocks_;
};

}  // namespace rollcall::irregularities

#endif  // ROLLCALL_IRREGULARITIES_KIOSK_CLOCKS_H_
