// What every engine behind storage::Database promises.
#include "storage/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "support/databases.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::storage {
namespace {

using support::HasReason;
using support::IsOk;

const char kTable[] = "CREATE TABLE note (id BIGINT NOT NULL PRIMARY KEY, text TEXT NOT NULL)";

absl::Status Insert(Connection& c, int64_t id, const std::string& text) {
  return c.Execute("INSERT INTO note (id, text) VALUES ($1, $2)", {id, text}).status();
}

class DatabaseTest : public testing::TestWithParam<support::DatabaseEngine> {
 protected:
  void SetUp() override { Reopen(); }

  void Reopen() {
    database_.reset();
    auto opened = GetParam().open(temp_.path(), {{"notes", {{1, kTable}}}});
    ASSERT_THAT(opened, IsOk());
    database_ = *std::move(opened);
  }

  int64_t Count() {
    const auto count = database_->Read([](Connection& c) -> absl::StatusOr<int64_t> {
      ASSIGN_OR_RETURN(const auto rows, c.Query("SELECT COUNT(*) FROM note"));
      RETURN_IF_ERROR(rows->Next().status());
      return rows->Int64(0);
    });
    EXPECT_THAT(count, IsOk());
    return count.value_or(-1);
  }

  // Keeps the database thread busy until the returned promise is set, so that what is queued
  // meanwhile is committed together.
  std::promise<void> HoldThread() {
    std::promise<void> release;
    std::promise<void> held;
    auto waiting = std::make_shared<std::shared_future<void>>(release.get_future().share());
    database_->WriteAsync(
        [waiting, &held](Connection&) {
          held.set_value();
          waiting->wait();
          return absl::OkStatus();
        },
        [](const absl::Status&) {});
    held.get_future().wait();
    return release;
  }

  support::TempDir temp_;
  std::unique_ptr<Database> database_;
};

TEST_P(DatabaseTest, ValuesComeBackAsTheyWere) {
  const base::Bytes bytes = {0, 1, 255};
  base::Uuid uuid;
  uuid.bytes.fill(7);
  const auto check = database_->Read([&](Connection& c) -> absl::Status {
    ASSIGN_OR_RETURN(const auto rows,
                     c.Query("SELECT $1, $2, $3, $4, $5, $6, $7, $8",
                             {INT64_MIN, 0.5, std::string("\xe9\x99\x88\0x", 5), bytes, uuid,
                              nullptr, true, base::Bytes()}));
    ASSIGN_OR_RETURN(const bool any, rows->Next());
    EXPECT_TRUE(any);
    EXPECT_EQ(rows->Int64(0), INT64_MIN);
    EXPECT_EQ(rows->Double(1), 0.5);
    EXPECT_EQ(rows->Text(2), std::string("\xe9\x99\x88\0x", 5));
    EXPECT_EQ(rows->Blob(3), bytes);
    EXPECT_EQ(rows->Uuid(4), uuid);
    EXPECT_TRUE(rows->IsNull(5));
    EXPECT_EQ(rows->Int64(6), 1);
    EXPECT_FALSE(rows->IsNull(7));
    EXPECT_TRUE(rows->Blob(7).empty());
    // Another type than the stored one: that type's zero.
    EXPECT_EQ(rows->Text(0), "");
    EXPECT_EQ(rows->Int64(2), 0);
    EXPECT_TRUE(rows->Uuid(3).IsNil());
    return absl::OkStatus();
  });
  EXPECT_THAT(check, IsOk());
}

TEST_P(DatabaseTest, PlaceholdersGoByNumberNotByPlace) {
  const auto text = database_->Read([](Connection& c) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const auto rows, c.Query("SELECT $2 || $1 || $2", {"a", "b"}));
    RETURN_IF_ERROR(rows->Next().status());
    return rows->Text(0);
  });
  ASSERT_THAT(text, IsOk());
  EXPECT_EQ(*text, "bab");
}

TEST_P(DatabaseTest, AWriteSurvivesReopening) {
  ASSERT_THAT(database_->Write([](Connection& c) { return Insert(c, 1, "one"); }), IsOk());
  Reopen();
  EXPECT_EQ(Count(), 1);
}

TEST_P(DatabaseTest, AFailedWriteChangesNothing) {
  const auto status = database_->Write([](Connection& c) -> absl::Status {
    RETURN_IF_ERROR(Insert(c, 1, "one"));
    return base::MakeError(absl::StatusCode::kInvalidArgument, "OWN", "own reason");
  });
  EXPECT_THAT(status, HasReason("OWN"));
  EXPECT_EQ(Count(), 0);
}

TEST_P(DatabaseTest, ATakenKeyIsReportedAsSuch) {
  ASSERT_THAT(database_->Write([](Connection& c) { return Insert(c, 1, "one"); }), IsOk());
  EXPECT_THAT(database_->Write([](Connection& c) { return Insert(c, 1, "two"); }),
              HasReason("UNIQUE_VIOLATION"));
  EXPECT_THAT(database_->Write([](Connection& c) {
    return c.Execute("INSERT INTO note (id, text) VALUES (2, NULL)").status();
  }),
              HasReason("CONSTRAINT"));
  EXPECT_EQ(Count(), 1);
}

TEST_P(DatabaseTest, WhatAReadChangesByMistakeIsTakenBack) {
  ASSERT_THAT(database_->Read([](Connection& c) { return Insert(c, 1, "one"); }), IsOk());
  EXPECT_EQ(Count(), 0);
}

