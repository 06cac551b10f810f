// kill -9 during a run of check-ins: every receipt that a client holds is in the ledger after the
// restart, once, and what was under way is either there or not, and can be sent again. Every token is
// spent once, whatever the kill hit.
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "integration/client.h"
#include "support/environment.h"
#include "support/program.h"
#include "support/tally.h"

namespace rollcall::testing {
namespace {

constexpr int kKiosks = 8;
constexpr int kPeoplePerKiosk = 25;
constexpr int kActionsPerPerson = 6;  // three pairs: what the policy allows in one session

int Kills() {
  const char* given = std::getenv("ROLLCALL_KILLS");
  return given != nullptr ? std::atoi(given) : 5;
}

// Of the moments; the threads add their own chance.
uint32_t Seed() {
  const char* given = std::getenv("ROLLCALL_KILL_SEED");
  return given != nullptr ? static_cast<uint32_t>(std::atoll(given)) : 20261124;
}

// What a kiosk knows of one request.
struct Sent {
  std::string activity;
  std::string request_id;
  std::string token;
  v1::Action action = v1::ACTION_UNSPECIFIED;
  // Empty: no answer came.
  std::string event_id;
  int64_t sequence = 0;
};

class KillTest : public ::testing::Test {
 protected:
  void StartDaemon() {
    daemon_ = std::make_unique<support::Program>(
        std::vector<std::string>{(support::BinaryDir() / "bin/rollcalld").string(), "--data",
                                 (folder_.path() / "data").string(), "--listen", "127.0.0.1:0",
                                 "--plaintext"});
    address_ = daemon_->ReadLine();
    ASSERT_FALSE(address_.empty()) << daemon_->Errors();
  }

  void RegisterPeople() {
    const Client client(address_);
    for (int i = 0; i < kKiosks * kPeoplePerKiosk; ++i) {
      people_.push_back(Numbered("V", i));
      ASSERT_TRUE(client.Enrol(EnrolRequest(people_.back(), "A Name")).ok());
    }
  }

  // Checks its people in and out until the server is gone.
  void RunKiosk(int kiosk, const std::string& activity) {
    const Client client(address_);
    for (int n = 0; n < kActionsPerPerson; ++n) {
      for (int p = 0; p < kPeoplePerKiosk; ++p) {
        const std::string& person = people_[static_cast<size_t>(kiosk * kPeoplePerKiosk + p)];
        const auto attested = client.Attest(activity, person);
        if (!attested.ok()) return;
        Sent sent{
            activity, NewRequestId(), attested.response.token(), n % 2 == 0 ? v1::IN : v1::OUT, "",
            0};
        const auto answer = client.Record(sent.token, sent.action, sent.request_id);
        if (answer.ok()) {
          EXPECT_TRUE(answer.response.has_receipt()) << answer.response.sentence();
          sent.event_id = answer.response.receipt().event_id();
          sent.sequence = answer.response.receipt().sequence();
          ++receipts_;
        }
        const std::lock_guard lock(mutex_);
        sent_.push_back(std::move(sent));
        if (!answer.ok()) return;
      }
    }
  }

  // Sends again what had no answer, as a kiosk does, then compares all with the ledger.
  void CheckRound(const std::string& activity) {
    const Client client(address_);
    for (Sent& sent : sent_) {
      if (!sent.event_id.empty()) continue;
      if (++unanswered_ % 2 == 0) TryUnderAnotherId(client, sent);
      if (!sent.event_id.empty()) continue;
      const auto again = client.Record(sent.token, sent.action, sent.request_id);
      ASSERT_TRUE(again.ok()) << again.status.error_message();
      ASSERT_TRUE(again.response.has_receipt()) << again.response.sentence();
      sent.event_id = again.response.receipt().event_id();
      sent.sequence = again.response.receipt().sequence();
      again.response.receipt().replayed() ? ++found_ : ++resent_;
    }
    const std::map<std::string, v1::AttendanceEvent> events = EventsOf(client, activity);
    ASSERT_FALSE(HasFatalFailure());
    EXPECT_EQ(events.size(), sent_.size()) << "an event that nobody sent, or one that is missing";
    for (const Sent& sent : sent_) {
      const auto event = events.find(sent.request_id);
      ASSERT_NE(event, events.end()) << "a receipt was handed out for nothing";
      EXPECT_EQ(event->second.event_id(), sent.event_id);
      EXPECT_EQ(event->second.sequence(), sent.sequence);
    }
    for (const Sent& sent : sent_) ExpectSpent(client, sent);
    const auto verified = client.Verify();
    ASSERT_TRUE(verified.ok()) << verified.status.error_message();
    EXPECT_TRUE(verified.response.verified()) << verified.response.problem();
    checked_ += static_cast<int64_t>(sent_.size());
    sent_.clear();
  }

