#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <utility>

#include "bench/commands.h"
#include "bench/face_options.h"
#include "bench/format.h"
#include "bench/machine.h"
#include "bench/progress.h"
#include "bench/scratch.h"
#include "bench/service_bench.h"
#include "bench/speed/goals.h"
#include "bench/speed/peers/versions.h"
#include "bench/speed/pinning.h"
#include "bench/speed/report.h"
#include "bench/speed/suite.h"
#include "bench/stages.h"
#include "bench/timing.h"
#include "inference/engines.h"

namespace rollcall::bench {
namespace {

// Enough that neighbouring rounds look at different faces; more would only take longer to prepare.
constexpr int32_t kPeople = 12;
constexpr int32_t kFramesEach = 4;

constexpr char kHelp[] =
    R"(How fast is each step of a check-in, against its peers and against what the processor can do?

Rows: each step and the whole request against a peer that does the same on the same input, measured
in turns in this process, on one core where the step has one, medians of at least 30 rounds. Of
each: the ratio ours / peer with the spread of the single rounds, the goal and whether it is met, a
guard which shows that the fast side still gives the same results, and the physical limit by its
arithmetic, from what this machine was measured to do in the same run. A row that cannot be measured
says why; a peer that is not installed is named, and tools/fetch-peers gets it.

Stages: decode, detect, align, quality, embed, search, decide and commit in milliseconds, an RPC,
and whole check-ins of a real rollcalld over the loopback interface, in plain text and by mutual TLS
in turns. Left out with --only.

The frames are made by a plain simulation from the faces in --pictures. Let the machine be idle:
the load average is printed. A build without optimisation is refused. docs/speed.md explains how to
read the rows.)";

constexpr char kFooter[] =
    R"(Examples:
  tools/fetch-models --demo-pictures && tools/fetch-peers && rollcall-bench run
  rollcall-bench run --json new.json --html speed.html --compare old.json
  rollcall-bench run --quick --only decode,align,search_1m
  rollcall-bench run --quick --json -

Exit codes: 0 measured, 1 failed or not an optimised build, 2 wrong arguments, 3 measured, and
--compare found a row that is slower beyond the spread of both runs.)";

struct Options {
  ModelOptions models;
  std::string pictures;
  std::string scratch;
  std::string json;
  std::string html;
  std::string compare;
  std::vector<std::string> only;
  int32_t rounds = 60;
  bool quick = false;
  bool large = false;
};

void Append(std::vector<Timing>& all, std::vector<Timing> more) {
  for (Timing& timing : more) all.push_back(std::move(timing));
}

// What is loaded before anything is measured.
struct Prepared {
  recognition::ModelPack pack;
  std::unique_ptr<inference::Engine> engine;
  std::unique_ptr<inference::Engine> float_engine;
  std::unique_ptr<recognition::FacePipeline> pipeline;
  std::vector<FramePerson> people;
};

absl::StatusOr<Prepared> Prepare(const Options& options) {
  ASSIGN_OR_RETURN(recognition::ModelPack pack, options.models.Load());
  auto engine = inference::MakeServiceEngine(pack.activations(), {});
  Prepared prepared{std::move(pack), std::move(engine), inference::MakeFastEngine(), nullptr, {}};
  ASSIGN_OR_RETURN(prepared.pipeline,
                   recognition::MakeFacePipeline(prepared.pack, *prepared.engine));
  const std::string pictures =
      options.pictures.empty() ? options.models.CacheDir() + "/demo" : options.pictures;
  ASSIGN_OR_RETURN(prepared.people, MakeFrames(pictures, kPeople, kFramesEach, *prepared.pipeline));
  return prepared;
}

constexpr int64_t kStageSteps = 5;

absl::StatusOr<std::vector<Timing>> MeasureStages(const Options& options, const Prepared& prepared,
                                                  const Scratch& scratch, Progress& progress) {
  const base::Clock& clock = MachineClock();
  const int32_t rounds = options.quick ? 30 : 300;
  std::vector<Timing> all;
  ASSIGN_OR_RETURN(auto stages,
                   MeasurePictures(prepared.people, *prepared.pipeline, rounds, clock));
  Append(all, std::move(stages));
  progress.Add();
  ASSIGN_OR_RETURN(auto search, MeasureSearch(prepared.pack, rounds, clock));
  Append(all, std::move(search));
  progress.Add();
  ASSIGN_OR_RETURN(Timing decide, MeasureDecide(prepared.pack, rounds, clock));
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
  ASSIGN_OR_RETURN(auto whole, MeasureService(prepared.people, service, clock));
  Append(all, std::move(whole));
  progress.Add();
  return all;
}