TEST_P(DatabaseTest, WritesThatWaitTogetherFailOnlyForThemselves) {
  constexpr int64_t kWrites = 50;
  auto release = HoldThread();
  std::vector<std::future<absl::Status>> results;
  for (int64_t i = 0; i < kWrites; ++i) {
    auto promise = std::make_shared<std::promise<absl::Status>>();
    results.push_back(promise->get_future());
    database_->WriteAsync(
        [i](Connection& c) -> absl::Status {
          RETURN_IF_ERROR(Insert(c, i, "note"));
          // Sees what was written before it in the same, uncommitted batch.
          ASSIGN_OR_RETURN(const auto rows, c.Query("SELECT COUNT(*) FROM note"));
          RETURN_IF_ERROR(rows->Next().status());
          EXPECT_EQ(rows->Int64(0), i - (i > 20 ? 1 : 0) + 1);
          if (i == 20) return base::MakeError(absl::StatusCode::kAborted, "OWN", "twenty");
          return absl::OkStatus();
        },
        [promise](absl::Status status) { promise->set_value(std::move(status)); });
  }
  release.set_value();
  for (int64_t i = 0; i < kWrites; ++i) {
    const absl::Status status = results[static_cast<size_t>(i)].get();
    if (i == 20) {
      EXPECT_THAT(status, HasReason("OWN"));
    } else {
      EXPECT_THAT(status, IsOk()) << i;
    }
  }
  EXPECT_EQ(Count(), kWrites - 1);
}

TEST_P(DatabaseTest, ManyThreadsWriteAndEveryAcknowledgedWriteIsThere) {
  constexpr int kThreads = 8;
  constexpr int kEach = 100;
  std::atomic<int> acknowledged{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          const auto status = database_->Write(
              [&](Connection& c) { return Insert(c, t * kEach + i, "note"); });
          if (status.ok()) ++acknowledged;
        }
      });
    }
  }
  EXPECT_EQ(acknowledged, kThreads * kEach);
  Reopen();
  EXPECT_EQ(Count(), kThreads * kEach);
}

TEST_P(DatabaseTest, ClosingRunsWhatIsQueued) {
  std::atomic<int> done{0};
  auto release = HoldThread();
  for (int i = 0; i < 10; ++i) {
    database_->WriteAsync([i](Connection& c) { return Insert(c, i, "note"); },
                          [&done](const absl::Status& status) { done += status.ok() ? 1 : 0; });
  }
  std::thread opener([&release] { release.set_value(); });
  Reopen();
  opener.join();
  EXPECT_EQ(done, 10);
  EXPECT_EQ(Count(), 10);
}

TEST_P(DatabaseTest, ACopyMadeDuringWritesIsWholeAndOpensLikeTheOriginal) {
  ASSERT_THAT(database_->Write([](Connection& c) -> absl::Status {
    const std::string filling(4000, 'x');  // several steps of the copy
    for (int64_t i = 0; i < 2000; ++i) RETURN_IF_ERROR(Insert(c, i, filling));
    return absl::OkStatus();
  }), IsOk());
  const std::filesystem::path folder = temp_.path() / "copy";
  std::filesystem::create_directory(folder);
  // Every write is of two rows: a copy that holds one of them was made in the middle of it.
  std::atomic<bool> stop = false;
  std::atomic<int64_t> confirmed = 0;
  std::jthread writer([&] {
    for (int64_t i = 10'000; !stop; i += 2) {
      ASSERT_THAT(database_->Write([i](Connection& c) -> absl::Status {
        RETURN_IF_ERROR(Insert(c, i, "first"));
        return Insert(c, i + 1, "second");
      }), IsOk());
      ++confirmed;
    }
  });
  int asked = 0;
  ASSERT_THAT(database_->CopyTo(folder / "test.db", [&] {
    ++asked;
    const int64_t before = confirmed;
    while (confirmed == before && !stop) std::this_thread::yield();  // writes go on between steps
    return absl::OkStatus();
  }), IsOk());
  stop = true;
  writer.join();
  EXPECT_GE(asked, 3);
  const int64_t originals = Count();
  EXPECT_THAT(database_->CopyTo(folder / "test.db"), HasReason("COPY_EXISTS"));

  database_.reset();
  auto copy = GetParam().open(folder, {{"notes", {{1, kTable}}}});
  ASSERT_THAT(copy, IsOk());
  database_ = *std::move(copy);
  const int64_t copied = Count();
  EXPECT_EQ(copied % 2, 0);
  EXPECT_GE(copied, 2000 + 2 * (asked - 1));
  EXPECT_LE(copied, originals);
}

TEST_P(DatabaseTest, ACopyThatNobodyWantsAnyMoreLeavesNothing) {
  const std::filesystem::path file = temp_.path() / "copy.db";
  EXPECT_THAT(database_->CopyTo(file, [] {
    return base::MakeError(absl::StatusCode::kCancelled, "CANCELLED", "gone");
  }), HasReason("CANCELLED"));
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_THAT(database_->CopyTo(temp_.path() / "no" / "folder"), HasReason("IO_ERROR"));
  EXPECT_THAT(database_->CopyTo(file), IsOk());
}

INSTANTIATE_TEST_SUITE_P(Engines, DatabaseTest, testing::ValuesIn(support::DatabaseEngines()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace rollcall::storage
