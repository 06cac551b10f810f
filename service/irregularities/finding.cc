#include "irregularities/finding.h"

#include <algorithm>

namespace rollcall::irregularities {
namespace {

template <typename T>
void SortUnique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

std::string_view ToString(Kind kind) {
  switch (kind) {
    case Kind::kHoursWithoutKioskEvent:
      return "HOURS_WITHOUT_KIOSK_EVENT";
    case Kind::kManyEntriesWithinMinutes:
      return "MANY_ENTRIES_WITHIN_MINUTES";
    case Kind::kActivityCreatedAfterItsEnd:
      return "ACTIVITY_CREATED_AFTER_ITS_END";
    case Kind::kOrganiserCreditsManyStrangers:
      return "ORGANISER_CREDITS_MANY_STRANGERS";
    case Kind::kPersonInTwoPlaces:
      return "PERSON_IN_TWO_PLACES";
    case Kind::kPracticeInTotal:
      return "PRACTICE_IN_TOTAL";
  }
  return "UNKNOWN";
}

void Normalise(Finding& finding) {
  SortUnique(finding.evidence);
  SortUnique(finding.sessions);
}

}  // namespace rollcall::irregularities
