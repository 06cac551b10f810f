#ifndef ROLLCALL_IRREGULARITIES_DETECTOR_H_
#define ROLLCALL_IRREGULARITIES_DETECTOR_H_

#include <optional>

#include "base/clock.h"
#include "irregularities/bursts.h"
#include "irregularities/facts.h"
#include "irregularities/finding.h"
#include "irregularities/kiosk_clocks.h"
#include "irregularities/people.h"
#include "irregularities/places.h"
#include "irregularities/policy.h"
#include "irregularities/practice.h"
#include "irregularities/sessions.h"
#include "irregularities/visit_book.h"

// Irregularities in the ledger: what an auditor should look into, computed from its rows alone.
// (Not app::Alarm, which a door raises while it is being tricked.)
namespace rollcall::irregularities {

// Reads the facts of a ledger in its order, once, and finds. The same facts and policy give the
// same findings in the same order. Pure; not thread-safe.
//
// Cost: O(log n) per fact. Memory: what the classes of the checks say; in all some hundred bytes
// for each person and each session, and the visits of the last weeks.
class Detector {
 public:
  Detector(const Policy& policy, FindingSink sink);
  Detector(const Detector&) = delete;
  Detector& operator=(const Detector&) = delete;

  // Facts must come with rising sequence numbers.
  void Take(const Fact& fact);
  // To be called once, after the last fact. `now`: what has waited long enough by then is decided
  // upon; the rest is left for the next run.
  void Finish(base::Time now);

 private:
  void Advance(base::Time now);
  void TakeOne(const Sighting& seen);
  void TakeOne(const Withdrawal& withdrawal);
  void TakeOne(const Credit& credit);
  void TakeOne(const BackEntry& entry);
  void TakeVisit(const Visit& visit);

  const Policy policy_;
  KioskClocks clocks_;
  VisitBook visits_;
  People people_;
  Sessions sessions_;
  Places places_;
  Bursts bursts_;
  Practice practice_;
  std::optional<base::Time> now_;  // latest record time so far: the server's clock may step back
  std::optional<base::Time> settled_;  // when Settle was last called
};

}  // namespace rollcall::irregularities

#endif  // ROLLCALL_IRREGULARITIES_DETECTOR_H_