// What the rows are measured with and on, for the head of the report.
void Describe(const SpeedContext& context, SpeedReport& report) {
  const Roofs& roofs = context.roofs;
  report.conditions.emplace_back("engine, fast path", context.engine.name());
  report.conditions.emplace_back("engine, float32", context.float_engine.name());
  report.conditions.emplace_back(
      "frames", std::to_string(context.people.size()) + " people, " +
                    std::to_string(context.people.front().frames.size()) + " frames each, " +
                    std::to_string(kFrameWidth) + " x " + std::to_string(kFrameHeight));
  report.conditions.emplace_back(
      "one core, float32",
      Fixed(roofs.float_macs / 1e9, 0) + " G multiply-adds/s (" + roofs.float_how + ")");
  report.conditions.emplace_back(
      "one core, 8 bit",
      Fixed(roofs.int8_macs / 1e9, 0) + " G multiply-adds/s (" + roofs.int8_how + ")");
  report.conditions.emplace_back(
      "one core, bfloat16",
      Fixed(roofs.bfloat16_macs / 1e9, 0) + " G multiply-adds/s (" + roofs.bfloat16_how + ")");
  report.conditions.emplace_back("one core reads", Fixed(roofs.bytes / 1e9, 1) + " GB/s");
}

Roofs PinnedRoofs() {
  const Pinned pinned(ProcessorsOfProcess().back());
  return MeasureRoofs();
}

absl::Status MeasureAll(const Options& options, SpeedReport& report) {
  ASSIGN_OR_RETURN(const Scratch scratch, Scratch::Make(options.scratch));
  const auto wants = [&options](std::string_view id) {
    return options.only.empty() ||
           std::find(options.only.begin(), options.only.end(), id) != options.only.end();
  };
  const bool stages = options.only.empty();
  Progress progress("measuring", 1 + GroupsFor(wants) + (stages ? kStageSteps : 0), MachineClock());
  ASSIGN_OR_RETURN(const Prepared prepared, Prepare(options));
  progress.Add();
  auto ort = OrtLibrary::Load(PeerCacheDir());
  report.rounds = options.quick ? kLeastRounds : options.rounds;
  report.quick = options.quick;
  report.peers = PeerVersions(ort.ok() ? (*ort)->version() : base::Message(ort.status()));
  SpeedContext context{.pack = prepared.pack,
                       .engine = *prepared.engine,
                       .float_engine = *prepared.float_engine,
                       .people = prepared.people,
                       .ort = ort.ok() ? ort->get() : nullptr,
                       .why_no_ort = ort.status(),
                       .roofs = PinnedRoofs(),
                       .clock = MachineNanoClock(),
                       .wall_clock = MachineClock(),
                       .quick = options.quick,
                       .large = options.large,
                       .rounds = report.rounds,
                       .wants = wants,
                       .scratch = scratch.Folder("rows"),
                       .manifest = options.models.ManifestPath(),
                       .model_cache = options.models.CacheDir(),
                       .plots = report.plots,
                       .conditions = report.conditions};
  Describe(context, report);
  report.rows = MeasureRows(context, progress);
  if (!stages) return absl::OkStatus();
  ASSIGN_OR_RETURN(report.stages, MeasureStages(options, prepared, scratch, progress));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<OldRow>> ReadOld(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string json{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.good() && json.empty()) {
    return base::MakeError(absl::StatusCode::kNotFound, "BAD_REPORT", "cannot read " + path);
  }
  return ReadOldRows(json);
}

absl::Status Run(const Options& options) {
  if (IsDebugBuild()) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "DEBUG_BUILD",
                           "this program was built without optimisation or with a sanitizer; its "
                           "timings would say nothing. Build the release preset: "
                           "cmake --preset release && cmake --build --preset release");
  }
  std::vector<OldRow> old;
  if (!options.compare.empty()) {
    ASSIGN_OR_RETURN(old, ReadOld(options.compare));  // before minutes of measuring
  }
  SpeedReport report;
  report.machine = ThisMachine();
  RETURN_IF_ERROR(MeasureAll(options, report));
  std::FILE* const out = options.json == "-" ? stderr : stdout;
  if (options.json != "-") std::fputs(SpeedText(report).c_str(), stdout);
  if (!options.json.empty()) RETURN_IF_ERROR(WriteText(options.json, SpeedJson(report)));
  if (!options.html.empty()) RETURN_IF_ERROR(WriteText(options.html, SpeedPage(report)));
  if (options.compare.empty()) return absl::OkStatus();
  const Comparison comparison = Compare(old, report.rows);
  std::fputs(("\nAgainst " + options.compare + "\n" + comparison.text).c_str(), out);
  if (comparison.slower == 0) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kFailedPrecondition, "SLOWER",
                         std::to_string(comparison.slower) + " of the rows got slower");
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
  command->add_flag("--quick", options->quick,
                    "Within a minute: 30 rounds, galleries up to 100,000 people");
  command->add_flag("--large", options->large,
                    "Galleries up to 7 million people where the memory allows (about 4 GB)");
  command->add_option("--rounds", options->rounds, "Rounds of each row, without --quick")
      ->check(CLI::Range(kLeastRounds, 10'000))
      ->capture_default_str();
  command
      ->add_option("--only", options->only,
                   "Only the rows with these ids, separated by commas, and no stages")
      ->delimiter(',')
      ->check([](const std::string& id) { return FaultOfId(id); });
  command->add_option(
      "--json", options->json,
      "Write the figures as JSON to this file; \"-\": to stdout, instead of the tables");
  command->add_option("--html", options->html,
                      "Write a page with tables and plots to this file; it loads nothing");
  command->add_option("--compare", options->compare,
                      "Hold the rows against the JSON of an earlier run");
  options->models.AddTo(*command);
  command->callback([options, run] { *run = [options] { return Run(*options); }; });
}

}  // namespace rollcall::bench
