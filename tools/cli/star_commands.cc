// rollcall star: star levels, from the application to the star.
#include <CLI/CLI.hpp>
#include <array>
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
#include "client/text_width.h"
#include "client/when.h"
#include "rollcall/v1/star_service.grpc.pb.h"

namespace rollcall::cli {
namespace {

using client::Connection;
using client::Program;
using Stub = v1::StarService::Stub;

constexpr std::array<std::pair<const char*, v1::StarApplicationState>, 6> kStates = {{
    {"submitted", v1::STAR_SUBMITTED},
    {"reviewed", v1::STAR_REVIEWED},
    {"on-notice", v1::STAR_ON_NOTICE},
    {"granted", v1::STAR_GRANTED},
    {"refused", v1::STAR_REFUSED},
    {"withdrawn", v1::STAR_WITHDRAWN},
}};
struct LevelWord {
  const char* word;
  const char* zh;
  v1::ApproverLevel level;
};
constexpr std::array<LevelWord, 4> kLevels = {{
    {"county", "县级", v1::APPROVER_COUNTY},
    {"city", "市级", v1::APPROVER_CITY},
    {"province", "省级", v1::APPROVER_PROVINCE},
    {"none", "无", v1::APPROVER_NONE},
}};

std::string LevelText(v1::ApproverLevel level) {
  for (const LevelWord& known : kLevels) {
    if (known.level == level) return std::string(known.word) + " / " + known.zh;
  }
  return "";
}

std::string State(const v1::StarApplication& application) {
  return application.state_text() + " / " + application.state_text_zh();
}

std::string Stars(int32_t star) {
  return star == 0 ? "none / 无" : std::to_string(star) + " / " + std::to_string(star) + "星";
}

std::string StepText(const v1::StarStep& step) {
  std::string role = v1::Role_Name(step.role());
  for (char& letter : role) letter = static_cast<char>(std::tolower(letter));
  std::string state;
  for (const auto& [word, value] : kStates) {
    if (value == step.state()) state = word;
  }
  return state + " " + client::LocalTime(step.time()) + " by " + step.identity_id() + " (" + role +
         ")";
}

void PrintApplication(const Program& program, const v1::StarApplication& application) {
  client::Table table({{"APPLICATION"}, {application.application_id()}});
  table.AddRow({"state", State(application)});
  table.AddRow({"volunteer", application.volunteer_id() + " " + application.name()});
  table.AddRow({"star", Stars(application.star())});
  table.AddRow({"submitted", application.submit_day()});
  table.AddRow({"approver level", LevelText(application.approver_level())});
  if (application.state() != v1::STAR_SUBMITTED) {
    table.AddRow({"review", std::to_string(application.review_score()) + " of 100"});
  }
  if (!application.notice_until_day().empty()) {
    table.AddRow({"notice until", application.notice_until_day()});
  }
  if (!application.decide_day().empty()) table.AddRow({"decided", application.decide_day()});
  if (!application.refusal().empty()) table.AddRow({"because", application.refusal()});
  for (const v1::StarStep& step : application.steps()) table.AddRow({"step", StepText(step)});
  std::printf("%s", table.ToText(program.colour()).c_str());
}

void PrintStanding(const Program& program, const v1::StarStanding& standing) {
  client::Table table({{"VOLUNTEER / 志愿者"}, {standing.volunteer_id() + " " + standing.name()}});
  table.AddRow({"registered / 注册", client::LocalTime(standing.register_time())});
  table.AddRow({"hours that count / 计入时长", client::Hours(standing.minutes())});
  if (standing.minutes_before_registration() != 0) {
    table.AddRow({"before registration / 注册前（不计）",
                  client::Hours(standing.minutes_before_registration())});
  }
  table.AddRow({"stars held / 已获星级", Stars(standing.held())});
  table.AddRow({"stars earned / 已达星级", Stars(standing.earned())});
  if (standing.next() != 0) {
    table.AddRow({"missing to star " + std::to_string(standing.next()) + " / 距" +
                      std::to_string(standing.next()) + "星还差",
                  client::Hours(standing.minutes_missing())});
  }
  if (standing.barred()) {
    table.AddRow({"barred / 不可申请", "a ban or suspension stands / 处罚或暂停期间"});
  }
  if (!standing.open_application_id().empty()) {
    table.AddRow({"open application / 待审申请", standing.open_application_id()});
  }
  table.AddRow({"rules / 规则", standing.policy()});
  std::printf("%s", table.ToText(program.colour()).c_str());
  if (standing.earned() > standing.held() && !standing.barred() &&
      standing.open_application_id().empty()) {
    std::printf("\nNext, if she wants it: rollcall star apply --volunteer %s --star %d\n",
                standing.volunteer_id().c_str(), standing.earned());
  }
}

void AddStanding(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::GetStarStandingRequest>();
  CLI::App* command = group.add_subcommand(
      "standing",
      "What a volunteer has, and what is missing to the next star. Her confirmed\n"
      "hours since she was registered, of all organisations");
  command->add_option("--volunteer,VOLUNTEER", *request->mutable_volunteer_id(), "Her number")
      ->required();
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::StarService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::StarStanding standing,
                     client::Call(*stub, &Stub::GetStarStanding, *request, client::kQuickCall));
    Print(program, standing, [&] { PrintStanding(program, standing); });
    return client::kExitOk;
  });
}

