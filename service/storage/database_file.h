#ifndef ROLLCALL_STORAGE_DATABASE_FILE_H_
#define ROLLCALL_STORAGE_DATABASE_FILE_H_

#include <filesystem>
#include <functional>
#include <string>

#include "base/status.h"

// The file of a database before SQLite sees it, and its name. Private to this folder.
namespace rollcall::storage {

// Sees to it that there is a database at `path` that can be written: looks at the one that is
// there, or has `make` make an empty one (mode 0600) under another name and gives it its own only
// once it is on the disk. So a power cut or a full disk meanwhile never leaves an empty file where
// a database belongs, which nobody could tell from one that has lost everything.
//
// `make` is handed an empty file and has to close it again. Not for two processes at once: see
// DataFolder.
//
// FailedPrecondition, reason DATA_READ_ONLY. DataLoss, reason DATABASE_DAMAGED: an
// empty file, or none at all. Unavailable, reason IO_ERROR: the disk failed. The errors of `make`.
absl::Status PrepareFile(const std::filesystem::path& path,
                         const std::function<absl::Status(const std::string& file)>& make);

// Makes the names in the folder of `path` survive a power cut: SQLite syncs the folder of a log
// that it has made, but goes on where that fails. Unavailable, reason IO_ERROR.
absl::Status SyncFolderOf(const std::filesystem::path& path);

// FailedPrecondition, reason DATA_READ_ONLY, and DataLoss, reason DATABASE_DAMAGED: `file`, and
// why.
absl::Status ReadOnlyError(const std::string& file, const std::string& why);
absl::Status DamagedError(const std::string& file, const std::string& what);

}  // namespace rollcall::storage

#endif  // ROLLCALL_STORAGE_DATABASE_FILE_H_
