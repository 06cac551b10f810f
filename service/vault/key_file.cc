#include "vault/key_file.h"

#include "base/file_descriptor.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace rollcall::vault {
namespace {

using Kind = KeyProtection::Kind;

// A sealed file: these bytes, then the kind (1), the salt, passes and memory (8 little-endian bytes
// each), the nonce and the sealed key. All before the nonce is associated data.
constexpr std::string_view kMagic = "rollcall sealed key 1\n";
constexpr size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr size_t kHeaderSize = kMagic.size() + 1 + kSaltSize + 16;
constexpr size_t kSealedSize = kHeaderSize + kNonceSize + kKeySize + kTagSize;

absl::Status KeyError(std::string_view reason, const std::filesystem::path& path,
                      std::string_view what) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition, reason,
                         "key file " + path.string() + ": " + std::string(what));
}

using base::FileDescriptor;

bool SyncFolder(const std::filesystem::path& path) {
  const FileDescriptor folder(open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return folder.get() >= 0 && fsync(folder.get()) == 0;
}

absl::StatusOr<SecretBytes> ReadWhole(int fd, const std::filesystem::path& path) {
  struct stat info {};
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_uid != geteuid()) {
    return KeyError("KEY_UNSAFE", path, "not a regular file of the service's user");
  }
  if ((info.st_mode & 077) != 0) {
    return KeyError("KEY_UNSAFE", path, "others may read or change it; run chmod 600 on it");
  }
  SecretBytes content(static_cast<size_t>(std::clamp<off_t>(info.st_size, 0, kSealedSize)));
  if (info.st_size > static_cast<off_t>(kSealedSize) ||
      read(fd, content.bytes().data(), content.bytes().size()) !=
          static_cast<ssize_t>(content.bytes().size())) {
    return KeyError("KEY_DAMAGED", path, "not a key; restore it from where it was copied to");
  }
  return content;
}

void PutUint64(std::span<uint8_t> out, uint64_t value) {
  for (size_t i = 0; i < 8; ++i) out[i] = static_cast<uint8_t>(value >> (8 * i));
}

uint64_t GetUint64(std::span<const uint8_t> in) {
  uint64_t value = 0;
  for (size_t i = 8; i-- > 0;) value = (value << 8) | in[i];
  return value;
}

absl::StatusOr<SecretKey> SealingKey(uint8_t kind, std::span<const uint8_t> secret,
                                     std::span<const uint8_t> salt, const StretchCost& cost) {
  return kind == static_cast<uint8_t>(Kind::kPassphrase) ? StretchPassphrase(secret, salt, cost)
                                                         : HashSecret(secret, salt);
}

}  // namespace

absl::StatusOr<SecretKey> KeyFile::OpenSealed(std::span<const uint8_t> sealed,
                                              const std::filesystem::path& path) {
  const uint8_t kind = sealed[kMagic.size()];
  if (kind != static_cast<uint8_t>(Kind::kCredential) &&
      kind != static_cast<uint8_t>(Kind::kPassphrase)) {
    return KeyError("KEY_DAMAGED", path, "not a key; restore it from where it was copied to");
  }
  const std::string under =
      kind == static_cast<uint8_t>(Kind::kPassphrase) ? "passphrase" : "credential";
  if (kind != static_cast<uint8_t>(protection_.kind)) {
    return KeyError("KEY_SEALED", path,
                    "it is sealed under a " + under + "; set source = \"" + under +
                        "\" under [keys] of the configuration");
  }
  const auto salt = sealed.subspan(kMagic.size() + 1, kSaltSize);
  const auto cost = sealed.subspan(kMagic.size() + 1 + kSaltSize, 16);
  const auto nonce = sealed.subspan(kHeaderSize, kNonceSize);
  const auto box = sealed.subspan(kHeaderSize + kNonceSize);
  for (const SecretBytes* secret : {&protection_.successor, &protection_.secret}) {
    if (secret->empty()) continue;
    ASSIGN_OR_RETURN(const SecretKey sealing,
                     SealingKey(kind, secret->bytes(), salt,
                                {GetUint64(cost.first(8)), GetUint64(cost.last(8))}));
    SecretKey key;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(key.bytes().data(), nullptr, nullptr, box.data(),
                                                   box.size(), sealed.data(), kHeaderSize,
                                                   nonce.data(), sealing.bytes().data()) == 0) {
      outdated_ = secret != &current_secret();
      return key;
    }
  }
  return KeyError("KEY_LOCKED", path, "it does not open with this " + under);
}

