#ifndef ROLLCALL_BENCH_SPEED_SUITE_H_
#define ROLLCALL_BENCH_SPEED_SUITE_H_

#include <string>
#include <vector>

#include "bench/progress.h"
#include "bench/speed/context.h"

namespace rollcall::bench {

// Runs the groups that give a row which `context` wants, and returns the wanted rows in the order
// of Goals(). A group that fails gives rows that say why, so that one missing thing never costs the
// other figures. `progress` counts groups.
std::vector<Row> MeasureRows(SpeedContext& context, Progress& progress);

// How many groups that would run.
int64_t GroupsFor(const std::function<bool(std::string_view)>& wants);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_SUITE_H_
