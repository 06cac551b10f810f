#include "webhooks/dispatcher.h"

#include <gtest/gtest.h>

#include <chrono>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "fixture.h"

namespace rollcall::webhooks {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_F(DispatcherTest, DeliversInOrderOneAtATime) {
  Add(Make(1));
  for (int i = 0; i < 10; ++i) source_.Add();
  Restart();
  Step();
  for (int i = 1; i <= 10; ++i) {
    ASSERT_EQ(transport_.open.size(), 1u);
    Step();
    ASSERT_EQ(transport_.open.size(), 1u) << "a second one beside the first";
    Answer(200);
    EXPECT_EQ(Stored().cursor, i);
  }
  EXPECT_TRUE(transport_.open.empty());
  std::vector<int64_t> expected(10);
  std::iota(expected.begin(), expected.end(), 1);
  EXPECT_EQ(Sent(), expected);
  EXPECT_TRUE(Stored().last_delivery.has_value());
}

TEST_F(DispatcherTest, TheRequestIsSignedForItsAttempt) {
  Add(Make(1));
  source_.Add();
  Restart();
  Step();
  Answer(500);
  clock_.Advance(minutes(1));
  Step();
  ASSERT_EQ(transport_.all.size(), 2u);
  const Request& first = transport_.all[0];
  const Request& second = transport_.all[1];
  EXPECT_EQ(first.id, second.id);
  EXPECT_EQ(first.body, second.body);
  EXPECT_EQ(first.seconds + 60, second.seconds);
  const SigningKeys keys = DeriveKeys(key_, IdOf(1));
  for (const Request& one : transport_.all) {
    EXPECT_EQ(one.signature, SignatureHeader(keys, one.id, one.seconds, one.body));
  }
}

// Only a 2xx moves the cursor.
TEST_F(DispatcherTest, EverythingButA2xxIsTriedAgain) {
  Add(Make(1));
  source_.Add();
  source_.Add();
  Restart();
  Step();
  int failures = 0;
  for (const int status : {0, 100, 199, 300, 301, 302, 304, 400, 401, 404, 429, 500, 502, 503}) {
    Answer(status);
    const Progress progress = Stored();
    EXPECT_EQ(progress.cursor, 0) << status;
    EXPECT_EQ(progress.failures, ++failures);
    EXPECT_EQ(progress.last_failure, status == 0 ? "TIMEOUT" : "HTTP " + std::to_string(status));
    EXPECT_TRUE(transport_.open.empty()) << "no pause after " << status;
    clock_.Advance(hours(2));
    Step();
    ASSERT_EQ(transport_.open.size(), 1u);
  }
  const std::vector<int64_t> sent = Sent();
  EXPECT_EQ(std::set<int64_t>(sent.begin(), sent.end()), std::set<int64_t>{1});
  Answer(204);
  EXPECT_EQ(Stored().cursor, 1);
  EXPECT_EQ(Stored().failures, 0);
  EXPECT_FALSE(Stored().failing_since.has_value());
}

TEST_F(DispatcherTest, ThePausesDoubleUpToTheMost) {
  const RetryPolicy policy;
  for (int failures = 1; failures <= 40; ++failures) {
    const base::Duration plain =
        failures > 10 ? hours(1)
                      : std::min<base::Duration>(hours(1), seconds(5) * (1 << (failures - 1)));
    for (int i = 0; i < 20; ++i) {
      const base::Duration pause = PauseAfter(failures, policy, random_);
      EXPECT_GE(pause, plain);
      EXPECT_LE(pause, plain + plain / 5);
    }
  }
}

// By the clock of the test: nothing before the pause is over, and the wait is no longer than it.
TEST_F(DispatcherTest, WaitsForThePauseAndNoLonger) {
  Add(Make(1));
  source_.Add();
  Restart();
  Step();
  base::Duration at_least = seconds(5);
  for (int i = 0; i < 6; ++i) {
    Answer(500);
    store_->Settle();
    transport_.waited.clear();
    Step();
    ASSERT_TRUE(transport_.open.empty());
    const base::Duration pause = transport_.waited.back();
    EXPECT_GE(pause, std::min<base::Duration>(at_least, minutes(1)));
    if (at_least < seconds(50)) {
      EXPECT_LE(pause, at_least + at_least / 5);
    }
    clock_.Advance(at_least - seconds(1));
    Step();
    ASSERT_TRUE(transport_.open.empty()) << "too early";
    clock_.Advance(seconds(1) + at_least / 5);
    Step();
    ASSERT_EQ(transport_.open.size(), 1u) << "too late";
    at_least *= 2;
  }
}

TEST_F(DispatcherTest, WaitsAsLongAsTheReceiverAsks) {
  Add(Make(1));
  source_.Add();
  Restart();
  Step();
  transport_.retry_after = minutes(10);
  Answer(429);
  clock_.Advance(minutes(10) - seconds(1));
  Step();
  EXPECT_TRUE(transport_.open.empty());
  clock_.Advance(seconds(1));
  Step();
  EXPECT_EQ(transport_.open.size(), 1u);
}

TEST_F(DispatcherTest, GoesOnFromTheCursorAfterAStart) {
  Add(Make(1));
  for (int i = 0; i < 5; ++i) source_.Add();
  Restart();
  Step();
  Answer(200);
  Answer(200);
  ASSERT_EQ(transport_.open.size(), 1u);  // 3 is under way, and nobody knows how it ends
  Restart();
  EXPECT_EQ(store_->Get(IdOf(1))->progress.cursor, 2);
  Step();
  for (int i = 0; i < 3; ++i) Answer(200);
  EXPECT_EQ(Sent(), (std::vector<int64_t>{1, 2, 3, 3, 4, 5}));
  EXPECT_EQ(transport_.all[2].id, transport_.all[3].id)
      << "the receiver cannot tell it is the same";
}

TEST_F(DispatcherTest, A410DisablesAndEnablingGoesOnWithoutALoss) {
  Add(Make(1));
  for (int i = 0; i < 3; ++i) source_.Add();
  Restart();
  Step();
  Answer(200);
  Answer(410);
  EXPECT_EQ(Stored().state, State::kDisabled);
  EXPECT_EQ(Stored().reason, "GONE");
  EXPECT_EQ(Stored().cursor, 1);
  clock_.Advance(hours(100));
  Step();
  EXPECT_TRUE(transport_.open.empty());
  ASSERT_TRUE(store_->Enable(IdOf(1)).ok());
  dispatcher_->Reload();
  Step();
  Answer(200);
  Answer(200);
  EXPECT_EQ(Sent(), (std::vector<int64_t>{1, 2, 2, 3}));
  EXPECT_EQ(Stored().state, State::kEnabled);
}

TEST_F(DispatcherTest, IsDisabledAfterFiveDaysOfFailuresAlsoOverRestarts) {
  Add(Make(1));
  source_.Add();
  Restart();
  Step();
  const base::Time start = clock_.Now();
  while (clock_.Now() - start < hours(24 * 5)) {
    ASSERT_EQ(Stored().state, State::kEnabled);
    ASSERT_EQ(transport_.open.size(), 1u);
    Answer(0);
    clock_.Advance(hours(5));
    Restart();
    Step();
  }
  Answer(0);
  EXPECT_EQ(Stored().state, State::kDisabled);
  EXPECT_EQ(Stored().reason, "FAILING");
  Restart();
  Step();
  EXPECT_TRUE(transport_.open.empty());
}

TEST_F(DispatcherTest, ASuccessStartsTheFiveDaysAgain) {
  Add(Make(1));
  for (int i = 0; i < 200; ++i) source_.Add();
  Restart();
  Step();
  for (int day = 0; day < 30; ++day) {
    for (int i = 0; i < 3; ++i) {
      Answer(500);
      clock_.Advance(hours(30));
      Step();
    }
    Answer(200);
    ASSERT_EQ(Stored().state, State::kEnabled);
  }
}

TEST_F(DispatcherTest, AClockThatJumpsDisablesNobody) {
  Add(Make(1));
  source_.Add();
  Restart();
  Step();
  Answer(500);
  clock_.SetNow(clock_.Now() + hours(24 * 365));
  clock_.Advance(hours(2));
  Step();
  Answer(500);
  EXPECT_EQ(Stored().state, State::kEnabled);
}

TEST_F(DispatcherTest, ADeadReceiverHoldsUpNoOther) {
  Add(Make(1));
  Add(Make(2));
  for (int i = 0; i < 8; ++i) source_.Add();
  Restart();
  Step();
  ASSERT_EQ(transport_.open.size(), 2u);
  for (int i = 0; i < 8; ++i) Answer(200, "https://receiver-2.example/");
  EXPECT_EQ(Sent("https://receiver-2.example/"), (std::vector<int64_t>{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(Sent("https://receiver-1.example/"), std::vector<int64_t>{1});
  EXPECT_EQ(Stored(1).cursor, 0);
  EXPECT_EQ(Stored(2).cursor, 8);
  EXPECT_NE(metrics_.Text().find("rollcall_webhook_lag_rows 8"), std::string::npos);
  EXPECT_NE(metrics_.Text().find("rollcall_webhook_deliveries_total 8"), std::string::npos);
}

TEST_F(DispatcherTest, SendsTheScopeAndTheTypesAskedFor) {
  Webhook below = Make(1, "top");
  Webhook some = Make(2);
  some.types = {EventType::kHoursCredited};
  Add(below);
  Add(some);
  source_.Add("home");
  source_.Add("village");
  source_.Add("home", EventType::kHoursCredited);
  source_.Add("village", EventType::kHoursCredited);
  source_.Add("home");
  Restart();
  Step();
  for (int i = 0; i < 5; ++i) Answer(200, below.url);
  Answer(200, some.url);
  Step();
  EXPECT_EQ(Sent(below.url), (std::vector<int64_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(Sent(some.url), std::vector<int64_t>{3});
  EXPECT_TRUE(transport_.open.empty());
  // What is none of its business is passed.
  dispatcher_.reset();
  EXPECT_EQ(store_->Get(some.id)->progress.cursor, 5);
}

// Those that are up to date read a new row together, so that many of them cost the database no
// more.
TEST_F(DispatcherTest, WebhooksAtTheEndShareTheirReads) {
  for (uint8_t i = 1; i <= 10; ++i) Add(Make(i));
  Restart();
  Step();
  source_.reads = 0;
  source_.Add();
  Step();
  EXPECT_EQ(transport_.open.size(), 10u);
  EXPECT_EQ(source_.reads, 1);
  source_.Add();
  for (int i = 0; i < 10; ++i) transport_.Answer(200);
  Step();
  Step();
  EXPECT_EQ(transport_.open.size(), 10u);
  EXPECT_EQ(source_.reads, 2);
}

TEST_F(DispatcherTest, ARemovedOneIsNotToldAnyMore) {
  Add(Make(1));
  source_.Add();
  source_.Add();
  Restart();
  Step();
  ASSERT_TRUE(store_->Remove(IdOf(1)).ok());
  dispatcher_->Reload();
  Answer(200);
  EXPECT_TRUE(transport_.open.empty());
  EXPECT_EQ(Sent(), std::vector<int64_t>{1});
}

TEST_F(DispatcherTest, AnAddedOneStartsAtItsCursor) {
  for (int i = 0; i < 4; ++i) source_.Add();
  Restart();
  Step();
  Webhook webhook = Make(1);
  webhook.progress.cursor = 3;
  Add(webhook);
  Step();
  EXPECT_EQ(Sent(), std::vector<int64_t>{4});
}

// Receivers were told another secret: better silent, and visibly so, than signed by a key nobody
// knows.
TEST_F(DispatcherTest, AnotherSigningKeyDisables) {
  Add(Make(1));
  source_.Add();
  key_.bytes()[0] ^= 1;
  Restart();
  Step();
  EXPECT_TRUE(transport_.open.empty());
  EXPECT_EQ(Stored().reason, "KEY_CHANGED");
  ASSERT_TRUE(store_->Enable(IdOf(1)).ok());
  dispatcher_->Reload();
  Step();
  EXPECT_TRUE(transport_.open.empty());
  EXPECT_EQ(Stored().reason, "KEY_CHANGED");
}

TEST_F(DispatcherTest, DoesNothingWhereThereIsNothingToDo) {
  Add(Make(1));
  Restart();
  Step();
  store_->Settle();
  transport_.waited.clear();
  Step();
  EXPECT_EQ(transport_.waited, std::vector<base::Duration>{minutes(1)});
  EXPECT_EQ(source_.reads, 0);
}

}  // namespace
}  // namespace rollcall::webhooks
