// From a data folder to a file and back, by the library alone. With a running server:
// integration/leak_test.cc.
#include "backup/backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>

#include "base/uuid.h"
#include "ledger/ledger.h"
#include "registry/registry.h"
#include "storage/database.h"
#include "support/environment.h"
#include "support/status_matchers.h"
#include "webhooks/store.h"

namespace rollcall::backup {
namespace {

namespace fs = std::filesystem;
using support::HasReason;
using support::IsOk;
using testing::HasSubstr;
using Kind = vault::KeyProtection::Kind;

vault::KeyProtection KeyFileSecret(char letter) {
  vault::KeyProtection secret;
  secret.kind = Kind::kCredential;
  secret.secret = vault::SecretBytes(32);
  std::fill(secret.secret.bytes().begin(), secret.secret.bytes().end(),
            static_cast<uint8_t>(letter));
  return secret;
}

class BackupTest : public testing::Test {
 protected:
  // A data folder with one person's template and the audit trails.
  void SetUp() override {
    fs::create_directories(data() / "audit");
    support::WriteFile(data() / "audit/calls.jsonl", "{\"call\":1}\n");
    support::WriteFile(data() / "rollcalld.toml", "listen = \"127.0.0.1:0\"\n");
    Open();
    ASSERT_THAT(vault_->Put(subject_, {{"model-1", {{0.25f, 0.5f}}}}), IsOk());
  }
  void Open() {
    vault_.reset();
    main_.reset();
    databases_ = {};
    auto databases = vault::OpenVaultDatabases(data());
    ASSERT_THAT(databases, IsOk());
    databases_ = *std::move(databases);
    storage::DatabaseOptions options;
    options.path = data() / "rollcall.db";
    options.schemas = {registry::RegistrySchema(), ledger::LedgerSchema(), webhooks::WebhookSchema()};
    auto main = storage::OpenSqlite(std::move(options));
    ASSERT_THAT(main, IsOk());
    main_ = *std::move(main);
    auto vault = vault::MakeSqlVault({.templates = *databases_.templates,
                                      .keys = *databases_.keys,
                                      .key_path = data() / "keys/templates.key",
                                      .protection = none_,
                                      .random = random_});
    ASSERT_THAT(vault, IsOk());
    vault_ = *std::move(vault);
  }
  absl::StatusOr<Report> Save(const std::string& name, bool with_keys = false) {
    RETURN_IF_ERROR(MakeSnapshot({data(), *main_, databases_}, with_keys, {}).status());
    return Pack({data(), temp_.path() / name, with_keys, base::FromUnixMicros(5'000'000)},
                KeyFileSecret('k'), random_);
  }
  // Puts what was restored in the place of the data folder. `keys`: those of now.
  void Exchange(const fs::path& restored, bool keys) {
    vault_.reset();
    main_.reset();
    databases_ = {};
    fs::rename(data(), temp_.path() / "before");
    fs::rename(restored, data());
    if (keys) fs::rename(temp_.path() / "before/keys", data() / "keys");
    Open();
  }
  fs::path data() const { return temp_.path() / "data"; }

