#ifndef ROLLCALL_IRREGULARITIES_PLACES_H_
#define ROLLCALL_IRREGULARITIES_PLACES_H_

#include <unordered_map>
#include <utility>
#include <vector>

#include "base/uuid.h"
#include "irregularities/finding.h"
#include "irregularities/policy.h"
#include "irregularities/visit_book.h"

namespace rollcall::irregularities {

// PERSON_IN_TWO_PLACES. The ledger knows no places, so a kiosk stands for one: visits that share a
// kiosk, or that are of one activity (whose sessions are often the shifts of one place; the hours
// policy pays an overlap of these once), are not two places. Memory: each person's visits of the
// last days, and nothing of people who have none.
class Places {
 public:
  // `policy` must outlive it; `sink` is called from Take.
  Places(const Policy& policy, FindingSink sink) : policy_(policy), sink_(std::move(sink)) {}

  // A final visit.
  void Take(const Visit& visit);
  // Forgets people without a visit of the last days.
  void Forget(base::Time now);

 private:
  // What is kept of a visit.
  struct Stay {
    domain::SessionKey session;
    End in;
    End out;
    int64_t credit = 0;
    int64_t minutes = 0;
    base::Time recorded;
  };

  static bool SamePlace(const Stay& a, const Stay& b);
  void Raise(const Stay& a, const Stay& b, base::Duration overlap, const base::Uuid& volunteer,
             base::Time now);

  const Policy& policy_;
  const FindingSink sink_;
  std::unordered_map<base::Uuid, std::vector<Stay>, base::UuidHash> people_;
};

}  // namespace rollcall::irregularities

#endif  // ROLLCALL_IRREGULARITIES_PLACES_H_
