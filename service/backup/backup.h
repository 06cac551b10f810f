#ifndef ROLLCALL_BACKUP_BACKUP_H_
#define ROLLCALL_BACKUP_BACKUP_H_

#include <cstdint>
#include <filesystem>

#include "backup/archive.h"
#include "backup/snapshot.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "vault/key_file.h"

// From the copy of a data folder to one encrypted file, and back.
namespace rollcall::backup {

struct Report {
  Contents contents;
  Verified verified;
  int64_t file_bytes = 0;
};

struct PackOptions {
  std::filesystem::path data;    // SnapshotFolder(data) holds the copy
  std::filesystem::path target;  // written under another name and renamed when it is good
  bool with_keys = false;
  base::Time made;
};

// Encrypts the copy and takes its files out of the folder as soon as they are open, so that nothing
// of it stays should this process be killed. Then reads the whole file again, decrypts it, opens
// its databases and verifies its ledger; only then does it get its name. On an error there is no
// file. Errors of WriteArchive, ReadArchive and VerifyStores; FailedPrecondition, reason
// BACKUP_NOT_WRITABLE.
absl::StatusOr<Report> Pack(const PackOptions& options, const vault::KeyProtection& secret,
                            base::RandomSource& random);

struct RestoreOptions {
  std::filesystem::path from;
  std::filesystem::path data;  // missing or empty; made beside and renamed when all is verified
  // Leave the face templates out: for when their keys are lost. People then enrol again.
  bool without_templates = false;
};
// FailedPrecondition, reason DATA_NOT_EMPTY. Errors as Pack. On an error `data` is as it was.
absl::StatusOr<Report> Restore(const RestoreOptions& options, const vault::KeyProtection& secret);

}  // namespace rollcall::backup

#endif  // ROLLCALL_BACKUP_BACKUP_H_
