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

#include "base/log.h"
#include "storage/database.h"
#include "support/databases.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::vault {
namespace {

using support::HasReason;
using support::IsOk;
using support::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

base::Uuid Subject(int number) {
  base::Uuid uuid;
  uuid.bytes[0] = 0xee;
  uuid.bytes[14] = static_cast<uint8_t>(number >> 8);
  uuid.bytes[15] = static_cast<uint8_t>(number);
  return uuid;
}

ModelTemplate Template(const std::string& model, size_t photos, float first) {
  ModelTemplate t;
  t.model_id = model;
  for (size_t i = 0; i < photos; ++i) {
    t.embeddings.push_back({first + static_cast<float>(i), -0.5f, 1e-30f, 0.25f});
  }
  return t;
}

class VaultTest : public testing::TestWithParam<support::DatabaseEngine> {
 protected:
  void SetUp() override {
    Reopen();
    ASSERT_NE(vault_, nullptr);
    base::log::CaptureForTest([this](const std::string& line) { log_ += line; });
  }
  void TearDown() override { base::log::CaptureForTest({}); }

  absl::Status TryReopen() {
    vault_.reset();
    database_.reset();
    ASSIGN_OR_RETURN(database_, GetParam().open(temp_.path(), {VaultSchema()}));
    ASSIGN_OR_RETURN(vault_, MakeSqlVault(*database_, key_path(), random_));
    return absl::OkStatus();
  }
  void Reopen() { ASSERT_THAT(TryReopen(), IsOk()); }

  std::filesystem::path key_path() const { return temp_.path() / "keys" / "vault.kek"; }

  void Put(int subject, const ModelTemplate& t) {
    ASSERT_THAT(vault_->Put(Subject(subject), {t}), IsOk());
  }

  int64_t Sql(const std::string& sql) {
    const auto changed =
        database_->Write([&](storage::Connection& c) { return c.Execute(sql); });
    EXPECT_THAT(changed, IsOk()) << sql;
    return changed.value_or(-1);
  }

  // Every stored row as text, so that two states can be compared.
  std::string Dump() {
    const auto dump = database_->Read([](storage::Connection& c) -> absl::StatusOr<std::string> {
      std::string all;
      for (const char* sql :
           {"SELECT subject, nonce, wrapped_key FROM vault_subject ORDER BY subject",
            "SELECT subject, nonce, ciphertext FROM vault_embedding ORDER BY subject, model_id,"
            " number"}) {
        ASSIGN_OR_RETURN(const auto rows, c.Query(sql));
        while (true) {
          ASSIGN_OR_RETURN(const bool more, rows->Next());
          if (!more) break;
          for (int i = 0; i < 3; ++i) all += base::ToHex(rows->Blob(i)) + " ";
        }
      }
      return all;
    });
    return dump.value_or("");
  }

  support::TempDir temp_;
  base::SeededRandom random_{1};
  std::string log_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<Vault> vault_;
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

TEST_P(VaultTest, ErasingLeavesNothingInTheFilesAndNobodyElseOut) {
  Put(1, Template("model-1", 3, 1));
  Put(2, Template("model-1", 3, 2));
  const auto secrets = database_->Read(
      [](storage::Connection& c) -> absl::StatusOr<std::vector<base::Bytes>> {
        ASSIGN_OR_RETURN(const auto rows, c.Query("SELECT s.wrapped_key, e.ciphertext"
                                                  " FROM vault_subject s JOIN vault_embedding e"
                                                  " ON e.subject = s.subject"
                                                  " WHERE s.subject = $1",
                                                  {Subject(1)}));
        RETURN_IF_ERROR(rows->Next().status());
        return std::vector<base::Bytes>{rows->Blob(0), rows->Blob(1)};
      });
  ASSERT_THAT(secrets, IsOk());

  ASSERT_THAT(vault_->Erase(Subject(1)), IsOk());
  EXPECT_THAT(vault_->Load(Subject(1), "model-1"), HasReason("NO_TEMPLATE"));
  EXPECT_FALSE(*vault_->Contains(Subject(1)));
  EXPECT_TRUE(*vault_->Contains(Subject(2)));
  EXPECT_THAT(*vault_->Subjects(), ElementsAre(Subject(2)));
  EXPECT_THAT(vault_->Load(Subject(2), "model-1"), IsOk());
  for (const auto& entry : std::filesystem::directory_iterator(temp_.path())) {
    if (!entry.is_regular_file()) continue;
    const std::string content = support::ReadFile(entry.path());
    for (const base::Bytes& secret : *secrets) {
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
  for (const auto& entry : std::filesystem::directory_iterator(temp_.path())) {
    if (!entry.is_regular_file()) continue;
    EXPECT_THAT(support::ReadFile(entry.path()), Not(HasSubstr(bytes))) << entry.path();
  }
}

TEST_P(VaultTest, AnyFlippedBitKeepsTheTemplateClosed) {
  Put(1, Template("model-1", 2, 1));
  struct Column {
    const char* name;
    const char* where;
    int bytes;
  };
  const Column columns[] = {
      {"nonce", "vault_subject", 24},        {"wrapped_key", "vault_subject", 48},
      {"nonce", "vault_embedding", 24},      {"ciphertext", "vault_embedding", 32},
  };
  for (const Column& column : columns) {
    for (int at = 0; at < column.bytes; ++at) {
      const auto flip = [&] {
        return database_->Write([&](storage::Connection& c) -> absl::Status {
          base::Bytes value;
          {
            ASSIGN_OR_RETURN(const auto rows,
                             c.Query(std::string("SELECT ") + column.name + " FROM " +
                                     column.where + " LIMIT 1"));
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
      "UPDATE vault_subject SET (nonce, wrapped_key) = (SELECT nonce, wrapped_key FROM"
      " vault_subject o WHERE o.subject <> vault_subject.subject)",
      // Between two photos of one person.
      "UPDATE vault_embedding SET (nonce, ciphertext) = (SELECT nonce, ciphertext FROM"
      " vault_embedding o WHERE o.subject = vault_embedding.subject AND"
      " o.number = 1 - vault_embedding.number)",
      // Of another count, another dimension, one photo gone, the key gone.
      "UPDATE vault_embedding SET count = 3",
      "UPDATE vault_embedding SET dimension = 2",
      "DELETE FROM vault_embedding WHERE number = 1",
      "DELETE FROM vault_embedding WHERE number = 0",
      "DELETE FROM vault_subject",
  };
  for (const std::string& change : changes) {
    Put(1, Template("model-1", 2, 1));
    Put(2, Template("model-1", 2, 9));
    EXPECT_GT(Sql(change), 0);
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
}

TEST_P(VaultTest, ADamagedTemplateIsLeftOutAtStartAndNamed) {
  Put(1, Template("model-1", 2, 1));
  Put(2, Template("model-1", 2, 2));
  Sql("UPDATE vault_embedding SET ciphertext = zeroblob(32) WHERE number = 1 AND subject = x'" +
      base::ToHex(Subject(1).bytes) + "'");
  std::vector<base::Uuid> loaded;
  const auto report = vault_->LoadAll(
      "model-1", [&](const base::Uuid& subject, const ModelTemplate&) {
        loaded.push_back(subject);
      });
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
