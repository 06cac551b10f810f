#ifndef ROLLCALL_IRREGULARITIES_VISIT_BOOK_H_
#define ROLLCALL_IRREGULARITIES_VISIT_BOOK_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "base/uuid.h"
#include "irregularities/facts.h"
#include "irregularities/kiosk_clocks.h"
#include "irregularities/policy.h"

namespace rollcall::irregularities {

// One of the two ends of a visit.
struct End {
  int64_t sequence = 0;
  base::Uuid event;
  base::Time time;              // when it happened, as far as the ledger shows it
  bool by_kiosk_clock = false;  // KioskClocks::TimeOf
  bool machine = false;
  bool from_files = false;
  bool practice = false;
  domain::KioskId kiosk;
  std::string recorder;
};

// One coming and going that stands, with the minutes it was credited.
struct Visit {
  SessionTimes session;
  base::Uuid volunteer_key;
  End in;
  End out;
  int64_t credit = 0;  // sequence number of the row that credits
  base::Time recorded;
  int64_t minutes = 0;
  bool practice = false;
  bool entered_afterwards = false;

  // No machine saw either end.
  bool unwitnessed() const { return !in.machine && !out.machine; }
};

using VisitSink = std::function<void(const Visit&)>;

// Puts facts together into visits, and hands out each once it can no longer be taken back
// (Policy::visit_final_after). A fact that fits nothing is left out: whether rows fit each other is
// what ledger::Verifier checks. Memory: the visits that are open, and those that are not final.
class VisitBook {
 public:
  // `policy` and `clocks` must outlive it.
  VisitBook(const Policy& policy, const KioskClocks& clocks) : policy_(policy), clocks_(clocks) {}

  void Take(const Sighting& seen);
  void Take(const Withdrawal& withdrawal);
  // The visit that it credits; null where that is not known. Valid until the next call.
  const Visit* Take(const Credit& credit);
  const Visit* Take(const BackEntry& entry);

  // Hands out what is final at `now`.
  void Release(base::Time now, const VisitSink& sink);
  // Hands out all.
  void ReleaseAll(const VisitSink& sink);

 private:
  using Key = std::pair<domain::SessionKey, base::Uuid>;
  using Waiting = std::pair<base::Time, base::Uuid>;  // final at, out event

  End MakeEnd(const Sighting& seen) const;
  void HandOut(const Waiting& waiting, const VisitSink& sink);

  const Policy& policy_;
  const KioskClocks& clocks_;
  std::map<Key, Visit> open_;  // without `out`
  // By out event: complete but not credited yet, or not final.
  std::unordered_map<base::Uuid, Visit, base::UuidHash> complete_;
  std::deque<Waiting> waiting_;
};

}  // namespace rollcall::irregularities

#endif  // ROLLCALL_IRREGULARITIES_VISIT_BOOK_H_
