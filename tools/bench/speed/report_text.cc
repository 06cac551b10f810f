#include <algorithm>

#include "bench/format.h"
#include "bench/speed/report.h"

namespace rollcall::bench {
namespace {

std::string Met(const Row& row) {
  const std::optional<bool> met = row.met();
  return !met ? "-" : *met ? "met" : "MISSED";
}

std::string RowsTable(const SpeedReport& report) {
  Table table({"id", "ours", "peer", "unit", "ratio", "low", "high", "goal", "", "of the limit"});
  for (const Row& row : report.rows) {
    const std::string goal = row.goal().at_most ? Significant(*row.goal().at_most) : "-";
    if (!row.measured) {
      table.Add({row.id, "-", "-", "-", "-", "-", "-", goal, "not measured", "-"});
      continue;
    }
    const Ratio& m = *row.measured;
    table.Add({row.id, Significant(m.ours), Significant(m.peer), row.unit, Significant(m.ratio),
               Significant(m.low), Significant(m.high), goal, Met(row),
               row.limit_fraction ? Fixed(100 * *row.limit_fraction, 0) + " %" : "-"});
  }
  return table.Render();
}

// What does not fit into a column: a paragraph for each row.
std::string RowsDetail(const SpeedReport& report) {
  std::string out;
  for (const Row& row : report.rows) {
    const Goal& goal = row.goal();
    out += "  " + row.id + ": " + goal.what + ", against " + goal.against + "\n";
    if (!row.reason.empty()) out += "      not measured: " + row.reason + "\n";
    if (!row.note.empty()) out += "      " + row.note + "\n";
    if (row.guard) {
      out += std::string("      guard ") + (row.guard->held ? "holds: " : "BROKEN: ") +
             row.guard->text + "\n";
    }
    if (!row.limit.empty()) out += "      limit: " + row.limit + "\n";
  }
  return out;
}

std::string StagesTable(const std::vector<Timing>& stages) {
  Table table({"stage", "median ms", "p99 ms", "count", "what"});
  for (const Timing& timing : stages) {
    const double median = Median(timing);
    const int digits = median < 0.01 ? 6 : median < 1 ? 4 : 2;
    table.Add({timing.stage, Fixed(median, digits), Fixed(P99(timing), digits),
               Thousands(static_cast<int64_t>(timing.milliseconds.size())), timing.detail});
  }
  return table.Render();
}

// Whether two intervals have no point in common.
bool Apart(double low, double high, double other_low, double other_high) {
  return high < other_low || other_high < low;
}

}  // namespace

std::string SpeedText(const SpeedReport& report) {
  const Machine& machine = report.machine;
  std::string out = "Speed, " + machine.time + "\n  " + machine.processor + ", " +
                    std::to_string(machine.cores) + " cores, load " + Fixed(machine.load, 2) +
                    "\n  " + machine.system + "; " + machine.compiler;
  for (const auto& [name, version] : machine.libraries) out += "; " + name + " " + version;
  out += "\n";
  for (const auto& [name, value] : report.conditions) out += "  " + name + ": " + value + "\n";
  for (const auto& [name, value] : report.peers) out += "  peer " + name + ": " + value + "\n";
  if (report.quick) out += "  --quick: smaller galleries and fewer rounds than a whole run\n";
  if (!report.rows.empty()) {
    out += "\nRatios ours / peer, medians of " + std::to_string(report.rounds) +
           " rounds in turns; low and high: 10th and 90th percentile of the rounds\n" +
           RowsTable(report) + "\n" + RowsDetail(report);
  }
  if (!report.stages.empty()) out += "\nStages of a check-in\n" + StagesTable(report.stages);
  return out;
}

Comparison Compare(const std::vector<OldRow>& old, const std::vector<Row>& rows) {
  Comparison result;
  Table table({"id", "old ratio", "new ratio", "change", "", "old spread", "new spread"});
  for (const Row& row : rows) {
    const auto before = std::find_if(old.begin(), old.end(),
                                     [&row](const OldRow& other) { return other.id == row.id; });
    const bool was = before != old.end();
    if (!was || !row.measured) {
      table.Add({row.id, was ? Significant(before->ratio) : "-",
                 row.measured ? Significant(row.measured->ratio) : "-", "-",
                 was            ? "no longer measured"
                 : row.measured ? "new"
                                : "not measured",
                 "-", "-"});
      continue;
    }
    const Ratio& now = *row.measured;
    std::string verdict = "within the spread";
    if (Apart(now.low, now.high, before->low, before->high)) {
      const bool slower = now.ratio > before->ratio;
      ++(slower ? result.slower : result.faster);
      verdict = slower ? "SLOWER" : "faster";
    }
    const std::string change =
        before->ratio > 0 ? Fixed(100 * (now.ratio / before->ratio - 1), 1) + " %" : "-";
    table.Add({row.id, Significant(before->ratio), Significant(now.ratio), change, verdict,
               Significant(before->low) + " - " + Significant(before->high),
               Significant(now.low) + " - " + Significant(now.high)});
  }
  result.text = table.Render() + "\n  " + std::to_string(result.faster) + " faster, " +
                std::to_string(result.slower) +
                " slower beyond the spread of both runs (low to high)\n";
  return result;
}

}  // namespace rollcall::bench
