#include "storage/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

namespace rollcall::storage {
namespace {

absl::Status ReadOnly(const std::filesystem::path& path, const std::string& why) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition, "DATA_READ_ONLY",
                         "data folder " + path.string() + " cannot be written (" + why +
                             "); choose another one with --data, or give the service's user write "
                             "access");
}

}  // namespace

absl::StatusOr<std::unique_ptr<DataFolder>> DataFolder::Open(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    std::filesystem::create_directories(path, error);
    if (error) return ReadOnly(path, error.message());
    if (chmod(path.c_str(), 0700) != 0) return ReadOnly(path, std::strerror(errno));
  }
  const int lock = open((path / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0) return ReadOnly(path, std::strerror(errno));
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    const int why = errno;
    close(lock);
    if (why != EWOULDBLOCK) return ReadOnly(path, std::strerror(why));
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "DATA_IN_USE",
                           "data folder " + path.string() +
                               " is in use by another process; stop that one, or choose another "
                               "folder with --data");
  }
  return std::unique_ptr<DataFolder>(new DataFolder(path, lock));
}

// The file stays: removing it would let two processes lock two different files of one name.
DataFolder::~DataFolder() { close(lock_); }

}  // namespace rollcall::storage
