#include "irregularities/kiosk_clocks.h"

#include <algorithm>

namespace rollcall::irregularities {
namespace {

constexpr base::Duration kWindow = std::chrono::days(1);

}  // namespace

void KioskClocks::Take(const Sighting& seen) {
  if (seen.kiosk.empty()) return;
  const base::Duration behind = seen.recorded - seen.captured;
  const Key key{seen.session.key.organisation, seen.kiosk};
  // Nothing is known of a new kiosk's clock, and it is taken to be right: its first rows may come
  // out of an outbox.
  const auto [found, fresh] =
      errors_.try_emplace(key, Error{seen.recorded, behind, base::Duration(0)});
  if (fresh) return;
  Error& error = found->second;
  const base::Duration age = seen.recorded - error.window_starts;
  if (age >= kWindow) {
    // A kiosk that was silent for long keeps its last known error: the first rows of an outbox that
    // comes late would otherwise pass for a clock that is behind.
    error.before = error.now;
    error.now = behind;
    error.window_starts = seen.recorded;
    return;
  }
  error.now = std::min(error.now, behind);
}

base::Time KioskClocks::TimeOf(const Sighting& seen, base::Duration late,
                               bool* by_kiosk_clock) const {
  *by_kiosk_clock = false;
  if (!seen.machine || seen.kiosk.empty()) return seen.recorded;
  const auto found = errors_.find({seen.session.key.organisation, seen.kiosk});
  base::Duration error{0};
  if (found != errors_.end()) error = std::min(found->second.now, found->second.before);
  const base::Time happened = seen.captured + error;
  if (seen.recorded - happened <= late) return seen.recorded;
  *by_kiosk_clock = true;
  return happened;
}

}  // namespace rollcall::irregularities
