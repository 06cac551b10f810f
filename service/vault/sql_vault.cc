#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "storage/database.h"
#include "vault/key_file.h"
#include "vault/person_keys.h"
#include "vault/seal.h"
#include "vault/vault.h"

namespace rollcall::vault {
namespace {

using absl::StatusCode;
using storage::Connection;

constexpr char kSchema1[] = R"(
CREATE TABLE vault_embedding (
  subject    BLOB NOT NULL,
  model_id   TEXT NOT NULL,
  number     INTEGER NOT NULL,
  count      INTEGER NOT NULL,
  dimension  INTEGER NOT NULL,
  nonce      BLOB NOT NULL,
  ciphertext BLOB NOT NULL,
  generation INTEGER NOT NULL,
  PRIMARY KEY (subject, model_id, number)
) STRICT;
)";

constexpr int32_t kSubjectsPerRead = 64;

struct Model {
  std::string id;
  std::string sha256;  // as in EmbeddingPlace
};

// The rows of one subject and model, still closed.
struct ClosedTemplate {
  base::Uuid subject;
  std::vector<std::pair<EmbeddingPlace, Sealed>> embeddings;

  // What the first row says; rows of several generations do not open.
  KeyPlace key() const {
    return {subject, embeddings.empty() ? 0 : embeddings.front().first.generation};
  }
};

absl::Status BadTemplate(std::string_view what) {
  return base::MakeError(StatusCode::kInvalidArgument, "BAD_TEMPLATE", what);
}

absl::Status CheckTemplate(const ModelTemplate& t) {
  if (!base::ValidateId(t.model_id, "model id").ok()) return BadTemplate("malformed model id");
  if (t.embeddings.empty() || t.embeddings.size() > static_cast<size_t>(kMaxPhotos)) {
    return BadTemplate("a template has 1 to 10 embeddings");
  }
  const size_t dimension = t.embeddings.front().size();
  if (dimension < 1 || dimension > static_cast<size_t>(kMaxDimension)) {
    return BadTemplate("an embedding has 1 to 4096 floats");
  }
  for (const auto& embedding : t.embeddings) {
    if (embedding.size() != dimension) return BadTemplate("embeddings of different sizes");
    for (const float value : embedding) {
      if (!std::isfinite(value)) return BadTemplate("an embedding is not finite");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckPut(const base::Uuid& subject, const std::vector<ModelTemplate>& templates) {
  if (subject.IsNil()) return BadTemplate("no subject");
  if (templates.empty()) return BadTemplate("no template");
  std::set<std::string> models;
  for (const ModelTemplate& t : templates) {
    RETURN_IF_ERROR(CheckTemplate(t));
    if (!models.insert(t.model_id).second) return BadTemplate("two templates of one model");
  }
  return absl::OkStatus();
}

absl::Status Delete(Connection& c, const base::Uuid& subject) {
  return c.Execute("DELETE FROM vault_embedding WHERE subject = $1", {subject}).status();
}

absl::StatusOr<ClosedTemplate> ReadClosed(Connection& c, const base::Uuid& subject,
                                          const Model& model) {
  ClosedTemplate closed;
  closed.subject = subject;
  ASSIGN_OR_RETURN(const auto rows,
                   c.Query("SELECT number, count, dimension, nonce, ciphertext, generation"
                           " FROM vault_embedding WHERE subject = $1 AND model_id = $2"
                           " ORDER BY number",
                           {subject, model.id}));
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows->Next());
    if (!more) return closed;
    closed.embeddings.emplace_back(
        EmbeddingPlace{subject, rows->Int64(5), model.id, model.sha256,
                       static_cast<int32_t>(rows->Int64(0)), static_cast<int32_t>(rows->Int64(1)),
                       static_cast<int32_t>(rows->Int64(2))},
        Sealed{rows->Blob(3), rows->Blob(4)});
  }
}

// The subjects (or models) that a query of one column yields.
template <typename T, typename F>
absl::StatusOr<std::vector<T>> Column(Connection& c, std::string_view sql,
                                      std::initializer_list<storage::Value> values, F read) {
  ASSIGN_OR_RETURN(const auto rows, c.Query(sql, values));
  std::vector<T> all;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows->Next());
    if (!more) return all;
    all.push_back(read(*rows));
  }
}

