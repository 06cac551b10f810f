#include "irregularities/kiosk_clocks.h"

#include <algorithm>

namespace rollcall::irregularities {
namespace {

constexpr base::Duration kWindow = std::chrono::days(1);

// Two rows are compared when they were captured so far apart ...
constexpr base::Duration kApart = std::chrono::minutes(2);
// ... and not further: an outbox is not compared with the next day's.
constexpr base::Duration kNotRelated = std::chrono::hours(12);
// They kept their pace when the gap changed by no more than this on the way to the server. Below
// kApart by so much that no outbox passes.
constexpr base::Duration kSamePace = std::chrono::seconds(30);

}  // namespace

void KioskClocks::Take(const Sighting& seen) {
  if (seen.kiosk.empty()) return;
  const Times row{seen.captured, seen.recorded};
  const auto [found, fresh] =
      clocks_.try_emplace({seen.session.key.organisation, seen.kiosk},
                          Clock{seen.recorded, row.behind(), false, std::nullopt, row});
  if (fresh) return;
  Clock& clock = found->second;
  if (row.recorded - clock.window_starts >= kWindow) {
    // A kiosk that was silent for long, or late for days, keeps its last known error: its outbox
    // would otherwise pass for a clock that is behind.
    clock.before = clock.at_once ? clock.smallest : clock.Error();
    clock.smallest = row.behind();
    clock.at_once = false;
    clock.window_starts = row.recorded;
  }
  clock.smallest = std::min(clock.smallest, row.behind());
  Compare(clock, row);
}

void KioskClocks::Compare(Clock& clock, const Times& row) {
  const base::Duration apart = row.captured - clock.paced.captured;
  if (apart >= base::Duration(0) && apart < kApart) return;
  const base::Duration change = row.behind() - clock.paced.behind();
  if (apart >= kApart && apart <= kNotRelated && std::chrono::abs(change) <= kSamePace) {
    clock.at_once = true;
  }
  clock.paced = row;
}

// Nothing is known of a new kiosk's clock, and it is taken to be right until rows come at once: its
// first ones may come out of an outbox.
base::Duration KioskClocks::Clock::Error() const {
  if (before) return std::min(*before, smallest);
  return at_once ? smallest : std::min(base::Duration(0), smallest);
}

base::Time KioskClocks::TimeOf(const Sighting& seen, base::Duration late,
                               bool* by_kiosk_clock) const {
  *by_kiosk_clock = false;
  if (!seen.machine || seen.kiosk.empty()) return seen.recorded;
  const auto found = clocks_.find({seen.session.key.organisation, seen.kiosk});
  const base::Duration error = found == clocks_.end() ? base::Duration(0) : found->second.Error();
  const base::Time happened = seen.captured + error;
  if (seen.recorded - happened <= late) return seen.recorded;
  *by_kiosk_clock = true;
  return happened;
}

}  // namespace rollcall::irregularities
