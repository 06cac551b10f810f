#ifndef ROLLCALL_TESTS_UNIT_VAULT_VAULT_TEST_BASE_H_
#define ROLLCALL_TESTS_UNIT_VAULT_VAULT_TEST_BASE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "storage/database.h"
#include "support/databases.h"
#include "support/environment.h"
#include "support/status_matchers.h"
#include "vault/vault.h"

namespace rollcall::vault {

inline base::Uuid Subject(int number) {
  base::Uuid uuid;
  uuid.bytes[0] = 0xee;
  uuid.bytes[14] = static_cast<uint8_t>(number >> 8);
  uuid.bytes[15] = static_cast<uint8_t>(number);
  return uuid;
}

inline ModelTemplate Template(const std::string& model, size_t photos, float first) {
  ModelTemplate t;
  t.model_id = model;
  for (size_t i = 0; i < photos; ++i) {
    t.embeddings.push_back({first + static_cast<float>(i), -0.5f, 1e-30f, 0.25f});
  }
  return t;
}

// A vault in a folder of its own: the templates in test.db, the keys in keys/test.db and
// keys/vault.kek.
class VaultTestBase {
 public:
  explicit VaultTestBase(const support::DatabaseEngine& engine) : engine_(engine) {
    std::filesystem::create_directory(keys_folder());
    base::log::CaptureForTest([this](const std::string& line) { log_ += line; });
  }
  ~VaultTestBase() { base::log::CaptureForTest({}); }

  absl::Status TryReopen() {
    Close();
    ASSIGN_OR_RETURN(database_, engine_.open(temp_.path(), {VaultSchema()}));
    ASSIGN_OR_RETURN(keys_, engine_.open(keys_folder(), {VaultKeysSchema()}));
    ASSIGN_OR_RETURN(vault_, MakeSqlVault({.templates = *database_,
                                           .keys = *keys_,
                                           .key_path = key_path(),
                                           .protection = protection_,
                                           .random = random_,
                                           .models = models_}));
    return absl::OkStatus();
  }
  void Reopen() { ASSERT_THAT(TryReopen(), support::IsOk()); }
  void Close() {
    vault_.reset();
    database_.reset();
    keys_.reset();
  }

  std::filesystem::path keys_folder() const { return temp_.path() / "keys"; }
  std::filesystem::path key_path() const { return keys_folder() / "vault.kek"; }

  void Put(int subject, const ModelTemplate& t) {
    ASSERT_THAT(vault_->Put(Subject(subject), {t}), support::IsOk());
  }

  int64_t Run(storage::Database& database, const std::string& sql) {
    const auto changed = database.Write([&](storage::Connection& c) { return c.Execute(sql); });
    EXPECT_THAT(changed, support::IsOk()) << sql;
    return changed.value_or(-1);
  }
  int64_t Sql(const std::string& sql) { return Run(*database_, sql); }
  int64_t KeysSql(const std::string& sql) { return Run(*keys_, sql); }

  // Every stored row as text, so that two states can be compared.
  std::string Dump() {
    return DumpOf(*keys_,
                  "SELECT subject, nonce, wrapped_key FROM template_key ORDER BY subject,"
                  " generation") +
           DumpOf(*database_,
                  "SELECT subject, nonce, ciphertext FROM vault_embedding"
                  " ORDER BY subject, model_id, number");
  }

  support::TempDir temp_;
  const support::DatabaseEngine engine_;
  base::SeededRandom random_{1};
  KeyProtection protection_;
  ModelDigests models_;
  std::string log_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<storage::Database> keys_;
  std::unique_ptr<Vault> vault_;

 private:
  static std::string DumpOf(storage::Database& database, const std::string& sql) {
    const auto dump = database.Read([&](storage::Connection& c) -> absl::StatusOr<std::string> {
      std::string all;
      ASSIGN_OR_RETURN(const auto rows, c.Query(sql));
      while (true) {
        ASSIGN_OR_RETURN(const bool more, rows->Next());
        if (!more) return all;
        for (int i = 0; i < 3; ++i) all += base::ToHex(rows->Blob(i)) + " ";
      }
    });
    return dump.value_or("");
  }
};

}  // namespace rollcall::vault

#endif  // ROLLCALL_TESTS_UNIT_VAULT_VAULT_TEST_BASE_H_
