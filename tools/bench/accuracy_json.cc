#include <nlohmann/json.hpp>

#include "bench/accuracy_report.h"
#include "bench/machine_json.h"

namespace rollcall::bench {
namespace {

using nlohmann::ordered_json;

ordered_json ToJson(const Interval& interval) { return {interval.low, interval.high}; }

double Rate(int64_t events, int64_t trials) {
  return trials == 0 ? 0 : static_cast<double>(events) / static_cast<double>(trials);
}

// The keys that every row has.
ordered_json Row(const char* system, int32_t gallery, int32_t photos, int32_t frames) {
  return {{"system", system}, {"gallery", gallery}, {"photos", photos}, {"frames", frames}};
}

ordered_json MatcherRow(const MatcherResult& result, const OpenSetPoint& point) {
  ordered_json row = Row("matcher", result.gallery, result.photos, result.frames);
  row["fpir"] = point.fpir_target;
  row["fnir"] = point.fnir;
  row["cross_credit"] = point.cross_credit;
  row["threshold"] = point.threshold;
  row["mated"] = result.mated;
  row["non_mated"] = result.non_mated;
  row["fpir_measured"] = point.fpir;
  row["false_positives"] = point.false_positives;
  row["misses"] = point.misses;
  row["fnir_95"] = ToJson(point.fnir_interval);
  row["cross_credits"] = point.cross_credits;
  row["cross_credit_upper_95"] = point.cross_credit_upper;
  row["rank_1"] = result.rank_one;
  return row;
}

ordered_json ProductRow(const ProductResult& result) {
  const ProductTally& t = result.tally;
  ordered_json row = Row("product", result.gallery, result.photos, result.frames);
  row["fpir"] = Rate(t.accepted, t.non_mated);
  row["fnir"] = Rate(t.misses(), t.mated);
  row["cross_credit"] = Rate(t.cross_credits, t.mated);
  row["threshold"] = result.threshold ? ordered_json(*result.threshold) : ordered_json(nullptr);
  row["mated"] = t.mated;
  row["non_mated"] = t.non_mated;
  row["fpir_upper_95"] = UpperBound(t.accepted, t.non_mated);
  row["false_positives"] = t.accepted;
  row["non_mated_people"] = t.non_mated_people;
  row["non_mated_attempts"] = t.non_mated_attempts;
  row["non_mated_second_factor"] = t.non_mated_second_factor;
  row["non_mated_not_acquired"] = t.non_mated_not_acquired;
  row["misses"] = t.misses();
  row["fnir_95"] = ToJson(result.fnir_interval);
  row["unknown"] = t.unknown;
  row["ambiguous"] = t.ambiguous;
  row["second_factor"] = t.second_factor;
  row["not_enrolled"] = t.not_enrolled;
  row["not_acquired"] = t.not_acquired;
  row["cross_credits"] = t.cross_credits;
  row["cross_credit_upper_95"] = UpperBound(t.cross_credits, t.mated);
  row["cross_second_factor"] = t.cross_second_factor;
  row["visits_missed"] = t.mated_visits_missed;
  row["enrolments"] = t.enrolments;
  row["failed_enrolments"] = t.failed_enrolments;
  row["fmr_asked"] = result.asked_fmr;
  return row;
}

ordered_json ToJson(const GateCounts& gate) {
  ordered_json faults = ordered_json::object();
  for (const auto& [fault, count] : gate.by_fault) faults[fault] = count;
  return {{"pictures", gate.pictures},
          {"failures", gate.failures()},
          {"rate", Rate(gate.failures(), gate.pictures)},
          {"unreadable", gate.unreadable},
          {"no_face", gate.no_face},
          {"several_faces", gate.several_faces},
          {"gate", faults}};
}

ordered_json ToJson(const Roc& roc) {
  ordered_json points = ordered_json::array();
  for (const RocPoint& point : roc.points) {
    points.push_back({{"fmr", point.fmr_target},
                      {"threshold", point.threshold},
                      {"fnmr", point.fnmr},
                      {"fnmr_95", ToJson(point.fnmr_interval)},
                      {"false_matches", point.false_matches},
                      {"false_non_matches", point.false_non_matches}});
  }
  return {{"mated", roc.mated},
          {"non_mated", roc.non_mated},
          {"eer", roc.equal_error_rate},
          {"points", points}};
}

ordered_json DetJson(const AccuracyReport& report) {
  ordered_json curves = ordered_json::array();
  for (const MatcherResult& result : report.matcher) {
    ordered_json points = ordered_json::array();
    for (const DetPoint& point : result.det) {
      points.push_back({point.fpir, point.fnir, point.threshold});
    }
    curves.push_back({{"photos", result.photos},
                      {"frames", result.frames},
                      {"columns", {"fpir", "fnir", "threshold"}},
                      {"points", points}});
  }
  return curves;
}

ordered_json DatasetJson(const AccuracyReport& report) {
  return {{"name", report.data_set},
          {"people", report.people},
          {"pictures", report.pictures},
          {"layout", report.layout == Layout::kAligned ? "aligned" : "whole"},
          {"shift_right_px", report.shift_right_px},
          {"same_person", report.notes.same_person},
          {"left_out", report.notes.leave_out}};
}

}  // namespace

std::string AccuracyJson(const AccuracyReport& report, const Machine& machine) {
  ordered_json rows = ordered_json::array();
  for (const MatcherResult& result : report.matcher) {
    for (const OpenSetPoint& point : result.points) rows.push_back(MatcherRow(result, point));
  }
  for (const ProductResult& result : report.product) rows.push_back(ProductRow(result));
  const domain::MatchPolicy& match = report.options.product.match;
  const ordered_json root = {{"format", 1},
                             {"data_set", DatasetJson(report)},
                             {"model_id", report.model_id},
                             {"calibration", report.calibration_provenance},
                             {"people_seen_by_calibration", report.people_seen_by_calibration},
                             {"seed", report.options.seed},
                             {"draws", report.options.draws},
                             {"bootstrap_replicates", report.options.bootstrap_replicates},
                             {"policy",
                              {{"false_accept_budget", match.false_accept_budget},
                               {"uncalibrated_divisor", match.uncalibrated_divisor},
                               {"site_calibrated", match.site_calibrated},
                               {"margin", match.margin},
                               {"max_attempts", match.max_attempts},
                               {"look_alike", match.look_alike}}},
                             {"rows", rows},
                             {"one_to_one", ToJson(report.roc)},
                             {"failure_to_enrol", ToJson(report.enrolment_gate)},
                             {"failure_to_acquire", ToJson(report.check_in_gate)},
                             {"det", DetJson(report)},
                             {"machine", MachineJson(machine)}};
  return root.dump(2) + "\n";
}

}  // namespace rollcall::bench
