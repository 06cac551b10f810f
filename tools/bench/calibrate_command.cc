#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "base/clock.h"
#include "bench/calibrate.h"
#include "bench/commands.h"
#include "bench/face_options.h"
#include "bench/format.h"
#include "bench/progress.h"

namespace rollcall::bench {
namespace {

constexpr char kHelp[] =
    R"(Measures the calibration of an embedder: the thresholds that keep strangers out.

What is counted is a visit: the best of three attempts of somebody else, against a template.
One curve for each number of enrolment photos (1, 2, 3, 5) and of frames behind a probe (1, 3).
Frames are simulated from one photograph (small moves, turns, light, noise, blur: a kiosk's
frames are alike), and taken from different photographs where somebody has enough; the stricter
of the two counts. Each rate is an upper 95 % bound, and no curve goes further down than was
measured.

Half of the people are used, those whose name has an even second byte in its SHA-256, so that
`rollcall-bench accuracy` can test the result on the other half; the file lists the first eight
hexadecimal digits of those hashes.)";

constexpr char kFooter[] =
    R"(Examples:
  rollcall-bench calibrate --faces ../shared/faces/lfw-dev --out fr_feature-0.0.1.json
  rollcall-bench calibrate --faces OUR_SITE --everyone --out ours.json
The entry of an embedder in models/manifest.json names its calibration file.

Exit codes: 0 written, 1 failed (the message says what to do), 2 wrong arguments.)";

struct Options {
  ModelOptions models;
  FaceOptions faces;
  CalibrationPlan plan;
  bool everyone = false;
  std::string out;
};

std::string Provenance(const Dataset& dataset, const ObserveOptions& observing,
                       const std::vector<MeasuredCurve>& curves, bool everyone) {
  int64_t least = curves.front().comparisons;
  int64_t most = least;
  for (const MeasuredCurve& curve : curves) {
    least = std::min(least, curve.comparisons);
    most = std::max(most, curve.comparisons);
  }
  std::string pictures = observing.layout == Layout::kAligned ? " aligned crops" : " pictures";
  if (observing.shift_right_px != 0) {
    pictures += " moved right by " + std::to_string(observing.shift_right_px) + " px";
  }
  return "Best of three attempts of non-mated visits among " +
         Thousands(static_cast<int64_t>(dataset.people.size())) + " people of " +
         dataset.notes.name + (everyone ? "" : " (the half whose hash has an even second byte)") +
         ", " + Thousands(static_cast<int64_t>(dataset.pictures())) + pictures + ", " +
         Thousands(least) + " to " + Thousands(most) +
         " comparisons a curve; they share people, so each rate is the larger of the "
         "Clopper-Pearson "
         "upper 95 % bound and that of a bootstrap over people; frames are simulated from one "
         "photograph or different photographs, whichever is stricter; nothing is extrapolated; " +
         base::FormatTime(base::SystemClock().Now()).substr(0, 10) + ".";
}

void PrintCurves(const std::vector<MeasuredCurve>& curves) {
  Table table({"photos, frames", "comparisons", "smallest rate", "at 1e-3", "at 1e-4", "at 1e-5",
               "at 5e-6", "highest threshold"});
  for (const MeasuredCurve& curve : curves) {
    const auto at = [&curve](double rate) -> std::string {
      for (const CurvePoint& point : curve.points) {
        if (point.fmr <= rate) return Fixed(point.threshold / 1000.0, 3);
      }
      return "-";
    };
    table.Add({std::to_string(curve.photos) + ", " + std::to_string(curve.frames),
               Thousands(curve.comparisons), Scientific(curve.points.back().fmr), at(1e-3),
               at(1e-4), at(1e-5), at(5e-6), Fixed(curve.points.back().threshold / 1000.0, 3)});
  }
  std::fputs(table.Render().c_str(), stdout);
}

absl::Status Run(const Options& options) {
  ASSIGN_OR_RETURN(const recognition::ModelPack pack, options.models.Load());
  ASSIGN_OR_RETURN(Dataset dataset, options.faces.List());
  ObserveOptions observing = options.faces.Observing(dataset);
  observing.variants = options.plan.variants();
  if (!options.everyone) {
    std::erase_if(dataset.people, [](const Person& person) { return !InCalibrationHalf(person); });
  }
  ASSIGN_OR_RETURN(const Observations observations,
                   Observe(
                       dataset, ModelKey(pack) + " " + options.models.engine,
                       [&] { return options.models.MakePipeline(pack); }, observing));
  CalibrationPlan plan = options.plan;
  plan.bootstrap.seed = options.faces.seed;
  ASSIGN_OR_RETURN(const auto curves, Calibrate(observations, plan, observing.quiet));
  std::vector<std::string> hashes;
  for (const Person& person : dataset.people) {
    for (const std::string& folder : person.folders) hashes.push_back(FolderHash(folder));
  }
  std::sort(hashes.begin(), hashes.end());
  RETURN_IF_ERROR(WriteText(
      options.out,
      CalibrationJson(pack.embedder().id, Provenance(dataset, observing, curves, options.everyone),
                      curves, hashes)));
  if (options.out != "-") PrintCurves(curves);
  return absl::OkStatus();
}

}  // namespace

void AddCalibrate(CLI::App& app, Command* run) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("calibrate", kHelp);
  command->footer(kFooter);
  options->faces.AddTo(*command);
  command->add_option("--out", options->out, "The file to write; \"-\": stdout")->required();
  command->add_flag("--everyone", options->everyone,
                    "Use all people, not half: for a site's own pictures, when nothing is to be "
                    "tested on them");
  options->models.AddTo(*command);
  command->callback([options, run] { *run = [options] { return Run(*options); }; });
}

}  // namespace rollcall::bench
