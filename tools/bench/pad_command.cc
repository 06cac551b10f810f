#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "bench/commands.h"
#include "bench/face_options.h"
#include "bench/machine.h"
#include "bench/pad.h"
#include "bench/pad_films.h"

namespace rollcall::bench {
namespace {

constexpr char kHelp[] =
    R"(Is a picture of a person taken for the person? Simulated, not an ISO/IEC 30107-3 evaluation.

Every face in the photographs is filmed by a simulated camera: once as the person herself
(bona fide) and once as each presentation attack instrument species:
  print      a photograph on paper, its margin in view
  screen     a photograph on a telephone
  video      the telephone shows a face that moves
  full_view  print or screen so near that no edge is in view
  cut_out    head and shoulders cut out of a print, before the room
Each visit is decided by the product's own code. The report says, per species, APCER (attacks
taken for the person) and BPCER (persons taken for an attack) with their upper 95 % bound, for
the default threshold and for thresholds that one half of the people chose and the other half
reports; and how often flat pictures pass the challenges.

Nobody held anything before a lens: real prints, screens and cameras differ, and masks, good
screens in good light and injected video are not in it.)";

constexpr char kFooter[] =
    R"(Examples:
  rollcall-bench pad --faces ../shared/faces/people --faces ../shared/faces/groups
  rollcall-bench pad --faces DIR --presentations 3 --json report.json
  rollcall-bench pad --faces DIR --json -

The folders hold whole photographs (sub-folders are searched); aligned crops have no
surroundings and are of no use here.

Exit codes: 0 measured, 1 failed (the message says what to do), 2 wrong arguments.)";

struct Options {
  ModelOptions models;
  std::vector<std::string> faces;
  PadFilmOptions films;
  double max_bpcer = 0.01;
  std::string json;
};

absl::Status Run(const Options& options) {
  const Machine machine = ThisMachine();
  ASSIGN_OR_RETURN(const recognition::ModelPack pack, options.models.Load());
  const auto make_pipeline = [&] { return options.models.MakePipeline(pack); };
  ASSIGN_OR_RETURN(const auto pipeline, make_pipeline());
  ASSIGN_OR_RETURN(const std::vector<PadScene> scenes, FindPadScenes(options.faces, *pipeline));
  PadFilmOptions filming = options.films;
  filming.quiet = options.json == "-";
  ASSIGN_OR_RETURN(const PadFilms films, MakePadFilms(scenes, make_pipeline, filming));

  PadReport report = MakePadReport(films.presentations, filming.settings, options.max_bpcer);
  report.challenges = ChallengeRates(films.trials);
  report.folders = options.faces;
  report.faces = static_cast<int64_t>(scenes.size());
  report.presentations = filming.presentations;
  report.frames = filming.frames;
  report.seed = filming.seed;
  const base::Sha256Digest digest = base::Sha256(pack.file("fr_liveness.onnx"));
  report.model = "fr_liveness.onnx " + base::ToHex(digest).substr(0, 16);
  if (options.json != "-") std::fputs(PadTable(report, machine).c_str(), stdout);
  return options.json.empty() ? absl::OkStatus()
                              : WriteText(options.json, PadJson(report, machine));
}

}  // namespace

void AddPad(CLI::App& app, Command* run) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("pad", kHelp);
  command->footer(kFooter);
  command->add_option("--faces", options->faces, "A folder of photographs; may be repeated")
      ->required();
  command
      ->add_option("--presentations", options->films.presentations,
                   "Presentations of each species a face")
      ->default_val(1)
      ->check(CLI::Range(1, 100));
  command->add_option("--frames", options->films.frames, "Frames of a presentation")
      ->default_val(8)
      ->check(CLI::Range(5, 100));
  command
      ->add_option("--max-bpcer", options->max_bpcer,
                   "BPCER that a chosen threshold may cost on the half that chooses")
      ->default_val(0.01)
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--threads", options->films.threads, "Faces filmed at the same time")
      ->default_val(2)
      ->check(CLI::Range(1, 64));
  command
      ->add_option("--seed", options->films.seed,
                   "Of everything random; the same seed gives the same report")
      ->default_val(1);
  command->add_option(
      "--json", options->json,
      "Write the report as JSON to this file; \"-\": to stdout, instead of the table");
  options->models.AddTo(*command);
  command->callback([options, run] { *run = [options] { return Run(*options); }; });
}

}  // namespace rollcall::bench
