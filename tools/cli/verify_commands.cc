#include "cli/verify_commands.h"

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "client/program.h"

namespace rollcall::cli {

void AddVerifyCommands(client::Program& program) {
  CLI::App& group = *program.app().get_subcommand("verify");
  AddVerifyCertificate(program, group);
  AddVerifyReceipt(program, group);
  AddVerifyCheckpoint(program, group);
}

}  // namespace rollcall::cli
