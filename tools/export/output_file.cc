#include "export/output_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace rollcall::exporting {
namespace {

namespace fs = std::filesystem;

absl::Status NotWritable(const fs::path& path, std::string_view what, int error) {
  return base::MakeError(
      absl::StatusCode::kUnavailable, "FILE_NOT_WRITABLE",
      path.string() + ": " + std::string(what) + ": " + std::generic_category().message(error));
}

absl::Status Exists(const fs::path& path) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition, "FILE_EXISTS",
                         path.string() + ": is there already; --force replaces it");
}

fs::path FolderOf(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

}  // namespace

absl::StatusOr<std::unique_ptr<OutputFile>> OutputFile::Create(const fs::path& path, bool replace) {
  std::error_code error;
  const fs::file_status there = fs::symlink_status(path, error);
  if (fs::exists(there)) {
    if (!replace) return Exists(path);
    if (!fs::is_regular_file(there)) {
      return base::MakeError(absl::StatusCode::kFailedPrecondition, "FILE_EXISTS",
                             path.string() + ": is no ordinary file; choose another name");
    }
  }
  std::string temporary = path.string() + ".XXXXXX";
  const int file = mkostemp(temporary.data(), O_CLOEXEC);  // mode 0600
  if (file < 0) return NotWritable(path, "cannot be made", errno);
  return std::unique_ptr<OutputFile>(new OutputFile(path, std::move(temporary), file, replace));
}

OutputFile::OutputFile(fs::path path, std::string temporary, int file, bool replace)
    : path_(std::move(path)), temporary_(std::move(temporary)), file_(file), replace_(replace) {}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

absl::Status OutputFile::Append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return NotWritable(path_, "cannot be written", errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status OutputFile::Commit() {
  if (fsync(file_.get()) != 0) return NotWritable(path_, "cannot be written", errno);
  // Without --force the kernel looks for the name and gives it in one step.
  const unsigned flags = replace_ ? 0 : RENAME_NOREPLACE;
  if (renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), flags) != 0) {
    if (errno == EEXIST) return Exists(path_);
    return NotWritable(path_, "cannot be given its name", errno);
  }
  temporary_.clear();
  const base::FileDescriptor folder(
      open(FolderOf(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open() || fsync(folder.get()) != 0) {
    return NotWritable(path_, "may not be on the disk", errno);
  }
  return absl::OkStatus();
}

}  // namespace rollcall::exporting