absl::StatusOr<SecretKey> KeyFile::Read(const std::filesystem::path& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() < 0 && errno == ENOENT) {
    return KeyError("KEY_MISSING", path,
                    "missing, and without it no stored template opens; restore it, or move the "
                    "vault away and enrol again");
  }
  if (file.get() < 0) return KeyError("KEY_UNSAFE", path, std::strerror(errno));
  ASSIGN_OR_RETURN(const SecretBytes content, ReadWhole(file.get(), path));
  const auto bytes = content.bytes();
  if (bytes.size() == kSealedSize && base::AsText(bytes.first(kMagic.size())) == kMagic) {
    return OpenSealed(bytes, path);
  }
  if (bytes.size() != kKeySize) {
    return KeyError("KEY_DAMAGED", path, "not a key; restore it from where it was copied to");
  }
  outdated_ = protection_.kind != Kind::kNone;
  SecretKey key;
  std::copy(bytes.begin(), bytes.end(), key.bytes().begin());
  return key;
}

absl::StatusOr<SecretBytes> KeyFile::Seal(const SecretKey& key) {
  SecretBytes sealed(protection_.kind == Kind::kNone ? kKeySize : kSealedSize);
  const auto bytes = sealed.bytes();
  if (protection_.kind == Kind::kNone) {
    std::copy(key.bytes().begin(), key.bytes().end(), bytes.begin());
    return sealed;
  }
  std::copy(kMagic.begin(), kMagic.end(), bytes.begin());
  const auto kind = static_cast<uint8_t>(protection_.kind);
  bytes[kMagic.size()] = kind;
  const auto salt = bytes.subspan(kMagic.size() + 1, kSaltSize);
  random_.Fill(salt);
  PutUint64(bytes.subspan(kMagic.size() + 1 + kSaltSize), protection_.cost.passes);
  PutUint64(bytes.subspan(kMagic.size() + 1 + kSaltSize + 8), protection_.cost.memory_bytes);
  const auto nonce = bytes.subspan(kHeaderSize, kNonceSize);
  random_.Fill(nonce);
  ASSIGN_OR_RETURN(const SecretKey sealing,
                   SealingKey(kind, current_secret().bytes(), salt, protection_.cost));
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      bytes.data() + kHeaderSize + kNonceSize, nullptr, key.bytes().data(), kKeySize, bytes.data(),
      kHeaderSize, nullptr, nonce.data(), sealing.bytes().data());
  return sealed;
}

