#include "server/backup_command.h"

#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "base/file_descriptor.h"
#include "ledger/ledger.h"
#include "registry/registry.h"
#include "rollcall/v1/admin_service.grpc.pb.h"
#include "storage/data_folder.h"
#include "storage/database.h"
#include "vault/vault.h"
#include "webhooks/store.h"

namespace rollcall::server {
namespace {

namespace fs = std::filesystem;

// The server copies the folder.
absl::Status AskServer(const fs::path& data, bool with_keys) {
  const auto channel = grpc::CreateChannel("unix:" + ControlSocket(data).string(),
                                           grpc::InsecureChannelCredentials());
  const auto stub = v1::AdminService::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(5));
  v1::PrepareBackupRequest request;
  request.set_with_keys(with_keys);
  v1::PrepareBackupResponse response;
  const grpc::Status status = stub->PrepareBackup(&context, request, &response);
  if (status.ok()) return absl::OkStatus();
  return base::MakeError(
      absl::StatusCode::kUnavailable, "NO_CONTROL",
      "the server that runs on " + data.string() + " made no copy: " + status.error_message());
}

absl::Status CopyStopped(const fs::path& data, bool with_keys) {
  ASSIGN_OR_RETURN(const auto vault, vault::OpenVaultDatabases(data));
  storage::DatabaseOptions options;
  options.path = data / "rollcall.db";
  options.schemas = {registry::RegistrySchema(), ledger::LedgerSchema(), webhooks::WebhookSchema()};
  ASSIGN_OR_RETURN(const auto database, storage::OpenSqlite(std::move(options)));
  return backup::MakeSnapshot({data, *database, vault}, with_keys, {}).status();
}

// One backup of a folder at a time: they share the place of the copy. Null: another has it, or the
// folder cannot be written. The lock goes with the process.
std::unique_ptr<base::FileDescriptor> TakeTurn(const fs::path& data) {
  const int file =
      open((data / "backup.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return nullptr;
  auto turn = std::make_unique<base::FileDescriptor>(file);
  return flock(file, LOCK_EX | LOCK_NB) == 0 ? std::move(turn) : nullptr;
}

}  // namespace

fs::path ControlSocket(const fs::path& data) { return data / "control.sock"; }

absl::StatusOr<backup::Report> RunBackup(const fs::path& data, const fs::path& target,
                                         bool with_keys, const vault::KeyProtection& secret,
                                         const base::Clock& clock) {
  std::error_code ignored;
  if (!fs::exists(data / "rollcall.db", ignored)) {
    return base::MakeError(absl::StatusCode::kNotFound, "NO_DATA",
                           data.string() + ": no data folder of rollcalld");
  }
  if (fs::exists(fs::symlink_status(target, ignored))) {  // before anything is copied
    return base::MakeError(absl::StatusCode::kAlreadyExists, "BACKUP_EXISTS",
                           target.string() + ": is there already, and is not written over");
  }
  const std::unique_ptr<base::FileDescriptor> turn = TakeTurn(data);
  if (turn == nullptr) {
    return base::MakeError(absl::StatusCode::kAborted, "BACKUP_RUNNING",
                           data.string() + ": another backup is being made");
  }
  const base::Time made = clock.Now();
  absl::StatusOr<std::unique_ptr<storage::DataFolder>> folder = storage::DataFolder::Open(data);
  if (folder.ok()) {
    RETURN_IF_ERROR(CopyStopped(data, with_keys));
  } else if (base::ErrorReason(folder.status()) == "DATA_IN_USE") {
    RETURN_IF_ERROR(AskServer(data, with_keys));
  } else {
    return folder.status();
  }
  base::SystemRandom random;
  return backup::Pack({data, target, with_keys, made}, secret, random);
}

}  // namespace rollcall::server
