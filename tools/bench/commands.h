#ifndef ROLLCALL_BENCH_COMMANDS_H_
#define ROLLCALL_BENCH_COMMANDS_H_

#include <functional>
#include <string>
#include <vector>

#include "base/status.h"

namespace CLI {
class App;
}

// The subcommands of rollcall-bench. Each Add... declares one on `app` and sets `*run` to what it
// does once it was chosen on the command line.
namespace rollcall::bench {

// What a subcommand came to, for the exit code.
using Command = std::function<absl::Status()>;

void AddAccuracy(CLI::App& app, Command* run);
void AddAgreement(CLI::App& app, Command* run);
void AddCalibrate(CLI::App& app, Command* run);
void AddCalibrateInt8(CLI::App& app, Command* run);
void AddLedger(CLI::App& app, Command* run);
void AddPad(CLI::App& app, Command* run);
void AddRun(CLI::App& app, Command* run);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_COMMANDS_H_
