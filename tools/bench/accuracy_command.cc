#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "bench/accuracy.h"
#include "bench/accuracy_report.h"
#include "bench/commands.h"
#include "bench/face_options.h"
#include "bench/machine.h"

namespace rollcall::bench {
namespace {

constexpr char kHelp[] =
    R"(How often are strangers accepted and enrolled people missed, on a folder of people?

Every picture goes through the product's own pipeline once. Then:
  one to one   every pair of pictures: FNMR at FMR 1e-2 to 1e-6, equal error rate;
  open set     random galleries of N people; everybody else is a stranger; enrolled people
               come back with pictures that were not used at enrolment. FNIR (missed, or
               another person came first) at FPIR 1 %, 0.3 % and 0.1 % (strangers accepted),
               for 1 and 3 enrolment photos and 1 and 3 frames in the probe;
  the product  the same visits decided as rollcalld decides them: quality gate, threshold from
               the manifest's calibration, margin, look-alikes; every rejected picture is a
               miss, and the people whom the calibration saw are left out.

A folder called lfw-dev is known: its crops are moved right by 8 px, four pairs of names are
merged and two mislabelled files left out; the report lists all that.)";

constexpr char kFooter[] =
    R"(Examples:
  rollcall-bench accuracy --faces ../shared/faces/lfw-dev --gallery 200
  rollcall-bench accuracy --faces DIR --gallery 50 --json report.json --plot report.svg
  rollcall-bench accuracy --faces DIR --whole --json -

Exit codes: 0 measured, 1 failed (the message says what to do), 2 wrong arguments.)";

struct Options {
  ModelOptions models;
  FaceOptions faces;
  AccuracyOptions accuracy;
  std::string json;
  std::string plot;
};

absl::Status Run(const Options& options) {
  const Machine machine = ThisMachine();
  ASSIGN_OR_RETURN(const recognition::ModelPack pack, options.models.Load());
  ASSIGN_OR_RETURN(const Dataset dataset, options.faces.List());
  const ObserveOptions observing = options.faces.Observing(dataset);
  ASSIGN_OR_RETURN(const Observations observations,
                   Observe(
                       dataset, ModelKey(pack) + " " + options.models.engine,
                       [&] { return options.models.MakePipeline(pack); }, observing));
  AccuracyOptions accuracy = options.accuracy;
  accuracy.seed = options.faces.seed;
  ASSIGN_OR_RETURN(AccuracyReport report, MeasureAccuracy(dataset, observations, observing.layout,
                                                          pack, accuracy, observing.quiet));
  report.shift_right_px = observing.shift_right_px;
  if (options.json != "-") std::fputs(AccuracyTable(report, machine).c_str(), stdout);
  if (!options.json.empty()) {
    RETURN_IF_ERROR(WriteText(options.json, AccuracyJson(report, machine)));
  }
  if (!options.plot.empty()) RETURN_IF_ERROR(WriteText(options.plot, AccuracyPlot(report)));
  return absl::OkStatus();
}

}  // namespace

void AddAccuracy(CLI::App& app, Command* run) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("accuracy", kHelp);
  command->footer(kFooter);
  options->faces.AddTo(*command);
  command->add_option("--gallery", options->accuracy.gallery, "People enrolled at a time")
      ->default_val(200)
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--draws", options->accuracy.draws, "Random galleries")
      ->default_val(20)
      ->check(CLI::Range(1, 10'000));
  command->add_option(
      "--json", options->json,
      "Write the report as JSON to this file; \"-\": to stdout, instead of the table");
  command->add_option("--plot", options->plot, "Draw the trade-off into this SVG file");
  options->models.AddTo(*command);
  command->callback([options, run] { *run = [options] { return Run(*options); }; });
}

}  // namespace rollcall::bench
