#include "vault/key_file.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace rollcall::vault {
namespace {

absl::Status KeyError(std::string_view reason, const std::filesystem::path& path,
                      std::string_view what) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition, reason,
                         "key file " + path.string() + ": " + std::string(what));
}

// Closes what it was given.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

absl::StatusOr<SecretKey> ReadKeyFile(int fd, const std::filesystem::path& path) {
  struct stat info {};
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_uid != geteuid()) {
    return KeyError("KEY_UNSAFE", path, "not a regular file of the service's user");
  }
  if ((info.st_mode & 077) != 0) {
    return KeyError("KEY_UNSAFE", path, "others may read or change it; run chmod 600 on it");
  }
  SecretKey key;
  if (info.st_size != static_cast<off_t>(kKeySize) ||
      read(fd, key.bytes().data(), kKeySize) != static_cast<ssize_t>(kKeySize)) {
    return KeyError("KEY_DAMAGED", path, "not 32 bytes; restore it from where it was copied to");
  }
  return key;
}

// Under another name first, so that a crash leaves either no key or a whole one.
absl::Status WriteKeyFile(const SecretKey& key, const std::filesystem::path& path) {
  const std::filesystem::path folder = path.parent_path();
  std::error_code error;
  if (std::filesystem::create_directories(folder, error)) chmod(folder.c_str(), 0700);
  if (error) return KeyError("KEY_NOT_WRITABLE", path, error.message());
  const std::string fresh = path.string() + ".new";
  unlink(fresh.c_str());
  const FileDescriptor file(open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  const FileDescriptor directory(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const bool written =
      file.get() >= 0 && directory.get() >= 0 &&
      write(file.get(), key.bytes().data(), kKeySize) == static_cast<ssize_t>(kKeySize) &&
      fsync(file.get()) == 0 && rename(fresh.c_str(), path.c_str()) == 0 &&
      fsync(directory.get()) == 0;
  if (!written) return KeyError("KEY_NOT_WRITABLE", path, std::strerror(errno));
  return absl::OkStatus();
}

}  // namespace

SecretKey::SecretKey() {
  ROLLCALL_CHECK(sodium_init() >= 0);
  data_ = static_cast<uint8_t*>(sodium_malloc(kKeySize));
  ROLLCALL_CHECK(data_ != nullptr);
  sodium_memzero(data_, kKeySize);
}

SecretKey::~SecretKey() { sodium_free(data_); }

SecretKey::SecretKey(SecretKey&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}

SecretKey& SecretKey::operator=(SecretKey&& other) noexcept {
  std::swap(data_, other.data_);
  return *this;
}

absl::StatusOr<SecretKey> ReadOrMakeKeyFile(const std::filesystem::path& path, bool may_create,
                                            base::RandomSource& random) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() >= 0) return ReadKeyFile(file.get(), path);
  if (errno != ENOENT) return KeyError("KEY_UNSAFE", path, std::strerror(errno));
  if (!may_create) {
    return KeyError("KEY_MISSING", path,
                    "missing, and without it no stored template opens; restore it, or move the "
                    "vault away and enrol again");
  }
  SecretKey key;
  random.Fill(key.bytes());
  RETURN_IF_ERROR(WriteKeyFile(key, path));
  return key;
}

}  // namespace rollcall::vault
