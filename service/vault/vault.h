#ifndef ROLLCALL_VAULT_VAULT_H_
#define ROLLCALL_VAULT_VAULT_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/status.h"
#include "base/uuid.h"

namespace rollcall::storage {
class Database;
struct Schema;
}  // namespace rollcall::storage

// Face templates at rest, apart from identity: a subject is a random id, and no name, volunteer
// number or ledger key is ever stored here.
//
// Every subject has a random 256-bit key of her own, wrapped by the key-encryption key, which lies
// in a file outside the database. Each embedding is one XChaCha20-Poly1305 message bound (as
// associated data) to subject, model, number and count of photos: a row that was altered, moved to
// another person, another model or another place does not open. Storing again makes a new key, so
// an older row does not open either. Erasing destroys the key: what a backup still holds cannot be
// read without the key-encryption key, and not at all once that has been replaced. Encryption
// protects what is at rest; in memory a template is usable.
namespace rollcall::vault {

constexpr int32_t kMaxPhotos = 10;        // embeddings of one model of one subject
constexpr int32_t kMaxDimension = 4096;   // floats of one embedding

// The unit embeddings of one subject's enrolment photos, made by one model.
struct ModelTemplate {
  std::string model_id;
  std::vector<std::vector<float>> embeddings;  // 1 to kMaxPhotos, all of one size, finite
};

struct LoadReport {
  int64_t loaded = 0;
  // Subjects whose templates did not open. They are logged by subject id and left out: the service
  // starts, they use PIN or staff until they are enrolled again.
  std::vector<base::Uuid> damaged;
};

// Blocking; call it on a worker thread. Thread-safe.
class Vault {
 public:
  virtual ~Vault() = default;

  // Replaces everything held of `subject`, of every model, under a new key. All or nothing.
  // InvalidArgument, reason BAD_TEMPLATE: limits above broken, no or the same model twice, nil
  // subject.
  virtual absl::Status Put(const base::Uuid& subject,
                           const std::vector<ModelTemplate>& templates) = 0;

  // NotFound, reason NO_TEMPLATE: nothing of that model. DataLoss, reason TEMPLATE_DAMAGED: a row
  // does not open or one is missing; the message names the subject.
  virtual absl::StatusOr<ModelTemplate> Load(const base::Uuid& subject,
                                             const std::string& model_id) = 0;

  // Gives every subject's template of `model_id` to `take`, by subject, on the calling thread. One
  // that does not open ends up in the report, not in `take`. Reads in pages: writes go on
  // meanwhile.
  virtual absl::StatusOr<LoadReport> LoadAll(
      const std::string& model_id,
      const std::function<void(const base::Uuid&, ModelTemplate)>& take) = 0;

  // Whether anything is held of `subject`, of whatever model.
  virtual absl::StatusOr<bool> Contains(const base::Uuid& subject) = 0;

  // Everybody of whom something is held, by id. For the sweep at start that finishes an erasure.
  virtual absl::StatusOr<std::vector<base::Uuid>> Subjects() = 0;

  // Destroys the subject's key, then her rows, and empties the write-ahead log, so that neither can
  // be read from the files. Somebody who is not there: OK.
  virtual absl::Status Erase(const base::Uuid& subject) = 0;
};

// For storage::DatabaseOptions::schemas; the vault wants a database of its own with secure_delete.
storage::Schema VaultSchema();

// `database` must hold VaultSchema(); it and `random` must outlive the vault. The key-encryption
// key is read from `key_path` (32 bytes); an empty vault without one gets a new one, file mode
// 0600, its folder 0700.
// FailedPrecondition, messages naming the file: reason KEY_MISSING, no file although templates are
// held (a new key would open none of them); KEY_UNSAFE, not a regular file of this user, or others
// may read it; KEY_DAMAGED, not 32 bytes; KEY_WRONG, not the key that the templates were stored
// under; KEY_NOT_WRITABLE, cannot be made.
absl::StatusOr<std::unique_ptr<Vault>> MakeSqlVault(storage::Database& database,
                                                    const std::filesystem::path& key_path,
                                                    base::RandomSource& random);

}  // namespace rollcall::vault

#endif  // ROLLCALL_VAULT_VAULT_H_
