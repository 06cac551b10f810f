#include "bench/format.h"
#include "bench/speed/page_template.h"
#include "bench/speed/report.h"

namespace rollcall::bench {
namespace {

std::string Tagged(const char* tag, const std::string& text) {
  return std::string("<") + tag + ">" + SvgEscaped(text) + "</" + tag + ">";
}

std::string Pairs(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::string out = "<dl>\n";
  for (const auto& [name, value] : pairs) out += Tagged("dt", name) + Tagged("dd", value) + "\n";
  return out + "</dl>\n";
}

std::string Head(const SpeedReport& report) {
  const Machine& machine = report.machine;
  std::vector<std::pair<std::string, std::string>> about = {
      {"measured", machine.time},
      {"processor", machine.processor + ", " + std::to_string(machine.cores) + " cores"},
      {"load at the start", Fixed(machine.load, 2)},
      {"system", machine.system},
      {"compiler", machine.compiler},
      {"rounds", std::to_string(report.rounds) + (report.quick ? " (--quick)" : "")}};
  for (const auto& library : machine.libraries) about.push_back(library);
  for (const auto& condition : report.conditions) about.push_back(condition);
  return "<h1>Rollcall: speed</h1>\n<p class=\"soft\">Ratios of two things measured in turns in "
         "one "
         "process: ours divided by the peer's, so that less is faster. Low and high are the 10th "
         "and "
         "90th percentile of the single rounds.</p>\n" +
         Pairs(about) + "<h2>Peers</h2>\n" + Pairs(report.peers);
}

std::string Verdict(const Row& row) {
  const std::optional<bool> met = row.met();
  if (!met) return "<td>-</td>";
  return *met ? "<td class=\"good\">met</td>" : "<td class=\"bad\">missed</td>";
}

std::string Details(const Row& row) {
  std::string out = SvgEscaped(std::string(row.goal().what) + ", against " + row.goal().against);
  if (!row.reason.empty()) out += "<br>not measured: " + SvgEscaped(row.reason);
  if (!row.note.empty()) out += "<br>" + SvgEscaped(row.note);
  if (row.guard) {
    out += std::string("<br>guard ") +
           (row.guard->held ? "holds: " : "<span class=\"bad\">broken</span>: ") +
           SvgEscaped(row.guard->text);
  }
  if (!row.limit.empty()) out += "<br>limit: " + SvgEscaped(row.limit);
  return "<td class=\"text\">" + out + "</td>";
}

std::string RowLine(const Row& row) {
  std::string out = "<tr>" + Tagged("td", row.id);
  if (row.measured) {
    const Ratio& m = *row.measured;
    out += Tagged("td", Significant(m.ours) + " " + row.unit) +
           Tagged("td", Significant(m.peer) + " " + row.unit) + Tagged("td", Significant(m.ratio)) +
           Tagged("td", Significant(m.low) + " - " + Significant(m.high));
  } else {
    out += "<td>-</td><td>-</td><td>-</td><td>-</td>";
  }
  out += Tagged("td", row.goal().at_most ? Significant(*row.goal().at_most) : "-") + Verdict(row) +
         Tagged("td", row.limit_fraction ? Fixed(100 * *row.limit_fraction, 0) + " %" : "-");
  return out + Details(row) + "</tr>\n";
}

std::string Rows(const SpeedReport& report) {
  std::string out =
      "<h2>Against peers and limits</h2>\n<div class=\"wide\"><table>\n<tr><th>id</th><th>ours</th>"
      "<th>peer</th><th>ratio</th><th>low - high</th><th>goal</th><th></th><th>of the limit</th>"
      "<th>what</th></tr>\n";
  for (const Row& row : report.rows) out += RowLine(row);
  return out + "</table></div>\n";
}

std::string Stages(const SpeedReport& report) {
  std::string out =
      "<h2>Stages of a check-in</h2>\n<div class=\"wide\"><table>\n<tr><th>stage</th><th>median "
      "ms</th><th>p99 ms</th><th>count</th><th>what</th></tr>\n";
  for (const Timing& timing : report.stages) {
    out += "<tr>" + Tagged("td", timing.stage) + Tagged("td", Significant(Median(timing))) +
           Tagged("td", Significant(P99(timing))) +
           Tagged("td", Thousands(static_cast<int64_t>(timing.milliseconds.size()))) +
           "<td class=\"text\">" + SvgEscaped(timing.detail) + "</td></tr>\n";
  }
  return out + "</table></div>\n";
}

}  // namespace

std::string SpeedPage(const SpeedReport& report) {
  std::string content = Head(report) + Rows(report);
  for (const LinePlot& plot : report.plots) content += SvgLinePlot(plot);
  if (!report.stages.empty()) content += Stages(report);
  std::string page = PageTemplate();
  const std::string mark = "@CONTENT@";
  page.replace(page.find(mark), mark.size(), content);
  return page;
}

}  // namespace rollcall::bench
