// Rotation of the key-encryption key, cut off wherever it can be, and what erasure leaves.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "vault/seal.h"
#include "vault_test_base.h"

namespace rollcall::vault {
namespace {

namespace fs = std::filesystem;
using support::HasReason;
using support::IsOk;
using testing::HasSubstr;
using testing::SizeIs;

class RotationTest : public testing::TestWithParam<support::DatabaseEngine>, public VaultTestBase {
 protected:
  RotationTest() : VaultTestBase(GetParam()) {}
  void SetUp() override { Reopen(); }

  fs::path Beside(const char* suffix) const { return key_path().string() + suffix; }

  // `count` people without the three commits each that Put takes: the keys are what matters.
  void PutMany(int count) {
    Put(1, Template("model-1", 2, 1));
    for (int i = 2; i <= count; ++i) Put(i, Template("model-1", 1, static_cast<float>(i)));
  }
  void ExpectAllOpen(int count) {
    const auto report = vault_->LoadAll("model-1", [](const base::Uuid&, const ModelTemplate&) {});
    ASSERT_THAT(report, IsOk());
    EXPECT_EQ(report->loaded, count);
    EXPECT_THAT(report->damaged, SizeIs(0));
  }
  int64_t KeysWrappedBy(const SecretKey& key) {
    const base::Bytes id = KeyId(key);
    const auto count = keys_->Read([&](storage::Connection& c) -> absl::StatusOr<int64_t> {
      ASSIGN_OR_RETURN(const auto rows,
                       c.Query("SELECT count(*) FROM template_key WHERE wrapped_by = $1", {id}));
      RETURN_IF_ERROR(rows->Next().status());
      return rows->Int64(0);
    });
    return count.value_or(-1);
  }
  SecretKey KeyInFile() {
    auto key = ReadOrMakeKeyFile(key_path(), false, random_);
    EXPECT_THAT(key, IsOk());
    return *std::move(key);
  }
};

TEST_P(RotationTest, AfterwardsTheOldKeyOpensNothingAndIsGoneFromTheDisk) {
  constexpr int kPeople = 600;  // several commits
  PutMany(kPeople);
  const SecretKey old = KeyInFile();
  const std::string old_bytes = support::ReadFile(key_path());
  fs::create_hard_link(key_path(), temp_.path() / "witness");  // the file's blocks under a name
  const auto report = vault_->RotateKeys();
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->keys, kPeople);
  EXPECT_EQ(report->key_id, base::ToHex(KeyId(KeyInFile())).substr(0, 16));
  ExpectAllOpen(kPeople);
  EXPECT_EQ(KeysWrappedBy(old), 0);
  EXPECT_EQ(KeysWrappedBy(KeyInFile()), kPeople);
  EXPECT_NE(support::ReadFile(temp_.path() / "witness"), old_bytes) << "overwritten, not only lost";
  for (const char* suffix : {".next", ".old", ".new"}) EXPECT_FALSE(fs::exists(Beside(suffix)));
  Reopen();
  ExpectAllOpen(kPeople);

