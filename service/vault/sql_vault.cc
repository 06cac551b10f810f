#include <cmath>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "storage/database.h"
#include "vault/key_file.h"
#include "vault/seal.h"
#include "vault/vault.h"

namespace rollcall::vault {
namespace {

using absl::StatusCode;
using storage::Connection;

constexpr char kSchema1[] = R"(
CREATE TABLE vault_subject (
  subject     BLOB NOT NULL PRIMARY KEY,
  wrapped_by  BLOB NOT NULL,
  nonce       BLOB NOT NULL,
  wrapped_key BLOB NOT NULL
) STRICT;
CREATE TABLE vault_embedding (
  subject    BLOB NOT NULL,
  model_id   TEXT NOT NULL,
  number     INTEGER NOT NULL,
  count      INTEGER NOT NULL,
  dimension  INTEGER NOT NULL,
  nonce      BLOB NOT NULL,
  ciphertext BLOB NOT NULL,
  PRIMARY KEY (subject, model_id, number)
) STRICT;
)";

constexpr int32_t kSubjectsPerRead = 64;

// The rows of one subject and model, still closed.
struct ClosedTemplate {
  base::Uuid subject;
  Sealed key;
  std::vector<std::pair<EmbeddingPlace, Sealed>> embeddings;
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
  // The key first: should anything ever come between, what is left cannot be read.
  RETURN_IF_ERROR(c.Execute("DELETE FROM vault_subject WHERE subject = $1", {subject}).status());
  return c.Execute("DELETE FROM vault_embedding WHERE subject = $1", {subject}).status();
}

absl::StatusOr<ClosedTemplate> ReadClosed(Connection& c, const base::Uuid& subject,
                                          const std::string& model_id) {
  ClosedTemplate closed;
  closed.subject = subject;
  {
    ASSIGN_OR_RETURN(const auto rows, c.Query(
        "SELECT nonce, wrapped_key FROM vault_subject WHERE subject = $1", {subject}));
    ASSIGN_OR_RETURN(const bool found, rows->Next());
    if (found) closed.key = {rows->Blob(0), rows->Blob(1)};
  }
  ASSIGN_OR_RETURN(const auto rows,
                   c.Query("SELECT number, count, dimension, nonce, ciphertext"
                           " FROM vault_embedding WHERE subject = $1 AND model_id = $2"
                           " ORDER BY number",
                           {subject, model_id}));
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows->Next());
    if (!more) return closed;
    closed.embeddings.emplace_back(
        EmbeddingPlace{subject, model_id, static_cast<int32_t>(rows->Int64(0)),
                       static_cast<int32_t>(rows->Int64(1)), static_cast<int32_t>(rows->Int64(2))},
        Sealed{rows->Blob(3), rows->Blob(4)});
  }
}

// Nothing: something does not open, or a row is missing.
std::optional<ModelTemplate> Open(const ClosedTemplate& closed, const SecretKey& wrapping_key) {
  const auto key = OpenKey(closed.key, closed.subject, wrapping_key);
  if (!key) return std::nullopt;
  ModelTemplate result;
  int32_t number = 0;
  for (const auto& [place, sealed] : closed.embeddings) {
    result.model_id = place.model_id;
    if (place.number != number++) return std::nullopt;
    if (place.count != static_cast<int32_t>(closed.embeddings.size())) return std::nullopt;
    auto embedding = OpenEmbedding(sealed, place, *key);
    if (!embedding) return std::nullopt;
    result.embeddings.push_back(*std::move(embedding));
  }
  return result;
}

class SqlVault final : public Vault {
 public:
  SqlVault(storage::Database& database, SecretKey key, base::RandomSource& random)
      : database_(database), key_(std::move(key)), key_id_(KeyId(key_)), random_(random) {}

  absl::Status Put(const base::Uuid& subject,
                   const std::vector<ModelTemplate>& templates) override;
  absl::StatusOr<ModelTemplate> Load(const base::Uuid& subject,
                                     const std::string& model_id) override;
  absl::StatusOr<LoadReport> LoadAll(
      const std::string& model_id,
      const std::function<void(const base::Uuid&, ModelTemplate)>& take) override;
  absl::StatusOr<bool> Contains(const base::Uuid& subject) override;
  absl::StatusOr<std::vector<base::Uuid>> Subjects() override;
  absl::Status Erase(const base::Uuid& subject) override;

 private:
  absl::Status Insert(Connection& c, const base::Uuid& subject, const ModelTemplate& t,
                      const SecretKey& key);

  storage::Database& database_;
  const SecretKey key_;  // the key-encryption key
  const base::Bytes key_id_;
  base::RandomSource& random_;
};

absl::Status SqlVault::Put(const base::Uuid& subject,
                           const std::vector<ModelTemplate>& templates) {
  RETURN_IF_ERROR(CheckPut(subject, templates));
  SecretKey key;
  random_.Fill(key.bytes());
  const Sealed wrapped = SealKey(key, subject, key_, random_);
  return database_.Write([&](Connection& c) -> absl::Status {
    RETURN_IF_ERROR(Delete(c, subject));
    RETURN_IF_ERROR(c.Execute("INSERT INTO vault_subject (subject, wrapped_by, nonce, wrapped_key)"
                              " VALUES ($1, $2, $3, $4)",
                              {subject, key_id_, wrapped.nonce, wrapped.ciphertext})
                        .status());
    for (const ModelTemplate& t : templates) RETURN_IF_ERROR(Insert(c, subject, t, key));
    return absl::OkStatus();
  });
}

