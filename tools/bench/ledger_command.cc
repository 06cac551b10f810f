#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/commands.h"
#include "bench/face_options.h"
#include "bench/format.h"
#include "bench/ledger_bench.h"
#include "bench/machine.h"
#include "bench/machine_json.h"
#include "bench/progress.h"
#include "bench/scratch.h"

namespace rollcall::bench {
namespace {

constexpr char kHelp[] =
    R"(What do a Merkle tree, signatures and double entry cost the hours ledger?

Makes two ledgers in --scratch and measures them in turns with their peers in the same run: commits
of 64 writers against one SQLite commit a row, one writer against a bare append and fdatasync, a
large ledger against a small one, verification against plain SHA-256. Each line is a ratio with
its goal; goals depend on the disk, so use the one that will hold the ledger.)";

constexpr char kFooter[] =
    R"(Examples:
  rollcall-bench ledger
  rollcall-bench ledger --rows 10000000 --scratch /srv/scratch     (about 12 GB, some minutes)

Exit codes: 0 measured, 1 failed or not an optimised build, 2 wrong arguments.)";

struct Options {
  LedgerBenchOptions bench;
  std::string scratch;
  std::string json;
};

std::string Text(const std::vector<LedgerRatio>& ratios, const Machine& machine) {
  std::string out = "Ledger, " + machine.time + "\n  " + machine.processor + ", " +
                    std::to_string(machine.cores) + " cores, load " + Fixed(machine.load, 2) +
                    "\n  " + machine.system + "; " + machine.compiler + "\n\n";
  Table table({"promise", "ratio", "goal", "", "measured", "against"});
  for (const LedgerRatio& r : ratios) {
    table.Add({r.promise, Fixed(r.ratio, 2), (r.at_least ? ">= " : "<= ") + Fixed(r.goal, 2),
               r.met() ? "met" : "MISSED", r.ours, r.other});
  }
  return out + table.Render();
}

std::string Json(const std::vector<LedgerRatio>& ratios, const Machine& machine) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const LedgerRatio& r : ratios) {
    list.push_back({{"promise", r.promise},
                    {"ratio", r.ratio},
                    {"goal", r.goal},
                    {"at_least", r.at_least},
                    {"met", r.met()},
                    {"measured", r.ours},
                    {"against", r.other}});
  }
  const nlohmann::ordered_json root = {
      {"format", 1}, {"ratios", list}, {"machine", MachineJson(machine)}};
  return root.dump(2) + "\n";
}

absl::Status Run(const Options& options) {
  if (IsDebugBuild()) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "DEBUG_BUILD",
                           "this program was built without optimisation or with a sanitizer; its "
                           "timings would say nothing. Build the release preset");
  }
  const Machine machine = ThisMachine();
  const base::Clock& clock = MachineClock();
  ASSIGN_OR_RETURN(const Scratch scratch, Scratch::Make(options.scratch));
  LedgerBenchOptions bench = options.bench;
  bench.scratch = scratch.Folder("ledger");
  std::vector<LedgerRatio> ratios;
  {
    Progress progress("rows", bench.rows + bench.small_rows, clock);
    ASSIGN_OR_RETURN(ratios, MeasureLedger(bench, clock, progress));
  }
  if (options.json != "-") std::fputs(Text(ratios, machine).c_str(), stdout);
  if (options.json.empty()) return absl::OkStatus();
  return WriteText(options.json, Json(ratios, machine));
}

}  // namespace

void AddLedger(CLI::App& app, Command* run) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("ledger", kHelp);
  command->footer(kFooter);
  command->add_option("--rows", options->bench.rows, "Rows of the large ledger")
      ->check(CLI::Range(int64_t{1'000}, int64_t{100'000'000}))
      ->capture_default_str();
  command->add_option("--small-rows", options->bench.small_rows, "Rows of the small one")
      ->check(CLI::Range(int64_t{1'000}, int64_t{100'000'000}))
      ->capture_default_str();
  command->add_option("--rounds", options->bench.rounds, "Repetitions")
      ->check(CLI::Range(10, 100'000))
      ->capture_default_str();
  command->add_option(
      "--scratch", options->scratch,
      "Where the ledgers are made for the time of the run: the disk that is measured "
      "(default: the system's folder for temporary files)");
  command->add_option(
      "--json", options->json,
      "Write the figures as JSON to this file; \"-\": to stdout, instead of the table");
  command->callback([options, run] { *run = [options] { return Run(*options); }; });
}

}  // namespace rollcall::bench
