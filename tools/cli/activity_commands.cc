// rollcall activity and rollcall organisation.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/output.h"
#include "client/connection.h"
#include "client/names.h"
#include "client/program.h"
#include "client/text_width.h"
#include "client/when.h"
#include "rollcall/v1/activity_service.grpc.pb.h"
#include "rollcall/v1/ledger_service.grpc.pb.h"

namespace rollcall::cli {
namespace {

using client::Connection;
using client::Program;
using Stub = v1::ActivityService::Stub;

// What an hour certificate says of an activity besides its title.
void AddDetails(CLI::App& command, v1::Activity& activity) {
  command.add_option("--place", *activity.mutable_place(), "Where it is");
  command.add_option("--content", *activity.mutable_content(), "What is done there, in words");
  command.add_option("--in-charge", *activity.mutable_person_in_charge(),
                     "Name of who answers for it");
}

void AddCreateActivity(Program& program, CLI::App& group) {
  auto activity = std::make_shared<v1::Activity>();
  CLI::App* command = group.add_subcommand("create", "Create an activity");
  command
      ->add_option("--id", *activity->mutable_activity_id(),
                   "Id: 1 to 64 of A-Z a-z 0-9 . _ -, unique in the organisation")
      ->required();
  command->add_option("--title", *activity->mutable_title(), "What people call it [the id]");
  AddDetails(*command, *activity);
  AddOrganisationOption(*command, *activity->mutable_organisation_id());
  auto practice = std::make_shared<bool>(false);
  command->add_flag("--practice", *practice,
                    "For trying things out: pictures and videos are accepted, and its hours never\n"
                    "enter a total outside practice. Cannot be changed later");
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    v1::CreateActivityRequest request;
    *request.mutable_activity() = *activity;
    request.mutable_activity()->set_practice(*practice);
    const auto stub = v1::ActivityService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::Activity made,
                     client::Call(*stub, &Stub::CreateActivity, request, client::kQuickCall));
    Print(program, made, [&] {
      std::printf(
          "Activity %s created%s. Next: rollcall session add --activity %s --id ID "
          "--start now --end +3h\n",
          made.activity_id().c_str(), made.practice() ? " for practice" : "",
          made.activity_id().c_str());
    });
    return client::kExitOk;
  });
}

void AddDescribeActivity(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::DescribeActivityRequest>();
  v1::Activity& activity = *request->mutable_activity();
  CLI::App* command = group.add_subcommand(
      "describe", "Say what a certificate needs of an activity; what is not given stays as it is");
  command->add_option("--id", *activity.mutable_activity_id(), "Activity id")->required();
  AddDetails(*command, activity);
  AddOrganisationOption(*command, *activity.mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::ActivityService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::Activity now,
                     client::Call(*stub, &Stub::DescribeActivity, *request, client::kQuickCall));
    Print(program, now, [&] {
      std::printf("Activity %s: place %s, content %s, in charge %s.\n", now.activity_id().c_str(),
                  client::TerminalText(now.place()).c_str(),
                  client::TerminalText(now.content()).c_str(),
                  client::TerminalText(now.person_in_charge()).c_str());
    });
    return client::kExitOk;
  });
}

void AddListActivities(Program& program, CLI::App& group) {
  auto organisation = std::make_shared<std::string>();
  CLI::App* command = group.add_subcommand("list", "All activities of an organisation");
  AddOrganisationOption(*command, *organisation);
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    v1::ListActivitiesRequest request;
    request.set_organisation_id(*organisation);
    const auto stub = v1::ActivityService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::ListActivitiesResponse all,
                     client::CallAllPages(*stub, &Stub::ListActivities, request,
                                          &v1::ListActivitiesResponse::mutable_activities));
    Print(program, all, [&] {
      client::Table table({{"ACTIVITY"}, {"TITLE"}, {"PLACE"}, {"KIND"}, {"CLOSED"}});
      for (const v1::Activity& activity : all.activities()) {
        table.AddRow({activity.activity_id(), activity.title(), activity.place(),
                      activity.practice() ? "practice" : "real",
                      client::LocalTime(activity.close_time())});
      }
      PrintTable(program, table, "No activities yet. Make one: rollcall activity create --id ID");
    });
    return client::kExitOk;
  });
}

void AddCloseActivity(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::CloseActivityRequest>();
  CLI::App* command = group.add_subcommand(
      "close", "End an activity: no further check-in; open visits can still check out");
  command->add_option("--id,ID", *request->mutable_activity_id(), "Id of the activity")->required();
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::ActivityService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::Activity closed,
                     client::Call(*stub, &Stub::CloseActivity, *request, client::kQuickCall));
    Print(program, closed, [&] {
      std::printf("Activity %s is closed since %s.\n", closed.activity_id().c_str(),
                  client::LocalTime(closed.close_time()).c_str());
    });
    return client::kExitOk;
  });
}

