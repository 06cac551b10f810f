// One daemon under a steady load for as long as it is told to: nothing is lost, and its memory does
// not grow. tests/soak runs it for hours beside the other crash rigs.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
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

using Steady = std::chrono::steady_clock;

constexpr int kActionsPerPerson = 6;  // three pairs: what the policy allows in one session
constexpr auto kPause = std::chrono::milliseconds(20);  // between two check-ins
// What a daemon takes while it warms up says nothing about its growth.
constexpr double kWarmUp = 0.2;

int Seconds() {
  const char* given = std::getenv("ROLLCALL_SOAK_SECONDS");
  return given != nullptr ? std::atoi(given) : 3;
}

// More for longer: all of it is one day, and nobody comes and goes hundreds of times a day, each of which
// is computed with all the others.
int People() { return std::clamp(Seconds(), 50, 1000); }

struct Sample {
  double hours = 0;
  double mebibytes = 0;
};

// Resident memory of a process; 0 when it is gone.
double ResidentMebibytes(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; status >> word;) {
    if (word != "VmRSS:") continue;
    double kibibytes = 0;
    status >> kibibytes;
    return kibibytes / 1024;
  }
  return 0;
}

// Mebibytes an hour, by least squares; 0 where there are too few samples.
double Slope(const std::vector<Sample>& samples) {
  const auto first = static_cast<size_t>(static_cast<double>(samples.size()) * kWarmUp);
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (size_t i = first; i < samples.size(); ++i) {
    n += 1;
    x += samples[i].hours;
    y += samples[i].mebibytes;
    xx += samples[i].hours * samples[i].hours;
    xy += samples[i].hours * samples[i].mebibytes;
  }
  const double spread = n * xx - x * x;
  return n > 2 && spread > 0 ? (n * xy - x * y) / spread : 0;
}

class LoadTest : public ::testing::Test {
 protected:
  void Start() {
    address_ = daemon_.ReadLine();
    ASSERT_FALSE(address_.empty()) << daemon_.Errors();
    const Client client(address_);
    for (int i = 0; i < People(); ++i) {
      people_.push_back(Numbered("V", i));
      ASSERT_TRUE(client.Enrol(EnrolRequest(people_.back(), "A Name")).ok());
    }
  }

  // Everybody comes and goes as often as one session allows, or until the time is over.
  void RunActivity(const Client& client, const std::string& activity, Steady::time_point until) {
    const base::Time now = base::SystemClock().Now();
    ASSERT_TRUE(MakeActivity(client, activity, false, now - std::chrono::hours(1),
                             now + std::chrono::hours(30))
                    .ok());
    ASSERT_TRUE(client.AddToRoster(activity, people_).ok());
    std::map<std::string, int64_t> receipts;
    for (int n = 0; n < kActionsPerPerson && Steady::now() < until; ++n) {
      for (const std::string& person : people_) {
        const auto attested = client.Attest(activity, person);
        ASSERT_TRUE(attested.ok()) << attested.status.error_message();
        const std::string request = NewRequestId();
        const auto answer =
            client.Record(attested.response.token(), n % 2 == 0 ? v1::IN : v1::OUT, request);
        ASSERT_TRUE(answer.ok()) << answer.status.error_message();
        ASSERT_TRUE(answer.response.has_receipt()) << answer.response.sentence();
        receipts[request] = answer.response.receipt().sequence();
        Measure();
        std::this_thread::sleep_for(kPause);
      }
    }
    Compare(client, activity, receipts);
  }

  void Compare(const Client& client, const std::string& activity,
               const std::map<std::string, int64_t>& receipts) {
    std::map<std::string, int64_t> found;
    v1::ListEventsRequest request;
    request.set_activity_id(activity);
    request.set_page_size(1000);
    do {
      const auto page = client.Call(*client.ledger, &v1::LedgerService::Stub::ListEvents, request);
      ASSERT_TRUE(page.ok()) << page.status.error_message();
      for (const v1::AttendanceEvent& event : page.response.events()) {
        EXPECT_TRUE(found.emplace(event.request_id(), event.sequence()).second) << "recorded twice";
      }
      request.set_page_token(page.response.next_page_token());
    } while (!request.page_token().empty());
    EXPECT_EQ(found, receipts);
    compared_ += static_cast<int64_t>(receipts.size());
  }

  void Measure() {
    const double hours =
        std::chrono::duration<double, std::ratio<3600>>(Steady::now() - start_).count();
    if (!samples_.empty() && hours - samples_.back().hours < 1.0 / 3600) return;
    samples_.push_back({hours, ResidentMebibytes(daemon_.pid())});
  }

  support::TempDir folder_;
  support::Program daemon_{{(support::BinaryDir() / "bin/rollcalld").string(), "--data",
                            (folder_.path() / "data").string(), "--listen", "127.0.0.1:0",
                            "--plaintext"}};
  std::string address_;
  std::vector<std::string> people_;
  const Steady::time_point start_ = Steady::now();
  std::vector<Sample> samples_;  // one a second
  int64_t compared_ = 0;
};

TEST_F(LoadTest, NothingIsLostAndMemoryDoesNotGrow) {
  ASSERT_NO_FATAL_FAILURE(Start());
  const Client client(address_);
  const auto until = start_ + std::chrono::seconds(Seconds());
  int activities = 0;
  do {
    ASSERT_NO_FATAL_FAILURE(RunActivity(client, Numbered("load", activities++), until));
  } while (Steady::now() < until);
  const auto verified = client.Verify();
  ASSERT_TRUE(verified.ok()) << verified.status.error_message();
  EXPECT_TRUE(verified.response.verified()) << verified.response.problem();
  daemon_.Signal(SIGTERM);
  EXPECT_EQ(daemon_.Wait(), 0);
  std::printf("%s\n", support::Tally("load", std::to_string(activities) + " activities", compared_,
                                     HasFailure() ? 1 : 0)
                          .c_str());
  std::printf("memory of the daemon: %.1f MiB at the end, %+.2f MiB an hour over %.2f h\n",
              samples_.back().mebibytes, Slope(samples_), samples_.back().hours);
}

}  // namespace
}  // namespace rollcall::testing
