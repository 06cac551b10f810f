// What every Vault promises, on every engine, and what an altered row meets.
#include "vault/vault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "vault_test_base.h"

namespace rollcall::vault {
namespace {

using support::HasReason;
using support::IsOk;
using support::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class VaultTest : public testing::TestWithParam<support::DatabaseEngine>, public VaultTestBase {
 protected:
  VaultTest() : VaultTestBase(GetParam()) {}
  void SetUp() override {
    Reopen();
    ASSERT_NE(vault_, nullptr);
  }
};

TEST_P(VaultTest, WhatWasStoredComesBackBitByBit) {
  const ModelTemplate t = Template("model-1", 3, 0.125f);
  Put(1, t);
  Reopen();
  const auto loaded = vault_->Load(Subject(1), "model-1");
  ASSERT_THAT(loaded, IsOk());
  EXPECT_EQ(loaded->embeddings, t.embeddings);
  EXPECT_EQ(loaded->model_id, "model-1");
  EXPECT_THAT(vault_->Load(Subject(1), "model-2"), HasReason("NO_TEMPLATE"));
  EXPECT_THAT(vault_->Load(Subject(2), "model-1"), HasReason("NO_TEMPLATE"));
}

TEST_P(VaultTest, StoringAgainReplacesEverything) {
  ASSERT_THAT(vault_->Put(Subject(1), {Template("model-1", 5, 1), Template("model-2", 2, 2)}),
              IsOk());
  EXPECT_THAT(vault_->Load(Subject(1), "model-2")->embeddings, SizeIs(2));
  Put(1, Template("model-1", 2, 7));
  const auto loaded = vault_->Load(Subject(1), "model-1");
  ASSERT_THAT(loaded, IsOk());
  EXPECT_THAT(loaded->embeddings, SizeIs(2));
  EXPECT_EQ(loaded->embeddings[0][0], 7);
  EXPECT_THAT(vault_->Load(Subject(1), "model-2"), HasReason("NO_TEMPLATE"));
}

TEST_P(VaultTest, BadTemplatesAreRefusedAndWhatWasThereStays) {
  Put(1, Template("model-1", 3, 1));
  const std::string before = Dump();
  const ModelTemplate good = Template("model-1", 2, 2);
  std::vector<std::vector<ModelTemplate>> bad(9, {good});
  bad[0] = {};
  bad[1] = {good, good};
  bad[2][0].model_id = "";
  bad[3][0].embeddings.clear();
  bad[4][0].embeddings.resize(kMaxPhotos + 1, good.embeddings[0]);
  bad[5][0].embeddings[1].push_back(1);
  bad[6][0].embeddings[1][0] = std::nanf("");
  bad[7][0].embeddings[0][2] = std::numeric_limits<float>::infinity();
  bad[8][0].embeddings = {std::vector<float>()};
  for (size_t i = 0; i < bad.size(); ++i) {
    EXPECT_THAT(vault_->Put(Subject(1), bad[i]), HasReason("BAD_TEMPLATE")) << i;
  }
  EXPECT_THAT(vault_->Put(base::Uuid{}, {good}), HasReason("BAD_TEMPLATE"));
  EXPECT_EQ(Dump(), before);
}

TEST_P(VaultTest, AtStartEverybodyOfTheModelIsLoaded) {
  constexpr int kSubjects = 150;  // more than one page
  for (int i = 1; i <= kSubjects; ++i) Put(i, Template("model-1", 1, static_cast<float>(i)));
  Put(kSubjects + 1, Template("model-2", 1, 0));
  std::map<base::Uuid, float> loaded;
  const auto report = vault_->LoadAll("model-1", [&](const base::Uuid& subject, ModelTemplate t) {
    loaded[subject] = t.embeddings[0][0];
  });
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->loaded, kSubjects);
  EXPECT_THAT(report->damaged, SizeIs(0));
  ASSERT_THAT(loaded, SizeIs(kSubjects));
  for (int i = 1; i <= kSubjects; ++i) EXPECT_EQ(loaded[Subject(i)], static_cast<float>(i));
  EXPECT_THAT(*vault_->Subjects(), SizeIs(kSubjects + 1));
}

TEST_P(VaultTest, AnotherFileUnderTheModelsNameOpensNothing) {
  const std::string of_then(64, 'a');
  models_ = {{"model-1", of_then}};
  Reopen();
  Put(1, Template("model-1", 2, 1));
  models_ = {{"model-1", std::string(64, 'b')}};
  Reopen();
  EXPECT_THAT(vault_->Load(Subject(1), "model-1"), HasReason("TEMPLATE_DAMAGED"));
  models_ = {};
  Reopen();
  EXPECT_THAT(vault_->Load(Subject(1), "model-1"), HasReason("TEMPLATE_DAMAGED"));
  models_ = {{"model-1", of_then}};
  Reopen();
  EXPECT_THAT(vault_->Load(Subject(1), "model-1"), IsOk());
}

TEST_P(VaultTest, ErasingLeavesNothingInTheFilesAndNobodyElseOut) {
  Put(1, Template("model-1", 3, 1));
  Put(2, Template("model-1", 3, 2));
  const auto blob = [](storage::Database& database, const std::string& sql) {
    const auto value = database.Read([&](storage::Connection& c) -> absl::StatusOr<base::Bytes> {
      ASSIGN_OR_RETURN(const auto rows, c.Query(sql, {Subject(1)}));
      RETURN_IF_ERROR(rows->Next().status());
      return rows->Blob(0);
    });
    EXPECT_THAT(value, IsOk());
    return value.value_or(base::Bytes());
  };
  const std::vector<base::Bytes> secrets = {
      blob(*keys_, "SELECT wrapped_key FROM template_key WHERE subject = $1"),
      blob(*database_, "SELECT ciphertext FROM vault_embedding WHERE subject = $1")};
  ASSERT_THAT(secrets[0], SizeIs(48));
  ASSERT_THAT(secrets[1], SizeIs(32));

  ASSERT_THAT(vault_->Erase(Subject(1)), IsOk());
  EXPECT_THAT(vault_->Load(Subject(1), "model-1"), HasReason("NO_TEMPLATE"));
  EXPECT_FALSE(*vault_->Contains(Subject(1)));
  EXPECT_TRUE(*vault_->Contains(Subject(2)));
  EXPECT_THAT(*vault_->Subjects(), ElementsAre(Subject(2)));
  EXPECT_THAT(vault_->Load(Subject(2), "model-1"), IsOk());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(temp_.path())) {
    if (!entry.is_regular_file()) continue;
    const std::string content = support::ReadFile(entry.path());
    for (const base::Bytes& secret : secrets) {
      EXPECT_EQ(content.find(base::AsText(secret)), std::string::npos) << entry.path();
    }
  }
  EXPECT_THAT(vault_->Erase(Subject(1)), IsOk()) << "erasing again is OK";
  EXPECT_THAT(vault_->Erase(Subject(99)), IsOk());
}