  support::TempDir temp_;
  base::SeededRandom random_{4};
  const vault::KeyProtection none_{};
  const base::Uuid subject_ = [] {
    base::Uuid uuid;
    uuid.bytes[0] = 7;
    return uuid;
  }();
  vault::VaultDatabases databases_;
  std::unique_ptr<storage::Database> main_;
  std::unique_ptr<vault::Vault> vault_;
};

TEST_F(BackupTest, WithoutKeysItHoldsNoneAndTheKeysOfNowOpenIt) {
  const auto saved = Save("b");
  ASSERT_THAT(saved, IsOk());
  for (const auto& file : saved->contents.files)
    EXPECT_THAT(file.name, testing::Not(HasSubstr("key")));
  EXPECT_FALSE(fs::exists(SnapshotFolder(data())));
  const auto restored = Restore({temp_.path() / "b", temp_.path() / "new"}, KeyFileSecret('k'));
  ASSERT_THAT(restored, IsOk());
  EXPECT_EQ(restored->contents.made, base::FromUnixMicros(5'000'000));
  EXPECT_FALSE(fs::exists(temp_.path() / "new/keys"));
  EXPECT_EQ(support::ReadFile(temp_.path() / "new/audit/calls.jsonl"), "{\"call\":1}\n");
  EXPECT_EQ(fs::status(temp_.path() / "new").permissions(), fs::perms::owner_all);
  ASSERT_NO_FATAL_FAILURE(Exchange(temp_.path() / "new", /*keys=*/true));
  EXPECT_THAT(vault_->Load(subject_, "model-1"), IsOk());
}

TEST_F(BackupTest, WhoWasErasedSinceDoesNotComeBack) {
  ASSERT_THAT(Save("b"), IsOk());
  ASSERT_THAT(vault_->Erase(subject_), IsOk());
  ASSERT_THAT(Restore({temp_.path() / "b", temp_.path() / "new"}, KeyFileSecret('k')), IsOk());
  ASSERT_NO_FATAL_FAILURE(Exchange(temp_.path() / "new", /*keys=*/true));
  EXPECT_THAT(vault_->Load(subject_, "model-1"), HasReason("TEMPLATE_DAMAGED"));
}

// What the README says of --with-keys, and why it is not the default.
TEST_F(BackupTest, WithKeysItStandsAloneAndBringsTheErasedBack) {
  ASSERT_THAT(Save("b", /*with_keys=*/true), IsOk());
  ASSERT_THAT(vault_->Erase(subject_), IsOk());
  ASSERT_THAT(vault_->RotateKeys(), IsOk());
  ASSERT_THAT(Restore({temp_.path() / "b", temp_.path() / "new"}, KeyFileSecret('k')), IsOk());
  ASSERT_NO_FATAL_FAILURE(Exchange(temp_.path() / "new", /*keys=*/false));
  EXPECT_THAT(vault_->Load(subject_, "model-1"), IsOk());
}

TEST_F(BackupTest, WithoutTemplatesItStartsAnew) {
  ASSERT_THAT(Save("b"), IsOk());
  ASSERT_THAT(Restore({temp_.path() / "b", temp_.path() / "new", /*without_templates=*/true},
                      KeyFileSecret('k')),
              IsOk());
  ASSERT_NO_FATAL_FAILURE(Exchange(temp_.path() / "new", /*keys=*/false));
  EXPECT_THAT(vault_->Load(subject_, "model-1"), HasReason("NO_TEMPLATE"));
}

TEST_F(BackupTest, ACopyWithAForgedLedgerGetsNoName) {
  ASSERT_THAT(MakeSnapshot({data(), *main_, databases_}, false, {}), IsOk());
  {
    storage::DatabaseOptions options;
    options.path = SnapshotFolder(data()) / "rollcall.db";
    options.schemas = {registry::RegistrySchema(), ledger::LedgerSchema(), webhooks::WebhookSchema()};
    const auto copy = storage::OpenSqlite(std::move(options));
    ASSERT_THAT(copy, IsOk());
    ASSERT_THAT((*copy)->Write([](storage::Connection& c) {
      return c.Execute(
          "INSERT INTO ledger_log (organisation, seq, format, salt, body, kind, practice)"
          " VALUES ('home', 1, 1, zeroblob(16), x'00', 1, 0)");
    }),
                IsOk());
  }
  const auto saved = Pack({data(), temp_.path() / "b", false, base::FromUnixMicros(5'000'000)},
                          KeyFileSecret('k'), random_);
  EXPECT_THAT(saved, HasReason("BACKUP_DAMAGED"));
  EXPECT_FALSE(fs::exists(temp_.path() / "b"));
  EXPECT_FALSE(fs::exists(temp_.path() / "b.new"));
}

TEST_F(BackupTest, NothingIsWrittenOverAndAFailedRestoreLeavesNothing) {
  ASSERT_THAT(Save("b"), IsOk());
  EXPECT_THAT(Save("b"), HasReason("BACKUP_EXISTS"));
  EXPECT_FALSE(fs::exists(SnapshotFolder(data())));
  EXPECT_THAT(Restore({temp_.path() / "b", data()}, KeyFileSecret('k')),
              HasReason("DATA_NOT_EMPTY"));
  EXPECT_THAT(Restore({temp_.path() / "b", temp_.path() / "new"}, KeyFileSecret('x')),
              HasReason("BACKUP_LOCKED"));
  EXPECT_THAT(Restore({temp_.path() / "none", temp_.path() / "new"}, KeyFileSecret('k')),
              HasReason("NO_BACKUP_FILE"));
  EXPECT_FALSE(fs::exists(temp_.path() / "new"));
  EXPECT_FALSE(fs::exists(temp_.path() / "new.restoring"));
  fs::create_directory(temp_.path() / "empty");
  EXPECT_THAT(Restore({temp_.path() / "b", temp_.path() / "empty"}, KeyFileSecret('k')), IsOk());
}

}  // namespace
}  // namespace rollcall::backup
