// A sync that failed, a restart on the same machine, and then the power goes while the database opens
// or right after: what was read at the restart is there for good.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/log.h"
#include "simulator/sim_disk.h"
#include "storage/database.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::simulator {
namespace {

using support::IsOk;

class FailedSyncTest : public testing::Test {
 protected:
  void SetUp() override {
    base::log::CaptureForTest([](const std::string&) {});
  }
  void TearDown() override { base::log::CaptureForTest({}); }

  // One life of the database on a disk.
  absl::StatusOr<std::unique_ptr<storage::Database>> Open(const SimDisk& disk) {
    storage::DatabaseOptions options;
    options.path = folder_.path() / "test.db";
    options.schemas = {{"test", {{1, "CREATE TABLE said (word TEXT NOT NULL) STRICT"}}}};
    options.vfs = disk.name();
    options.on_fatal = [](const absl::Status&) {};
    return storage::OpenSqlite(std::move(options));
  }
  static absl::Status Say(storage::Database& database, const std::string& word) {
    // Longer than a sector of the disk, so that a torn one shows.
    return database.Write([&](storage::Connection& c) {
      return c.Execute("INSERT INTO said (word) VALUES ($1)", {word + std::string(2000, '.')})
          .status();
    });
  }
  static std::set<std::string> Said(storage::Database& database) {
    std::set<std::string> words;
    EXPECT_THAT(database.Read([&](storage::Connection& c) -> absl::Status {
      ASSIGN_OR_RETURN(const auto rows, c.Query("SELECT rtrim(word, '.') FROM said", {}));
      while (true) {
        ASSIGN_OR_RETURN(const bool more, rows->Next());
        if (!more) return absl::OkStatus();
        words.insert(rows->Text(0));
      }
    }),
                IsOk());
    return words;
  }

  // The power goes at the `operations`-th operation of the second life. False: that had fewer.
  bool Live(uint64_t seed, int64_t operations) {
    support::WriteFile(folder_.path() / "test.db", "x");  // the real one is on the disk below
    SimDisk disk(seed);
    std::set<std::string> promised;
    {
      auto first = Open(disk);
      EXPECT_THAT(first, IsOk());
      EXPECT_THAT(Say(**first, "certain"), IsOk());
      promised.insert("certain");
      disk.FailSync(1);
      EXPECT_FALSE(Say(**first, "in doubt").ok());
    }
    disk.Restart(SimDisk::Crash::kProcess);
    disk.DieAfter(operations);
    if (const auto second = Open(disk); second.ok()) {
      promised = Said(**second);  // whoever asks now is told so
      if (Say(**second, "later").ok()) promised.insert("later");
    }
    const bool died = disk.dead();
    disk.Restart(SimDisk::Crash::kPower);
    const auto third = Open(disk);
    EXPECT_THAT(third, IsOk()) << "seed " << seed << ", operation " << operations;
    if (!third.ok()) return died;
    const std::set<std::string> there = Said(**third);
    for (const std::string& word : promised) {
      EXPECT_TRUE(there.contains(word))
          << word << " is gone; seed " << seed << ", operation " << operations;
    }
    return died;
  }

  support::TempDir folder_;
};

TEST_F(FailedSyncTest, WhatWasReadAfterTheRestartOutlivesThePower) {
  int lives = 0;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    for (int64_t operations = 1; Live(seed, operations); ++operations) ++lives;
    if (HasFailure()) break;
  }
  EXPECT_GE(lives, 200);
}

}  // namespace
}  // namespace rollcall::simulator