TEST_P(VaultTest, NothingReadableIsStored) {
  const ModelTemplate t = Template("model-1", 1, 0.7071f);
  Put(1, t);
  ASSERT_THAT(database_->Scrub(), IsOk());
  std::string bytes(t.embeddings[0].size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), t.embeddings[0].data(), bytes.size());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(temp_.path())) {
    if (!entry.is_regular_file()) continue;
    EXPECT_THAT(support::ReadFile(entry.path()), Not(HasSubstr(bytes))) << entry.path();
  }
}

TEST_P(VaultTest, AnyFlippedBitKeepsTheTemplateClosed) {
  Put(1, Template("model-1", 2, 1));
  struct Column {
    storage::Database* database;
    const char* name;
    const char* where;
    int bytes;
  };
  const Column columns[] = {
      {keys_.get(), "nonce", "template_key", 24},
      {keys_.get(), "wrapped_key", "template_key", 48},
      {keys_.get(), "wrapped_by", "template_key", 16},
      {database_.get(), "nonce", "vault_embedding", 24},
      {database_.get(), "ciphertext", "vault_embedding", 32},
  };
  for (const Column& column : columns) {
    for (int at = 0; at < column.bytes; ++at) {
      const auto flip = [&] {
        return column.database->Write([&](storage::Connection& c) -> absl::Status {
          base::Bytes value;
          {
            ASSIGN_OR_RETURN(const auto rows, c.Query(std::string("SELECT ") + column.name +
                                                      " FROM " + column.where + " LIMIT 1"));
            RETURN_IF_ERROR(rows->Next().status());
            value = rows->Blob(0);
          }
          EXPECT_EQ(value.size(), static_cast<size_t>(column.bytes));
          const base::Bytes old = value;
          value[static_cast<size_t>(at)] ^= static_cast<uint8_t>(1 << (at % 8));
          return c
              .Execute(std::string("UPDATE ") + column.where + " SET " + column.name +
                           " = $1 WHERE " + column.name + " = $2",
                       {value, old})
              .status();
        });
      };
      ASSERT_THAT(flip(), IsOk());
      const auto closed = vault_->Load(Subject(1), "model-1");
      ASSERT_THAT(closed, HasReason("TEMPLATE_DAMAGED")) << column.name << " " << at;
      ASSERT_THAT(flip(), IsOk());
    }
  }
  EXPECT_THAT(vault_->Load(Subject(1), "model-1"), IsOk()) << "all bits are back";
}

