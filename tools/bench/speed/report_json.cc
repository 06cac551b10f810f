#include <nlohmann/json.hpp>

#include "bench/machine_json.h"
#include "bench/speed/report.h"

namespace rollcall::bench {
namespace {

using Json = nlohmann::ordered_json;

Json OrNull(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json GuardJson(const std::optional<Guard>& guard) {
  if (!guard) return nullptr;
  return {{"text", guard->text}, {"value", OrNull(guard->value)}, {"held", guard->held}};
}

Json RowJson(const Row& row) {
  const auto part = [&row](double Ratio::*member) {
    return row.measured ? Json((*row.measured).*member) : Json(nullptr);
  };
  const Goal& goal = row.goal();
  const std::optional<bool> met = row.met();
  return {{"id", row.id},
          {"what", goal.what},
          {"against", goal.against},
          {"unit", row.unit},
          {"ours", part(&Ratio::ours)},
          {"peer", part(&Ratio::peer)},
          {"ratio", part(&Ratio::ratio)},
          {"low", part(&Ratio::low)},
          {"high", part(&Ratio::high)},
          {"goal", OrNull(goal.at_most)},
          {"met", met ? Json(*met) : Json(nullptr)},
          {"reason", TextOrNull(row.reason)},
          {"guard", GuardJson(row.guard)},
          {"limit_fraction", OrNull(row.limit_fraction)},
          {"limit", TextOrNull(row.limit)},
          {"note", TextOrNull(row.note)}};
}

Json StageJson(const Timing& timing) {
  return {{"stage", timing.stage},
          {"detail", timing.detail},
          {"median_ms", Median(timing)},
          {"p99_ms", P99(timing)},
          {"count", timing.milliseconds.size()}};
}

Json PlotJson(const LinePlot& plot) {
  Json series = Json::array();
  for (const LinePlot::Series& line : plot.series) {
    Json points = Json::array();
    for (const auto& [x, y] : line.points) points.push_back({x, y});
    series.push_back({{"name", line.name}, {"points", points}});
  }
  return {{"title", plot.title}, {"x", plot.x_label}, {"y", plot.y_label}, {"series", series}};
}

Json Pairs(const std::vector<std::pair<std::string, std::string>>& pairs) {
  Json object = Json::object();
  for (const auto& [name, value] : pairs) object[name] = value;
  return object;
}

absl::Status BadReport(const std::string& why) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_REPORT",
                         "not the JSON of an earlier `rollcall-bench run`: " + why);
}

}  // namespace

std::string SpeedJson(const SpeedReport& report) {
  Json rows = Json::array();
  for (const Row& row : report.rows) rows.push_back(RowJson(row));
  Json stages = Json::array();
  for (const Timing& timing : report.stages) stages.push_back(StageJson(timing));
  Json plots = Json::array();
  for (const LinePlot& plot : report.plots) plots.push_back(PlotJson(plot));
  const Json root = {{"format", 1},
                     {"quick", report.quick},
                     {"rounds", report.rounds},
                     {"rows", rows},
                     {"stages", stages},
                     {"conditions", Pairs(report.conditions)},
                     {"peers", Pairs(report.peers)},
                     {"plots", plots},
                     {"machine", MachineJson(report.machine)}};
  return root.dump(2) + "\n";
}

absl::StatusOr<std::vector<OldRow>> ReadOldRows(const std::string& json) {
  try {
    const Json root = Json::parse(json);
    if (root.at("format") != 1) return BadReport("its format is not 1");
    std::vector<OldRow> rows;
    for (const Json& row : root.at("rows")) {
      if (row.at("ratio").is_null()) continue;
      rows.push_back({row.at("id").get<std::string>(), row.at("ratio").get<double>(),
                      row.at("low").get<double>(), row.at("high").get<double>()});
    }
    return rows;
  } catch (const nlohmann::json::exception& e) {
    return BadReport(e.what());
  }
}

}  // namespace rollcall::bench