void AddOverdueActivities(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::ListOverdueActivitiesRequest>();
  CLI::App* command = group.add_subcommand(
      "overdue",
      "Activities whose hours had to be recorded by now (10 working days after their end)\n"
      "and of which there is still a visit without an end. What to do about one:\n"
      "rollcall correction propose --kind close");
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::LedgerService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::ListOverdueActivitiesResponse all,
                     client::Call(*stub, &v1::LedgerService::Stub::ListOverdueActivities, *request,
                                  client::kListingCall));
    Print(program, all, [&] {
      client::Table table({{"ACTIVITY"},
                           {"TITLE"},
                           {"ENDED"},
                           {"DUE"},
                           {"WORKING DAYS LATE", true},
                           {"OPEN VISITS", true}});
      for (const v1::OverdueActivity& one : all.activities()) {
        table.AddRow({one.activity_id(), one.title(), one.end_day(), one.due_day(),
                      std::to_string(one.working_days_late()), std::to_string(one.open_visits())});
      }
      PrintTable(program, table, "Nothing is overdue. / 没有逾期未记录的活动。");
    });
    return client::kExitOk;
  });
}

void AddCreateOrganisation(Program& program, CLI::App& group) {
  auto organisation = std::make_shared<v1::Organisation>();
  auto level = std::make_shared<std::string>("association");
  CLI::App* command = group.add_subcommand("create", "Create an organisation");
  command->add_option("--id", *organisation->mutable_organisation_id(), "Id")->required();
  command->add_option("--name", *organisation->mutable_name(), "Name")->required();
  command->add_option("--level", *level, "What it is")
      ->check(CLI::IsMember(client::LevelWords()))
      ->capture_default_str();
  command->add_option("--parent", *organisation->mutable_parent_id(),
                      "Id of the organisation above [none]");
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    v1::CreateOrganisationRequest request;
    *request.mutable_organisation() = *organisation;
    request.mutable_organisation()->set_level(client::ParseLevel(*level));
    const auto stub = v1::ActivityService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::Organisation made,
                     client::Call(*stub, &Stub::CreateOrganisation, request, client::kQuickCall));
    Print(program, made,
          [&] { std::printf("Organisation %s created.\n", made.organisation_id().c_str()); });
    return client::kExitOk;
  });
}

void AddListOrganisations(Program& program, CLI::App& group) {
  CLI::App* command = group.add_subcommand("list", "All organisations");
  program.OnRun(*command, [&program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::ActivityService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(
        const v1::ListOrganisationsResponse all,
        client::CallAllPages(*stub, &Stub::ListOrganisations, v1::ListOrganisationsRequest(),
                             &v1::ListOrganisationsResponse::mutable_organisations));
    Print(program, all, [&] {
      client::Table table({{"ORGANISATION"}, {"NAME"}, {"LEVEL"}, {"PARENT"}});
      for (const v1::Organisation& organisation : all.organisations()) {
        table.AddRow({organisation.organisation_id(), organisation.name(),
                      std::string(client::Word(organisation.level())), organisation.parent_id()});
      }
      PrintTable(program, table, "No organisations yet.");
    });
    return client::kExitOk;
  });
}

void AddMoveOrganisation(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::MoveOrganisationRequest>();
  CLI::App* command = group.add_subcommand(
      "move", "Put an organisation under another one from now on; the history stays");
  command->add_option("--id", *request->mutable_organisation_id(), "Id")->required();
  command->add_option("--parent", *request->mutable_parent_id(),
                      "Id of the new parent [none: a top]");
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::ActivityService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::Organisation moved,
                     client::Call(*stub, &Stub::MoveOrganisation, *request, client::kQuickCall));
    Print(program, moved, [&] {
      if (moved.parent_id().empty()) {
        std::printf("%s is at the top now.\n", moved.organisation_id().c_str());
      } else {
        std::printf("%s belongs to %s now.\n", moved.organisation_id().c_str(),
                    moved.parent_id().c_str());
      }
    });
    return client::kExitOk;
  });
}

}  // namespace

void AddActivityCommands(Program& program) {
  CLI::App* group = program.app().add_subcommand(
      "activity", "Activities: create, describe, list, close, overdue");
  group->require_subcommand(1);
  AddCreateActivity(program, *group);
  AddDescribeActivity(program, *group);
  AddListActivities(program, *group);
  AddCloseActivity(program, *group);
  AddOverdueActivities(program, *group);
}

void AddOrganisationCommands(Program& program) {
  CLI::App* group =
      program.app().add_subcommand("organisation", "Organisations: create, list, move");
  group->require_subcommand(1);
  AddCreateOrganisation(program, *group);
  AddListOrganisations(program, *group);
  AddMoveOrganisation(program, *group);
}

}  // namespace rollcall::cli
