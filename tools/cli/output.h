#ifndef ROLLCALL_CLI_OUTPUT_H_
#define ROLLCALL_CLI_OUTPUT_H_

#include <functional>
#include <string>

#include "client/table.h"

namespace google::protobuf {
class Message;
}
namespace CLI {
class App;
}
namespace rollcall::client {
class Program;
}

namespace rollcall::cli {

// Prints `answer` as JSON with --json; else calls `print_text`, which prints it for people.
void Print(const client::Program& program, const google::protobuf::Message& answer,
           const std::function<void()>& print_text);

// Prints `table`, or `if_empty` and a newline where it has no rows.
void PrintTable(const client::Program& program, const client::Table& table,
                const std::string& if_empty);

// Adds the option --organisation, which every command about an organisation's things has.
void AddOrganisationOption(CLI::App& command, std::string& organisation);

}  // namespace rollcall::cli

#endif  // ROLLCALL_CLI_OUTPUT_H_