base::Uuid UuidOf(storage::Rows& rows) { return rows.Uuid(0); }

// Nothing: something does not open, or a row is missing.
std::optional<ModelTemplate> Open(const ClosedTemplate& closed, const SecretKey& key) {
  ModelTemplate result;
  int32_t number = 0;
  for (const auto& [place, sealed] : closed.embeddings) {
    result.model_id = place.model_id;
    if (place.number != number++ || place.generation != closed.key().generation) {
      return std::nullopt;
    }
    if (place.count != static_cast<int32_t>(closed.embeddings.size())) return std::nullopt;
    auto embedding = OpenEmbedding(sealed, place, key);
    if (!embedding) return std::nullopt;
    result.embeddings.push_back(*std::move(embedding));
  }
  return result;
}

absl::Status InsertTemplate(Connection& c, const EmbeddingPlace& first, const ModelTemplate& t,
                            const SecretKey& key, base::RandomSource& random) {
  EmbeddingPlace place = first;
  place.count = static_cast<int32_t>(t.embeddings.size());
  place.dimension = static_cast<int32_t>(t.embeddings.front().size());
  for (const auto& embedding : t.embeddings) {
    const Sealed sealed = SealEmbedding(embedding, place, key, random);
    RETURN_IF_ERROR(c.Execute("INSERT INTO vault_embedding (subject, model_id, number, count,"
                              " dimension, nonce, ciphertext, generation)"
                              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                              {place.subject, place.model_id, place.number, place.count,
                               place.dimension, sealed.nonce, sealed.ciphertext, place.generation})
                        .status());
    ++place.number;
  }
  return absl::OkStatus();
}

class SqlVault final : public Vault {
 public:
  SqlVault(const VaultParts& parts, std::unique_ptr<PersonKeys> keys)
      : database_(parts.templates),
        random_(parts.random),
        models_(parts.models),
        keys_(std::move(keys)) {}

  absl::Status Put(const base::Uuid& subject, const std::vector<ModelTemplate>& templates) override;
  absl::StatusOr<ModelTemplate> Load(const base::Uuid& subject,
                                     const std::string& model_id) override;
  absl::StatusOr<LoadReport> LoadAll(
      const std::string& model_id,
      const std::function<void(const base::Uuid&, ModelTemplate)>& take) override;
  absl::StatusOr<bool> Contains(const base::Uuid& subject) override;
  absl::StatusOr<std::vector<base::Uuid>> Subjects() override;
  absl::Status Erase(const base::Uuid& subject) override;
  absl::StatusOr<RotationReport> RotateKeys(const std::function<absl::Status()>& go_on) override {
    return keys_->Rotate(go_on);
  }

  // At opening: drops the keys that a Put which was cut off left behind.
  absl::Status DropLeftKeys();

 private:
  Model ModelOf(const std::string& id) const {
    const auto found = models_.find(id);
    return {id, found == models_.end() ? "" : found->second};
  }
  absl::StatusOr<std::vector<ClosedTemplate>> ReadPage(const Model& model,
                                                       const base::Uuid& after);

  storage::Database& database_;
  base::RandomSource& random_;
  const ModelDigests models_;
  const std::unique_ptr<PersonKeys> keys_;
};

