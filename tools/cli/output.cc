#include "cli/output.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "client/json.h"
#include "client/program.h"

namespace rollcall::cli {

void Print(const client::Program& program, const google::protobuf::Message& answer,
           const std::function<void()>& print_text) {
  if (!program.json()) return print_text();
  std::printf("%s\n", client::ToJson(answer, /*indented=*/true).c_str());
}

void PrintTable(const client::Program& program, const client::Table& table,
                const std::string& if_empty) {
  if (table.empty()) {
    std::printf("%s\n", if_empty.c_str());
  } else {
    std::printf("%s", table.ToText(program.colour()).c_str());
  }
}

void AddOrganisationOption(CLI::App& command, std::string& organisation) {
  command.add_option("--organisation", organisation, "Id [the server's default]");
}

}  // namespace rollcall::cli
