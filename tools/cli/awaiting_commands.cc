// rollcall hours awaiting and approve: what a day has above what stands at once.
#include "cli/awaiting_commands.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/output.h"
#include "cli/write_command.h"
#include "client/connection.h"
#include "client/names.h"
#include "client/program.h"
#include "client/text_width.h"
#include "client/when.h"
#include "rollcall/v1/correction_service.grpc.pb.h"

namespace rollcall::cli {
namespace {

using client::Connection;
using client::Program;
using Stub = v1::CorrectionService::Stub;

constexpr char kParent[] = "parent";
constexpr char kProvince[] = "province";

std::string TierText(v1::HoursTier tier) {
  return tier == v1::HOURS_TIER_PROVINCE ? "province / 省级" : "parent organisation / 上级组织";
}

std::string Days(const v1::AwaitingHours& visit) {
  std::string text;
  for (const std::string& day : visit.days()) text += (text.empty() ? "" : " ") + day;
  return text;
}

void AddAwaiting(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::ListAwaitingHoursRequest>();
  CLI::App* command = group.add_subcommand(
      "awaiting",
      "Visits of which something waits for approval, because the day has more than its policy\n"
      "credits at once (8 h by the default one; above 12 h the province approves). Of the\n"
      "organisation and those below it. What waits is in nobody's HOURS");
  program.SetFooter(*command,
                    "Examples:\n  rollcall hours awaiting\n"
                    "  rollcall hours awaiting --organisation east-village --json\n"
                    "Next: rollcall hours approve --help");
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::CorrectionService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::ListAwaitingHoursResponse all,
                     client::CallAllPages(*stub, &Stub::ListAwaitingHours, *request,
                                          &v1::ListAwaitingHoursResponse::mutable_visits));
    Print(program, all, [&] {
      client::Table table({{"VOLUNTEER"},
                           {"NAME"},
                           {"ORGANISATION"},
                           {"SESSION"},
                           {"DAY"},
                           {"HOURS", true},
                           {"PARENT", true},
                           {"PROVINCE", true}});
      for (const v1::AwaitingHours& visit : all.visits()) {
        table.AddRow({visit.volunteer_id(), visit.name(), visit.session().organisation_id(),
                      client::SessionName(visit.session()), Days(visit),
                      client::Hours(visit.minutes()),
                      client::Hours(visit.awaiting_parent_minutes()),
                      client::Hours(visit.awaiting_province_minutes())});
      }
      PrintTable(program, table, "Nothing waits. / 没有待审核的时长。");
    });
    return client::kExitOk;
  });
}

void PrintApproval(const Program& program, const v1::DayHoursApproval& approval) {
  client::Table table({{"APPROVED / 已批准"}, {client::Hours(approval.minutes())}});
  table.AddRow({"volunteer", approval.volunteer_id()});
  table.AddRow({"day", approval.day() + " at " + approval.organisation_id()});
  table.AddRow({"tier", TierText(approval.tier())});
  table.AddRow({"by", approval.approver().identity_id() + " of " +
                          approval.approving_organisation_id() + ", " +
                          client::LocalTime(approval.approve_time())});
  table.AddRow({"because", approval.reason_text()});
  table.AddRow({"ledger row", std::to_string(approval.sequence())});
  std::printf("%s", table.ToText(program.colour()).c_str());
}

void AddApprove(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::ApproveDayHoursRequest>();
  CLI::App* command = group.add_subcommand(
      "approve",
      "Approve what one person served on one day above a limit: an approver of an organisation\n"
      "above (province: of the topmost one), or an administrator. Not for oneself, and not by who\n"
      "recorded, entered or approved a visit of that day");
  program.SetFooter(*command,
                    "Example:\n  rollcall hours approve --organisation east-village --volunteer "
                    "v001 \\\n    --day 2026-11-24 --tier parent --reason \"the flood; seen by the "
                    "county\"");
  command->add_option("--volunteer", *request->mutable_volunteer_id(), "Whose hours")->required();
  command->add_option("--day", *request->mutable_day(), "2026-11-24, from hours awaiting")
      ->required();
  command
      ->add_option_function<std::string>(
          "--tier",
          [request](const std::string& word) {
            request->set_tier(word == kProvince ? v1::HOURS_TIER_PROVINCE : v1::HOURS_TIER_PARENT);
          },
          "parent: above what stands at once; province: above what the parent\n"
          "organisation may approve. Each is approved by itself")
      ->required()
      ->check(CLI::IsMember({kParent, kProvince}));
  command
      ->add_option("--reason", *request->mutable_reason_text(),
                   "Why, in a sentence. Stays in the ledger for ever: no names")
      ->required();
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  OnWrite<v1::CorrectionService, v1::ApproveDayHoursRequest, v1::DayHoursApproval>(
      program, *command, request, &Stub::ApproveDayHours,
      [&program](const v1::DayHoursApproval& approval) { PrintApproval(program, approval); });
}

}  // namespace

void AddAwaitingCommands(Program& program, CLI::App& hours) {
  AddAwaiting(program, hours);
  AddApprove(program, hours);
}

}  // namespace rollcall::cli