  // Somebody who has seen the token sends it under a request id of her own, before its owner does:
  // where the kill came after the commit she is refused, else she is first and the owner is refused.
  void TryUnderAnotherId(const Client& client, Sent& sent) {
    const std::string other = NewRequestId();
    const auto answer = client.Record(sent.token, sent.action, other);
    if (!answer.ok()) {
      EXPECT_EQ(answer.reason(), "TOKEN_USED") << answer.status.error_message();
      return;
    }
    ASSERT_TRUE(answer.response.has_receipt()) << answer.response.sentence();
    ExpectSpent(client, sent);
    sent.request_id = other;
    sent.event_id = answer.response.receipt().event_id();
    sent.sequence = answer.response.receipt().sequence();
    ++resent_;
  }
  void ExpectSpent(const Client& client, const Sent& sent) {
    const auto again = client.Record(sent.token, v1::AUTO, NewRequestId());
    EXPECT_FALSE(again.ok()) << "a token was spent twice";
    // On a slow machine its minute may have passed.
    EXPECT_TRUE(again.reason() == "TOKEN_USED" || again.reason() == "TOKEN_EXPIRED")
        << again.reason();
    if (again.reason() == "TOKEN_USED") ++refused_;
  }

  // By request id; one that is there twice fails.
  static std::map<std::string, v1::AttendanceEvent> EventsOf(const Client& client,
                                                             const std::string& activity) {
    std::map<std::string, v1::AttendanceEvent> events;
    v1::ListEventsRequest request;
    request.set_activity_id(activity);
    request.set_page_size(1000);
    do {
      const auto page = client.Call(*client.ledger, &v1::LedgerService::Stub::ListEvents, request);
      EXPECT_TRUE(page.ok()) << page.status.error_message();
      if (!page.ok()) break;
      for (const v1::AttendanceEvent& event : page.response.events()) {
        EXPECT_TRUE(events.emplace(event.request_id(), event).second) << "recorded twice";
      }
      request.set_page_token(page.response.next_page_token());
    } while (!request.page_token().empty());
    return events;
  }

  support::TempDir folder_;
  std::unique_ptr<support::Program> daemon_;
  std::string address_;
  std::vector<std::string> people_;
  std::mutex mutex_;
  std::vector<Sent> sent_;  // of this round; guarded by mutex_ while kiosks run
  std::atomic<int64_t> receipts_ = 0;
  int64_t found_ = 0;   // had been committed although no answer came
  int64_t resent_ = 0;  // had not
  int64_t checked_ = 0;
  int64_t unanswered_ = 0;
  int64_t refused_ = 0;  // tokens that were tried a second time
};

TEST_F(KillTest, EveryReceiptIsInTheLedgerOnce) {
  const int kills = Kills();
  ASSERT_GT(kills, 0);
  std::mt19937 random(Seed());
  std::uniform_int_distribution<int> moment_us(0, 150'000);
  ASSERT_NO_FATAL_FAILURE(StartDaemon());
  ASSERT_NO_FATAL_FAILURE(RegisterPeople());
  for (int kill = 0; kill < kills; ++kill) {
    const std::string activity = Numbered("a", kill);
    const Client client(address_);
    const base::Time now = base::SystemClock().Now();
    ASSERT_TRUE(MakeActivity(client, activity, false, now - std::chrono::hours(1),
                             now + std::chrono::hours(6))
                    .ok());
    ASSERT_TRUE(client.AddToRoster(activity, people_).ok());
    std::vector<std::thread> kiosks;
    const int64_t before = receipts_;
    for (int k = 0; k < kKiosks; ++k) {
      kiosks.emplace_back([this, k, activity] { RunKiosk(k, activity); });
    }
    // Once all are under way, at a moment of nobody's choosing.
    while (receipts_ < before + kKiosks) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::microseconds(moment_us(random)));
    daemon_->Signal(SIGKILL);
    for (std::thread& kiosk : kiosks) kiosk.join();
    ASSERT_EQ(daemon_->Wait(), 128 + SIGKILL);
    ASSERT_NO_FATAL_FAILURE(StartDaemon());
    ASSERT_NO_FATAL_FAILURE(CheckRound(activity));
  }
  daemon_->Signal(SIGTERM);
  EXPECT_EQ(daemon_->Wait(), 0);
  EXPECT_GT(refused_, 0) << "no token was tried twice";
  std::printf(
      "kills %d, events compared %lld, without an answer: %lld recorded, %lld not; lost 0, "
      "doubled 0; tokens tried again %lld, accepted 0\n",
      kills, static_cast<long long>(checked_), static_cast<long long>(found_),
      static_cast<long long>(resent_), static_cast<long long>(refused_));
  const std::string which = "seed " + std::to_string(Seed()) + ", " + std::to_string(checked_) +
                            " events";
  std::printf("%s\n", support::Tally("kills", which, kills, HasFailure() ? 1 : 0).c_str());
}

}  // namespace
}  // namespace rollcall::testing