// Under another name first, so that a crash leaves either no key or a whole one.
absl::Status KeyFile::Write(const SecretKey& key, const std::filesystem::path& path) {
  ASSIGN_OR_RETURN(const SecretBytes content, Seal(key));
  std::error_code error;
  const std::filesystem::path folder = path.parent_path();
  if (std::filesystem::create_directories(folder, error)) chmod(folder.c_str(), 0700);
  if (error) return KeyError("KEY_NOT_WRITABLE", path, error.message());
  const std::string fresh = path.string() + ".new";
  unlink(fresh.c_str());
  const FileDescriptor file(open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  const bool written = file.get() >= 0 &&
                       write(file.get(), content.bytes().data(), content.bytes().size()) ==
                           static_cast<ssize_t>(content.bytes().size()) &&
                       fsync(file.get()) == 0 && rename(fresh.c_str(), path.c_str()) == 0 &&
                       SyncFolder(path);
  if (!written) return KeyError("KEY_NOT_WRITABLE", path, std::strerror(errno));
  return absl::OkStatus();
}

absl::StatusOr<SecretKey> KeyFile::ReadOrMake(bool may_create) {
  absl::StatusOr<SecretKey> key = Read(path_);
  if (!key.ok() && base::ErrorReason(key.status()) == "KEY_MISSING" && may_create) {
    key = SecretKey::Random(random_);
    RETURN_IF_ERROR(Write(*key, path_));
    return key;
  }
  RETURN_IF_ERROR(key.status());
  // The file as it should be, then the one before is destroyed like a rotated key: it was less
  // protected.
  if (outdated_) {
    const bool rotating = access(Beside(".next").c_str(), F_OK) == 0;
    if (!rotating) {
      RETURN_IF_ERROR(WriteNext(*key));
      RETURN_IF_ERROR(Promote());
    }
  }
  RETURN_IF_ERROR(DestroyOld());
  return key;
}

absl::StatusOr<std::optional<SecretKey>> KeyFile::ReadNext() {
  absl::StatusOr<SecretKey> key = Read(Beside(".next"));
  if (key.ok()) return std::optional(*std::move(key));
  if (base::ErrorReason(key.status()) == "KEY_MISSING") return std::nullopt;
  return key.status();
}

absl::Status KeyFile::WriteNext(const SecretKey& key) { return Write(key, Beside(".next")); }

absl::Status KeyFile::Promote() {
  const std::string old = Beside(".old").string();
  // An earlier call came as far as that, and failed to destroy the old one.
  if (access(Beside(".next").c_str(), F_OK) != 0) return DestroyOld();
  // A second name for the old key, so that its bytes can still be reached once the first is given
  // to the new one. What a Promote that was cut off left under it is the current file's.
  if (unlink(old.c_str()) != 0 && errno != ENOENT) {
    return KeyError("KEY_NOT_WRITABLE", old, std::strerror(errno));
  }
  if (link(path_.c_str(), old.c_str()) != 0 ||
      rename(Beside(".next").c_str(), path_.c_str()) != 0 || !SyncFolder(path_)) {
    return KeyError("KEY_NOT_WRITABLE", path_, std::strerror(errno));
  }
  return DestroyOld();
}

absl::Status KeyFile::DestroyOld() {
  const std::filesystem::path old = Beside(".old");
  // Before the rename of Promote both names are one file: that one is still needed.
  if (access(Beside(".next").c_str(), F_OK) == 0) return absl::OkStatus();
  if (access(old.c_str(), F_OK) == 0) chmod(old.c_str(), 0600);  // it may have been read-only
  const FileDescriptor file(open(old.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() < 0) {
    return errno == ENOENT ? absl::OkStatus()
                           : KeyError("KEY_NOT_WRITABLE", old, std::strerror(errno));
  }
  struct stat info {};
  struct stat current {};
  if (fstat(file.get(), &info) != 0 || stat(path_.c_str(), &current) != 0) {
    return KeyError("KEY_NOT_WRITABLE", old, std::strerror(errno));
  }
  bool done = true;
  if (info.st_ino != current.st_ino || info.st_dev != current.st_dev) {
    base::Bytes noise(static_cast<size_t>(std::clamp<off_t>(info.st_size, 0, kSealedSize)));
    random_.Fill(noise);
    done = write(file.get(), noise.data(), noise.size()) == static_cast<ssize_t>(noise.size()) &&
           fsync(file.get()) == 0;
  }
  done = done && unlink(old.c_str()) == 0 && SyncFolder(old);
  return done ? absl::OkStatus() : KeyError("KEY_NOT_WRITABLE", old, std::strerror(errno));
}

absl::StatusOr<SecretKey> ReadOrMakeKeyFile(const std::filesystem::path& path, bool may_create,
                                            base::RandomSource& random) {
  const KeyProtection none;
  return KeyFile(path, none, random).ReadOrMake(may_create);
}

}  // namespace rollcall::vault
