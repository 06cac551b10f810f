#ifndef ROLLCALL_VAULT_VAULT_H_
#define ROLLCALL_VAULT_VAULT_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/status.h"
#include "base/uuid.h"
#include "vault/key_file.h"

namespace rollcall::storage {
class Database;
struct Schema;
}  // namespace rollcall::storage

// Face templates at rest, apart from identity: a subject is a random id, and no name, volunteer
// number or ledger key is ever stored here.
//
// Every subject has a random 256-bit key of her own. It lies in a second database, wrapped by the
// key-encryption key, which lies in a file. Each embedding is one XChaCha20-Poly1305 message bound
// (as associated data) to subject, generation, key id, model and its file's SHA-256, number and count
// of photos: a row that was altered, moved to another person, another model or another place does not
// open, nor does any when another file has taken the model's name. Storing again makes a new key of the next generation, so an older row does not open either.
//
// Erasing destroys the key. Whoever kept a copy of the template database alone can then read
// nothing of her, not even with the key-encryption key: hers is in no such copy. A copy of both
// databases and of the key file made before still opens; RotateKeys does not change that, since the
// old key is in the copy. Encryption protects what is at rest; in memory a template is usable.
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

struct RotationReport {
  int64_t keys = 0;    // wrapped anew
  std::string key_id;  // of the new key-encryption key, 16 hexadecimal digits; says nothing of it
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

  // Destroys the subject's key, then her rows, and empties both write-ahead logs, so that neither
  // can be read from the files. Somebody who is not there: OK.
  virtual absl::Status Erase(const base::Uuid& subject) = 0;

  // Makes a new key-encryption key, wraps every subject's key by it, in commits of a few
  // milliseconds while everything else goes on, and destroys the old key. Killed at any moment, the
  // next opening finishes it; after an error the next call does. Cost: some 30 us a key.
  // `go_on` is asked before each commit; its error ends the call. Aborted, reason ROTATION_RUNNING:
  // another thread is at it. FailedPrecondition, reason KEY_NOT_WRITABLE.
  virtual absl::StatusOr<RotationReport> RotateKeys(
      const std::function<absl::Status()>& go_on = {}) = 0;
};

// For storage::DatabaseOptions::schemas. Both databases want secure_delete.
storage::Schema VaultSchema();      // the templates
storage::Schema VaultKeysSchema();  // their keys

// SHA-256 of models' files, 64 hexadecimal digits, by model id.
using ModelDigests = std::map<std::string, std::string>;

// What a vault is made of. All that is a reference must outlive it.
struct VaultParts {
  storage::Database& templates;  // holds VaultSchema()
  storage::Database& keys;       // holds VaultKeysSchema()
  std::filesystem::path key_path;
  const KeyProtection& protection;
  base::RandomSource& random;
  // Of the models in use. A template of a model that is not here is bound to the model's id only.
  ModelDigests models = {};
};

// The key-encryption key is read from the key file (see KeyFile); an empty vault without one gets a
// new one. Finishes a rotation that was cut off.
// FailedPrecondition, messages naming the file: the reasons of KeyFile::ReadOrMake, KEY_MISSING
// where templates are held (a new key would open none of them); KEY_WRONG, not the key that the
// templates were stored under.
absl::StatusOr<std::unique_ptr<Vault>> MakeSqlVault(const VaultParts& parts);

// The two databases as they lie in a data folder: DIR/vault.db and DIR/keys/templates.db, with the
// key in DIR/keys/templates.key. Makes DIR/keys (mode 0700).
struct VaultDatabases {
  std::unique_ptr<storage::Database> templates;
  std::unique_ptr<storage::Database> keys;
};
// `vfs`: storage::DatabaseOptions::vfs. Errors of storage::OpenSqlite; FailedPrecondition, reason
// KEY_NOT_WRITABLE.
absl::StatusOr<VaultDatabases> OpenVaultDatabases(const std::filesystem::path& data,
                                                  const std::string& vfs = "");

}  // namespace rollcall::vault

#endif  // ROLLCALL_VAULT_VAULT_H_