absl::Status SqlVault::Insert(Connection& c, const base::Uuid& subject, const ModelTemplate& t,
                              const SecretKey& key) {
  const auto count = static_cast<int32_t>(t.embeddings.size());
  const auto dimension = static_cast<int32_t>(t.embeddings.front().size());
  for (int32_t i = 0; i < count; ++i) {
    const EmbeddingPlace place{subject, t.model_id, i, count, dimension};
    const Sealed sealed =
        SealEmbedding(t.embeddings[static_cast<size_t>(i)], place, key, random_);
    RETURN_IF_ERROR(
        c.Execute("INSERT INTO vault_embedding"
                  " (subject, model_id, number, count, dimension, nonce, ciphertext)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7)",
                  {subject, t.model_id, i, count, dimension, sealed.nonce, sealed.ciphertext})
            .status());
  }
  return absl::OkStatus();
}

absl::StatusOr<ModelTemplate> SqlVault::Load(const base::Uuid& subject,
                                             const std::string& model_id) {
  ASSIGN_OR_RETURN(const ClosedTemplate closed, database_.Read([&](Connection& c) {
    return ReadClosed(c, subject, model_id);
  }));
  if (closed.embeddings.empty()) {
    return base::MakeError(StatusCode::kNotFound, "NO_TEMPLATE",
                           "no template of this model is stored for this subject");
  }
  auto opened = Open(closed, key_);
  if (opened) return *std::move(opened);
  return base::MakeError(StatusCode::kDataLoss, "TEMPLATE_DAMAGED",
                         "the template of subject " + subject.ToString() +
                             " does not open; enrol this volunteer again");
}

absl::StatusOr<LoadReport> SqlVault::LoadAll(
    const std::string& model_id,
    const std::function<void(const base::Uuid&, ModelTemplate)>& take) {
  LoadReport report;
  base::Uuid after;
  while (true) {
    ASSIGN_OR_RETURN(
        const auto page,
        database_.Read([&](Connection& c) -> absl::StatusOr<std::vector<ClosedTemplate>> {
          std::vector<base::Uuid> subjects;
          {
            ASSIGN_OR_RETURN(const auto rows,
                             c.Query("SELECT DISTINCT subject FROM vault_embedding"
                                     " WHERE subject > $1 AND model_id = $2"
                                     " ORDER BY subject LIMIT $3",
                                     {after, model_id, kSubjectsPerRead}));
            while (true) {
              ASSIGN_OR_RETURN(const bool more, rows->Next());
              if (!more) break;
              subjects.push_back(rows->Uuid(0));
            }
          }
          std::vector<ClosedTemplate> result;
          for (const base::Uuid& subject : subjects) {
            ASSIGN_OR_RETURN(ClosedTemplate closed, ReadClosed(c, subject, model_id));
            result.push_back(std::move(closed));
          }
          return result;
        }));
    if (page.empty()) return report;
    for (const ClosedTemplate& closed : page) {
      if (closed.subject <= after) {  // not 16 bytes any more, and so no way forward
        return base::MakeError(StatusCode::kDataLoss, "DATABASE_DAMAGED",
                               "the vault holds a malformed subject; restore the last backup");
      }
      after = closed.subject;
      if (auto opened = Open(closed, key_)) {
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
  return database_.Read([&](Connection& c) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const auto rows,
                     c.Query("SELECT 1 FROM vault_subject WHERE subject = $1 UNION ALL"
                             " SELECT 1 FROM vault_embedding WHERE subject = $1 LIMIT 1",
                             {subject}));
    return rows->Next();
  });
}

absl::StatusOr<std::vector<base::Uuid>> SqlVault::Subjects() {
  return database_.Read([](Connection& c) -> absl::StatusOr<std::vector<base::Uuid>> {
    ASSIGN_OR_RETURN(const auto rows, c.Query("SELECT subject FROM vault_subject UNION"
                                              " SELECT subject FROM vault_embedding"
                                              " ORDER BY subject"));
    std::vector<base::Uuid> subjects;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows->Next());
      if (!more) return subjects;
      subjects.push_back(rows->Uuid(0));
    }
  });
}

absl::Status SqlVault::Erase(const base::Uuid& subject) {
  RETURN_IF_ERROR(database_.Write([&](Connection& c) { return Delete(c, subject); }));
  // Also when nothing was there: an earlier call may have been cut off before this line.
  return database_.Scrub();
}

}  // namespace

storage::Schema VaultSchema() { return {"vault", {{1, kSchema1}}}; }

absl::StatusOr<std::unique_ptr<Vault>> MakeSqlVault(storage::Database& database,
                                                    const std::filesystem::path& key_path,
                                                    base::RandomSource& random) {
  // Which key the stored templates want; nothing in an empty vault.
  ASSIGN_OR_RETURN(
      const auto wanted,
      database.Read([](Connection& c) -> absl::StatusOr<std::optional<base::Bytes>> {
        ASSIGN_OR_RETURN(const auto rows,
                         c.Query("SELECT wrapped_by FROM vault_subject LIMIT 1"));
        ASSIGN_OR_RETURN(const bool found, rows->Next());
        return found ? std::optional(rows->Blob(0)) : std::nullopt;
      }));
  ASSIGN_OR_RETURN(SecretKey key,
                   ReadOrMakeKeyFile(key_path, /*may_create=*/!wanted.has_value(), random));
  if (wanted && *wanted != KeyId(key)) {
    return base::MakeError(StatusCode::kFailedPrecondition, "KEY_WRONG",
                           "key file " + key_path.string() +
                               ": not the key that the templates were stored under; restore the "
                               "right one");
  }
  return std::make_unique<SqlVault>(database, std::move(key), random);
}

}  // namespace rollcall::vault
