#ifndef ROLLCALL_BENCH_SPEED_REPORT_H_
#define ROLLCALL_BENCH_SPEED_REPORT_H_

#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "bench/machine.h"
#include "bench/speed/row.h"
#include "bench/svg.h"
#include "bench/timing.h"

// What `rollcall-bench run` found, and the forms in which it is handed out. Pure functions.
namespace rollcall::bench {

struct SpeedReport {
  Machine machine;
  bool quick = false;
  int32_t rounds = 0;
  // Name and value: "read from memory", "21.3 GB/s"; "rows searched", "100,000 x 512".
  std::vector<std::pair<std::string, std::string>> conditions;
  // Name and version, or why it is not there.
  std::vector<std::pair<std::string, std::string>> peers;
  std::vector<Row> rows;
  std::vector<Timing> stages;
  std::vector<LinePlot> plots;
};

// For people: a table of the rows and what stands behind them, and the table of the stages.
std::string SpeedText(const SpeedReport& report);

// "format" 1: "rows" (id, what, against, unit, ours, peer, ratio, low, high, goal, met, reason,
// guard {text, value, held} or null, limit_fraction, limit, note; what was not measured is null),
// "stages" (stage, detail, median_ms, p99_ms, count), "conditions", "peers", "quick", "rounds",
// "plots" (title, x, y, series of points) and "machine".
std::string SpeedJson(const SpeedReport& report);

// One page that needs nothing else: no script, and nothing is loaded from anywhere.
std::string SpeedPage(const SpeedReport& report);

// A row of an earlier run's JSON.
struct OldRow {
  std::string id;
  double ratio = 0;
  double low = 0;
  double high = 0;
};

// The rows of `json` that were measured. InvalidArgument, reason BAD_REPORT: not what SpeedJson
// writes.
absl::StatusOr<std::vector<OldRow>> ReadOldRows(const std::string& json);

struct Comparison {
  std::string text;  // a table
  int slower = 0;    // rows whose ratio rose beyond the spread of both runs
  int faster = 0;
};

// Holds the rows against those of an earlier run. A change counts where the intervals of low to
// high of the two runs do not meet.
Comparison Compare(const std::vector<OldRow>& old, const std::vector<Row>& rows);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_REPORT_H_
