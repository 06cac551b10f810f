// rollcall-enroll identify, set-pin and siblings.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "client/connection.h"
#include "client/files.h"
#include "client/json.h"
#include "client/names.h"
#include "client/program.h"
#include "client/secret.h"
#include "client/table.h"
#include "enroll/commands.h"
#include "rollcall/v1/enrolment_service.grpc.pb.h"

namespace rollcall::enroll {
namespace {

using Stub = v1::EnrolmentService::Stub;

struct IdentifyArguments {
  std::string organisation, activity, session, photo;
};

std::string BoxText(const v1::IdentifyGroupResponse::FoundFace& face) {
  if (face.box_size() != 4) return "";
  char text[64];
  std::snprintf(text, sizeof text, "%.0f,%.0f - %.0f,%.0f", static_cast<double>(face.box(0)),
                static_cast<double>(face.box(1)), static_cast<double>(face.box(2)),
                static_cast<double>(face.box(3)));
  return text;
}

absl::StatusOr<int> RunIdentify(const IdentifyArguments& arguments, const client::Program& program,
                                client::Connection& connection) {
  const auto stub = v1::EnrolmentService::NewStub(connection.channel());
  v1::IdentifyGroupRequest request;
  request.mutable_session()->set_organisation_id(arguments.organisation);
  request.mutable_session()->set_activity_id(arguments.activity);
  request.mutable_session()->set_session_id(arguments.session);
  ASSIGN_OR_RETURN(*request.mutable_photo()->mutable_content(),
                   client::ReadFile(arguments.photo, client::kMaxPhotoBytes));
  ASSIGN_OR_RETURN(const v1::IdentifyGroupResponse answer,
                   client::Call(*stub, &Stub::IdentifyGroup, request, client::kGroupPictureCall));
  if (program.json()) {
    std::printf("%s\n", client::ToJson(answer, /*indented=*/true).c_str());
    return client::kExitOk;
  }
  client::Table table({{"FACE", true}, {"VOLUNTEER"}, {"NAME"}, {"ANSWER"}, {"BOX (PIXELS)"}});
  int named = 0;
  for (int i = 0; i < answer.faces_size(); ++i) {
    const auto& face = answer.faces(i);
    if (!face.volunteer_id().empty()) ++named;
    table.AddRow({std::to_string(i + 1), face.volunteer_id(), face.name(),
                  client::Phrase(face.decision()), BoxText(face)});
  }
  if (!table.empty()) std::printf("%s", table.ToText(program.colour()).c_str());
  std::printf("%d face%s, %d of the roster.\n", answer.faces_size(),
              answer.faces_size() == 1 ? "" : "s", named);
  return client::kExitOk;
}

void AddIdentify(client::Program& program) {
  auto arguments = std::make_shared<IdentifyArguments>();
  CLI::App* identify = program.app().add_subcommand(
      "identify",
      "Name the people of a roster in a group picture; everybody else stays nameless.\n"
      "No attendance follows from it");
  identify->add_option("--activity", arguments->activity, "Id of the activity")->required();
  identify->add_option("--session", arguments->session, "Id [the one that is open now]");
  identify->add_option("--organisation", arguments->organisation, "Id [the server's default]");
  identify->add_option("PHOTO", arguments->photo, "JPEG or PNG")->required();
  program.OnRun(*identify, [arguments, &program](client::Connection& connection) {
    return RunIdentify(*arguments, program, connection);
  });
}

void AddSetPin(client::Program& program) {
  struct Arguments {
    std::string id;
    bool pin_stdin = false;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = program.app().add_subcommand(
      "set-pin", "Set or replace somebody's PIN (6 to 12 digits), read from stdin");
  command->add_option("--id", arguments->id, "Volunteer number")->required();
  command->add_flag("--pin-stdin", arguments->pin_stdin, "Read it from stdin (the only way)");
  program.OnRun(
      *command, [arguments, &program](client::Connection& connection) -> absl::StatusOr<int> {
        v1::SetPinRequest request;
        request.set_volunteer_id(arguments->id);
        ASSIGN_OR_RETURN(*request.mutable_pin(), client::ReadSecret("PIN (6 to 12 digits): "));
        const auto stub = v1::EnrolmentService::NewStub(connection.channel());
        ASSIGN_OR_RETURN(const v1::SetPinResponse answer,
                         client::Call(*stub, &Stub::SetPin, request, client::kQuickCall));
        std::printf("%s\n", program.json() ? client::ToJson(answer, true).c_str() : "PIN set.");
        return client::kExitOk;
      });
}

void AddSiblings(client::Program& program) {
  auto ids = std::make_shared<std::vector<std::string>>();
  CLI::App* command = program.app().add_subcommand(
      "siblings",
      "Declare two people twins or siblings: where both are on a roster, each is asked for\n"
      "a second factor");
  command->add_option("--ids", *ids, "The two volunteer numbers")->required()->expected(2);
  program.OnRun(*command, [ids, &program](client::Connection& connection) -> absl::StatusOr<int> {
    v1::DeclareSiblingsRequest request;
    request.mutable_volunteer_ids()->Assign(ids->begin(), ids->end());
    const auto stub = v1::EnrolmentService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::DeclareSiblingsResponse answer,
                     client::Call(*stub, &Stub::DeclareSiblings, request, client::kQuickCall));
    std::printf("%s\n", program.json() ? client::ToJson(answer, true).c_str() : "Declared.");
    return client::kExitOk;
  });
}

}  // namespace

void AddDeskCommands(client::Program& program) {
  AddIdentify(program);
  AddSetPin(program);
  AddSiblings(program);
}

}  // namespace rollcall::enroll
