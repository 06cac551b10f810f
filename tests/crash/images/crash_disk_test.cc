// The rig itself: what a cut disk may look like, and that it finds a database that does not sync.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <random>
#include <set>
#include <string>

#include "support/crash_vfs.h"
#include "support/environment.h"

namespace rollcall::support {
namespace {

using Kind = DiskOperation::Kind;

class CrashDiskTest : public ::testing::Test {
 protected:
  // A file of two synced sectors of 'a', overwritten by 'b' without a sync.
  CrashDiskTest() {
    disk_.Apply({Kind::kCreate, "file", 0, {}});
    disk_.Apply({Kind::kWrite, "file", 0, std::string(1024, 'a')});
    disk_.Apply({Kind::kSync, "file", 0, {}});
    disk_.Apply({Kind::kSyncFolder, {}, 0, {}});
    disk_.Apply({Kind::kWrite, "file", 0, std::string(1024, 'b')});
  }
  // All contents that `loss` leads to.
  std::set<std::string> Contents(Loss loss) {
    std::set<std::string> contents;
    for (int i = 0; i < 3000; ++i) contents.insert(disk_.Cut(loss, random_)["file"]);
    return contents;
  }

  CrashDisk disk_;
  std::mt19937_64 random_{1};
  const std::string a_ = std::string(512, 'a');
  const std::string b_ = std::string(512, 'b');
};

TEST_F(CrashDiskTest, UnsyncedSectorsAreKeptOrLostOnTheirOwn) {
  EXPECT_EQ(Contents(Loss::kAll), (std::set{a_ + a_}));
  EXPECT_EQ(Contents(Loss::kNothing), (std::set{b_ + b_}));
  EXPECT_EQ(Contents(Loss::kSome), (std::set{a_ + a_, a_ + b_, b_ + a_, b_ + b_}));
}

TEST_F(CrashDiskTest, TheLastSectorIsTorn) {
  const auto contents = Contents(Loss::kTorn);
  EXPECT_GT(contents.size(), 500u);
  for (const std::string& content : contents) {
    const size_t kept = content.find('a');
    ASSERT_NE(kept, std::string::npos);
    EXPECT_EQ(content, std::string(kept, 'b') + std::string(1024 - kept, 'a'));
  }
}

TEST_F(CrashDiskTest, AnOlderWriteMayBeTheLast) {
  disk_.Apply({Kind::kWrite, "file", 0, std::string(512, 'c')});
  EXPECT_FALSE(Contents(Loss::kSome).contains("c"));
  const auto contents = Contents(Loss::kReordered);
  EXPECT_TRUE(contents.contains(b_ + b_)) << "c was not overwritten by the older b";
  EXPECT_TRUE(contents.contains(std::string(512, 'c') + b_));
}

TEST_F(CrashDiskTest, ASyncKeepsEverything) {
  disk_.Apply({Kind::kSync, "file", 0, {}});
  for (int loss = 0; loss < kLosses; ++loss) {
    EXPECT_EQ(Contents(static_cast<Loss>(loss)), (std::set{b_ + b_})) << loss;
  }
}

TEST_F(CrashDiskTest, NamesNeedTheirFolderSynced) {
  disk_.Apply({Kind::kCreate, "new", 0, {}});
  disk_.Apply({Kind::kWrite, "new", 0, "text"});
  disk_.Apply({Kind::kSync, "new", 0, {}});
  disk_.Apply({Kind::kDelete, "file", 0, {}});
  EXPECT_FALSE(disk_.Cut(Loss::kAll, random_).contains("new"));
  EXPECT_TRUE(disk_.Cut(Loss::kAll, random_).contains("file"));
  EXPECT_FALSE(disk_.Cut(Loss::kNothing, random_).contains("file"));
  disk_.Apply({Kind::kSyncFolder, {}, 0, {}});
  EXPECT_EQ(disk_.Cut(Loss::kAll, random_), (DiskFiles{{"new", "text"}}));
}

// Commits 20 rows of which no client may lose one, then counts what every cut leaves.
int RowsLost(const std::string& synchronous) {
  const TempDir temp;
  CrashVfs vfs;
  sqlite3* db = nullptr;
  const std::string path = (temp.path() / "test.db").string();
  EXPECT_EQ(sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                            vfs.name().c_str()),
            SQLITE_OK);
  const std::string setup =
      "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL;"
      "PRAGMA synchronous=" +
      synchronous + "; CREATE TABLE t (x);";
  EXPECT_EQ(sqlite3_exec(db, setup.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(sqlite3_exec(db, "INSERT INTO t VALUES (1)", nullptr, nullptr, nullptr), SQLITE_OK);
  }
  const size_t committed = vfs.position();
  sqlite3_close(db);

  CrashDisk disk;
  for (size_t i = 0; i < committed; ++i) disk.Apply(vfs.operations()[i]);
  std::mt19937_64 random(1);
  const std::filesystem::path image = temp.path() / "image";
  std::filesystem::create_directories(image);
  for (const auto& [name, content] : disk.Cut(Loss::kAll, random)) {
    WriteFile(image / name, content);
  }
  int rows = 0;
  EXPECT_EQ(sqlite3_open((image / "test.db").c_str(), &db), SQLITE_OK);
  sqlite3_exec(
      db, "SELECT 1 FROM t",
      [](void* count, int, char**, char**) { return ++*static_cast<int*>(count), 0; }, &rows,
      nullptr);
  sqlite3_close(db);
  return 20 - rows;
}

TEST(CrashVfsTest, FindsADatabaseThatDoesNotSync) {
  EXPECT_EQ(RowsLost("FULL"), 0);
  EXPECT_GT(RowsLost("NORMAL"), 0);
  EXPECT_GT(RowsLost("OFF"), 0);
}

}  // namespace
}  // namespace rollcall::support
