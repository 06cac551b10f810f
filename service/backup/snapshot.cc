#include "backup/snapshot.h"

#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "backup/archive.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/uuid.h"
#include "ledger/ledger.h"
#include "registry/registry.h"
#include "storage/database.h"
#include "webhooks/store.h"

namespace rollcall::backup {
namespace {

namespace fs = std::filesystem;
using absl::StatusCode;

absl::Status NotWritable(const fs::path& path, const std::error_code& error) {
  return base::MakeError(StatusCode::kFailedPrecondition, "BACKUP_NOT_WRITABLE",
                         path.string() + ": " + error.message());
}

// Every regular file of `from` that is not a database (those are copied by SQLite), not on its way
// to being one, and no lock or socket.
absl::Status CopyFiles(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (!fs::exists(from, error)) return absl::OkStatus();
  fs::create_directories(to, error);
  for (const auto& entry : fs::directory_iterator(from, error)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file(error) || entry.is_symlink(error) || name.ends_with(".new") ||
        name.starts_with("templates.db")) {
      continue;
    }
    if (!IsArchiveName(name)) {  // none of ours
      base::log::Warning("backup_left_out", {{"file", entry.path().string()}});
      continue;
    }
    fs::copy_file(entry.path(), to / name, error);
    if (error) return NotWritable(to / name, error);
  }
  return error ? NotWritable(to, error) : absl::OkStatus();
}

absl::Status Copy(const Sources& from, const fs::path& to, bool with_keys,
                  const std::function<absl::Status()>& go_on) {
  RETURN_IF_ERROR(from.vault.templates->CopyTo(to / "vault.db", go_on));
  if (with_keys) {
    std::error_code error;
    fs::create_directory(to / "keys", error);
    if (error) return NotWritable(to / "keys", error);
    RETURN_IF_ERROR(from.vault.keys->CopyTo(to / "keys/templates.db", go_on));
    RETURN_IF_ERROR(CopyFiles(from.data / "keys", to / "keys"));
  }
  RETURN_IF_ERROR(from.main.CopyTo(to / "rollcall.db", go_on));
  RETURN_IF_ERROR(CopyFiles(from.data / "audit", to / "audit"));
  for (const char* name : {"rollcalld.toml", "practice-only"}) {
    std::error_code error;
    if (!fs::exists(from.data / name, error)) continue;
    fs::copy_file(from.data / name, to / name, error);
    if (error) return NotWritable(to / name, error);
  }
  return go_on ? go_on() : absl::OkStatus();
}

absl::StatusOr<Verified> Verify(const fs::path& folder) {
  for (const char* name : {"rollcall.db", "vault.db"}) {
    std::error_code ignored;
    if (fs::exists(folder / name, ignored)) continue;
    return base::MakeError(StatusCode::kDataLoss, "BACKUP_DAMAGED",
                           std::string(name) + " is missing");
  }
  ASSIGN_OR_RETURN(const auto vault, vault::OpenVaultDatabases(folder));
  storage::DatabaseOptions options;
  options.path = folder / "rollcall.db";
  options.schemas = {registry::RegistrySchema(), ledger::LedgerSchema(), webhooks::WebhookSchema()};
  ASSIGN_OR_RETURN(const auto database, storage::OpenSqlite(std::move(options)));
  const base::SystemClock clock;
  base::SystemRandom random;
  base::UuidV7Generator ids(clock, random);
  const auto ledger = ledger::MakeSqlLedger(*database, ids, random);
  RETURN_IF_ERROR(ledger->CatchUp());  // a backup of an older version
  ASSIGN_OR_RETURN(const ledger::VerifyReport report, ledger->Verify());
  if (report.fault) {
    return base::MakeError(
        StatusCode::kDataLoss, "BACKUP_DAMAGED",
        "row " + std::to_string(report.fault->sequence) + " of the ledger: " + report.fault->what);
  }
  return Verified{report.rows, report.events};
}

}  // namespace

fs::path SnapshotFolder(const fs::path& data) { return data / "backup.tmp"; }

void RemoveSnapshot(const fs::path& data) {
  std::error_code ignored;
  fs::remove_all(SnapshotFolder(data), ignored);
}

absl::StatusOr<fs::path> MakeSnapshot(const Sources& sources, bool with_keys,
                                      const std::function<absl::Status()>& go_on) {
  RemoveSnapshot(sources.data);
  const fs::path folder = SnapshotFolder(sources.data);
  if (mkdir(folder.c_str(), 0700) != 0) {
    return NotWritable(folder, std::error_code(errno, std::generic_category()));
  }
  const absl::Status copied = Copy(sources, folder, with_keys, go_on);
  if (!copied.ok()) {
    RemoveSnapshot(sources.data);
    return copied;
  }
  return folder;
}

absl::StatusOr<Verified> VerifyStores(const fs::path& folder) {
  absl::StatusOr<Verified> verified = Verify(folder);
  if (verified.ok() || base::ErrorReason(verified.status()) == "SCHEMA_NEWER") return verified;
  return base::MakeError(StatusCode::kDataLoss, "BACKUP_DAMAGED",
                         "the backup is not good: " + base::Message(verified.status()));
}

}  // namespace rollcall::backup
