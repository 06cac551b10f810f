#ifndef ROLLCALL_APP_SERVED_MINUTES_H_
#define ROLLCALL_APP_SERVED_MINUTES_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "domain/ids.h"
#include "ledger/ledger.h"
#include "papers/statement.h"

namespace rollcall::app {

// Minutes of one volunteer by civil day and activity, in that order.
using ServedMinutes =
    std::map<std::pair<std::chrono::year_month_day, domain::ActivityId>, papers::Minutes>;

// What confirmed visits come to on the days from `first` to `last`, civil days at a fixed offset
// from UTC. Practice is left out, always. A visit's minutes belong to the days on which they were
// served: where it passes midnight, the first day gets what lies before (at most all that was
// credited), the next the rest. The class is that of the weaker of the visit's two ends. Pure.
ServedMinutes MinutesByDay(const std::vector<ledger::Visit>& visits, int32_t utc_offset_minutes,
                           std::chrono::year_month_day first, std::chrono::year_month_day last);

// The sums, class by class.
papers::Minutes Sum(const ServedMinutes& minutes);

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_SERVED_MINUTES_H_
