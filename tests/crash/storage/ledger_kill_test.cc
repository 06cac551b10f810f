// kill -9 while the ledger is written to: what was acknowledged is there, once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <thread>
#include <utility>

#include "base/random.h"
#include "base/uuid.h"
#include "ledger/ledger.h"
#include "storage/database.h"
#include "support/environment.h"
#include "support/status_matchers.h"
#include "support/tally.h"

namespace rollcall::ledger {
namespace {

using support::IsOk;

constexpr int kRounds = 20;
constexpr int kInFlight = 16;  // requests that wait for their commit at any moment

// What the writer tells its parent once a request is acknowledged.
struct Acknowledged {
  base::Uuid request_id;
  int64_t sequence = 0;
};

struct Store {
  std::unique_ptr<storage::Database> database;
  std::unique_ptr<Ledger> ledger;
};

absl::StatusOr<Store> Open(const std::filesystem::path& folder, base::IdGenerator& ids,
                           base::RandomSource& random) {
  storage::DatabaseOptions options;
  options.path = folder / "rollcall.db";
  options.schemas = {LedgerSchema()};
  Store store;
  ASSIGN_OR_RETURN(store.database, storage::OpenSqlite(std::move(options)));
  store.ledger = MakeSqlLedger(*store.database, ids, random);
  return store;
}

RecordRequest MakeRequest(const base::Uuid& volunteer, domain::Action action, base::Time start,
                          base::IdGenerator& ids) {
  RecordRequest request;
  request.session.key = {domain::OrganisationId("org"), domain::ActivityId("cleanup"),
                         domain::SessionId("morning")};
  request.session.starts = start;
  request.session.ends = start + std::chrono::hours(2);
  request.event.session = request.session.key;
  request.event.volunteer_key = volunteer;
  request.event.token_id = ids.Next();
  request.event.request_id = ids.Next();
  request.payload_hash = base::Sha256(request.event.request_id.bytes);
  request.action = action;
  request.now = start + std::chrono::minutes(action == domain::Action::kIn ? 0 : 60);
  return request;
}

// Checks people in and out for ever, reporting every acknowledgement. Never returns.
[[noreturn]] void WriteUntilKilled(const std::filesystem::path& folder, int round, int report) {
  const base::Time start = base::FromUnixMicros(1'700'000'000'000'000);
  base::ManualClock clock(start + std::chrono::seconds(round));
  base::SeededRandom random(static_cast<uint64_t>(round) + 1);
  base::UuidV7Generator ids(clock, random);
  const auto store = Open(folder, ids, random);
  if (!store.ok()) _exit(1);
  std::atomic<int> in_flight{0};
  for (int64_t i = 0;; ++i) {
    const base::Uuid volunteer = ids.Next();
    for (const auto action : {domain::Action::kIn, domain::Action::kOut}) {
      while (in_flight >= kInFlight) std::this_thread::yield();
      ++in_flight;
      store->ledger->RecordAsync(
          MakeRequest(volunteer, action, start, ids),
          [&in_flight, report](const absl::StatusOr<RecordOutcome>& outcome) {
            if (!outcome.ok() || !outcome->receipt) _exit(2);
            const Acknowledged done{outcome->receipt->request_id, outcome->receipt->sequence};
            // Smaller than PIPE_BUF, and so never torn.
            if (write(report, &done, sizeof(done)) != sizeof(done)) _exit(3);
            --in_flight;
          });
    }
  }
}

// Starts a writer, kills it after about `acknowledgements` of them, and adds all it had reported.
void RunAndKill(const std::filesystem::path& folder, int round, int acknowledgements,
                std::map<base::Uuid, int64_t>& acknowledged) {
  int report[2];
  ASSERT_EQ(pipe(report), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    close(report[0]);
    WriteUntilKilled(folder, round, report[1]);
  }
  close(report[1]);
  Acknowledged done;
  int count = 0;
  while (read(report[0], &done, sizeof(done)) == static_cast<ssize_t>(sizeof(done))) {
    EXPECT_TRUE(acknowledged.emplace(done.request_id, done.sequence).second);
    if (++count == acknowledgements) kill(child, SIGKILL);
  }
  close(report[0]);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "the writer failed by itself: " << WEXITSTATUS(status);
}

TEST(LedgerKillTest, WhatWasAcknowledgedIsThereOnce) {
  const support::TempDir temp;
  const char* seed = std::getenv("ROLLCALL_KILL_SEED");
  base::SeededRandom choices(seed != nullptr ? static_cast<uint64_t>(std::atoll(seed)) : 7);
  base::SeededRandom random(1000);
  base::ManualClock clock(base::FromUnixMicros(1'700'000'000'000'000));
  base::UuidV7Generator ids(clock, random);
  std::map<base::Uuid, int64_t> acknowledged;
  for (int round = 0; round < kRounds; ++round) {
    uint8_t choice = 0;
    choices.Fill({&choice, 1});
    RunAndKill(temp.path(), round, 1 + choice, acknowledged);
    ASSERT_FALSE(HasFatalFailure());

    const auto store = Open(temp.path(), ids, random);
    ASSERT_THAT(store, IsOk());
    const auto report = store->ledger->Verify();
    ASSERT_THAT(report, IsOk());
    ASSERT_FALSE(report->fault.has_value()) << round << ": " << report->fault->what;
  }

  const auto store = Open(temp.path(), ids, random);
  ASSERT_THAT(store, IsOk());
  std::set<int64_t> sequences;
  int lost = 0;
  for (const auto& [request_id, sequence] : acknowledged) {
    const auto receipt =
        store->ledger->GetByRequestId(domain::OrganisationId("org"), request_id);
    lost += receipt.ok() && receipt->sequence == sequence ? 0 : 1;
    EXPECT_TRUE(sequences.insert(sequence).second) << "two receipts for one row";
  }
  EXPECT_EQ(lost, 0);
  std::printf("%s\n", support::Tally("ledger kills",
                                     std::to_string(acknowledged.size()) + " acknowledged",
                                     kRounds, lost)
                          .c_str());
}

}  // namespace
}  // namespace rollcall::ledger
