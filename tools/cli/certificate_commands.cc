// rollcall certificate: issue, list, show, revoke, revocations.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/file_descriptor.h"
#include "base/random.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "client/connection.h"
#include "client/names.h"
#include "client/program.h"
#include "client/when.h"
#include "rollcall/v1/certificate_service.grpc.pb.h"

namespace rollcall::cli {
namespace {

using client::Connection;
using client::Program;
using Stub = v1::CertificateService::Stub;

constexpr std::pair<const char*, v1::RevocationReason> kReasons[] = {
    {"issued-in-error", v1::ISSUED_IN_ERROR},   {"hours-corrected", v1::HOURS_CORRECTED},
    {"objection-upheld", v1::OBJECTION_UPHELD}, {"fraud", v1::FRAUD},
    {"holder-asked", v1::HOLDER_ASKED},         {"key-compromised", v1::KEY_COMPROMISED}};

absl::Status NotWritten(const std::string& path, const char* why) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition, "FILE_NOT_WRITTEN",
                         path + ": " + why);
}

// A file of one's own (it holds a name), which must not be there yet.
absl::Status WriteNew(const std::string& path, std::string_view content) {
  const base::FileDescriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) {
    return NotWritten(path, errno == EEXIST ? "is there already, and nothing is written over"
                                            : std::strerror(errno));
  }
  while (!content.empty()) {
    const ssize_t written = write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return NotWritten(path, std::strerror(errno));
    content.remove_prefix(static_cast<size_t>(written));
  }
  if (fsync(file.get()) != 0) return NotWritten(path, std::strerror(errno));
  return absl::OkStatus();
}

// NUMBER.pdf, .json and .jwt in `folder`: all three, or an error and none of them.
absl::StatusOr<std::vector<std::string>> WriteForms(const v1::IssuedHourCertificate& certificate,
                                                    const std::string& folder) {
  // It becomes the name of a file: no server may choose the folder.
  RETURN_IF_ERROR(base::ValidateId(certificate.number(), "the server's number"));
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return NotWritten(folder, error.message().c_str());
  const std::string stem = (std::filesystem::path(folder) / certificate.number()).string();
  std::vector<std::string> written;
  for (const auto& [ending, content] :
       {std::pair(".pdf", certificate.pdf()), std::pair(".json", certificate.json()),
        std::pair(".jwt", certificate.vc_jwt())}) {
    const absl::Status status = WriteNew(stem + ending, content);
    if (!status.ok()) {
      for (const std::string& path : written) std::filesystem::remove(path, error);
      return base::Annotate(status, "certificate " + certificate.number() +
                                        " is issued and kept; write it elsewhere with `rollcall "
                                        "certificate show --number " +
                                        certificate.number() + " --out DIR`");
    }
    written.push_back(stem + ending);
  }
  return written;
}

// The JSON of the certificate itself would repeat what is in the files.
void PrintWritten(const Program& program, const v1::IssuedHourCertificate& certificate,
                  const std::vector<std::string>& written) {
  if (program.json()) {
    const nlohmann::json json = {{"number", certificate.number()}, {"files", written}};
    std::printf("%s\n", json.dump(2).c_str());
    return;
  }
  std::printf("Certificate %s:\n", certificate.number().c_str());
  for (const std::string& path : written) std::printf("  %s\n", path.c_str());
  std::printf("To verify it anywhere: rollcall verify certificate %s --key LEDGER.key\n",
              written.front().c_str());
}

void AddIssue(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::IssueCertificateRequest>();
  auto folder = std::make_shared<std::string>();
  CLI::App* command = group.add_subcommand(
      "issue", "Sign what the ledger says of somebody's hours: a PDF, JSON and a VC-JWT");
  command->add_option("--volunteer", *request->mutable_volunteer_id(), "Volunteer number")
      ->required();
  command->add_option("--from", *request->mutable_first_day(), "First day: 2026-01-01")->required();
  command->add_option("--to", *request->mutable_last_day(), "Last day, included")->required();
  command->add_option("--out", *folder, "Folder for the files; nothing is written over")
      ->required();
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  command->add_option("--request-id", *request->mutable_request_id(),
                      "A UUID, to ask again after no answer came [a new one]");
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    if (request->request_id().empty()) {
      const base::SystemClock clock;
      base::SystemRandom random;
      request->set_request_id(base::UuidV7Generator(clock, random).Next().ToString());
    }
    const auto stub = v1::CertificateService::NewStub(connection.channel());
    const auto made = client::Call(*stub, &Stub::IssueCertificate, *request, client::kListingCall);
    if (!made.ok()) {
      if (!client::IsUnanswered(made.status())) return made.status();
      return base::Annotate(made.status(),
                            "not confirmed; ask again with --request-id " + request->request_id());
    }
    ASSIGN_OR_RETURN(const auto written, WriteForms(*made, *folder));
    PrintWritten(program, *made, written);
    return client::kExitOk;
  });
}

