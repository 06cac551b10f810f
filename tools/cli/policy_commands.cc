// rollcall hours policy: by which rules visits become hours.
#include "cli/policy_commands.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/output.h"
#include "client/connection.h"
#include "client/program.h"
#include "client/when.h"
#include "rollcall/v1/activity_service.grpc.pb.h"

namespace rollcall::cli {
namespace {

using client::Connection;
using client::Program;
using Stub = v1::ActivityService::Stub;

std::string Title(const v1::HoursPolicy& policy) {
  return policy.title() + " / " + policy.title_zh();
}

// Where a policy in force comes from.
std::string Origin(const std::string& chosen_by) {
  return chosen_by.empty() ? "the server's default" : "chosen by " + chosen_by;
}

void AddSet(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::SetHoursPolicyRequest>();
  auto none = std::make_shared<bool>(false);
  CLI::App* command =
      group.add_subcommand("set",
                           "Choose the policy of an organisation, and of those below it that have "
                           "chosen none, for what\n"
                           "is recorded from now on. Hours that stand do not change");
  program.SetFooter(*command,
                    "Examples:\n  rollcall hours policy set guangdong-izhiyuan/1\n"
                    "  rollcall hours policy set --none --organisation east-village");
  CLI::Option* label =
      command->add_option("--label,LABEL", *request->mutable_label(), "From hours policy list");
  command->add_flag("--none", *none, "End the choice: what holds above the organisation does again")
      ->excludes(label);
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    if (request->label().empty() && !*none) {
      return client::UsageError("name a policy, such as default/2, or say --none");
    }
    const auto stub = v1::ActivityService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::SetHoursPolicyResponse now,
                     client::Call(*stub, &Stub::SetHoursPolicy, *request, client::kQuickCall));
    Print(program, now, [&] {
      std::printf("%s (%s) counts from now on: %s.\n", now.policy().label().c_str(),
                  Title(now.policy()).c_str(), Origin(now.chosen_by_organisation_id()).c_str());
    });
    return client::kExitOk;
  });
}

void PrintPolicy(const Program& program, const v1::GetHoursPolicyResponse& found) {
  const v1::HoursPolicy& policy = found.policy();
  client::Table table({{"POLICY"}, {policy.label()}});
  table.AddRow({"title", Title(policy)});
  table.AddRow({"in force", Origin(found.chosen_by_organisation_id())});
  table.AddRow({"source", policy.source()});
  table.AddRow({"SHA-256", policy.sha256()});
  for (const v1::HoursPolicyChoice& choice : found.choices()) {
    const auto shown = [](const std::string& label) { return label.empty() ? "none" : label; };
    table.AddRow({client::LocalTime(choice.choose_time()),
                  choice.recorder() + " chose " + shown(choice.label()) +
                      " (before: " + shown(choice.previous_label()) + ")"});
  }
  std::printf("%s", table.ToText(program.colour()).c_str());
}

void AddShow(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::GetHoursPolicyRequest>();
  auto text = std::make_shared<bool>(false);
  CLI::App* command = group.add_subcommand(
      "show", "Which policy holds for an organisation, who chose it, and what was chosen before");
  program.SetFooter(*command,
                    "Examples:\n  rollcall hours policy show\n"
                    "  rollcall hours policy show --text | sha256sum");
  command->add_flag("--text", *text, "Print the policy's file instead, byte by byte");
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::ActivityService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::GetHoursPolicyResponse found,
                     client::Call(*stub, &Stub::GetHoursPolicy, *request, client::kQuickCall));
    Print(program, found, [&] {
      if (*text) {
        std::fwrite(found.policy().text().data(), 1, found.policy().text().size(), stdout);
      } else {
        PrintPolicy(program, found);
      }
    });
    return client::kExitOk;
  });
}

void AddList(Program& program, CLI::App& group) {
  CLI::App* command =
      group.add_subcommand("list", "The policies that can be chosen on this server");
  program.OnRun(*command, [&program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::ActivityService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::ListHoursPoliciesResponse all,
                     client::Call(*stub, &Stub::ListHoursPolicies, v1::ListHoursPoliciesRequest(),
                                  client::kQuickCall));
    Print(program, all, [&] {
      client::Table table({{"POLICY"}, {"TITLE"}, {"DEFAULT"}});
      for (const v1::HoursPolicy& policy : all.policies()) {
        table.AddRow({policy.label(), Title(policy), policy.server_default() ? "yes" : ""});
      }
      PrintTable(program, table, "No policies.");
    });
    return client::kExitOk;
  });
}

}  // namespace

void AddPolicyCommands(Program& program, CLI::App& hours) {
  CLI::App* group =
      hours.add_subcommand("policy", "By which rules visits become hours: set, show, list");
  group->require_subcommand(1);
  AddSet(program, *group);
  AddShow(program, *group);
  AddList(program, *group);
}

}  // namespace rollcall::cli
