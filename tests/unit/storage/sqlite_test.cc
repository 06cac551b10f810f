// What is special to SQLite: files, faults, migrations.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <map>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "storage/database.h"
#include "support/environment.h"
#include "support/fault_vfs.h"
#include "support/status_matchers.h"

namespace rollcall::storage {
namespace {

using support::FaultVfs;
using support::HasReason;
using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;

const char kTable[] = "CREATE TABLE note (id INTEGER NOT NULL PRIMARY KEY, text TEXT) STRICT";

DatabaseOptions Options(const std::filesystem::path& folder) {
  DatabaseOptions options;
  options.path = folder / "test.db";
  options.schemas = {{"notes", {{1, kTable}}}};
  return options;
}

absl::Status Insert(Database& database, int64_t id, const std::string& text) {
  return database.Write([&](Connection& c) {
    return c.Execute("INSERT INTO note (id, text) VALUES ($1, $2)", {id, text}).status();
  });
}

int64_t Count(Database& database) {
  const auto count = database.Read([](Connection& c) -> absl::StatusOr<int64_t> {
    ASSIGN_OR_RETURN(const auto rows, c.Query("SELECT COUNT(*) FROM note"));
    RETURN_IF_ERROR(rows->Next().status());
    return rows->Int64(0);
  });
  EXPECT_THAT(count, IsOk());
  return count.value_or(-1);
}

// A closed database with `rows` rows of a few hundred bytes.
void MakeDatabase(const std::filesystem::path& folder, int64_t rows) {
  auto database = OpenSqlite(Options(folder));
  ASSERT_THAT(database, IsOk());
  ASSERT_THAT((*database)->Write([rows](Connection& c) -> absl::Status {
    for (int64_t i = 0; i < rows; ++i) {
      RETURN_IF_ERROR(c.Execute("INSERT INTO note (id, text) VALUES ($1, $2)",
                                {i, std::string(300, 'n')})
                          .status());
    }
    return absl::OkStatus();
  }),
              IsOk());
}

std::string Setting(Database& database, const std::string& pragma) {
  const auto value = database.Read([&](Connection& c) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const auto rows, c.Query("PRAGMA " + pragma));
    RETURN_IF_ERROR(rows->Next().status());
    return rows->Text(0).empty() ? std::to_string(rows->Int64(0)) : rows->Text(0);
  });
  return value.value_or("error");
}

