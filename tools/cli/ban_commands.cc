// rollcall ban: cases of cheating, from the notice to the decision. Always people.
#include <CLI/CLI.hpp>
#include <cctype>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/write_command.h"
#include "client/connection.h"
#include "client/program.h"
#include "client/when.h"
#include "rollcall/v1/ban_service.grpc.pb.h"

namespace rollcall::cli {
namespace {

using client::Connection;
using client::Program;
using Stub = v1::BanService::Stub;

std::string State(const v1::BanCase& ban) { return ban.state_text() + " / " + ban.state_text_zh(); }

std::string Effect(const v1::BanCase& ban) {
  switch (ban.effect()) {
    case v1::BAN_EFFECT_SUSPENDED:
      return "suspended: no stars / 暂停：不可申请星级";
    case v1::BAN_EFFECT_BANNED:
      return "banned: no stars / 处罚期：不可申请星级";
    default:
      return "none / 无";
  }
}

std::string StepText(const v1::BanStep& step) {
  static constexpr const char* kStates[] = {"", "noticed", "heard", "imposed", "dismissed", ""};
  std::string role = v1::Role_Name(step.role());
  for (char& letter : role) letter = static_cast<char>(std::tolower(letter));
  const std::string state = v1::BanCaseState_IsValid(step.state()) ? kStates[step.state()] : "";
  return state + " " + client::LocalTime(step.time()) + " by " + step.identity_id() + " (" + role +
         ")";
}

void PrintCase(const Program& program, const v1::BanCase& ban) {
  client::Table table({{"CASE"}, {ban.case_id()}});
  table.AddRow({"state", State(ban)});
  table.AddRow({"effect today", Effect(ban)});
  table.AddRow({"accused", ban.volunteer_id() + " " + ban.name()});
  table.AddRow({"accusation", ban.accusation()});
  for (const std::string& reference : ban.evidence()) table.AddRow({"evidence", reference});
  table.AddRow({"notice", ban.notice_day()});
  const bool open = ban.state() == v1::BAN_NOTICED || ban.state() == v1::BAN_HEARD;
  if (ban.state() == v1::BAN_NOTICED) table.AddRow({"hearing from", ban.hearing_from_day()});
  if (open) table.AddRow({"decide until", ban.decide_until_day()});
  if (!ban.hearing_day().empty()) {
    table.AddRow(
        {"heard", ban.hearing_day() + (ban.appeared() ? ", she came" : ", she stayed away")});
  }
  if (!ban.statement().empty()) table.AddRow({"she says", ban.statement()});
  if (!ban.decide_day().empty()) {
    table.AddRow({"decided", ban.decide_day()});
    table.AddRow({"because", ban.decision_text()});
  }
  if (!ban.first_day().empty()) table.AddRow({"banned", ban.first_day() + " to " + ban.last_day()});
  for (const v1::BanStep& step : ban.steps()) table.AddRow({"step", StepText(step)});
  std::printf("%s", table.ToText(program.colour()).c_str());
}

// A command that takes one step: says `next` to whom it succeeded, if there is more to do.
template <typename Request>
void OnStep(Program& program, CLI::App& command, std::shared_ptr<Request> request,
            grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, v1::BanCase*),
            std::string next) {
  AddOrganisationOption(command, *request->mutable_organisation_id());
  OnWrite<v1::BanService, Request, v1::BanCase>(
      program, command, std::move(request), method, [&program, next](const v1::BanCase& taken) {
        PrintCase(program, taken);
        if (!next.empty()) std::printf("\n%s %s\n", next.c_str(), taken.case_id().c_str());
      });
}

void AddOpen(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::OpenBanCaseRequest>();
  CLI::App* command = group.add_subcommand(
      "open",
      "Open a case: she has to be given notice today, and is suspended from stars. Somebody\n"
      "without a part in it then hears her and decides. Nobody is kept from serving");
  command->add_option("--volunteer", *request->mutable_volunteer_id(), "Number of the accused")
      ->required();
  command
      ->add_option("--text", *request->mutable_accusation(),
                   "What she is said to have done. She is told")
      ->required();
  command
      ->add_option_function<std::vector<std::string>>(
          "--evidence",
          [request](const std::vector<std::string>& all) {
            request->mutable_evidence()->Assign(all.begin(), all.end());
          },
          "What shows it: rows of the ledger, lines of the audit trail, files. May be repeated")
      ->required();
  command->add_option_function<std::vector<std::string>>(
      "--involved",
      [request](const std::vector<std::string>& all) {
        request->mutable_involved_volunteer_ids()->Assign(all.begin(), all.end());
      },
      "Numbers of witnesses and others with a part in it, who cannot hear or decide");
  command->add_option_function<std::vector<std::string>>(
      "--involved-staff",
      [request](const std::vector<std::string>& all) {
        request->mutable_involved_identity_ids()->Assign(all.begin(), all.end());
      },
      "The same by account: who credited the hours");
  OnStep(program, *command, request, &Stub::OpenBanCase,
         "Tell her. Then, by somebody uninvolved: rollcall ban hearing --appeared yes");
}

template <typename Request>
CLI::App* AddStepCommand(CLI::App& group, const char* name, const char* purpose,
                         const std::shared_ptr<Request>& request) {
  CLI::App* command = group.add_subcommand(name, purpose);
  command->add_option("--id,ID", *request->mutable_case_id(), "From ban list")->required();
  return command;
}

void AddSteps(Program& program, CLI::App& group) {
  auto hearing = std::make_shared<v1::HoldBanHearingRequest>();
  CLI::App* command =
      AddStepCommand(group, "hearing",
                     "You have heard her, or she stayed away although she had her notice", hearing);
  command
      ->add_option_function<std::string>(
          "--appeared",
          [hearing](const std::string& word) { hearing->set_appeared(word == "yes"); },
          "Whether she came")
      ->required()
      ->check(CLI::IsMember(std::vector<std::string>{"yes", "no"}));
  command->add_option("--statement", *hearing->mutable_statement(), "What she said");
  OnStep(program, *command, hearing, &Stub::HoldBanHearing,
         "You decide: rollcall ban impose --days N --text WHY, or rollcall ban dismiss --text WHY");
  auto impose = std::make_shared<v1::ImposeBanRequest>();
  command = AddStepCommand(group, "impose", "Ban her from stars, by who has heard her", impose);
  command
      ->add_option_function<int32_t>(
          "--days", [impose](const int32_t& days) { impose->set_days(days); },
          "For how long, from today on; as the policy allows")
      ->required();
  command->add_option("--text", *impose->mutable_reason_text(), "Why")->required();
  OnStep(program, *command, impose, &Stub::ImposeBan, "");
  auto dismiss = std::make_shared<v1::DismissBanCaseRequest>();
  command =
      AddStepCommand(group, "dismiss", "Nothing comes of the case; the suspension ends", dismiss);
  command->add_option("--text", *dismiss->mutable_reason_text(), "Why")->required();
  OnStep(program, *command, dismiss, &Stub::DismissBanCase, "");
}

void AddList(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::ListBanCasesRequest>();
  CLI::App* command = group.add_subcommand("list", "Cases, oldest first, and what they mean today");
  command->add_option("--volunteer", *request->mutable_volunteer_id(), "Only against her");
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::BanService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::ListBanCasesResponse all,
                     client::CallAllPages(*stub, &Stub::ListBanCases, *request,
                                          &v1::ListBanCasesResponse::mutable_cases));
    Print(program, all, [&] {
      client::Table table({{"CASE"},
                           {"STATE"},
                           {"ACCUSED"},
                           {"EFFECT TODAY"},
                           {"NOTICE"},
                           {"DECIDE UNTIL"},
                           {"LAST DAY"}});
      for (const v1::BanCase& one : all.cases()) {
        table.AddRow({one.case_id(), State(one), one.volunteer_id() + " " + one.name(), Effect(one),
                      one.notice_day(), one.decide_until_day(), one.last_day()});
      }
      PrintTable(program, table, "No cases.");
    });
    return client::kExitOk;
  });
}

void AddShow(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::GetBanCaseRequest>();
  CLI::App* command = AddStepCommand(group, "show", "One case in full", request);
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::BanService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::BanCase ban,
                     client::Call(*stub, &Stub::GetBanCase, *request, client::kQuickCall));
    Print(program, ban, [&] { PrintCase(program, ban); });
    return client::kExitOk;
  });
}

}  // namespace

void AddBanCommands(Program& program) {
  CLI::App* group = program.app().add_subcommand(
      "ban", "Cases of cheating: open, hearing, impose, dismiss, list. Always people, never alone");
  group->require_subcommand(1);
  AddOpen(program, *group);
  AddSteps(program, *group);
  AddList(program, *group);
  AddShow(program, *group);
}

}  // namespace rollcall::cli