void AddShow(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::GetCertificateRequest>();
  auto folder = std::make_shared<std::string>();
  CLI::App* command = group.add_subcommand("show", "The files of a certificate again");
  command->add_option("--number", *request->mutable_number(), "Its number")->required();
  command->add_option("--out", *folder, "Folder for the files; nothing is written over")
      ->required();
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::CertificateService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::IssuedHourCertificate found,
                     client::Call(*stub, &Stub::GetCertificate, *request, client::kListingCall));
    ASSIGN_OR_RETURN(const auto written, WriteForms(found, *folder));
    PrintWritten(program, found, written);
    return client::kExitOk;
  });
}

std::string StateText(const v1::CertificateSummary& certificate) {
  switch (certificate.state()) {
    case v1::CERTIFICATE_OUTDATED:
      return "OUTDATED: now " + client::Hours(certificate.minutes_now());
    case v1::CERTIFICATE_ERASED:
      return "ERASED with its holder";
    case v1::CERTIFICATE_REVOKED:
      for (const auto& [word, reason] : kReasons) {
        if (reason == certificate.reason()) return std::string("revoked: ") + word;
      }
      return "revoked";
    default:
      return "good";
  }
}

void AddList(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::ListCertificatesRequest>();
  CLI::App* command = group.add_subcommand(
      "list",
      "The certificates that were issued. OUTDATED: later rows of the ledger changed their\n"
      "hours; revoke them (hours-corrected) and issue others");
  command->add_option("--volunteer", *request->mutable_volunteer_id(), "Only this volunteer's");
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::CertificateService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::ListCertificatesResponse all,
                     client::CallAllPages(*stub, &Stub::ListCertificates, *request,
                                          &v1::ListCertificatesResponse::mutable_certificates));
    Print(program, all, [&] {
      client::Table table(
          {{"NUMBER"}, {"VOLUNTEER"}, {"FROM"}, {"TO"}, {"HOURS", true}, {"ISSUED"}, {"STATE"}});
      for (const v1::CertificateSummary& one : all.certificates()) {
        table.AddRow({one.number(), one.volunteer_id(), one.first_day(), one.last_day(),
                      client::Hours(one.minutes()), client::LocalTime(one.issue_time()),
                      StateText(one)});
      }
      PrintTable(program, table, "No certificates yet. Issue one: rollcall certificate issue");
    });
    return client::kExitOk;
  });
}

void AddRevoke(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::RevokeCertificateRequest>();
  auto reason = std::make_shared<std::string>();
  CLI::App* command = group.add_subcommand(
      "revoke", "Take a certificate back, for ever. Give out the new revocation list afterwards");
  command->add_option("--number", *request->mutable_number(), "Its number")->required();
  std::string words;
  for (const auto& [word, value] : kReasons) words += std::string(words.empty() ? "" : ", ") + word;
  command->add_option("--reason", *reason, "One of " + words)->required();
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    for (const auto& [word, value] : kReasons) {
      if (*reason == word) request->set_reason(value);
    }
    if (request->reason() == v1::REVOCATION_REASON_UNSPECIFIED) {
      return client::UsageError("--reason is one of " + words);
    }
    const auto stub = v1::CertificateService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::CertificateSummary revoked,
                     client::Call(*stub, &Stub::RevokeCertificate, *request, client::kQuickCall));
    Print(program, revoked, [&] {
      std::printf("Certificate %s is revoked. Next: rollcall certificate revocations --out FILE\n",
                  revoked.number().c_str());
    });
    return client::kExitOk;
  });
}

void AddRevocations(Program& program, CLI::App& group) {
  auto file = std::make_shared<std::string>();
  CLI::App* command = group.add_subcommand(
      "revocations", "The signed list of what was revoked, for whoever verifies certificates");
  command->add_option("--out", *file, "File to write; nothing is written over [standard output]");
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::CertificateService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::RevocationList list,
                     client::Call(*stub, &Stub::GetRevocationList, v1::GetRevocationListRequest(),
                                  client::kQuickCall));
    if (!file->empty()) {
      RETURN_IF_ERROR(WriteNew(*file, list.text()));
      return client::kExitOk;
    }
    Print(program, list, [&] { std::printf("%s", list.text().c_str()); });
    return client::kExitOk;
  });
}

}  // namespace

void AddCertificateCommands(Program& program) {
  CLI::App* group = program.app().add_subcommand(
      "certificate", "Hour certificates: issue, show, list, revoke, revocations");
  group->require_subcommand(1);
  AddIssue(program, *group);
  AddShow(program, *group);
  AddList(program, *group);
  AddRevoke(program, *group);
  AddRevocations(program, *group);
}

}  // namespace rollcall::cli