// A command that takes one step: says `next` to whom it succeeded, if there is more to do.
template <typename Request>
void OnStep(Program& program, CLI::App& command, std::shared_ptr<Request> request,
            grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                         v1::StarApplication*),
            std::string next) {
  AddOrganisationOption(command, *request->mutable_organisation_id());
  OnWrite<v1::StarService, Request, v1::StarApplication>(
      program, command, std::move(request), method,
      [&program, next](const v1::StarApplication& taken) {
        PrintApplication(program, taken);
        if (!next.empty()) std::printf("\n%s %s\n", next.c_str(), taken.application_id().c_str());
      });
}

template <typename Request>
CLI::App* AddStepCommand(CLI::App& group, const char* name, const char* purpose,
                         const std::shared_ptr<Request>& request) {
  CLI::App* command = group.add_subcommand(name, purpose);
  command->add_option("--id,ID", *request->mutable_application_id(), "From star list")->required();
  return command;
}

void AddApply(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::ApplyForStarRequest>();
  CLI::App* command = group.add_subcommand(
      "apply", "Apply for a star, for a volunteer who asks for it. Stars may be skipped");
  command->add_option("--volunteer", *request->mutable_volunteer_id(), "Her number")->required();
  command
      ->add_option_function<int32_t>(
          "--star", [request](const int32_t& value) { request->set_star(value); }, "1, 2, ...")
      ->required();
  OnStep(program, *command, request, &Stub::ApplyForStar,
         "Next, by somebody who knows her service: rollcall star review --score N");
}

void AddReview(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::ReviewStarRequest>();
  CLI::App* command =
      AddStepCommand(group, "review", "Score the quality of her service, from 0 to 100", request);
  command
      ->add_option_function<int32_t>(
          "--score", [request](const int32_t& value) { request->set_score(value); }, "0 to 100")
      ->required();
  OnStep(program, *command, request, &Stub::ReviewStar,
         "Next, by another person, of the level named above: rollcall star approve");
}

void AddDecisions(Program& program, CLI::App& group) {
  auto approve = std::make_shared<v1::DecideStarRequest>();
  CLI::App* command = AddStepCommand(
      group, "approve",
      "Say yes, by another person than the reviewer, at an organisation of the level that\n"
      "gives this star (star level). The public notice begins",
      approve);
  OnStep(program, *command, approve, &Stub::ApproveStar,
         "Once the notice is over: rollcall star grant");
  auto grant = std::make_shared<v1::DecideStarRequest>();
  command = AddStepCommand(group, "grant",
                           "After the notice: the star is hers. Hours and bans are looked at again",
                           grant);
  OnStep(program, *command, grant, &Stub::GrantStar, "");
  auto refuse = std::make_shared<v1::RefuseStarRequest>();
  command = AddStepCommand(group, "refuse", "Say no, before it is granted, and why", refuse);
  command->add_option("--text", *refuse->mutable_reason_text(), "Why; the volunteer is told")
      ->required();
  OnStep(program, *command, refuse, &Stub::RefuseStar, "");
  auto withdraw = std::make_shared<v1::WithdrawStarRequest>();
  command = AddStepCommand(group, "withdraw",
                           "Take an application back, for her who made it and says so at the desk",
                           withdraw);
  command->add_option("--volunteer", *withdraw->mutable_volunteer_id(), "Her number")->required();
  OnStep(program, *command, withdraw, &Stub::WithdrawStar, "");
}

