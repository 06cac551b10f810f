#ifndef ROLLCALL_TESTS_UNIT_WEBHOOKS_FIXTURE_H_
#define ROLLCALL_TESTS_UNIT_WEBHOOKS_FIXTURE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "storage/database.h"
#include "support/environment.h"
#include "webhooks/dispatcher.h"

namespace rollcall::webhooks {

inline base::Uuid IdOf(uint8_t number) {
  base::Uuid id;
  id.bytes[15] = number;
  id.bytes[6] = 0x70;
  return id;
}

// A receiver that answers only when it is told to.
class FakeTransport final : public Transport {
 public:
  void Start(int64_t ticket, Request request) override {
    open.emplace_back(ticket, request);
    all.push_back(std::move(request));
  }
  std::vector<std::pair<int64_t, Outcome>> Wait(base::Duration at_most) override {
    waited.push_back(at_most);
    return std::exchange(ended_, {});
  }
  void Wake() override { ++wakes; }

  // Answers the oldest that is open to `url`, or to anybody; the next Step takes it in.
  void Answer(int status, const std::string& url = "") {
    const auto found = std::find_if(open.begin(), open.end(), [&](const auto& one) {
      return url.empty() || one.second.url == url;
    });
    ASSERT_NE(found, open.end());
    Outcome outcome;
    outcome.status = status;
    if (status == 0) outcome.fault = "TIMEOUT";
    outcome.retry_after = retry_after;
    ended_.emplace_back(found->first, outcome);
    open.erase(found);
  }

  std::deque<std::pair<int64_t, Request>> open;
  std::vector<Request> all;
  std::vector<base::Duration> waited;
  std::optional<base::Duration> retry_after;
  std::atomic<int> wakes = 0;

 private:
  std::vector<std::pair<int64_t, Outcome>> ended_;
};

// A log of check-ins; page by page.
class FakeSource final : public EventSource {
 public:
  absl::StatusOr<Page> Read(int64_t after) override {
    ++reads;
    Page page;
    page.reached = after;
    for (const Event& event : events) {
      if (event.sequence <= after) continue;
      if (event.sequence > after + page_size) break;
      page.events.push_back(event);
      page.reached = event.sequence;
    }
    return page;
  }
  absl::StatusOr<bool> IsWithin(const domain::OrganisationId& organisation,
                                const domain::OrganisationId& top) override {
    return organisation == top || top.value == "top";
  }
  absl::StatusOr<domain::VolunteerId> VolunteerOf(const base::Uuid&) override {
    return domain::VolunteerId("v-1");
  }
  int64_t LastSequence() override { return static_cast<int64_t>(events.size()); }

  void Add(const std::string& organisation = "home", EventType type = EventType::kCheckedIn) {
    Event event;
    event.sequence = static_cast<int64_t>(events.size()) + 1;
    event.type = type;
    event.session.organisation = domain::OrganisationId(organisation);
    event.id = IdOf(static_cast<uint8_t>(event.sequence));
    event.evidence = "witnessed";
    events.push_back(event);
  }

  std::vector<Event> events;
  int64_t page_size = 3;
  int reads = 0;
};

class DispatcherTest : public ::testing::Test {
 protected:
  DispatcherTest() {
    Open();
    for (size_t i = 0; i < 32; ++i) key_.bytes()[i] = static_cast<uint8_t>(i);
  }

  void Open() {
    storage::DatabaseOptions options;
    options.path = folder_.path() / "x.db";
    options.schemas = {WebhookSchema()};
    auto opened = storage::OpenSqlite(std::move(options));
    ASSERT_TRUE(opened.ok()) << opened.status();
    database_ = *std::move(opened);
    store_ = std::make_unique<Store>(*database_);
  }

  // A new dispatcher, as after a start; the old one is gone first.
  void Restart() {
    dispatcher_.reset();
    transport_.open.clear();
    dispatcher_ = std::make_unique<Dispatcher>(
        Dispatcher::Parts{*store_, source_, transport_, key_, clock_, random_, metrics_},
        RetryPolicy{});
  }

  Webhook Make(uint8_t number, const std::string& organisation = "home") {
    Webhook webhook;
    webhook.id = IdOf(number);
    webhook.organisation = domain::OrganisationId(organisation);
    webhook.url = "https://receiver-" + std::to_string(number) + ".example/";
    webhook.public_key = PublicKeyText(DeriveKeys(key_, webhook.id));
    webhook.created = clock_.Now();
    webhook.recorder = "olga";
    return webhook;
  }
  void Add(const Webhook& webhook) {
    ASSERT_TRUE(store_->Create(webhook).ok());
    if (dispatcher_) dispatcher_->Reload();
  }

  void Step() { dispatcher_->Step(std::chrono::minutes(1)); }
  // Answers what is open and lets the dispatcher take it in and go on.
  void Answer(int status, const std::string& url = "") {
    transport_.Answer(status, url);
    Step();
    Step();
  }
  // What lies in the database, everything having been written down.
  Progress Stored(uint8_t number = 1) {
    store_->Settle();
    Step();  // what had come together meanwhile
    store_->Settle();
    const auto webhook = store_->Get(IdOf(number));
    EXPECT_TRUE(webhook.ok()) << webhook.status();
    return webhook->progress;
  }
  std::vector<int64_t> Sent(const std::string& url = "") const {
    std::vector<int64_t> sequences;
    for (const Request& request : transport_.all) {
      if (!url.empty() && request.url != url) continue;
      const size_t at = request.body.find("\"sequence\":");
      sequences.push_back(std::stoll(request.body.substr(at + 11)));
    }
    return sequences;
  }

  support::TempDir folder_;
  base::ManualClock clock_{base::FromUnixMicros(1'700'000'000'000'000)};
  base::SeededRandom random_{1};
  base::Metrics metrics_;
  vault::SecretKey key_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<Store> store_;
  FakeSource source_;
  FakeTransport transport_;
  std::unique_ptr<Dispatcher> dispatcher_;
};

}  // namespace rollcall::webhooks

#endif  // ROLLCALL_TESTS_UNIT_WEBHOOKS_FIXTURE_H_
