// rollcall volunteer.
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
#include "rollcall/v1/enrolment_service.grpc.pb.h"

namespace rollcall::cli {
namespace {

using client::Connection;
using client::Program;
using Stub = v1::EnrolmentService::Stub;

template <typename Words>
std::string Joined(const Words& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

std::string FaceText(const v1::Volunteer& volunteer) {
  if (!volunteer.face_enrolled()) {
    return "off" + (volunteer.face_off_reason().empty() ? "" : ": " + volunteer.face_off_reason());
  }
  return "on, from " + std::to_string(volunteer.photos()) +
         (volunteer.photos() == 1 ? " photo" : " photos") +
         (volunteer.re_enrolment_due() ? "; please take new photos" : "");
}

void PrintVolunteer(const Program& program, const v1::Volunteer& volunteer) {
  client::Table facts({{"VOLUNTEER"}, {volunteer.volunteer_id()}});
  facts.AddRow({"name", volunteer.name()});
  facts.AddRow({"age band", std::string(client::Word(volunteer.age_band()))});
  facts.AddRow({"registered", client::LocalTime(volunteer.create_time())});
  facts.AddRow({"organisations", Joined(volunteer.organisation_ids())});
  facts.AddRow({"face", FaceText(volunteer)});
  facts.AddRow({"PIN", volunteer.has_pin() ? "set" : "not set"});
  if (volunteer.sibling_ids_size() > 0) facts.AddRow({"siblings", Joined(volunteer.sibling_ids())});
  std::printf("%s\n", facts.ToText(program.colour()).c_str());

  client::Table consents({{"CONSENT TO"},
                          {"GIVEN"},
                          {"REFERENCE"},
                          {"WORDING"},
                          {"RECORDED BY"},
                          {"GUARDIAN"},
                          {"WITHDRAWN"}});
  for (const v1::Consent& consent : volunteer.consents()) {
    consents.AddRow({client::Phrase(consent.item()),
                     client::LocalTime(consent.give_time()), consent.reference(),
                     consent.text_version(), consent.recorder(), consent.guardian(),
                     client::LocalTime(consent.withdraw_time())});
  }
  PrintTable(program, consents, "No consent on record.");
}

void AddShow(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::GetVolunteerRequest>();
  CLI::App* command =
      group.add_subcommand("show", "One person: consents, face, PIN, organisations");
  command->add_option("--id,ID", *request->mutable_volunteer_id(), "Volunteer number")->required();
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::EnrolmentService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::Volunteer volunteer,
                     client::Call(*stub, &Stub::GetVolunteer, *request, client::kQuickCall));
    Print(program, volunteer, [&] { PrintVolunteer(program, volunteer); });
    return client::kExitOk;
  });
}

void AddList(Program& program, CLI::App& group) {
  CLI::App* command = group.add_subcommand("list", "Everybody, by volunteer number");
  program.OnRun(*command, [&program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::EnrolmentService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::ListVolunteersResponse all,
                     client::CallAllPages(*stub, &Stub::ListVolunteers, v1::ListVolunteersRequest(),
                                          &v1::ListVolunteersResponse::mutable_volunteers));
    Print(program, all, [&] {
      client::Table table({{"VOLUNTEER"}, {"NAME"}, {"FACE"}, {"PIN"}, {"REGISTERED"}});
      for (const v1::Volunteer& volunteer : all.volunteers()) {
        table.AddRow({volunteer.volunteer_id(), volunteer.name(), FaceText(volunteer),
                      volunteer.has_pin() ? "set" : "",
                      client::LocalTime(volunteer.create_time())});
      }
      PrintTable(program, table, "Nobody is registered. Register people: rollcall-enroll --help");
    });
    return client::kExitOk;
  });
}

void AddWithdrawConsent(Program& program, CLI::App& group) {
  struct Arguments {
    std::string id;
    std::string item = "recognition";
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = group.add_subcommand(
      "withdraw-consent",
      "End a consent. With recognition the templates are gone from memory and disk when this\n"
      "returns; hours and open check-ins stay");
  command->add_option("--id,ID", arguments->id, "Volunteer number")->required();
  command
      ->add_option("--item", arguments->item, "recognition, kiosk-copies or network-transfer")
      ->check(CLI::IsMember(client::ConsentItemWords()))
      ->capture_default_str();
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    v1::WithdrawConsentRequest request;
    request.set_volunteer_id(arguments->id);
    request.set_item(client::ParseConsentItem(arguments->item));
    const auto stub = v1::EnrolmentService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::WithdrawConsentResponse answer,
                     client::Call(*stub, &Stub::WithdrawConsent, request, client::kQuickCall));
    Print(program, answer, [&] {
      std::printf("%s: consent ended %s, %d template%s destroyed.\n", arguments->id.c_str(),
                  client::LocalTime(answer.withdraw_time()).c_str(), answer.templates_erased(),
                  answer.templates_erased() == 1 ? "" : "s");
    });
    return client::kExitOk;
  });
}

void AddErase(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::EraseVolunteerRequest>();
  CLI::App* command = group.add_subcommand(
      "erase",
      "Forget a person, for ever: name, consents, PIN, template, rosters, stars, cases, the words of\n"
      "her certificates, and which hours are hers. The hours stay in the ledger and in every total.\n"
      "Old backups still know her");
  command->add_option("--id,ID", *request->mutable_volunteer_id(), "Volunteer number")->required();
  command
      ->add_option("--confirm", *request->mutable_confirm_volunteer_id(),
                   "The same number once more: there is no way back")
      ->required();
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::EnrolmentService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::EraseVolunteerResponse answer,
                     client::Call(*stub, &Stub::EraseVolunteer, *request, client::kQuickCall));
    Print(program, answer, [&] {
      std::printf(
          "%s: erased %s, %d template%s destroyed. / 已注销，销毁模板 %d 个。\n"
          "What stays: rollcall privacy report --volunteer %s\n",
          request->volunteer_id().c_str(), client::LocalTime(answer.erase_time()).c_str(),
          answer.templates_erased(), answer.templates_erased() == 1 ? "" : "s",
          answer.templates_erased(), request->volunteer_id().c_str());
    });
    return client::kExitOk;
  });
}

}  // namespace

void AddVolunteerCommands(Program& program) {
  CLI::App* group =
      program.app().add_subcommand("volunteer", "People: show, list, withdraw-consent, erase");
  group->require_subcommand(1);
  AddShow(program, *group);
  AddList(program, *group);
  AddWithdrawConsent(program, *group);
  AddErase(program, *group);
}

}  // namespace rollcall::cli
