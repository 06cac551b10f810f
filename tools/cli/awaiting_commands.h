#ifndef ROLLCALL_CLI_AWAITING_COMMANDS_H_
#define ROLLCALL_CLI_AWAITING_COMMANDS_H_

namespace CLI {
class App;
}
namespace rollcall::client {
class Program;
}

namespace rollcall::cli {

// Adds "awaiting" and "approve" to the group "hours". What they parse into lives as long as the
// program.
void AddAwaitingCommands(client::Program& program, CLI::App& hours);

}  // namespace rollcall::cli

#endif  // ROLLCALL_CLI_AWAITING_COMMANDS_H_