  // The old key in place of the new one.
  support::WriteFile(key_path(), old_bytes);
  fs::permissions(key_path(), fs::perms::owner_read);
  EXPECT_THAT(TryReopen(), HasReason("KEY_WRONG"));
}

TEST_P(RotationTest, PeopleComeAndGoMeanwhile) {
  PutMany(600);
  int asked = 0;
  const auto report = vault_->RotateKeys([&] {
    if (++asked > 3) return absl::OkStatus();
    Put(1000 + asked, Template("model-1", 1, 5));
    Put(1, Template("model-1", 1, 9));  // stored again
    EXPECT_THAT(vault_->Erase(Subject(1 + asked)), IsOk());
    EXPECT_THAT(vault_->Load(Subject(1), "model-1"), IsOk());
    EXPECT_THAT(vault_->Load(Subject(500), "model-1"), IsOk());
    EXPECT_THAT(vault_->RotateKeys(), HasReason("ROTATION_RUNNING"));
    return absl::OkStatus();
  });
  ASSERT_THAT(report, IsOk());
  EXPECT_GE(asked, 3);
  ExpectAllOpen(600);  // as many came as went
  Reopen();
  ExpectAllOpen(600);
}

TEST_P(RotationTest, CutOffBetweenTwoCommitsItIsFinishedByTheNextCallOrTheNextStart) {
  PutMany(600);
  for (const bool restart : {false, true}) {
    const SecretKey old = KeyInFile();
    int asked = 0;
    EXPECT_THAT(vault_->RotateKeys([&] {
      return ++asked == 2 ? base::MakeError(absl::StatusCode::kCancelled, "CANCELLED", "gone")
                          : absl::OkStatus();
    }),
                HasReason("CANCELLED"));
    EXPECT_GT(KeysWrappedBy(old), 0);
    EXPECT_LT(KeysWrappedBy(old), 600);
    ExpectAllOpen(600);
    Put(1, Template("model-1", 1, 3));
    if (restart) {
      Reopen();
      EXPECT_THAT(log_, HasSubstr("key_rotation_finished"));
    } else {
      ASSERT_THAT(vault_->RotateKeys(), IsOk());
    }
    EXPECT_EQ(KeysWrappedBy(old), 0);
    EXPECT_FALSE(fs::exists(Beside(".next")));
    ExpectAllOpen(600);
  }
}

// The states in which a kill can leave the files, put there by hand.
TEST_P(RotationTest, EveryStateOfTheFilesIsFinishedAtTheStart) {
  PutMany(5);
  const auto cut_off = [&] {
    int asked = 0;
    EXPECT_FALSE(
        vault_->RotateKeys([&] { return ++asked == 2 ? absl::CancelledError() : absl::OkStatus(); })
            .ok());
    Close();
  };
  const auto expect_finished = [&](const char* state) {
    SCOPED_TRACE(state);
    Reopen();
    ExpectAllOpen(5);
    for (const char* suffix : {".next", ".old"}) EXPECT_FALSE(fs::exists(Beside(suffix)));
  };
  cut_off();
  expect_finished("all wrapped, nothing renamed");
  cut_off();
  fs::create_hard_link(key_path(), Beside(".old"));
  expect_finished("the old key has its second name");
  cut_off();
  fs::create_hard_link(key_path(), Beside(".old"));
  fs::rename(Beside(".next"), key_path());
  const std::string old_bytes = support::ReadFile(Beside(".old"));
  fs::create_hard_link(Beside(".old"), temp_.path() / "witness");
  expect_finished("renamed, the old key not yet destroyed");
  EXPECT_NE(support::ReadFile(temp_.path() / "witness"), old_bytes);
  Close();
  support::WriteFile(Beside(".next.new"), "half");
  expect_finished("killed while the new key was written");
}

TEST_P(RotationTest, KilledAtAnyMomentNobodyIsLost) {
  constexpr int kPeople = 300;
  PutMany(kPeople);
  for (int round = 0; round < 25; ++round) {
    SCOPED_TRACE(round);
    Close();
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      if (!TryReopen().ok()) _exit(1);
      while (true) {
        if (!vault_->RotateKeys().ok()) _exit(1);
      }
    }
    std::this_thread::sleep_for(std::chrono::microseconds(5000 + 4777 * round));
    kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself";
    Reopen();
    ExpectAllOpen(kPeople);
    EXPECT_EQ(KeysWrappedBy(KeyInFile()), kPeople);
    EXPECT_FALSE(fs::exists(Beside(".next")));
  }
}

// A thief who kept everything but the databases of keys, and now gets the rest too.
TEST_P(RotationTest, AfterAnErasureCopiedRowsDoNotOpenWithAnythingThatIsLeft) {
  Put(1, Template("model-1", 3, 1));
  Put(2, Template("model-1", 3, 2));
  Put(3, Template("model-1", 3, 3));
  ASSERT_THAT(database_->Scrub(), IsOk());
  Close();
  fs::copy_file(temp_.path() / "test.db", temp_.path() / "old-backup");
  Reopen();
  ASSERT_THAT(vault_->Erase(Subject(1)), IsOk());
  ASSERT_THAT(vault_->Erase(Subject(3)), IsOk());
  Put(3, Template("model-1", 3, 7));  // she comes again, with a new key of the first generation
  Close();
  fs::remove(temp_.path() / "test.db");
  fs::remove(temp_.path() / "test.db-wal");
  fs::copy_file(temp_.path() / "old-backup", temp_.path() / "test.db");
  Reopen();
  EXPECT_THAT(vault_->Load(Subject(1), "model-1"), HasReason("TEMPLATE_DAMAGED"));
  EXPECT_THAT(vault_->Load(Subject(3), "model-1"), HasReason("TEMPLATE_DAMAGED"));
  EXPECT_THAT(vault_->Load(Subject(2), "model-1"), IsOk()) << "who was not erased comes back";
}

TEST_P(RotationTest, AKeyThatACutOffPutLeftOpensNothingOld) {
  Put(1, Template("model-1", 1, 1));
  Sql("CREATE TABLE old AS SELECT * FROM vault_embedding");
  KeysSql("CREATE TABLE old AS SELECT * FROM template_key");
  Put(1, Template("model-1", 1, 2));
  KeysSql("INSERT INTO template_key SELECT * FROM old");  // as if killed before it was dropped
  KeysSql("DROP TABLE old");
  Reopen();
  EXPECT_THAT(vault_->Load(Subject(1), "model-1"), IsOk());
  Sql("DELETE FROM vault_embedding");
  Sql("INSERT INTO vault_embedding SELECT * FROM old");
  EXPECT_THAT(vault_->Load(Subject(1), "model-1"), HasReason("TEMPLATE_DAMAGED"));
}

INSTANTIATE_TEST_SUITE_P(Engines, RotationTest, testing::ValuesIn(support::DatabaseEngines()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace rollcall::vault
