#ifndef ROLLCALL_CLI_POLICY_COMMANDS_H_
#define ROLLCALL_CLI_POLICY_COMMANDS_H_

namespace CLI {
class App;
}
namespace rollcall::client {
class Program;
}

namespace rollcall::cli {

// Adds `policy set|show|list` to the group `hours`.
void AddPolicyCommands(client::Program& program, CLI::App& hours);

}  // namespace rollcall::cli

#endif  // ROLLCALL_CLI_POLICY_COMMANDS_H_
