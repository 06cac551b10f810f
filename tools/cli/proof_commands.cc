// rollcall receipt save, ledger key and ledger checkpoint: what the ledger signs.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "base/durable_file.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "client/checkpoint.h"
#include "client/connection.h"
#include "client/program.h"
#include "proof/keys.h"
#include "proof/receipt.h"
#include "proof/witness.h"
#include "rollcall/v1/proof_service.grpc.pb.h"

namespace rollcall::cli {
namespace {

namespace fs = std::filesystem;
using client::Connection;
using client::Program;
using Stub = v1::ProofService::Stub;

// "receipt-00000012-hours.txt": sorted by the order of the ledger.
std::string FileName(const v1::SignedReceipt& receipt) {
  char name[64];
  std::snprintf(name, sizeof name, "receipt-%08lld-%s.txt",
                static_cast<long long>(receipt.sequence()), receipt.entry() ? "hours" : "event");
  return name;
}

// Checks all of them and the folder before anything is written.
absl::Status CheckReceipts(const v1::ListSignedReceiptsResponse& answer, const fs::path& folder) {
  ASSIGN_OR_RETURN(const proof::VerifierKey key, proof::VerifierKey::Parse(answer.verifier_key()));
  for (const v1::SignedReceipt& receipt : answer.receipts()) {
    const auto verified = proof::VerifyReceipt(receipt.text(), key);
    if (!verified.ok()) {
      return base::Annotate(verified.status(), "the server's receipt of row " +
                                                   std::to_string(receipt.sequence()) +
                                                   " proves nothing, tell the auditor");
    }
    std::error_code ignored;
    if (fs::exists(folder / FileName(receipt), ignored)) {
      return base::MakeError(absl::StatusCode::kAlreadyExists, "FILE_EXISTS",
                             (folder / FileName(receipt)).string() +
                                 ": is there already and is not written over; name another folder");
    }
  }
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kFailedPrecondition, "DATA_READ_ONLY",
                         folder.string() + ": " + error.message());
}

void AddReceiptSave(Program& program) {
  CLI::App* command = program.app().get_subcommand("receipt")->add_subcommand(
      "save",
      "Write a volunteer's receipts to files: each proves that one event or one entry of her\n"
      "hours is in the ledger, to anybody and without this server");
  program.SetFooter(
      *command,
      "They hold when she was where: they are hers, and for those to whom she shows "
      "them.\nThe folder also gets ledger-key.txt, with which they are checked; compare "
      "it with one\nthat came another way (a notice at the door, the kiosk).");
  auto request = std::make_shared<v1::ListSignedReceiptsRequest>();
  auto folder = std::make_shared<std::string>();
  command->add_option("--volunteer", *request->mutable_volunteer_id(), "Volunteer number")
      ->required();
  command->add_option("--activity", *request->mutable_activity_id(), "Only this activity");
  command->add_option("--out", *folder, "Folder for the files; made where it is not there")
      ->required();
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::ProofService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::ListSignedReceiptsResponse answer,
                     client::CallAllPages(*stub, &Stub::ListSignedReceipts, *request,
                                          &v1::ListSignedReceiptsResponse::mutable_receipts));
    const fs::path target(*folder);
    RETURN_IF_ERROR(CheckReceipts(answer, target));
    for (const v1::SignedReceipt& receipt : answer.receipts()) {
      RETURN_IF_ERROR(base::ReplaceFile(target / FileName(receipt), receipt.text()));
    }
    RETURN_IF_ERROR(base::ReplaceFile(target / "ledger-key.txt", answer.verifier_key() + "\n"));
    Print(program, answer, [&] {
      std::printf("%d receipts in %s, with the ledger's key in ledger-key.txt.\n",
                  answer.receipts_size(), target.c_str());
    });
    return client::kExitOk;
  });
}

void AddLedger(Program& program) {
  CLI::App* group = program.app().add_subcommand(
      "ledger", "What the ledger says of itself, signed: key, checkpoint");
  group->require_subcommand(1);
  CLI::App* key = group->add_subcommand(
      "key", "The key with which checkpoints, receipts and certificates are checked");
  program.OnRun(*key, [&program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::ProofService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(
        const v1::GetCheckpointResponse answer,
        client::Call(*stub, &Stub::GetCheckpoint, v1::GetCheckpointRequest(), client::kQuickCall));
    Print(program, answer, [&] { std::printf("%s\n", answer.verifier_key().c_str()); });
    return client::kExitOk;
  });

  CLI::App* checkpoint = group->add_subcommand(
      "checkpoint",
      "The newest checkpoint, with the proof that it goes on from an older one. Keep it away from\n"
      "the server: whoever has it notices when anything before it is changed");
  auto since = std::make_shared<int64_t>(0);
  checkpoint->add_option("--since", *since, "Rows of the checkpoint that you have")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  program.OnRun(*checkpoint, [since, &program](Connection& connection) -> absl::StatusOr<int> {
    v1::GetCheckpointRequest request;
    request.set_old_size(*since);
    const auto stub = v1::ProofService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::GetCheckpointResponse answer,
                     client::Call(*stub, &Stub::GetCheckpoint, request, client::kQuickCall));
    ASSIGN_OR_RETURN(const proof::CheckpointUpdate update, client::UpdateFrom(request, answer));
    Print(program, answer, [&] { std::fputs(proof::FormatUpdate(update).c_str(), stdout); });
    return client::kExitOk;
  });
}

}  // namespace

void AddProofCommands(Program& program) {
  AddReceiptSave(program);
  AddLedger(program);
}

}  // namespace rollcall::cli
