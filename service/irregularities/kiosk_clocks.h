#ifndef ROLLCALL_IRREGULARITIES_KIOSK_CLOCKS_H_
#define ROLLCALL_IRREGULARITIES_KIOSK_CLOCKS_H_

#include <map>
#include <utility>

#include "base/clock.h"
#include "domain/ids.h"
#include "irregularities/facts.h"

namespace rollcall::irregularities {

// How far the clock of each kiosk is behind the server's, as far as the ledger shows it: the
// smallest difference between record and capture time of the last one to two days. Delays only ever
// add to that difference, so its minimum is the clock's error as soon as one row came through at
// once (the minimum filter of NTP, RFC 5905, 10). Memory: one entry for each kiosk.
class KioskClocks {
 public:
  // Takes the next row of a kiosk, in the order of the ledger.
  void Take(const Sighting& seen);

  // When it happened, by the server's clock: the capture time with the kiosk's error taken off
  // where it was delivered more than `late` after that; else the record time. *by_kiosk_clock: the
  // former.
  base::Time TimeOf(const Sighting& seen, base::Duration late, bool* by_kiosk_clock) const;

 private:
  struct Error {
    base::Time window_starts;
    base::Duration now{0};     // smallest of this window of a day
    base::Duration before{0};  // of the window before; 0 where there was none
  };
  using Key = std::pair<domain::OrganisationId, domain::KioskId>;

  std::map<Key, Error> errors_;
};

}  // namespace rollcall::irregularities

#endif  // ROLLCALL_IRREGULARITIES_KIOSK_CLOCKS_H_
