#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "bench/agreement.h"
#include "bench/commands.h"
#include "bench/face_options.h"

namespace rollcall::bench {
namespace {

constexpr char kHelp[] =
    R"(Does the engine that the service uses decide as the reference does?

Every picture goes through the product's own pipeline twice: on the engine that a server here would use, and on OpenCV's
cv::dnn. Then the same people are enrolled with the same pictures and come back with the same others:
  scores      how far apart the two are, over all pairs of pictures;
  searches    how often both find the same person nearest. A stranger's nearest is one of many who are nearly as near;
  decisions   FNIR and FPIR of the product at its calibrated thresholds on both, and how many attempts come to
              another decision or another name. "closely" are those that were near enough to call that the
              product embedded the frames again in float32.)";

constexpr char kFooter[] =
    R"(Examples:
  rollcall-bench agreement --faces ../shared/faces/lfw-dev
  rollcall-bench agreement --faces DIR --galleries 50,100 --engine float32 --json -

Exit codes: 0 measured, 1 failed (the message says what to do), 2 wrong arguments.)";

constexpr char kReference[] = "reference";

struct Options {
  ModelOptions models;
  FaceOptions faces;
  AgreementOptions agreement;
  std::string json;
};

absl::StatusOr<Observations> ObserveOn(const std::string& engine, ModelOptions models,
                                       const recognition::ModelPack& pack, const Dataset& dataset,
                                       ObserveOptions observing) {
  models.engine = engine;
  if (!observing.cache_file.empty()) observing.cache_file += "." + engine;
  return Observe(dataset, ModelKey(pack) + " " + engine, [&] { return models.MakePipeline(pack); }, observing);
}

absl::Status Run(const Options& options) {
  ASSIGN_OR_RETURN(const recognition::ModelPack pack, options.models.Load());
  ASSIGN_OR_RETURN(const Dataset dataset, options.faces.List());
  AgreementOptions agreement = options.agreement;
  agreement.seed = options.faces.seed;
  const ObserveOptions observing = options.faces.Observing(dataset);
  agreement.product.layout = observing.layout;
  const ModelOptions& models = options.models;
  ASSIGN_OR_RETURN(const Observations fast, ObserveOn(models.engine, models, pack, dataset, observing));
  ASSIGN_OR_RETURN(const Observations reference, ObserveOn(kReference, models, pack, dataset, observing));
  ASSIGN_OR_RETURN(const Agreement result,
                   MeasureAgreement(fast, reference, pack.calibration(), agreement, false));
  const std::string name = models.MakeEngine(pack)->name();
  if (options.json != "-") std::fputs(AgreementTable(result, name, kReference).c_str(), stdout);
  if (options.json.empty()) return absl::OkStatus();
  return WriteText(options.json, AgreementJson(result, name, kReference));
}

}  // namespace

void AddAgreement(CLI::App& app, Command* run) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("agreement", kHelp);
  command->footer(kFooter);
  options->faces.AddTo(*command);
  command->add_option("--galleries", options->agreement.galleries, "People enrolled at a time, one or more sizes")
      ->delimiter(',')
      ->default_str("200,1000")
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--draws", options->agreement.draws, "Random galleries of each size")
      ->default_val(20)
      ->check(CLI::Range(1, 10'000));
  command->add_option("--json", options->json,
                      "Write the result as JSON to this file; \"-\": to stdout, instead of the table");
  options->models.AddTo(*command);
  command->callback([options, run] { *run = [options] { return Run(*options); }; });
}

}  // namespace rollcall::bench
