#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "bench/commands.h"
#include "bench/face_options.h"
#include "bench/format.h"
#include "bench/machine.h"
#include "bench/machine_json.h"
#include "bench/progress.h"
#include "bench/scratch.h"
#include "bench/service_bench.h"
#include "bench/stages.h"
#include "bench/timing.h"

namespace rollcall::bench {
namespace {

// Enough that neighbouring rounds look at different faces; more would only take longer to prepare.
constexpr int32_t kPeople = 12;
constexpr int32_t kFramesEach = 4;

constexpr char kHelp[] =
    R"(How long does each step of a check-in take, and the whole?

Measures on one thread, through the product's own libraries: decode, detect, align, quality,
embed (frames of 1280 x 720 with one face), search among 200 and 10,000 people, decide, and
commit (a durable row of a real ledger). Then starts real rollcallds in this process and
measures an RPC and whole check-ins over the loopback interface, in plain text and by mutual TLS in
turns: what the certificates cost is in the row "whole request, mTLS". Prints median and 99th
percentile in milliseconds with counts, machine and versions.

The frames are made by a plain simulation from the faces in --pictures. Let the machine be idle:
the load average is printed. A build without optimisation is refused.)";

constexpr char kFooter[] =
    R"(Examples:
  tools/fetch-models --demo-pictures && rollcall-bench run
  rollcall-bench run --quick --json -

Exit codes: 0 measured, 1 failed or not an optimised build, 2 wrong arguments.)";

struct Options {
  ModelOptions models;
  std::string pictures;
  std::string scratch;
  std::string json;
  bool quick = false;
};

std::string TimingTable(const std::vector<Timing>& timings, const Machine& machine) {
  std::string out = "Speed, " + machine.time + "\n  " + machine.processor + ", " +
                    std::to_string(machine.cores) + " cores, load " + Fixed(machine.load, 2) +
                    "\n  " + machine.system + "; " + machine.compiler;
  for (const auto& [name, version] : machine.libraries) out += "; " + name + " " + version;
  out += "\n\n";
  Table table({"stage", "median ms", "p99 ms", "count", "what"});
  for (const Timing& timing : timings) {
    const double median = Median(timing);
    const int digits = median < 0.01 ? 6 : median < 1 ? 4 : 2;
    table.Add({timing.stage, Fixed(median, digits), Fixed(P99(timing), digits),
               Thousands(static_cast<int64_t>(timing.milliseconds.size())), timing.detail});
  }
  return out + table.Render();
}

std::string TimingJson(const std::vector<Timing>& timings, const Machine& machine) {
  nlohmann::ordered_json stages = nlohmann::ordered_json::array();
  for (const Timing& timing : timings) {
    stages.push_back({{"stage", timing.stage},
                      {"detail", timing.detail},
                      {"median_ms", Median(timing)},
                      {"p99_ms", P99(timing)},
                      {"count", timing.milliseconds.size()}});
  }
  const nlohmann::ordered_json root = {
      {"format", 1}, {"stages", stages}, {"machine", MachineJson(machine)}};
  return root.dump(2) + "\n";
}

void Append(std::vector<Timing>& all, std::vector<Timing> more) {
  for (Timing& timing : more) all.push_back(std::move(timing));
}

absl::StatusOr<std::vector<Timing>> MeasureAll(const Options& options) {
  const base::Clock& clock = MachineClock();
  const int32_t rounds = options.quick ? 30 : 300;
  ASSIGN_OR_RETURN(const recognition::ModelPack pack, options.models.Load());
  ASSIGN_OR_RETURN(const auto pipeline, recognition::MakeFacePipeline(pack));
  ASSIGN_OR_RETURN(const Scratch scratch, Scratch::Make(options.scratch));
  Progress progress("measuring", 6, clock);
  const std::string pictures =
      options.pictures.empty() ? options.models.CacheDir() + "/demo" : options.pictures;
  ASSIGN_OR_RETURN(const auto people, MakeFrames(pictures, kPeople, kFramesEach, *pipeline));
  progress.Add();
  std::vector<Timing> all;
  ASSIGN_OR_RETURN(auto stages, MeasurePictures(people, *pipeline, rounds, clock));
  Append(all, std::move(stages));
  progress.Add();
  ASSIGN_OR_RETURN(auto search, MeasureSearch(pack, rounds, clock));
  Append(all, std::move(search));
  progress.Add();
  ASSIGN_OR_RETURN(Timing decide, MeasureDecide(pack, rounds, clock));
  all.push_back(std::move(decide));
  progress.Add();
  ASSIGN_OR_RETURN(auto commit, MeasureCommit(scratch.Folder("ledger"), rounds, clock));
  Append(all, std::move(commit));
  progress.Add();
  ServiceBenchOptions service;
  service.scratch = scratch.Folder("data");
  service.manifest = options.models.ManifestPath();
  service.model_cache = options.models.CacheDir();
  service.rounds = rounds;
  ASSIGN_OR_RETURN(auto whole, MeasureService(people, service, clock));
  Append(all, std::move(whole));
  progress.Add();
  return all;
}

absl::Status Run(const Options& options) {
  if (IsDebugBuild()) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "DEBUG_BUILD",
                           "this program was built without optimisation or with a sanitizer; its "
                           "timings would say nothing. Build the release preset: "
                           "cmake --preset release && cmake --build --preset release");
  }
  const Machine machine = ThisMachine();
  ASSIGN_OR_RETURN(const auto timings, MeasureAll(options));
  if (options.json != "-") std::fputs(TimingTable(timings, machine).c_str(), stdout);
  if (options.json.empty()) return absl::OkStatus();
  return WriteText(options.json, TimingJson(timings, machine));
}

}  // namespace

void AddRun(CLI::App& app, Command* run) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("run", kHelp);
  command->footer(kFooter);
  command->add_option(
      "--pictures", options->pictures,
      "A folder of pictures with faces (default: the demo pictures in the model cache)");
  command->add_option("--scratch", options->scratch,
                      "Where databases are made for the time of the run: the disk that is measured "
                      "(default: the system's folder for temporary files)");
  command->add_flag("--quick", options->quick, "A tenth of the repetitions");
  command->add_option(
      "--json", options->json,
      "Write the figures as JSON to this file; \"-\": to stdout, instead of the table");
  options->models.AddTo(*command);
  command->callback([options, run] { *run = [options] { return Run(*options); }; });
}

}  // namespace rollcall::bench
