// rollcall kiosk, rollcall staff: who may connect.
#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "certificates/bundle.h"
#include "certificates/private_key.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "client/connection.h"
#include "client/program.h"
#include "client/when.h"
#include "rollcall/v1/identity_service.grpc.pb.h"

namespace rollcall::cli {
namespace {

using client::Connection;
using client::Program;
using Stub = v1::IdentityService::Stub;

constexpr std::array<std::pair<const char*, v1::Role>, 5> kStaffRoles = {{
    {"desk", v1::DESK},
    {"organiser", v1::ORGANISER},
    {"approver", v1::APPROVER},
    {"auditor", v1::AUDITOR},
    {"administrator", v1::ADMINISTRATOR},
}};

std::vector<std::string> RoleWords() {
  std::vector<std::string> words;
  for (const auto& [word, role] : kStaffRoles) words.emplace_back(word);
  return words;
}

std::string RoleWord(v1::Role role) {
  for (const auto& [word, value] : kStaffRoles) {
    if (value == role) return word;
  }
  return role == v1::KIOSK ? "kiosk" : "";
}

// The group's own kind: everybody is either a kiosk or staff.
bool BelongsTo(const v1::Identity& identity, bool kiosks) {
  return (identity.role() == v1::KIOSK) == kiosks;
}

struct AddArguments {
  v1::CreateIdentityRequest request;
  std::string role, out;
};

// The key is made here and stays here: only the request for a certificate travels.
absl::StatusOr<int> Add(Program& program, Connection& connection, AddArguments arguments) {
  v1::CreateIdentityRequest& request = arguments.request;
  for (const auto& [word, role] : kStaffRoles) {
    if (arguments.role == word) request.mutable_identity()->set_role(role);
  }
  const std::string path =
      arguments.out.empty() ? request.identity().identity_id() + ".pem" : arguments.out;
  ASSIGN_OR_RETURN(const auto key, certificates::PrivateKey::Generate());
  ASSIGN_OR_RETURN(*request.mutable_certificate_request(), certificates::MakeRequest(key));
  const auto stub = v1::IdentityService::NewStub(connection.channel());
  ASSIGN_OR_RETURN(const v1::IssuedCertificate issued,
                   client::Call(*stub, &Stub::CreateIdentity, request, client::kQuickCall));
  const absl::Status written = certificates::WriteBundle(
      path, {key.ToPem(), issued.certificate(), issued.authority()});
  if (!written.ok()) {
    // The identity is there, its key is lost: it needs another certificate.
    return base::Annotate(written, "the identity " + request.identity().identity_id() +
                                       " was made, but not its file; run renew for it");
  }
  Print(program, issued.identity(), [&] {
    std::printf("%s is written for %s (%s), good until %s.\n"
                "It is secret: hand it over, and use it with --identity %s or "
                "$ROLLCALL_IDENTITY.\n",
                path.c_str(), issued.identity().identity_id().c_str(),
                RoleWord(issued.identity().role()).c_str(),
                client::LocalTime(issued.identity().expire_time()).c_str(), path.c_str());
  });
  return client::kExitOk;
}

void AddAddCommand(Program& program, CLI::App& group, bool kiosks) {
  auto arguments = std::make_shared<AddArguments>();
  v1::Identity& identity = *arguments->request.mutable_identity();
  CLI::App* command = group.add_subcommand(
      "add", kiosks ? "A new kiosk, with its certificate and key in one file"
                    : "A member of staff, with her certificate and key in one file");
  command->add_option("--id", *identity.mutable_identity_id(), "Id; never used again, also when revoked")
      ->required();
  AddOrganisationOption(*command, *identity.mutable_organisation_id());
  if (kiosks) {
    identity.set_role(v1::KIOSK);
    command->add_option("--site", *identity.mutable_site_id(), "Id of the place where it stands")
        ->required();
  } else {
    command->add_option("--role", arguments->role, "What she may do")
        ->required()
        ->check(CLI::IsMember(RoleWords()));
    command->add_option("--volunteer", *identity.mutable_volunteer_id(),
                        "Her volunteer number, where she is one too: two accounts of one person\n"
                        "never count as two people. Cannot be changed later");
  }
  command->add_option("--name", *identity.mutable_name(), "For people [the id]");
  auto days = std::make_shared<int32_t>(365);
  command->add_option("--days", *days, "How long the certificate is good")
      ->check(CLI::Range(1, 825))
      ->capture_default_str();
  command->add_option("--out", arguments->out, "File to write; must not be there yet [ID.pem]");
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    AddArguments wanted = *arguments;
    wanted.request.set_lifetime_days(*days);
    return Add(program, connection, std::move(wanted));
  });
}

