#ifndef ROLLCALL_IRREGULARITIES_PRACTICE_H_
#define ROLLCALL_IRREGULARITIES_PRACTICE_H_

#include <cstdint>
#include <map>
#include <utility>

#include "domain/ids.h"
#include "irregularities/facts.h"
#include "irregularities/finding.h"
#include "irregularities/visit_book.h"

namespace rollcall::irregularities {

// PRACTICE_IN_TOTAL: minutes outside practice that rest on practice. The service lets none through,
// so each one is a fault or a hand in the file. Looked at: whether the two ends and the credit say
// the same, pictures or video outside practice, and activities that are both (practice is fixed
// when an activity is made). Memory: one entry for each activity.
class Practice {
 public:
  explicit Practice(FindingSink sink) : sink_(std::move(sink)) {}

  void Saw(const Sighting& seen);
  // A visit with its credit, as soon as it is there: taking it back undoes no fault.
  void Take(const Visit& visit, bool credit_is_practice);

 private:
  using Activity = std::pair<domain::OrganisationId, domain::ActivityId>;
  struct First {
    bool practice = false;
    int64_t sequence = 0;
    bool raised = false;
  };

  const FindingSink sink_;
  std::map<Activity, First> activities_;
};

}  // namespace rollcall::irregularities

#endif  // ROLLCALL_IRREGULARITIES_PRACTICE_H_
