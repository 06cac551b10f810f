#include "base/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "base/file_descriptor.h"

namespace rollcall::base {
namespace {

bool WriteAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

absl::Status NotWritable(const std::filesystem::path& path, int error) {
  return MakeError(absl::StatusCode::kFailedPrecondition, "DATA_READ_ONLY",
                   path.string() + ": cannot be written: " + std::strerror(error));
}

}  // namespace

absl::Status ReplaceFile(const std::filesystem::path& path, std::string_view content, mode_t mode) {
  const std::string fresh = path.string() + ".new";
  // What lies there from a crash is nobody's. O_EXCL, so that no link is followed.
  unlink(fresh.c_str());
  {
    const FileDescriptor file(
        open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!file.is_open()) return NotWritable(fresh, errno);
    if (!WriteAll(file.get(), content) || fsync(file.get()) != 0 ||
        rename(fresh.c_str(), path.c_str()) != 0) {
      const int error = errno;
      unlink(fresh.c_str());
      return NotWritable(fresh, error);
    }
  }
  const std::filesystem::path parent = path.parent_path();
  const FileDescriptor folder(
      open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open() || fsync(folder.get()) != 0) return NotWritable(path, errno);
  return absl::OkStatus();
}

}  // namespace rollcall::base
