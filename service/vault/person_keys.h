#ifndef ROLLCALL_VAULT_PERSON_KEYS_H_
#define ROLLCALL_VAULT_PERSON_KEYS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/status.h"
#include "base/uuid.h"
#include "vault/key_file.h"
#include "vault/seal.h"
#include "vault/vault.h"

// The keys of the subjects, each wrapped by the key-encryption key, in a database of their own. Not
// beside the templates: a backup of those then holds no key, and what Erase destroys here no old
// backup brings back.
namespace rollcall::vault {

// Blocking. Thread-safe. Private to this folder.
class PersonKeys {
 public:
  // `templates_held`: a missing key file must not be replaced by a new one. Errors: those of KeyFile; KEY_WRONG of MakeSqlVault; those of the database. Finishes a rotation
  // that was cut off. `parts` is what MakeSqlVault got.
  static absl::StatusOr<std::unique_ptr<PersonKeys>> Open(const VaultParts& parts,
                                                          bool templates_held);

  struct Fresh {
    SecretKey key;
    int64_t generation = 0;
  };
  // A new key for `subject`, durable on return. Those before it stay.
  absl::StatusOr<Fresh> Add(const base::Uuid& subject);

  // Destroys the keys of `subject` of a lower generation, in the file and its log; or one key.
  absl::Status DropBefore(const base::Uuid& subject, int64_t generation);
  absl::Status Drop(const KeyPlace& place);

  // One result a place, in their order; nothing: there is no such key, or it does not open.
  absl::StatusOr<std::vector<std::optional<SecretKey>>> Find(const std::vector<KeyPlace>& places);

  // Destroys all keys of `subject` and empties the write-ahead log.
  absl::Status Destroy(const base::Uuid& subject);

  // Everybody who has a key, by id; `more_than_one`: only those with several, which a cut-off Put
  // leaves.
  absl::StatusOr<std::vector<base::Uuid>> Subjects(bool more_than_one = false);

  // See Vault::RotateKeys.
  absl::StatusOr<RotationReport> Rotate(const std::function<absl::Status()>& go_on);

 private:
  PersonKeys(const VaultParts& parts, KeyFile file, SecretKey current);

  // With the lock held. Nothing: no known key has this id.
  const SecretKey* KeyOf(std::span<const uint8_t> id) const;
  const SecretKey& newest() const { return next_ ? *next_ : current_; }
  absl::StatusOr<int64_t> RewrapAll(const std::function<absl::Status()>& go_on);
  // The rows behind `last`, which moves on; 0: the end.
  absl::StatusOr<int64_t> RewrapSome(const base::Bytes& old_id, const base::Bytes& new_id,
                                     KeyPlace& last);
  absl::Status FinishRotation();

  storage::Database& database_;
  base::RandomSource& random_;
  KeyFile file_;
  std::atomic<bool> rotating_ = false;
  // Held shared while a key is read or written by the ones below, exclusively to change them.
  mutable std::shared_mutex lock_;
  SecretKey current_;
  std::optional<SecretKey> next_;  // a rotation's
};

}  // namespace rollcall::vault

#endif  // ROLLCALL_VAULT_PERSON_KEYS_H_
