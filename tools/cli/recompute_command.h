#ifndef ROLLCALL_CLI_RECOMPUTE_COMMAND_H_
#define ROLLCALL_CLI_RECOMPUTE_COMMAND_H_

namespace CLI {
class App;
}
namespace rollcall::client {
class Program;
}

namespace rollcall::cli {

// Adds `recompute` to the group `hours`.
void AddRecompute(client::Program& program, CLI::App& hours);

}  // namespace rollcall::cli

#endif  // ROLLCALL_CLI_RECOMPUTE_COMMAND_H_
