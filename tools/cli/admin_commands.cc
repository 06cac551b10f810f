// rollcall info, rollcall metrics, rollcall keys and rollcall practice.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/output.h"
#include "client/connection.h"
#include "client/program.h"
#include "client/when.h"
#include "rollcall/v1/admin_service.grpc.pb.h"

namespace rollcall::cli {
namespace {

using client::Connection;
using client::Program;
using Stub = v1::AdminService::Stub;

std::string FilingText(const v1::GetServerInfoResponse& info) {
  std::string text = std::to_string(info.face_persons()) + " of " +
                     std::to_string(info.face_persons_limit());
  if (info.face_filing_alarm() >= 100) return text + ": the operator must file with the authorities";
  if (info.face_filing_alarm() == 0) return text;
  return text + ": " + std::to_string(info.face_filing_alarm()) +
         " % of the number at which the operator must file";
}

void AddInfo(Program& program) {
  CLI::App* command = program.app().add_subcommand("info", "What the server runs and holds");
  program.OnRun(*command, [&program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::AdminService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(
        const v1::GetServerInfoResponse info,
        client::Call(*stub, &Stub::GetServerInfo, v1::GetServerInfoRequest(), client::kQuickCall));
    Print(program, info, [&] {
      client::Table table({{"SERVER"}, {connection.address()}});
      table.AddRow({"version", info.version()});
      table.AddRow({"time", client::LocalTime(info.server_time()) +
                                (info.practice_clock() ? " (practice clock)" : "")});
      table.AddRow({"embedder", info.model_id()});
      table.AddRow({"engine", info.engine()});
      table.AddRow({"faces", std::to_string(info.gallery_size()) + " (revision " +
                                 std::to_string(info.gallery_revision()) + ")"});
      table.AddRow({"face recognition", info.face_mode_reason()});
      table.AddRow({"people with a face", FilingText(info)});
      table.AddRow({"ledger", std::to_string(info.ledger_sequence()) + " rows"});
      table.AddRow({"thresholds", info.calibration_provenance()});
      table.AddRow({"organisation", info.default_organisation_id()});
      table.AddRow({"consent text", info.consent_text_version()});
      std::printf("%s", table.ToText(program.colour()).c_str());
    });
    return client::kExitOk;
  });
}

void AddMetrics(Program& program) {
  CLI::App* command =
      program.app().add_subcommand("metrics", "The server's metrics in the Prometheus text format");
  program.OnRun(*command, [&program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::AdminService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(
        const v1::GetMetricsResponse metrics,
        client::Call(*stub, &Stub::GetMetrics, v1::GetMetricsRequest(), client::kQuickCall));
    Print(program, metrics, [&] { std::fputs(metrics.text().c_str(), stdout); });
    return client::kExitOk;
  });
}

void AddPractice(Program& program) {
  CLI::App* group = program.app().add_subcommand(
      "practice", "A server for trying things out (rollcalld --practice-clock)");
  group->require_subcommand(1);
  CLI::App* command = group->add_subcommand(
      "advance-clock", "Set the practice clock forward, so that a morning passes in a moment");
  auto minutes = std::make_shared<int32_t>(0);
  command->add_option("--minutes", *minutes, "By how much: 1 to 10080")
      ->required()
      ->check(CLI::Range(1, 10080));
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    v1::AdvancePracticeClockRequest request;
    request.set_minutes(*minutes);
    const auto stub = v1::AdminService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::AdvancePracticeClockResponse answer,
                     client::Call(*stub, &Stub::AdvancePracticeClock, request, client::kQuickCall));
    Print(program, answer, [&] {
      std::printf("It is %s on the practice clock.\n",
                  client::LocalTime(answer.server_time()).c_str());
    });
    return client::kExitOk;
  });
}

void AddKeys(Program& program) {
  CLI::App* group =
      program.app().add_subcommand("keys", "The keys that the face templates are encrypted under");
  group->require_subcommand(1);
  CLI::App* command = group->add_subcommand(
      "rotate",
      "Make a new key-encryption key, wrap everybody's key by it while the server serves, and\n"
      "destroy the old one. An older copy of DIR/keys still opens what it did: destroy it too, and\n"
      "make a new one.");
  program.OnRun(*command, [&program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::AdminService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::RotateKeysResponse answer,
                     client::Call(*stub, &Stub::RotateKeys, v1::RotateKeysRequest(),
                                  std::chrono::seconds(300)));
    Print(program, answer, [&] {
      std::printf("%lld keys are wrapped by the new key %s; the old one is destroyed. Copy DIR/keys "
                  "anew and destroy older copies.\n",
                  static_cast<long long>(answer.keys()), answer.key_id().c_str());
    });
    return client::kExitOk;
  });
}

}  // namespace

void AddAdminCommands(Program& program) {
  AddInfo(program);
  AddMetrics(program);
  AddPractice(program);
  AddKeys(program);
}

}  // namespace rollcall::cli
