#ifndef ROLLCALL_BACKUP_SNAPSHOT_H_
#define ROLLCALL_BACKUP_SNAPSHOT_H_

#include <cstdint>
#include <filesystem>
#include <functional>

#include "base/status.h"
#include "vault/vault.h"

// A consistent copy of a data folder, made by whoever has its databases open, and the check that
// such a copy is good.
namespace rollcall::backup {

// Where the copy of DIR lies until it has been encrypted: DIR/backup.tmp, as safe as DIR itself.
std::filesystem::path SnapshotFolder(const std::filesystem::path& data);

// What a crash has left of one. Called at the start of a server and before a new one.
void RemoveSnapshot(const std::filesystem::path& data);

struct Sources {
  std::filesystem::path data;
  storage::Database& main;  // DIR/rollcall.db
  const vault::VaultDatabases& vault;
};

// Copies the databases, the audit trails, the configuration and the practice mark into
// SnapshotFolder, the keys (DIR/keys, all of it) only if asked. The templates are copied before
// the people, so that a template that is in the copy has its consent there, or a withdrawal that
// sweeps it away. With keys no template may come or go meanwhile (app::Templates::
// WhileNothingChanges), and no rotation run. After an error, that of `go_on` included, nothing is
// left. Errors of storage::Database::CopyTo; FailedPrecondition, reason BACKUP_NOT_WRITABLE.
absl::StatusOr<std::filesystem::path> MakeSnapshot(const Sources& sources, bool with_keys,
                                                   const std::function<absl::Status()>& go_on);

struct Verified {
  int64_t ledger_rows = 0;
  int64_t events = 0;
};
// Opens the databases in `folder`, which must be a copy, checks their structure and reads every row
// of the ledger. DataLoss, reason BACKUP_DAMAGED: one is missing or damaged, or the ledger does not
// verify; SCHEMA_NEWER of storage::OpenSqlite.
absl::StatusOr<Verified> VerifyStores(const std::filesystem::path& folder);

}  // namespace rollcall::backup

#endif  // ROLLCALL_BACKUP_SNAPSHOT_H_
