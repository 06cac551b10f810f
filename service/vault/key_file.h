#ifndef ROLLCALL_VAULT_KEY_FILE_H_
#define ROLLCALL_VAULT_KEY_FILE_H_

#include <filesystem>
#include <memory>
#include <optional>

#include "base/random.h"
#include "base/status.h"
#include "vault/passphrase.h"
#include "vault/secret.h"

namespace rollcall::vault {

// What the key-encryption key's file is sealed under, so that whoever takes the disk alone has no
// key. The secret stays in locked memory while the service runs, since a rotation writes the file.
struct KeyProtection {
  enum class Kind {
    kNone,        // the file holds the key itself
    kCredential,  // a secret that systemd hands over; at least 32 bytes
    kPassphrase,  // stretched by Argon2id
  };
  Kind kind = Kind::kNone;
  SecretBytes secret;
  // The next secret, where it is to replace the one above: the file is sealed under it at the first
  // opening. Empty: none.
  SecretBytes successor;
  StretchCost cost;  // of a file that is written
};

// The file with the key-encryption key: 32 bytes, or those sealed (XChaCha20-Poly1305) under a
// KeyProtection. Beside it, while a rotation is under way, PATH.next.
//
// A rotation calls WriteNext, wraps everything anew, then Promote. Wherever it is cut off, the file
// and PATH.next hold every key that anything is wrapped by. Not thread-safe.
class KeyFile {
 public:
  // The references must outlive it.
  KeyFile(std::filesystem::path path, const KeyProtection& protection, base::RandomSource& random)
      : path_(std::move(path)), protection_(protection), random_(random) {}

  // Reads the key; makes it (file mode 0600, its folder 0700) where the file is missing and
  // `may_create` is true. A file that holds the bare key is sealed if the protection asks for it,
  // and one that is sealed under the secret before is sealed under the successor. Also finishes
  // what a Promote that was cut off had left.
  //
  // FailedPrecondition, messages naming the file: KEY_MISSING; KEY_UNSAFE, not a regular file of
  // this user, or others may read it; KEY_DAMAGED, neither 32 bytes nor a sealed key; KEY_SEALED,
  // it is sealed and there is no protection; KEY_LOCKED, it does not open with this secret;
  // KEY_NOT_WRITABLE. Errors of StretchPassphrase and HashSecret.
  absl::StatusOr<SecretKey> ReadOrMake(bool may_create);

  // The key that a rotation was about to bring in; nothing where none is under way.
  absl::StatusOr<std::optional<SecretKey>> ReadNext();

  // Writes PATH.next, durably. KEY_NOT_WRITABLE.
  absl::Status WriteNext(const SecretKey& key);

  // Makes PATH.next the key and destroys the one before: its file is overwritten, synced and
  // removed. (What a disk's own wear levelling or a snapshot of the file system kept is beyond
  // reach.) KEY_NOT_WRITABLE.
  absl::Status Promote();

  const std::filesystem::path& path() const { return path_; }

 private:
  absl::StatusOr<SecretKey> Read(const std::filesystem::path& path);
  absl::StatusOr<SecretKey> OpenSealed(std::span<const uint8_t> sealed,
                                       const std::filesystem::path& path);
  absl::Status Write(const SecretKey& key, const std::filesystem::path& path);
  absl::StatusOr<SecretBytes> Seal(const SecretKey& key);
  const SecretBytes& current_secret() const {
    return protection_.successor.empty() ? protection_.secret : protection_.successor;
  }
  // Overwrites and removes what Promote had set aside.
  absl::Status DestroyOld();
  std::filesystem::path Beside(const char* suffix) const { return path_.string() + suffix; }

  const std::filesystem::path path_;
  const KeyProtection& protection_;
  base::RandomSource& random_;
  bool outdated_ = false;  // what was read is not sealed as it should be
};

// A key file without protection, for keys of other parts.
absl::StatusOr<SecretKey> ReadOrMakeKeyFile(const std::filesystem::path& path, bool may_create,
                                            base::RandomSource& random);

}  // namespace rollcall::vault

#endif  // ROLLCALL_VAULT_KEY_FILE_H_