void AddRenewCommand(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::RenewCertificateRequest>();
  auto out = std::make_shared<std::string>();
  CLI::App* command = group.add_subcommand(
      "renew", "Another certificate for an identity; the one before stays good until it expires");
  command->add_option("--id", *request->mutable_identity_id(), "Id [your own]");
  auto days = std::make_shared<int32_t>(365);
  command->add_option("--days", *days, "How long the certificate is good")
      ->check(CLI::Range(1, 825))
      ->capture_default_str();
  command->add_option("--out", *out, "File to write; must not be there yet")->required();
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    ASSIGN_OR_RETURN(const auto key, certificates::PrivateKey::Generate());
    v1::RenewCertificateRequest wanted = *request;
    wanted.set_lifetime_days(*days);
    ASSIGN_OR_RETURN(*wanted.mutable_certificate_request(), certificates::MakeRequest(key));
    const auto stub = v1::IdentityService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::IssuedCertificate issued,
                     client::Call(*stub, &Stub::RenewCertificate, wanted, client::kQuickCall));
    RETURN_IF_ERROR(certificates::WriteBundle(
        *out, {key.ToPem(), issued.certificate(), issued.authority()}));
    Print(program, issued.identity(), [&] {
      std::printf("%s is written, good until %s.\n", out->c_str(),
                  client::LocalTime(issued.identity().expire_time()).c_str());
    });
    return client::kExitOk;
  });
}

void AddListCommand(Program& program, CLI::App& group, bool kiosks) {
  CLI::App* command = group.add_subcommand("list", "All of them, revoked ones included");
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::IdentityService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::ListIdentitiesResponse all,
                     client::CallAllPages(*stub, &Stub::ListIdentities, v1::ListIdentitiesRequest(),
                                          &v1::ListIdentitiesResponse::mutable_identities));
    v1::ListIdentitiesResponse listed;
    for (const v1::Identity& identity : all.identities()) {
      if (BelongsTo(identity, kiosks)) *listed.add_identities() = identity;
    }
    Print(program, listed, [&] {
      client::Table table({{"ID"}, {"ROLE"}, {"ORGANISATION"}, {"SITE"}, {"GOOD UNTIL"}, {"STATE"}});
      for (const v1::Identity& i : listed.identities()) {
        table.AddRow({i.identity_id(), RoleWord(i.role()), i.organisation_id(), i.site_id(),
                      client::LocalTime(i.expire_time()),
                      i.has_revoke_time() ? "revoked " + client::LocalTime(i.revoke_time())
                                          : "may connect"});
      }
      PrintTable(program, table, "There is none yet. Make one: add");
    });
    return client::kExitOk;
  });
}

void AddRevokeCommand(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::RevokeIdentityRequest>();
  CLI::App* command = group.add_subcommand(
      "revoke", "For ever: its next call is refused, and its open streams end");
  command->add_option("--id,ID", *request->mutable_identity_id(), "Id")->required();
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::IdentityService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::Identity revoked,
                     client::Call(*stub, &Stub::RevokeIdentity, *request, client::kQuickCall));
    Print(program, revoked, [&] { std::printf("%s is revoked.\n", revoked.identity_id().c_str()); });
    return client::kExitOk;
  });
}

void AddGroup(Program& program, const char* name, const char* purpose, bool kiosks) {
  CLI::App* group = program.app().add_subcommand(name, purpose);
  group->require_subcommand(1);
  AddAddCommand(program, *group, kiosks);
  AddListCommand(program, *group, kiosks);
  AddRevokeCommand(program, *group);
  AddRenewCommand(program, *group);
}

}  // namespace

void AddIdentityCommands(Program& program) {
  AddGroup(program, "kiosk", "Which kiosks may connect: add, list, revoke, renew", true);
  AddGroup(program, "staff", "Which people may connect: add, list, revoke, renew", false);
}

}  // namespace rollcall::cli
