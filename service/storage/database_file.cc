#include "storage/database_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace rollcall::storage {
namespace {

using absl::StatusCode;

absl::Status Failed(const std::string& file) {
  return base::MakeError(StatusCode::kUnavailable, "IO_ERROR", file + ": " + std::strerror(errno));
}

absl::Status Sync(const std::string& path, int flags) {
  const int file = open(path.c_str(), flags | O_CLOEXEC);
  if (file < 0) return Failed(path);
  const absl::Status status = fsync(file) == 0 ? absl::OkStatus() : Failed(path);
  close(file);
  return status;
}

// What was being made when it was cut off holds nothing. SQLite's journal and log stand beside it.
void Remove(const std::string& file) {
  for (const char* part : {"", "-journal", "-wal"}) unlink((file + part).c_str());
}

// An error only where the file could not get its name; one that somebody else has put there stays.
absl::Status Rename(const std::string& from, const std::string& to) {
  int code = renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE);
  // Some file systems cannot tell.
  if (code != 0 && errno == EINVAL) code = rename(from.c_str(), to.c_str());
  return code == 0 || errno == EEXIST ? absl::OkStatus() : Failed(to);
}

absl::Status Make(const std::string& path,
                  const std::function<absl::Status(const std::string& file)>& make) {
  const std::string fresh = path + "-new";
  Remove(fresh);
  const int made = open(fresh.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made < 0) return ReadOnlyError(path, std::strerror(errno));
  close(made);
  absl::Status status = make(fresh);
  if (status.ok()) status = Sync(fresh, O_RDONLY);
  if (status.ok()) status = Rename(fresh, path);
  Remove(fresh);
  if (!status.ok()) return status;
  return SyncFolderOf(path);
}

}  // namespace

absl::Status ReadOnlyError(const std::string& file, const std::string& why) {
  return base::MakeError(StatusCode::kFailedPrecondition, "DATA_READ_ONLY",
                         file + " cannot be written (" + why +
                             "); give the service's user write access to the data folder");
}

absl::Status DamagedError(const std::string& file, const std::string& what) {
  return base::MakeError(
      StatusCode::kDataLoss, "DATABASE_DAMAGED",
      file + " is damaged (" + what + "); keep a copy of it and restore the last backup");
}

absl::Status PrepareFile(const std::filesystem::path& path,
                         const std::function<absl::Status(const std::string& file)>& make) {
  const int there = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (there < 0 && errno == ENOENT) return Make(path.string(), make);
  if (there < 0) return ReadOnlyError(path.string(), std::strerror(errno));
  struct stat info {};
  const bool regular = fstat(there, &info) == 0 && S_ISREG(info.st_mode);
  close(there);
  if (!regular) return DamagedError(path.string(), "not a regular file");
  // SQLite would take an empty file for a new database and start without a single hour in it.
  if (info.st_size == 0) {
    return DamagedError(path.string(), "empty; if this folder was never used, delete the file");
  }
  return absl::OkStatus();
}

absl::Status SyncFolderOf(const std::filesystem::path& path) {
  const std::string folder = path.parent_path().string();
  return Sync(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
}

}  // namespace rollcall::storage
