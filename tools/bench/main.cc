#include <CLI/CLI.hpp>
#include <cstdio>

#include "bench/commands.h"

// Exit codes: 0 measured, 1 failed, 2 wrong arguments, 3 measured and found slower than before.
int main(int argc, char** argv) {
  CLI::App app{
      "Measures Rollcall: how fast it is, and how well it tells people apart.\n\n"
      "  rollcall-bench run         every step against its peers and limits, and in milliseconds\n"
      "  rollcall-bench ledger      what tree, signatures and double entry cost the hours ledger\n"
      "  rollcall-bench accuracy    strangers accepted and enrolled people missed, on your "
      "pictures\n"
      "  rollcall-bench agreement   whether the fast engine decides as the reference does\n"
      "  rollcall-bench pad         pictures of people taken for the people, simulated\n"
      "  rollcall-bench calibrate   the thresholds of the model manifest, from your pictures\n\n"
      "rollcall-bench COMMAND --help explains each.",
      "rollcall-bench"};
  app.set_version_flag("--version", ROLLCALL_VERSION);
  app.require_subcommand(1);
  rollcall::bench::Command run;
  rollcall::bench::AddRun(app, &run);
  rollcall::bench::AddLedger(app, &run);
  rollcall::bench::AddAccuracy(app, &run);
  rollcall::bench::AddAgreement(app, &run);
  rollcall::bench::AddCalibrate(app, &run);
  rollcall::bench::AddCalibrateInt8(app, &run);
  rollcall::bench::AddPad(app, &run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;  // --help and --version are 0
  }
  const absl::Status status = run();
  if (status.ok()) return 0;
  std::fprintf(stderr, "rollcall-bench: %s [%s]\n", rollcall::base::Message(status).c_str(),
               rollcall::base::ErrorReason(status).c_str());
  return rollcall::base::ErrorReason(status) == "SLOWER" ? 3 : 1;
}
