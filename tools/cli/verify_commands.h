#ifndef ROLLCALL_CLI_VERIFY_COMMANDS_H_
#define ROLLCALL_CLI_VERIFY_COMMANDS_H_

namespace CLI {
class App;
}
namespace rollcall::client {
class Program;
}

// The parts of AddVerifyCommands. `group`: the subcommand `verify`.
namespace rollcall::cli {

void AddVerifyCertificate(client::Program& program, CLI::App& group);
void AddVerifyReceipt(client::Program& program, CLI::App& group);
void AddVerifyCheckpoint(client::Program& program, CLI::App& group);

}  // namespace rollcall::cli

#endif  // ROLLCALL_CLI_VERIFY_COMMANDS_H_