// The new key is durable before anything is sealed under it, and the one before goes only when the
// rows under it are gone: whenever the process dies, what is stored opens.
absl::Status SqlVault::Put(const base::Uuid& subject, const std::vector<ModelTemplate>& templates) {
  RETURN_IF_ERROR(CheckPut(subject, templates));
  ASSIGN_OR_RETURN(const PersonKeys::Fresh fresh, keys_->Add(subject));
  const absl::Status written = database_.Write([&](Connection& c) -> absl::Status {
    RETURN_IF_ERROR(Delete(c, subject));
    for (const ModelTemplate& t : templates) {
      const Model model = ModelOf(t.model_id);
      const EmbeddingPlace first{subject, fresh.generation, model.id, model.sha256};
      RETURN_IF_ERROR(InsertTemplate(c, first, t, fresh.key, random_));
    }
    return absl::OkStatus();
  });
  if (!written.ok()) {
    // Unless the process is about to die; then the key is left over and opens nothing.
    keys_->Drop({subject, fresh.generation}).IgnoreError();
    return written;
  }
  return keys_->DropBefore(subject, fresh.generation);
}

absl::StatusOr<ModelTemplate> SqlVault::Load(const base::Uuid& subject,
                                             const std::string& model_id) {
  const Model model = ModelOf(model_id);
  ASSIGN_OR_RETURN(const ClosedTemplate closed,
                   database_.Read([&](Connection& c) { return ReadClosed(c, subject, model); }));
  if (closed.embeddings.empty()) {
    return base::MakeError(StatusCode::kNotFound, "NO_TEMPLATE",
                           "no template of this model is stored for this subject");
  }
  ASSIGN_OR_RETURN(const auto keys, keys_->Find({closed.key()}));
  if (keys[0]) {
    if (auto opened = Open(closed, *keys[0])) return *std::move(opened);
  }
  return base::MakeError(StatusCode::kDataLoss, "TEMPLATE_DAMAGED",
                         "the template of subject " + subject.ToString() +
                             " does not open; enrol this volunteer again");
}

absl::StatusOr<std::vector<ClosedTemplate>> SqlVault::ReadPage(const Model& model,
                                                               const base::Uuid& after) {
  return database_.Read([&](Connection& c) -> absl::StatusOr<std::vector<ClosedTemplate>> {
    ASSIGN_OR_RETURN(const auto subjects,
                     Column<base::Uuid>(c,
                                        "SELECT DISTINCT subject FROM vault_embedding"
                                        " WHERE subject > $1 AND model_id = $2"
                                        " ORDER BY subject LIMIT $3",
                                        {after, model.id, kSubjectsPerRead}, UuidOf));
    std::vector<ClosedTemplate> result;
    for (const base::Uuid& subject : subjects) {
      ASSIGN_OR_RETURN(ClosedTemplate closed, ReadClosed(c, subject, model));
      result.push_back(std::move(closed));
    }
    return result;
  });
}

absl::StatusOr<LoadReport> SqlVault::LoadAll(
    const std::string& model_id,
    const std::function<void(const base::Uuid&, ModelTemplate)>& take) {
  LoadReport report;
  base::Uuid after;
  while (true) {
    ASSIGN_OR_RETURN(const auto page, ReadPage(ModelOf(model_id), after));
    if (page.empty()) return report;
    std::vector<KeyPlace> places;
    for (const ClosedTemplate& closed : page) places.push_back(closed.key());
    ASSIGN_OR_RETURN(const auto keys, keys_->Find(places));
    for (size_t i = 0; i < page.size(); ++i) {
      const ClosedTemplate& closed = page[i];
      if (closed.subject <= after) {  // not 16 bytes any more, and so no way forward
        return base::MakeError(StatusCode::kDataLoss, "DATABASE_DAMAGED",
                               "the vault holds a malformed subject; restore the last backup");
      }
      after = closed.subject;
      auto opened = keys[i] ? Open(closed, *keys[i]) : std::nullopt;
      if (opened) {
        ++report.loaded;
        take(closed.subject, *std::move(opened));
        continue;
      }
      base::log::Error("template_damaged", {{"subject", closed.subject.ToString()}});
      report.damaged.push_back(closed.subject);
    }
  }
}

