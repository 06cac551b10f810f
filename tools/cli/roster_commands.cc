// rollcall roster.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/output.h"
#include "client/connection.h"
#include "client/files.h"
#include "client/program.h"
#include "rollcall/v1/activity_service.grpc.pb.h"

namespace rollcall::cli {
namespace {

using client::Connection;
using client::Program;
using Stub = v1::ActivityService::Stub;

constexpr size_t kMaxListBytes = 4u << 20;

struct RosterArguments {
  v1::SessionRef session;
  std::string file, post;
  bool walk_in = false;
  std::vector<std::string> volunteers;
};

void AddSessionOptions(CLI::App& command, v1::SessionRef& session, const char* session_help) {
  command.add_option("--activity", *session.mutable_activity_id(), "Id of the activity")
      ->required();
  command.add_option("--session", *session.mutable_session_id(), session_help);
  AddOrganisationOption(command, *session.mutable_organisation_id());
}

// The ids in a text file: separated by white space or commas, '#' begins a comment.
std::vector<std::string> IdsIn(const std::string& text) {
  std::vector<std::string> ids;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    line.erase(std::min(line.find('#'), line.size()));
    for (char& c : line) c = c == ',' ? ' ' : c;
    std::istringstream words(line);
    for (std::string id; words >> id;) ids.push_back(id);
  }
  return ids;
}

void AddAddRoster(Program& program, CLI::App& group) {
  auto arguments = std::make_shared<RosterArguments>();
  CLI::App* command = group.add_subcommand(
      "add", "Put people on the roster: whom a face at the door is compared with. All or none");
  AddSessionOptions(*command, arguments->session, "Id [every session of the activity]");
  command->add_option("VOLUNTEER,--volunteers", arguments->volunteers, "Volunteer numbers")
      ->delimiter(',');
  command->add_option("--file", arguments->file,
                      "A text file of volunteer numbers, separated by lines, spaces or commas");
  command->add_option("--post", arguments->post, "Id of a post of the session");
  command->add_flag("--walk-in", arguments->walk_in, "They were not signed up, but have come");
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    std::vector<std::string> ids = arguments->volunteers;
    if (!arguments->file.empty()) {
      ASSIGN_OR_RETURN(const std::string text, client::ReadFile(arguments->file, kMaxListBytes));
      const std::vector<std::string> more = IdsIn(text);
      ids.insert(ids.end(), more.begin(), more.end());
    }
    if (ids.empty()) return client::UsageError("name volunteers, or a --file with some");
    v1::AddRosterEntriesRequest request;
    *request.mutable_session() = arguments->session;
    for (const std::string& id : ids) {
      v1::RosterEntry& entry = *request.add_entries();
      entry.set_volunteer_id(id);
      entry.set_post_id(arguments->post);
      entry.set_kind(arguments->walk_in ? v1::WALK_IN : v1::SIGNED_UP);
    }
    const auto stub = v1::ActivityService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::AddRosterEntriesResponse answer,
                     client::Call(*stub, &Stub::AddRosterEntries, request, client::kQuickCall));
    Print(program, answer, [&] {
      std::printf("%d added; %d on the roster.\n", answer.added(), answer.roster_size());
    });
    return client::kExitOk;
  });
}

void AddListRoster(Program& program, CLI::App& group) {
  auto session = std::make_shared<v1::SessionRef>();
  CLI::App* command = group.add_subcommand("list", "Who is on the roster, and how each can enter");
  AddSessionOptions(*command, *session, "Id [the one that is open now]");
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    v1::ListRosterRequest request;
    *request.mutable_session() = *session;
    const auto stub = v1::ActivityService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::ListRosterResponse roster,
                     client::Call(*stub, &Stub::ListRoster, request, client::kQuickCall));
    Print(program, roster, [&] {
      client::Table table({{"VOLUNTEER"}, {"NAME"}, {"POST"}, {"KIND"}, {"FACE"}});
      for (const v1::RosterEntry& entry : roster.entries()) {
        table.AddRow({entry.volunteer_id(), entry.name(), entry.post_id(),
                      entry.kind() == v1::WALK_IN ? "walk-in" : "signed up",
                      !entry.face_enrolled()        ? "off"
                      : entry.needs_second_factor() ? "on, and PIN or staff"
                                                    : "on"});
      }
      PrintTable(program, table, "Nobody is on the roster. Add people: rollcall roster add");
    });
    return client::kExitOk;
  });
}

void AddRemoveRoster(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::RemoveRosterEntryRequest>();
  CLI::App* command = group.add_subcommand("remove", "Take one person off a session's roster");
  AddSessionOptions(*command, *request->mutable_session(), "Id [the one that is open now]");
  command->add_option("--volunteer,VOLUNTEER", *request->mutable_volunteer_id(), "Volunteer number")
      ->required();
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::ActivityService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::RemoveRosterEntryResponse answer,
                     client::Call(*stub, &Stub::RemoveRosterEntry, *request, client::kQuickCall));
    Print(program, answer,
          [&] { std::printf("%s is off the roster.\n", request->volunteer_id().c_str()); });
    return client::kExitOk;
  });
}

}  // namespace

void AddRosterCommands(Program& program) {
  CLI::App* group = program.app().add_subcommand("roster", "Who takes part: add, list, remove");
  group->require_subcommand(1);
  AddAddRoster(program, *group);
  AddListRoster(program, *group);
  AddRemoveRoster(program, *group);
}

}  // namespace rollcall::cli
