#ifndef ROLLCALL_IRREGULARITIES_FINDING_H_
#define ROLLCALL_IRREGULARITIES_FINDING_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"
#include "domain/ids.h"

namespace rollcall::irregularities {

// Numbers and names are stable; they equal rollcall.v1.IrregularityKind (a test compares them).
enum class Kind {
  kHoursWithoutKioskEvent = 1,
  kManyEntriesWithinMinutes = 2,
  kActivityCreatedAfterItsEnd = 3,
  kOrganiserCreditsManyStrangers = 4,
  kPersonInTwoPlaces = 5,
  kPracticeInTotal = 6,
};
constexpr int kKinds = 6;

std::string_view ToString(Kind kind);  // "HOURS_WITHOUT_KIOSK_EVENT", ...

// The same in two languages, for an auditor who knows no statistics. Ids, identities, numbers and
// times; never a name.
struct Sentence {
  std::string en;
  std::string zh;
};

// What somebody should look into. Not a verdict: each may have an honest reason.
struct Finding {
  Kind kind = Kind::kHoursWithoutKioskEvent;
  base::Time time;                           // record time at which it could be told
  std::vector<int64_t> evidence;             // rows of the ledger, rising, none twice
  std::vector<domain::SessionKey> sessions;  // rising, none twice, at least one
  base::Uuid volunteer_key;                  // nil: not about one person
  std::string recorder;                      // empty: not about one recorder
  int64_t people = 0;                        // how many are concerned
  int64_t minutes = 0;                       // how many credited minutes are concerned
  Sentence sentence;
};

// Called once for each finding, on the thread of Detector::Take or Finish.
using FindingSink = std::function<void(Finding)>;

// Sorts `evidence` and `sessions` and drops what is there twice.
void Normalise(Finding& finding);

}  // namespace rollcall::irregularities

#endif  // ROLLCALL_IRREGULARITIES_FINDING_H_
