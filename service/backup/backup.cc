#include "backup/backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace rollcall::backup {
namespace {

namespace fs = std::filesystem;
using absl::StatusCode;

absl::Status NotWritable(const fs::path& path, const std::string& why) {
  return base::MakeError(StatusCode::kFailedPrecondition, "BACKUP_NOT_WRITABLE",
                         path.string() + ": " + why);
}

// Removes a folder when it goes.
class Scratch {
 public:
  explicit Scratch(fs::path path) : path_(std::move(path)) {}
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  absl::Status Make() const {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
    if (mkdir(path_.c_str(), 0700) == 0) return absl::OkStatus();
    return NotWritable(path_, std::strerror(errno));
  }
  const fs::path& path() const { return path_; }

 private:
  const fs::path path_;
};

// The files of a snapshot, open; they have no names any more.
class OpenFiles {
 public:
  OpenFiles() = default;
  ~OpenFiles() {
    for (const Entry& entry : entries_) close(entry.file);
  }
  OpenFiles(const OpenFiles&) = delete;
  OpenFiles& operator=(const OpenFiles&) = delete;

  absl::Status Take(const fs::path& folder) {
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
      if (!entry.is_regular_file(error)) continue;
      const int file = open(entry.path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
      if (file < 0) return NotWritable(entry.path(), std::strerror(errno));
      entries_.push_back({entry.path().lexically_relative(folder).string(), file});
    }
    if (error) return NotWritable(folder, error.message());
    std::sort(entries_.begin(), entries_.end(),
              [](const Entry& a, const Entry& b) { return a.name < b.name; });
    fs::remove_all(folder, error);
    return error ? NotWritable(folder, error.message()) : absl::OkStatus();
  }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

bool IsKey(const std::string& name) { return name.starts_with("keys/"); }

absl::Status SyncFolder(const fs::path& folder) {
  const int file = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool good = file >= 0 && fsync(file) == 0;
  const absl::Status status = good ? absl::OkStatus() : NotWritable(folder, std::strerror(errno));
  if (file >= 0) close(file);
  return status;
}

// Reads `file` like somebody who has nothing else. Keys are not put on the disk for it.
absl::StatusOr<Report> Check(const fs::path& file, const fs::path& data,
                             const vault::KeyProtection& secret) {
  const Scratch scratch(SnapshotFolder(data));
  RETURN_IF_ERROR(scratch.Make());
  Report report;
  ASSIGN_OR_RETURN(report.contents, ReadArchive(file, secret, scratch.path(),
                                                [](const std::string& n) { return !IsKey(n); }));
  ASSIGN_OR_RETURN(report.verified, VerifyStores(scratch.path()));
  std::error_code ignored;
  report.file_bytes = static_cast<int64_t>(fs::file_size(file, ignored));
  return report;
}

absl::Status CheckEmpty(const fs::path& data) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(data, error))) return absl::OkStatus();
  if (fs::is_directory(fs::symlink_status(data, error)) && fs::is_empty(data, error) && !error) {
    return absl::OkStatus();
  }
  return base::MakeError(
      StatusCode::kFailedPrecondition, "DATA_NOT_EMPTY",
      data.string() + ": is there and not an empty folder; restore into a new one");
}

}  // namespace

absl::StatusOr<Report> Pack(const PackOptions& options, const vault::KeyProtection& secret,
                            base::RandomSource& random) {
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(options.target, ignored))) {
    RemoveSnapshot(options.data);
    return base::MakeError(StatusCode::kAlreadyExists, "BACKUP_EXISTS",
                           options.target.string() + ": is there already, and is not written over");
  }
  const fs::path fresh = options.target.string() + ".new";
  fs::remove(fresh, ignored);
  Contents contents;
  contents.made = options.made;
  contents.with_keys = options.with_keys;
  {
    OpenFiles files;
    const absl::Status taken = files.Take(SnapshotFolder(options.data));
    RemoveSnapshot(options.data);
    RETURN_IF_ERROR(taken);
    RETURN_IF_ERROR(WriteArchive(fresh, files.entries(), std::move(contents), secret, random));
  }
  absl::StatusOr<Report> report = Check(fresh, options.data, secret);
  if (report.ok() && rename(fresh.c_str(), options.target.c_str()) != 0) {
    report = NotWritable(options.target, std::strerror(errno));
  }
  if (!report.ok()) {
    fs::remove(fresh, ignored);
    return report;
  }
  RETURN_IF_ERROR(SyncFolder(options.target.parent_path()));
  return report;
}

absl::StatusOr<Report> Restore(const RestoreOptions& options, const vault::KeyProtection& secret) {
  RETURN_IF_ERROR(CheckEmpty(options.data));
  fs::path data = fs::absolute(options.data).lexically_normal();
  if (data.filename().empty()) data = data.parent_path();
  const Scratch staging(data.string() + ".restoring");
  RETURN_IF_ERROR(staging.Make());
  Report report;
  ASSIGN_OR_RETURN(report.contents, ReadArchive(options.from, secret, staging.path(),
                                                [](const std::string&) { return true; }));
  std::error_code error;
  report.file_bytes = static_cast<int64_t>(fs::file_size(options.from, error));
  ASSIGN_OR_RETURN(report.verified, VerifyStores(staging.path()));
  if (!report.contents.with_keys) fs::remove_all(staging.path() / "keys", error);  // empty ones
  if (options.without_templates) {
    for (const char* name : {"vault.db", "keys/templates.db", "keys/templates.key"}) {
      fs::remove(staging.path() / name, error);
    }
  }
  // Over an empty folder or none: one step, and everything is there or nothing.
  if (rename(staging.path().c_str(), data.c_str()) != 0) {
    return NotWritable(data, std::strerror(errno));
  }
  RETURN_IF_ERROR(SyncFolder(data.parent_path()));
  return report;
}

}  // namespace rollcall::backup