TEST(SqliteTest, SettingsAreThoseThatDurabilityNeeds) {
  const support::TempDir temp;
  auto database = OpenSqlite(Options(temp.path()));
  ASSERT_THAT(database, IsOk());
  EXPECT_EQ(Setting(**database, "journal_mode"), "wal");
  EXPECT_EQ(Setting(**database, "synchronous"), "2");
  EXPECT_EQ(Setting(**database, "locking_mode"), "exclusive");
  EXPECT_EQ(Setting(**database, "foreign_keys"), "1");
  EXPECT_EQ(Setting(**database, "mmap_size"), "0");
  EXPECT_EQ(Setting(**database, "trusted_schema"), "0");
  struct stat info {};
  ASSERT_EQ(stat((temp.path() / "test.db").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(SqliteTest, ManyWaitingWritesCostOneSync) {
  const support::TempDir temp;
  FaultVfs vfs;
  auto options = Options(temp.path());
  options.vfs = vfs.name();
  auto opened = OpenSqlite(options);
  ASSERT_THAT(opened, IsOk());
  Database& database = **opened;
  ASSERT_THAT(Insert(database, 0, "the log has a header now"), IsOk());

  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::atomic<int> done{0};
  database.WriteAsync([released](Connection&) { return released.wait(), absl::OkStatus(); },
                      [&done](const absl::Status&) { ++done; });
  const int64_t before = vfs.syncs();
  for (int64_t i = 1; i <= 100; ++i) {
    database.WriteAsync(
        [i](Connection& c) {
          return c.Execute("INSERT INTO note (id, text) VALUES ($1, $2)", {i, "note"}).status();
        },
        [&done](const absl::Status& status) { done += status.ok() ? 1 : 0; });
  }
  release.set_value();
  EXPECT_EQ(Count(database), 101);
  EXPECT_EQ(done, 101);
  // One for the hundred, and one more if the operation that waited was committed on its own.
  EXPECT_LE(vfs.syncs() - before, 2);
}

TEST(SqliteTest, AReadIsRunOnItsCallersThreadWhereNothingElseIsDone) {
  const support::TempDir temp;
  auto opened = OpenSqlite(Options(temp.path()));
  ASSERT_THAT(opened, IsOk());
  Database& database = **opened;
  const auto thread_of_a_read = [&] {
    std::thread::id id;
    EXPECT_THAT(database.Read([&](Connection&) {
      id = std::this_thread::get_id();
      return absl::OkStatus();
    }),
                IsOk());
    return id;
  };
  EXPECT_EQ(thread_of_a_read(), std::this_thread::get_id());
  ASSERT_THAT(Insert(database, 1, "one"), IsOk());
  EXPECT_EQ(Count(database), 1);
}

TEST(SqliteTest, AReadWaitsForTheWriteThatWasCalledBefore) {
  const support::TempDir temp;
  auto opened = OpenSqlite(Options(temp.path()));
  ASSERT_THAT(opened, IsOk());
  Database& database = **opened;
  std::promise<void> held;
  std::promise<void> release;
  std::atomic<bool> written{false};
  database.WriteAsync(
      [&](Connection& c) {
        held.set_value();
        release.get_future().wait();
        return c.Execute("INSERT INTO note (id, text) VALUES (1, 'one')").status();
      },
      [&](const absl::Status&) { written = true; });
  held.get_future().wait();
  std::thread releasing([&] { release.set_value(); });
  EXPECT_EQ(Count(database), 1);
  EXPECT_TRUE(written);
  releasing.join();
}

TEST(SqliteTest, AReadThatThrowsOnItsCallersThreadLeavesTheDatabaseAsItWas) {
  const support::TempDir temp;
  auto opened = OpenSqlite(Options(temp.path()));
  ASSERT_THAT(opened, IsOk());
  Database& database = **opened;
  EXPECT_THROW((void)database.Read([](Connection&) -> absl::Status { throw std::bad_alloc(); }),
               std::bad_alloc);
  EXPECT_THAT(database.Read([](Connection&) { return absl::OkStatus(); }), IsOk());
  EXPECT_THAT(database.Write([](Connection&) { return absl::OkStatus(); }), IsOk());
}

// Readers and writers on the one connection: every reader sees what was written before.
TEST(SqliteTest, ReadersOfManyThreadsSeeEveryEarlierWrite) {
  const support::TempDir temp;
  auto opened = OpenSqlite(Options(temp.path()));
  ASSERT_THAT(opened, IsOk());
  Database& database = **opened;
  std::vector<std::thread> threads;
  for (int64_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&database, first = 1000 * thread] {
      for (int64_t number = first + 1; number <= first + 25; ++number) {
        database.WriteAsync(
            [=](Connection& c) {
              return c.Execute("INSERT INTO note (id, text) VALUES ($1, 'x')", {number}).status();
            },
            [](const absl::Status& written) { EXPECT_THAT(written, IsOk()); });
        const auto last = database.Read([&](Connection& c) -> absl::StatusOr<int64_t> {
          ASSIGN_OR_RETURN(const auto rows,
                           c.Query("SELECT MAX(id) FROM note WHERE id < $1", {first + 1000}));
          RETURN_IF_ERROR(rows->Next().status());
          return rows->Int64(0);
        });
        ASSERT_THAT(last, IsOk());
        EXPECT_EQ(*last, number);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(SqliteDeathTest, AReadWithinAReadIsABug) {
  const support::TempDir temp;
  auto opened = OpenSqlite(Options(temp.path()));
  ASSERT_THAT(opened, IsOk());
  Database& database = **opened;
  EXPECT_DEATH((void)database.Read([&](Connection&) {
    return database.Read([](Connection&) { return absl::OkStatus(); });
  }),
               "owner_");
}

TEST(SqliteTest, AFullQueueRefusesAtOnce) {
  const support::TempDir temp;
  auto options = Options(temp.path());
  options.max_queue = 2;
  options.max_batch = 1;
  auto opened = OpenSqlite(options);
  ASSERT_THAT(opened, IsOk());
  Database& database = **opened;
  std::promise<void> held;
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::promise<void> all_done;
  std::atomic<int> acknowledged{0};
  const auto acknowledge = [&](const absl::Status& status) {
    EXPECT_THAT(status, IsOk());
    if (++acknowledged == 3) all_done.set_value();
  };
  database.WriteAsync(
      [&held, released](Connection&) {
        held.set_value();
        released.wait();
        return absl::OkStatus();
      },
      acknowledge);
  held.get_future().wait();
  for (int i = 0; i < 2; ++i) {
    database.WriteAsync([](Connection&) { return absl::OkStatus(); }, acknowledge);
  }
  for (int i = 0; i < 3; ++i) {
    std::optional<absl::Status> refused;
    database.WriteAsync([](Connection&) { return absl::OkStatus(); },
                        [&refused](absl::Status status) { refused = std::move(status); });
    ASSERT_TRUE(refused.has_value()) << "a refusal comes before the call returns";
    EXPECT_THAT(*refused, StatusIs(absl::StatusCode::kResourceExhausted));
    EXPECT_THAT(*refused, HasReason("QUEUE_FULL"));
  }
  release.set_value();
  all_done.get_future().wait();
  EXPECT_EQ(Count(database), 0);
}

// "Disk full" as SQLite sees it: the file may not grow any further.
TEST(SqliteTest, AFullDiskChangesNothingAndTheServiceGoesOn) {
  const support::TempDir temp;
  auto opened = OpenSqlite(Options(temp.path()));
  ASSERT_THAT(opened, IsOk());
  Database& database = **opened;
  const auto limit = [&database](int pages) {
    return database.Read([pages](Connection& c) -> absl::Status {
      ASSIGN_OR_RETURN(const auto rows,
                       c.Query("PRAGMA max_page_count=" + std::to_string(pages)));
      return rows->Next().status();
    });
  };
  ASSERT_THAT(Insert(database, 1, "before"), IsOk());
  ASSERT_THAT(limit(10), IsOk());
  const auto full = Insert(database, 2, std::string(100'000, 'x'));
  EXPECT_THAT(full, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(full, HasReason("DISK_FULL"));
  EXPECT_EQ(Count(database), 1);
  EXPECT_THAT(Insert(database, 3, "small things still fit"), IsOk());

  ASSERT_THAT(limit(100'000), IsOk());
  EXPECT_THAT(Insert(database, 2, std::string(100'000, 'x')), IsOk());
  EXPECT_EQ(Count(database), 3);
}

// The same when the commit itself finds no room, with others in the batch.
TEST(SqliteTest, ACommitThatFindsNoRoomAcknowledgesNothing) {
  const support::TempDir temp;
  FaultVfs vfs;
  auto options = Options(temp.path());
  options.vfs = vfs.name();
  std::atomic<int> fatal{0};
  options.on_fatal = [&fatal](const absl::Status&) { ++fatal; };
  auto opened = OpenSqlite(options);
  ASSERT_THAT(opened, IsOk());
  Database& database = **opened;
  ASSERT_THAT(Insert(database, 1, "before"), IsOk());
  vfs.FillDisk();
  for (int64_t i = 2; i < 5; ++i) {
    EXPECT_THAT(Insert(database, i, "note"), HasReason("DISK_FULL"));
  }
  vfs.Heal();
  EXPECT_EQ(Count(database), 1);
  EXPECT_THAT(Insert(database, 2, "after"), IsOk());
  EXPECT_EQ(fatal, 0);
}

class SyncFailureTest : public testing::TestWithParam<FaultVfs::File> {};

// After a failed fsync the kernel may have marked the pages clean: trying again would "succeed" and
// lose the data. So the process must stop, and nobody may have been told that it was saved.
TEST_P(SyncFailureTest, StopsTheProcessAndAcknowledgesNothing) {
  const support::TempDir temp;
  FaultVfs vfs;
  auto options = Options(temp.path());
  options.vfs = vfs.name();
  std::vector<absl::Status> fatal;
  options.on_fatal = [&fatal](const absl::Status& status) { fatal.push_back(status); };
  {
    auto opened = OpenSqlite(options);
    ASSERT_THAT(opened, IsOk());
    Database& database = **opened;
    ASSERT_THAT(Insert(database, 1, "before"), IsOk());
    vfs.FailSyncs(GetParam());
    if (GetParam() == FaultVfs::File::kLog) {
      const auto status = Insert(database, 2, "never acknowledged");
      EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
      EXPECT_THAT(status, HasReason("DATABASE_CLOSED"));
    } else {
      // The file itself is synced by a checkpoint only.
      EXPECT_THAT(database.Scrub(), HasReason("DATABASE_CLOSED"));
    }
    EXPECT_EQ(fatal.size(), 1u);
    vfs.Heal();
    // The disk works again, this process does not.
    EXPECT_THAT(Insert(database, 3, "refused"), HasReason("DATABASE_CLOSED"));
    EXPECT_THAT(database.Read([](Connection&) { return absl::OkStatus(); }),
                HasReason("DATABASE_CLOSED"));
  }
  EXPECT_EQ(fatal.size(), 1u);
  auto reopened = OpenSqlite(options);
  ASSERT_THAT(reopened, IsOk());
  const auto first = (*reopened)->Read([](Connection& c) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const auto rows, c.Query("SELECT 1 FROM note WHERE id = 1"));
    return rows->Next();
  });
  ASSERT_THAT(first, IsOk());
  EXPECT_TRUE(*first) << "an acknowledged row is lost";
}

INSTANTIATE_TEST_SUITE_P(Files, SyncFailureTest,
                         testing::Values(FaultVfs::File::kLog, FaultVfs::File::kDatabase),
                         [](const auto& test) {
                           return test.param == FaultVfs::File::kLog ? "Log" : "Database";
                         });

// Opens what a power cut would leave and counts its rows.
int64_t CountAfterPowerCut(const std::map<std::string, std::string>& files) {
  const support::TempDir temp;
  for (const auto& [name, content] : files) support::WriteFile(temp.path() / name, content);
  auto opened = OpenSqlite(Options(temp.path()));
  EXPECT_THAT(opened, IsOk());
  return opened.ok() ? Count(**opened) : -1;
}

// Acknowledged means synced, at every moment, across checkpoints too; and what the images hold is
// what was synced, no more, or this test would prove nothing.
TEST(SqliteTest, APowerCutLosesNothingAcknowledged) {
  const support::TempDir temp;
  FaultVfs vfs;
  auto options = Options(temp.path());
  options.vfs = vfs.name();
  auto opened = OpenSqlite(options);
  ASSERT_THAT(opened, IsOk());
  for (int64_t i = 0; i < 30; ++i) {
    std::map<std::string, std::string> before;
    ASSERT_THAT((*opened)->Write([&](Connection& c) -> absl::Status {
      RETURN_IF_ERROR(c.Execute("INSERT INTO note (id, text) VALUES ($1, $2)",
                                {i, std::string(2000, 'n')})
                          .status());
      before = vfs.DurableFiles();
      return absl::OkStatus();
    }),
                IsOk());
    EXPECT_EQ(CountAfterPowerCut(before), i);
    EXPECT_EQ(CountAfterPowerCut(vfs.DurableFiles()), i + 1);
    if (i % 10 == 9) {
      ASSERT_THAT((*opened)->Scrub(), IsOk());
      EXPECT_EQ(CountAfterPowerCut(vfs.DurableFiles()), i + 1);
    }
  }
}

// An empty file where a database belongs is refused, since nobody can tell it from one that has
// lost everything; so a start that is cut off must not leave one.
TEST(SqliteTest, ADatabaseThatCannotBeMadeLeavesNothingAndIsMadeTheNextTime) {
  const support::TempDir temp;
  FaultVfs vfs;
  auto options = Options(temp.path());
  options.vfs = vfs.name();
  vfs.FillDisk();
  EXPECT_THAT(OpenSqlite(options), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_TRUE(std::filesystem::is_empty(temp.path()));
  vfs.Heal();
  vfs.FailSyncs(FaultVfs::File::kDatabase);
  EXPECT_THAT(OpenSqlite(options), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(std::filesystem::is_empty(temp.path()));
  vfs.Heal();
  EXPECT_THAT(OpenSqlite(options), IsOk());
}

TEST(SqliteTest, WhatAPowerCutLeftOfTheFirstStartIsThrownAway) {
  const support::TempDir temp;
  support::WriteFile(temp.path() / "test.db-new", "half a datab");
  support::WriteFile(temp.path() / "test.db-new-journal", "");
  auto database = OpenSqlite(Options(temp.path()));
  ASSERT_THAT(database, IsOk());
  EXPECT_THAT(Insert(**database, 1, "note"), IsOk());
  EXPECT_FALSE(std::filesystem::exists(temp.path() / "test.db-new"));
  EXPECT_FALSE(std::filesystem::exists(temp.path() / "test.db-new-journal"));
}

TEST(SqliteTest, WithoutMemoryItDoesNotOpenAndSaysSo) {
  const support::TempDir temp;
  ASSERT_EQ(sqlite3_initialize(), SQLITE_OK);
  sqlite3_hard_heap_limit64(1);
  const auto status = OpenSqlite(Options(temp.path())).status();
  sqlite3_hard_heap_limit64(0);
  sqlite3_soft_heap_limit64(0);  // went down with the other
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(base::Message(status), HasSubstr("out of memory"));
  EXPECT_THAT(OpenSqlite(Options(temp.path())), IsOk());
}

TEST(SqliteTest, AWriteErrorAtCommitStopsTheProcess) {
  const support::TempDir temp;
  FaultVfs vfs;
  auto options = Options(temp.path());
  options.vfs = vfs.name();
  std::atomic<int> fatal{0};
  options.on_fatal = [&fatal](const absl::Status&) { ++fatal; };
  auto opened = OpenSqlite(options);
  ASSERT_THAT(opened, IsOk());
  vfs.FailWrites();
  EXPECT_THAT(Insert(**opened, 1, "note"), HasReason("DATABASE_CLOSED"));
  EXPECT_EQ(fatal, 1);
}

TEST(SqliteDeathTest, WithoutAHandlerItAborts) {
  const support::TempDir temp;
  EXPECT_DEATH(
      {
        FaultVfs vfs;
        auto options = Options(temp.path());
        options.vfs = vfs.name();
        auto opened = OpenSqlite(options);
        vfs.FailSyncs(FaultVfs::File::kAny);
        Insert(**opened, 1, "note").IgnoreError();
      },
      "database_failed");
}

TEST(SqliteTest, ASecondOpeningIsRefused) {
  const support::TempDir temp;
  auto first = OpenSqlite(Options(temp.path()));
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(OpenSqlite(Options(temp.path())), HasReason("DATA_IN_USE"));
  EXPECT_THAT(Insert(**first, 1, "the first goes on"), IsOk());
}

// Root may write everywhere, so the check runs as nobody.
TEST(SqliteDeathTest, AReadOnlyFolderIsRefusedByName) {
  const support::TempDir temp;
  MakeDatabase(temp.path(), 1);
  ASSERT_EQ(chmod(temp.path().c_str(), 0555), 0);
  ASSERT_EQ(chmod((temp.path() / "test.db").c_str(), 0444), 0);
  EXPECT_EXIT(
      {
        if (geteuid() == 0 && setuid(65534) != 0) _exit(2);
        const auto existing = OpenSqlite(Options(temp.path()));
        auto elsewhere = Options(temp.path());
        elsewhere.path = temp.path() / "new.db";
        const auto fresh = OpenSqlite(elsewhere);
        const bool right = base::ErrorReason(existing.status()) == "DATA_READ_ONLY" &&
                           base::ErrorReason(fresh.status()) == "DATA_READ_ONLY" &&
                           base::Message(fresh.status()).find("new.db") != std::string::npos;
        _exit(right ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
  ASSERT_EQ(chmod(temp.path().c_str(), 0700), 0);
}

TEST(SqliteTest, DamageIsNamedAndNothingIsServed) {
  const support::TempDir temp;
  MakeDatabase(temp.path(), 200);
  const auto path = temp.path() / "test.db";
  const std::string sound = support::ReadFile(path);
  ASSERT_GT(sound.size(), 40'000u);

  std::string middle = sound;
  for (size_t i = 0; i < 64; ++i) middle[sound.size() / 2 / 4096 * 4096 + i] ^= 0x5a;
  std::string header = sound;
  header[3] ^= 0x20;
  const std::string cases[] = {"this is no database", std::string(5000, 'x'), header, middle,
                               sound.substr(0, sound.size() / 2), std::string()};
  for (const std::string& content : cases) {
    support::WriteFile(path, content);
    const auto opened = OpenSqlite(Options(temp.path()));
    EXPECT_THAT(opened, StatusIs(absl::StatusCode::kDataLoss)) << content.size();
    EXPECT_THAT(opened, HasReason("DATABASE_DAMAGED"));
    EXPECT_THAT(base::Message(opened.status()), HasSubstr(path.string()));
    EXPECT_EQ(support::ReadFile(path), content) << "a damaged file must stay as it was";
  }
  support::WriteFile(path, sound);
  EXPECT_THAT(OpenSqlite(Options(temp.path())), IsOk());
}

TEST(SqliteTest, MigrationsRunOnceAndInOrder) {
  const support::TempDir temp;
  MakeDatabase(temp.path(), 1);
  auto options = Options(temp.path());
  options.schemas[0].migrations.push_back(
      {2, "ALTER TABLE note ADD COLUMN more INTEGER; UPDATE note SET more = 5;"});
  options.schemas.push_back({"other", {{1, "CREATE TABLE other (id INTEGER) STRICT"}}});
  for (int i = 0; i < 2; ++i) {
    auto database = OpenSqlite(options);
    ASSERT_THAT(database, IsOk());
    EXPECT_EQ(Setting(**database, "quick_check"), "ok");
    EXPECT_EQ(Count(**database), 1);
  }
}

TEST(SqliteTest, AMigrationThatFailsLeavesTheOldSchema) {
  const support::TempDir temp;
  MakeDatabase(temp.path(), 1);
  auto options = Options(temp.path());
  options.schemas[0].migrations.push_back({2, "CREATE TABLE fresh (id INTEGER) STRICT"});
  options.schemas[0].migrations.push_back({3, "this is not SQL"});
  EXPECT_THAT(OpenSqlite(options), HasReason("SQL"));
  auto old = OpenSqlite(Options(temp.path()));
  ASSERT_THAT(old, IsOk());
  EXPECT_THAT((*old)->Read([](Connection& c) { return c.Query("SELECT id FROM fresh").status(); }),
              HasReason("SQL"));
}

TEST(SqliteTest, AnotherProgramsSchemaIsRefused) {
  const support::TempDir temp;
  auto newer = Options(temp.path());
  newer.schemas[0].migrations.push_back({2, "CREATE TABLE later (id INTEGER) STRICT"});
  ASSERT_THAT(OpenSqlite(newer), IsOk());
  EXPECT_THAT(OpenSqlite(Options(temp.path())), HasReason("SCHEMA_NEWER"));

  auto changed = newer;
  changed.schemas[0].migrations[1].sql += " ";
  EXPECT_THAT(OpenSqlite(changed), HasReason("SCHEMA_CHANGED"));
  EXPECT_THAT(OpenSqlite(newer), IsOk());
}

TEST(SqliteTest, ScrubbingLeavesNothingInTheFiles) {
  const support::TempDir temp;
  auto options = Options(temp.path());
  options.secure_delete = true;
  auto database = OpenSqlite(options);
  ASSERT_THAT(database, IsOk());
  const std::string secret = "a very secret text that must go";
  ASSERT_THAT(Insert(**database, 1, secret), IsOk());
  ASSERT_THAT((*database)->Write([](Connection& c) {
    return c.Execute("DELETE FROM note WHERE id = 1").status();
  }),
              IsOk());
  EXPECT_THAT(support::ReadFile(temp.path() / "test.db-wal"), HasSubstr(secret));
  ASSERT_THAT((*database)->Scrub(), IsOk());
  for (const auto& entry : std::filesystem::directory_iterator(temp.path())) {
    EXPECT_THAT(support::ReadFile(entry.path()), testing::Not(HasSubstr(secret))) << entry.path();
  }
}

}  // namespace
}  // namespace rollcall::storage