void AddList(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::ListStarApplicationsRequest>();
  auto state = std::make_shared<std::string>();
  std::vector<std::string> words;
  for (const auto& [word, value] : kStates) words.emplace_back(word);
  CLI::App* command = group.add_subcommand(
      "list", "Applications, oldest first; --state on-notice: what the public may object to");
  command->add_option("--volunteer", *request->mutable_volunteer_id(), "Only hers");
  command->add_option("--state", *state, "Only these")->check(CLI::IsMember(words));
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    v1::ListStarApplicationsRequest wanted = *request;
    for (const auto& [word, value] : kStates) {
      if (*state == word) wanted.set_state(value);
    }
    const auto stub = v1::StarService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::ListStarApplicationsResponse all,
                     client::CallAllPages(*stub, &Stub::ListStarApplications, wanted,
                                          &v1::ListStarApplicationsResponse::mutable_applications));
    Print(program, all, [&] {
      client::Table table({{"APPLICATION"},
                           {"STATE"},
                           {"VOLUNTEER"},
                           {"NAME"},
                           {"STAR", true},
                           {"SUBMITTED"},
                           {"NOTICE UNTIL"},
                           {"DECIDED"}});
      for (const v1::StarApplication& one : all.applications()) {
        table.AddRow({one.application_id(), State(one), one.volunteer_id(), one.name(),
                      std::to_string(one.star()), one.submit_day(), one.notice_until_day(),
                      one.decide_day()});
      }
      PrintTable(program, table, "No applications. What somebody has: rollcall star standing ID");
    });
    return client::kExitOk;
  });
}

void AddShow(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::GetStarApplicationRequest>();
  CLI::App* command = AddStepCommand(group, "show", "One application with all its steps", request);
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::StarService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::StarApplication application,
                     client::Call(*stub, &Stub::GetStarApplication, *request, client::kQuickCall));
    Print(program, application, [&] { PrintApplication(program, application); });
    return client::kExitOk;
  });
}

void AddLevel(Program& program, CLI::App& group) {
  auto organisation = std::make_shared<std::string>();
  auto level = std::make_shared<std::string>();
  std::vector<std::string> words;
  for (const LevelWord& known : kLevels) words.emplace_back(known.word);
  CLI::App* command =
      group.add_subcommand("level",
                           "Which stars the approvers of an organisation decide on; --set, by an\n"
                           "administrator: from now on these");
  command->add_option("--set", *level, "The level")->check(CLI::IsMember(words));
  AddOrganisationOption(*command, *organisation);
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::StarService::NewStub(connection.channel());
    v1::GetApproverLevelResponse now;
    if (level->empty()) {
      v1::GetApproverLevelRequest request;
      request.set_organisation_id(*organisation);
      ASSIGN_OR_RETURN(now,
                       client::Call(*stub, &Stub::GetApproverLevel, request, client::kQuickCall));
    } else {
      v1::SetApproverLevelRequest request;
      request.set_organisation_id(*organisation);
      for (const LevelWord& known : kLevels) {
        if (*level == known.word) request.set_level(known.level);
      }
      RETURN_IF_ERROR(
          client::Call(*stub, &Stub::SetApproverLevel, request, client::kQuickCall).status());
      now.set_level(request.level());
    }
    Print(program, now, [&] {
      std::printf("Approves stars of the level: %s.\n", LevelText(now.level()).c_str());
    });
    return client::kExitOk;
  });
}

}  // namespace

void AddStarCommands(Program& program) {
  CLI::App* group = program.app().add_subcommand(
      "star", "Star levels: standing, apply, review, approve, grant, refuse, withdraw, list");
  group->require_subcommand(1);
  AddStanding(program, *group);
  AddApply(program, *group);
  AddReview(program, *group);
  AddDecisions(program, *group);
  AddList(program, *group);
  AddShow(program, *group);
  AddLevel(program, *group);
}

}  // namespace rollcall::cli
