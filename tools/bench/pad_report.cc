#include <nlohmann/json.hpp>

#include "bench/format.h"
#include "bench/machine_json.h"
#include "bench/pad.h"

namespace rollcall::bench {
namespace {

using nlohmann::ordered_json;

constexpr char kWhat[] = "simulated, not an ISO/IEC 30107-3 evaluation";

std::string RatesTable(const std::vector<PadRate>& rates) {
  Table table({"species", "rate", "", "95 % bound", "presentations", "people", "non-responses"});
  for (const PadRate& rate : rates) {
    table.Add({rate.species, rate.species == kBonaFide ? "BPCER" : "APCER", Percent(rate.rate),
               Percent(rate.upper), Thousands(rate.presentations), Thousands(rate.people),
               Thousands(rate.non_responses)});
  }
  return table.Render();
}

ordered_json RatesJson(const std::vector<PadRate>& rates) {
  ordered_json rows = ordered_json::array();
  for (const PadRate& rate : rates) {
    rows.push_back({{"species", rate.species},
                    {"measure", rate.species == kBonaFide ? "bpcer" : "apcer"},
                    {"rate", rate.rate},
                    {"upper_95", rate.upper},
                    {"errors", rate.errors},
                    {"presentations", rate.presentations},
                    {"people", rate.people},
                    {"non_responses", rate.non_responses}});
  }
  return rows;
}

}  // namespace

std::string PadTable(const PadReport& report, const Machine& machine) {
  std::string out = "Presentation attack detection, " + std::string(kWhat) + "; " + machine.time +
                    "\n  " + Thousands(report.faces) + " faces of " + Thousands(report.people) +
                    " people, " + std::to_string(report.presentations) +
                    " presentation(s) of each species a face, " + std::to_string(report.frames) +
                    " frames each; seed " + std::to_string(report.seed) + "\n  " + report.model +
                    "; " + machine.processor + "\n";
  out += "\nAs shipped: mean of the frames below " + Fixed(report.shipped_threshold, 2) +
         ", or still; the half that chose nothing\n" + RatesTable(report.shipped);
  for (const PadResult& result : report.chosen) {
    out += "\nThe " + std::string(ToString(result.fusion)) + " of the frames below " +
           Fixed(result.threshold, 2) + ", chosen on one half for a BPCER of at most " +
           Percent(report.max_bpcer) + ", reported on the other\n" + RatesTable(result.reported_on);
  }
  out += "\nWhat there was to choose from: the mean, on the half that chooses\n";
  std::vector<std::string> head = {"threshold"};
  for (const PadRate& rate : report.shipped) head.push_back(rate.species);
  Table steps(head);
  for (const PadReport::Step& step : report.sweep) {
    std::vector<std::string> row = {Fixed(step.threshold, 2)};
    for (const PadRate& rate : step.rates) row.push_back(Percent(rate.rate));
    steps.Add(row);
  }
  out += steps.Render();
  out += "\nOne frame's value (1: no held-up picture noticed), both halves\n";
  Table spread({"species", "5 %", "median", "95 %"});
  for (const PadReport::Spread& s : report.spreads) {
    spread.Add({s.species, Fixed(s.low, 4), Fixed(s.median, 4), Fixed(s.high, 4)});
  }
  out += spread.Render();
  if (report.challenges.empty()) return out;
  out += "\nChallenges that a picture passed\n";
  Table table({"challenge", "species", "passed", "95 % bound", "trials", "people"});
  for (const ChallengeRate& rate : report.challenges) {
    table.Add({rate.challenge, rate.species,
               Percent(static_cast<double>(rate.passed) / static_cast<double>(rate.trials)),
               Percent(rate.upper), Thousands(rate.trials), Thousands(rate.people)});
  }
  return out + table.Render();
}

std::string PadJson(const PadReport& report, const Machine& machine) {
  ordered_json chosen = ordered_json::array();
  for (const PadResult& result : report.chosen) {
    chosen.push_back({{"fusion", ToString(result.fusion)},
                      {"threshold", result.threshold},
                      {"chosen_on", RatesJson(result.chosen_on)},
                      {"reported_on", RatesJson(result.reported_on)}});
  }
  ordered_json spreads = ordered_json::array();
  for (const PadReport::Spread& s : report.spreads) {
    spreads.push_back({{"species", s.species}, {"5", s.low}, {"50", s.median}, {"95", s.high}});
  }
  ordered_json sweep = ordered_json::array();
  for (const PadReport::Step& step : report.sweep) {
    sweep.push_back({{"threshold", step.threshold}, {"rows", RatesJson(step.rates)}});
  }
  ordered_json challenges = ordered_json::array();
  for (const ChallengeRate& rate : report.challenges) {
    challenges.push_back({{"challenge", rate.challenge},
                          {"species", rate.species},
                          {"passed", rate.passed},
                          {"trials", rate.trials},
                          {"people", rate.people},
                          {"upper_95", rate.upper}});
  }
  const ordered_json root = {
      {"format", 1},
      {"what", kWhat},
      {"folders", report.folders},
      {"model", report.model},
      {"seed", report.seed},
      {"faces", report.faces},
      {"people", report.people},
      {"presentations_a_face", report.presentations},
      {"frames", report.frames},
      {"max_bpcer", report.max_bpcer},
      {"shipped", {{"threshold", report.shipped_threshold}, {"rows", RatesJson(report.shipped)}}},
      {"chosen", chosen},
      {"choosing_half_mean", sweep},
      {"frame_values", spreads},
      {"challenges", challenges},
      {"machine", MachineJson(machine)}};
  return root.dump(2) + "\n";
}

}  // namespace rollcall::bench