absl::StatusOr<bool> SqlVault::Contains(const base::Uuid& subject) {
  ASSIGN_OR_RETURN(const bool held, database_.Read([&](Connection& c) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const auto rows,
                     c.Query("SELECT 1 FROM vault_embedding WHERE subject = $1 LIMIT 1",
                             {subject}));
    return rows->Next();
  }));
  return held;
}

absl::StatusOr<std::vector<base::Uuid>> SqlVault::Subjects() {
  ASSIGN_OR_RETURN(auto subjects, database_.Read([](Connection& c) {
    return Column<base::Uuid>(c, "SELECT DISTINCT subject FROM vault_embedding", {}, UuidOf);
  }));
  ASSIGN_OR_RETURN(const auto with_keys, keys_->Subjects());
  subjects.insert(subjects.end(), with_keys.begin(), with_keys.end());
  std::sort(subjects.begin(), subjects.end());
  subjects.erase(std::unique(subjects.begin(), subjects.end()), subjects.end());
  return subjects;
}

absl::Status SqlVault::Erase(const base::Uuid& subject) {
  // The key first: should anything ever come between, what is left cannot be read.
  RETURN_IF_ERROR(keys_->Destroy(subject));
  RETURN_IF_ERROR(database_.Write([&](Connection& c) { return Delete(c, subject); }));
  // Also when nothing was there: an earlier call may have been cut off before this line.
  return database_.Scrub();
}

absl::Status SqlVault::DropLeftKeys() {
  ASSIGN_OR_RETURN(const auto several, keys_->Subjects(/*more_than_one=*/true));
  for (const base::Uuid& subject : several) {
    ASSIGN_OR_RETURN(
        const int64_t used, database_.Read([&](Connection& c) -> absl::StatusOr<int64_t> {
          ASSIGN_OR_RETURN(const auto rows, c.Query("SELECT generation FROM vault_embedding"
                                                    " WHERE subject = $1 LIMIT 1",
                                                    {subject}));
          ASSIGN_OR_RETURN(const bool found, rows->Next());
          return found ? rows->Int64(0) : 0;
        }));
    RETURN_IF_ERROR(keys_->DropBefore(subject, used));
  }
  return absl::OkStatus();
}

}  // namespace

storage::Schema VaultSchema() { return {"vault", {{1, kSchema1}}}; }

absl::StatusOr<std::unique_ptr<Vault>> MakeSqlVault(const VaultParts& parts) {
  ASSIGN_OR_RETURN(const bool held,
                   parts.templates.Read([](Connection& c) -> absl::StatusOr<bool> {
                     ASSIGN_OR_RETURN(const auto rows,
                                      c.Query("SELECT 1 FROM vault_embedding LIMIT 1"));
                     return rows->Next();
                   }));
  ASSIGN_OR_RETURN(auto keys, PersonKeys::Open(parts, held));
  auto vault = std::make_unique<SqlVault>(parts, std::move(keys));
  RETURN_IF_ERROR(vault->DropLeftKeys());
  return vault;
}

absl::StatusOr<VaultDatabases> OpenVaultDatabases(const std::filesystem::path& data,
                                                  const std::string& vfs) {
  const std::filesystem::path folder = data / "keys";
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return base::MakeError(StatusCode::kFailedPrecondition, "KEY_NOT_WRITABLE",
                           folder.string() + ": " + std::strerror(errno));
  }
  VaultDatabases databases;
  const auto open = [&vfs](const std::filesystem::path& path, storage::Schema schema) {
    storage::DatabaseOptions options;
    options.path = path;
    options.vfs = vfs;
    options.schemas = {std::move(schema)};
    options.secure_delete = true;
    return storage::OpenSqlite(std::move(options));
  };
  ASSIGN_OR_RETURN(databases.templates, open(data / "vault.db", VaultSchema()));
  ASSIGN_OR_RETURN(databases.keys, open(folder / "templates.db", VaultKeysSchema()));
  return databases;
}

}  // namespace rollcall::vault
