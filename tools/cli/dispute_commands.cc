// rollcall dispute: a volunteer says that her hours are wrong.
#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/write_command.h"
#include "client/connection.h"
#include "client/names.h"
#include "client/program.h"
#include "client/when.h"
#include "rollcall/v1/dispute_service.grpc.pb.h"

namespace rollcall::cli {
namespace {

using client::Connection;
using client::Program;
using Stub = v1::DisputeService::Stub;

constexpr std::array<std::pair<const char*, v1::DisputeState>, 4> kStates = {{
    {"open", v1::DISPUTE_OPEN},
    {"overdue", v1::DISPUTE_OVERDUE},
    {"upheld", v1::DISPUTE_UPHELD},
    {"rejected", v1::DISPUTE_REJECTED},
}};

std::string State(const v1::Dispute& dispute) {
  return dispute.state_text() + " / " + dispute.state_text_zh();
}

void PrintDispute(const Program& program, const v1::Dispute& dispute) {
  client::Table table({{"DISPUTE"}, {dispute.dispute_id()}});
  table.AddRow({"state", State(dispute)});
  table.AddRow({"volunteer", dispute.volunteer_id()});
  table.AddRow({"session", client::SessionName(dispute.session())});
  table.AddRow(
      {"about", dispute.entry_id().empty() ? "a missing visit" : "entry " + dispute.entry_id()});
  table.AddRow({"says", dispute.reason_text()});
  table.AddRow(
      {"taken down", client::LocalTime(dispute.open_time()) + " by " + dispute.opener_id()});
  table.AddRow({"due", client::LocalTime(dispute.due_time())});
  if (!dispute.answerer_id().empty()) {
    table.AddRow(
        {"answered", client::LocalTime(dispute.answer_time()) + " by " + dispute.answerer_id()});
    table.AddRow({"answer", dispute.answer_text()});
  }
  if (!dispute.proposal_id().empty()) table.AddRow({"proposal", dispute.proposal_id()});
  std::printf("%s", table.ToText(program.colour()).c_str());
}

void AddOpen(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::OpenDisputeRequest>();
  CLI::App* command = group.add_subcommand(
      "open",
      "Take down what a volunteer says: an entry is wrong (--entry), or a visit is missing\n"
      "(--activity and --session). Its clock begins to run");
  command->add_option("--volunteer", *request->mutable_volunteer_id(), "Her number")->required();
  command->add_option("--entry", *request->mutable_entry_id(),
                      "The entry that is wrong, from hours show --volunteer");
  v1::SessionRef& session = *request->mutable_session();
  command->add_option("--activity", *session.mutable_activity_id(), "Where a visit is missing");
  command->add_option("--session", *session.mutable_session_id(), "Where a visit is missing");
  command
      ->add_option("--text", *request->mutable_reason_text(),
                   "What she says. Stays in the ledger for ever: no names")
      ->required();
  AddOrganisationOption(*command, *session.mutable_organisation_id());
  OnWrite<v1::DisputeService, v1::OpenDisputeRequest, v1::Dispute>(
      program, *command, request, &Stub::OpenDispute,
      [&program](const v1::Dispute& dispute) { PrintDispute(program, dispute); });
}

void AddAnswer(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::AnswerDisputeRequest>();
  CLI::App* command = group.add_subcommand(
      "answer",
      "Answer a dispute in which you had no part. Changes no hours: propose the change first\n"
      "(rollcall correction propose) and name it with --proposal");
  command->add_option("--id,ID", *request->mutable_dispute_id(), "From dispute list")->required();
  command
      ->add_option_function<std::string>(
          "--verdict",
          [request](const std::string& word) {
            request->set_verdict(word == "upheld" ? v1::UPHELD : v1::REJECTED);
          },
          "Whether she is right")
      ->required()
      ->check(CLI::IsMember(std::vector<std::string>{"upheld", "rejected"}));
  command
      ->add_option("--text", *request->mutable_reason_text(),
                   "Why. Stays in the ledger for ever: no names")
      ->required();
  command->add_option("--proposal", *request->mutable_proposal_id(),
                      "What was proposed upon it, with upheld");
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  OnWrite<v1::DisputeService, v1::AnswerDisputeRequest, v1::Dispute>(
      program, *command, request, &Stub::AnswerDispute,
      [&program](const v1::Dispute& dispute) { PrintDispute(program, dispute); });
}

void AddList(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::ListDisputesRequest>();
  auto state = std::make_shared<std::string>();
  std::vector<std::string> words;
  for (const auto& [word, value] : kStates) words.emplace_back(word);
  CLI::App* command =
      group.add_subcommand("list", "Disputes, oldest first; --state overdue: what is late");
  command->add_option("--volunteer", *request->mutable_volunteer_id(), "Only this volunteer");
  command->add_option("--state", *state, "Only these")->check(CLI::IsMember(words));
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    v1::ListDisputesRequest wanted = *request;
    for (const auto& [word, value] : kStates) {
      if (*state == word) wanted.set_state(value);
    }
    const auto stub = v1::DisputeService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::ListDisputesResponse all,
                     client::CallAllPages(*stub, &Stub::ListDisputes, wanted,
                                          &v1::ListDisputesResponse::mutable_disputes));
    Print(program, all, [&] {
      client::Table table({{"DISPUTE"},
                           {"STATE"},
                           {"VOLUNTEER"},
                           {"SESSION"},
                           {"ABOUT"},
                           {"DUE"},
                           {"ANSWERED BY"}});
      for (const v1::Dispute& one : all.disputes()) {
        table.AddRow({one.dispute_id(), State(one), one.volunteer_id(),
                      client::SessionName(one.session()),
                      one.entry_id().empty() ? "missing visit" : one.entry_id(),
                      client::LocalTime(one.due_time()), one.answerer_id()});
      }
      PrintTable(program, table, "No disputes.");
    });
    return client::kExitOk;
  });
}

}  // namespace

void AddDisputeCommands(Program& program) {
  CLI::App* group = program.app().add_subcommand(
      "dispute", "What volunteers say is wrong with their hours: open, answer, list");
  group->require_subcommand(1);
  AddOpen(program, *group);
  AddAnswer(program, *group);
  AddList(program, *group);
}

}  // namespace rollcall::cli