TEST_P(VaultTest, RowsMovedElsewhereDoNotOpen) {
  const std::string exchange =
      "UPDATE vault_embedding SET (nonce, ciphertext) = (SELECT nonce, ciphertext FROM"
      " vault_embedding o WHERE o.subject <> vault_embedding.subject AND"
      " o.number = vault_embedding.number)";
  const std::vector<std::string> changes = {
      // Between two people, with and without the key.
      exchange,
      "UPDATE template_key SET (nonce, wrapped_key) = (SELECT nonce, wrapped_key FROM"
      " template_key o WHERE o.subject <> template_key.subject)",
      // Between two photos of one person.
      "UPDATE vault_embedding SET (nonce, ciphertext) = (SELECT nonce, ciphertext FROM"
      " vault_embedding o WHERE o.subject = vault_embedding.subject AND"
      " o.number = 1 - vault_embedding.number)",
      // Of another count, another dimension, one photo gone, the key gone.
      "UPDATE vault_embedding SET count = 3",
      "UPDATE vault_embedding SET dimension = 2",
      "DELETE FROM vault_embedding WHERE number = 1",
      "DELETE FROM vault_embedding WHERE number = 0",
      "UPDATE vault_embedding SET generation = generation + 1",
      "UPDATE vault_embedding SET generation = 0 WHERE number = 1",
      "DELETE FROM template_key",
      "UPDATE template_key SET generation = generation + 1",
  };
  for (const std::string& change : changes) {
    Put(1, Template("model-1", 2, 1));
    Put(2, Template("model-1", 2, 9));
    const bool of_keys = change.find("template_key") != std::string::npos;
    EXPECT_GT(of_keys ? KeysSql(change) : Sql(change), 0);
    const auto closed = vault_->Load(Subject(1), "model-1");
    EXPECT_THAT(closed, StatusIs(absl::StatusCode::kDataLoss)) << change;
    EXPECT_THAT(closed, HasReason("TEMPLATE_DAMAGED")) << change;
    EXPECT_THAT(base::Message(closed.status()), HasSubstr(Subject(1).ToString()));
  }
  // As if made by another model.
  Put(1, Template("model-1", 2, 1));
  Sql("DELETE FROM vault_embedding WHERE subject <> x'" + base::ToHex(Subject(1).bytes) + "'");
  EXPECT_GT(Sql("UPDATE vault_embedding SET model_id = 'model-2'"), 0);
  EXPECT_THAT(vault_->Load(Subject(1), "model-2"), HasReason("TEMPLATE_DAMAGED"));
}

TEST_P(VaultTest, AnEarlierTemplateDoesNotOpenUnderTheNewKey) {
  Put(1, Template("model-1", 1, 1));
  Sql("CREATE TABLE old AS SELECT * FROM vault_embedding");
  Put(1, Template("model-1", 1, 2));
  Sql("UPDATE vault_embedding SET (nonce, ciphertext) = (SELECT nonce, ciphertext FROM old)");
  EXPECT_THAT(vault_->Load(Subject(1), "model-1"), HasReason("TEMPLATE_DAMAGED"));
  // All of the row rolled back: its key is gone.
  Sql("DELETE FROM vault_embedding");
  Sql("INSERT INTO vault_embedding SELECT * FROM old");
  EXPECT_THAT(vault_->Load(Subject(1), "model-1"), HasReason("TEMPLATE_DAMAGED"));
}

TEST_P(VaultTest, ADamagedTemplateIsLeftOutAtStartAndNamed) {
  Put(1, Template("model-1", 2, 1));
  Put(2, Template("model-1", 2, 2));
  Sql("UPDATE vault_embedding SET ciphertext = zeroblob(32) WHERE number = 1 AND subject = x'" +
      base::ToHex(Subject(1).bytes) + "'");
  std::vector<base::Uuid> loaded;
  const auto report = vault_->LoadAll(
      "model-1",
      [&](const base::Uuid& subject, const ModelTemplate&) { loaded.push_back(subject); });
  ASSERT_THAT(report, IsOk());
  EXPECT_THAT(loaded, ElementsAre(Subject(2)));
  EXPECT_THAT(report->damaged, ElementsAre(Subject(1)));
  EXPECT_THAT(log_, HasSubstr("template_damaged"));
  EXPECT_THAT(log_, HasSubstr(Subject(1).ToString()));
  Put(1, Template("model-1", 1, 3));
  EXPECT_THAT(vault_->Load(Subject(1), "model-1"), IsOk()) << "enrolling again repairs it";
}

TEST_P(VaultTest, WithoutItsKeyFileItDoesNotStart) {
  std::filesystem::remove(key_path());
  EXPECT_THAT(TryReopen(), IsOk()) << "an empty vault takes a new key";
  Put(1, Template("model-1", 1, 1));
  const std::string key = support::ReadFile(key_path());
  std::filesystem::remove(key_path());
  EXPECT_THAT(TryReopen(), HasReason("KEY_MISSING"));
  EXPECT_FALSE(std::filesystem::exists(key_path()));

  support::WriteFile(key_path(), std::string(32, 'x'));
  std::filesystem::permissions(key_path(), std::filesystem::perms::owner_read);
  EXPECT_THAT(TryReopen(), HasReason("KEY_WRONG"));
  std::filesystem::remove(key_path());
  support::WriteFile(key_path(), key);
  std::filesystem::permissions(key_path(), std::filesystem::perms::owner_read);
  EXPECT_THAT(TryReopen(), IsOk());
  EXPECT_THAT(vault_->Load(Subject(1), "model-1"), IsOk());
}

INSTANTIATE_TEST_SUITE_P(Engines, VaultTest, testing::ValuesIn(support::DatabaseEngines()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace rollcall::vault
