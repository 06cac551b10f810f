#ifndef ROLLCALL_ENROLL_COMMANDS_H_
#define ROLLCALL_ENROLL_COMMANDS_H_

namespace rollcall::client {
class Program;
}

// The subcommands of rollcall-enroll. Each function adds its own; what they parse into lives as
// long as the program.
namespace rollcall::enroll {

void AddVolunteerCommand(client::Program& program);  // volunteer, check
void AddImportCommand(client::Program& program);     // import
void AddDeskCommands(client::Program& program);      // identify, set-pin, siblings

}  // namespace rollcall::enroll

#endif  // ROLLCALL_ENROLL_COMMANDS_H_
