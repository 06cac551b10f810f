#ifndef ROLLCALL_BACKUP_ARCHIVE_H_
#define ROLLCALL_BACKUP_ARCHIVE_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "vault/key_file.h"

// Several files in one, encrypted by libsodium's secretstream (XChaCha20-Poly1305): a byte that was
// changed, a part that was cut off, moved, repeated or left out does not open.
//
// "rollcall backup 1\n", how the key is made (1 byte: 1 hash of a key file, 2 Argon2id), salt (16),
// passes and memory (8 bytes each), the stream's header (24); then messages, each behind its length
// (4 bytes, little-endian): what is in it as JSON, the files in parts of 64 KiB, and last, tagged
// FINAL, the files' digests as JSON. All before the stream's header is associated data of the
// first.
namespace rollcall::backup {

// Whether an archive takes a file of this name: relative, one or two parts of [A-Za-z0-9._-], at most
// 100 characters each, that do not begin with a dot.
bool IsArchiveName(std::string_view name);

// A file that goes into an archive.
struct Entry {
  std::string name;  // IsArchiveName
  int file = -1;     // open for reading; read from its beginning
};

struct Contents {
  base::Time made;
  bool with_keys = false;
  struct File {
    std::string name;
    int64_t bytes = 0;
  };
  std::vector<File> files;
};

// Writes a new file (mode 0600) and syncs it. `secret` is a passphrase, or kCredential with the
// content of a key file. After an error there is no file.
// AlreadyExists, reason BACKUP_EXISTS. FailedPrecondition, reason BACKUP_NOT_WRITABLE. Errors of
// vault::StretchPassphrase and vault::HashSecret.
absl::Status WriteArchive(const std::filesystem::path& path, const std::vector<Entry>& entries,
                          Contents contents, const vault::KeyProtection& secret,
                          base::RandomSource& random);

// Reads all of it and puts the files that `wanted` says yes to into `folder`, which exists; each is
// new, mode 0600 in folders of mode 0700, and synced. Nothing may be used before it has returned
// OK: then every byte is what was written. NotFound, reason NO_BACKUP_FILE. DataLoss, reason
// BACKUP_DAMAGED: not an archive, or not whole. PermissionDenied, reason BACKUP_LOCKED: another
// passphrase or key file, or its beginning is damaged. FailedPrecondition, reason
// BACKUP_NOT_WRITABLE: the folder.
absl::StatusOr<Contents> ReadArchive(const std::filesystem::path& path,
                                     const vault::KeyProtection& secret,
                                     const std::filesystem::path& folder,
                                     const std::function<bool(const std::string&)>& wanted);

}  // namespace rollcall::backup

#endif  // ROLLCALL_BACKUP_ARCHIVE_H_
