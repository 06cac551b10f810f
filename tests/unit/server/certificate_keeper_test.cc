#include "server/certificate_keeper.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>

#include "base/log.h"
#include "base/random.h"
#include "server/housekeeper.h"
#include "server/site_authority.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::server {
namespace {

using Did = CertificateKeeper::Did;
using std::chrono_literals::operator""h;
using support::IsOk;

constexpr base::Duration kDay = 24h;

class CertificateKeeperTest : public ::testing::Test {
 protected:
  void SetUp() override {
    base::log::CaptureForTest([this](const std::string& line) {
      const std::lock_guard lock(mutex_);
      log_ += line;
      logged_.notify_all();
    });
    InitOptions options;
    options.data = folder_.path() / "data";
    base::SystemRandom random;
    const auto report = Init(options, clock_, random);
    ASSERT_THAT(report, IsOk());
    ends_ = report->server_expires;
  }
  ~CertificateKeeperTest() override { base::log::CaptureForTest({}); }

  std::filesystem::path data() const { return folder_.path() / "data"; }
  base::Time Ends() const { return *ServerCertificateEnds(data()); }
  void TakeTheKeyAway() const { std::filesystem::remove(data() / "keys/authority.key"); }
  // Taken out of what was logged so far; waits for nothing.
  std::string TakeLog() {
    const std::lock_guard lock(mutex_);
    return std::exchange(log_, {});
  }
  static bool Contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }

  support::TempDir folder_;
  base::ManualClock clock_{*base::ParseTime("2026-11-24T09:00:00Z")};
  base::Time ends_;
  std::mutex mutex_;
  std::condition_variable logged_;
  std::string log_;
};

TEST_F(CertificateKeeperTest, ItRenewsSixtyDaysBeforeTheEndAndNotBefore) {
  CertificateKeeper keeper(data(), clock_);
  clock_.SetNow(ends_ - CertificateKeeper::kRenewBefore - std::chrono::seconds(1));
  EXPECT_EQ(keeper.Look(), Did::kNothing);
  EXPECT_EQ(Ends(), ends_);
  clock_.SetNow(ends_ - CertificateKeeper::kRenewBefore);
  TakeLog();
  EXPECT_EQ(keeper.Look(), Did::kRenewed);
  EXPECT_EQ(Ends(), clock_.Now() + 398 * kDay);
  EXPECT_TRUE(Contains(TakeLog(), "server_certificate_renewed"));
  EXPECT_EQ(keeper.Look(), Did::kNothing);
  EXPECT_THAT(MakeServerCredentials(data(), clock_), IsOk());
}

TEST_F(CertificateKeeperTest, ItLooksAtTheStart) {
  clock_.SetNow(ends_ - 10 * kDay);
  const CertificateKeeper keeper(data(), clock_);
  EXPECT_GT(Ends(), ends_);
}

TEST_F(CertificateKeeperTest, ItLooksEveryDayWhenTheHousekeeperAsks) {
  CertificateKeeper keeper(data(), clock_);
  const Housekeeper housekeeper(std::chrono::milliseconds(1), [&] { keeper.LookIfDue(); });
  clock_.SetNow(ends_ - 10 * kDay);  // more than a day after the first look
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(logged_.wait_for(lock, std::chrono::seconds(60), [&] {
    return log_.find("server_certificate_renewed") != std::string::npos;
  }));
  lock.unlock();
  EXPECT_GT(Ends(), ends_);
}

TEST_F(CertificateKeeperTest, WithoutTheAuthoritysKeyItWarnsOnceAtThirtySevenAndOneDays) {
  TakeTheKeyAway();
  CertificateKeeper keeper(data(), clock_);
  const std::pair<int, Did> days[] = {{60, Did::kNothing}, {31, Did::kNothing}, {30, Did::kWarned},
                                      {29, Did::kNothing}, {8, Did::kNothing},  {7, Did::kWarned},
                                      {6, Did::kNothing},  {2, Did::kNothing},  {1, Did::kWarned},
                                      {0, Did::kWarned},   {-1, Did::kWarned},  {-2, Did::kWarned}};
  for (const auto& [left, did] : days) {
    clock_.SetNow(ends_ - left * kDay);
    TakeLog();
    EXPECT_EQ(keeper.Look(), did) << left;
    const std::string log = TakeLog();
    EXPECT_EQ(Contains(log, "server_certificate_expire"), did == Did::kWarned) << left << log;
    EXPECT_EQ(Contains(log, "expired"), left <= 0) << left << log;
    EXPECT_EQ(Ends(), ends_) << left;
  }
}

TEST_F(CertificateKeeperTest, AKeyThatIsBroughtBackIsUsed) {
  const std::string key = support::ReadFile(data() / "keys/authority.key");
  TakeTheKeyAway();
  CertificateKeeper keeper(data(), clock_);
  clock_.SetNow(ends_ - 5 * kDay);
  EXPECT_EQ(keeper.Look(), Did::kWarned);
  support::WriteFile(data() / "keys/authority.key", key);
  std::filesystem::permissions(data() / "keys/authority.key", std::filesystem::perms::owner_read);
  EXPECT_EQ(keeper.Look(), Did::kRenewed);
}

TEST_F(CertificateKeeperTest, WhatIsNotOursIsReportedAndLeftAlone) {
  CertificateKeeper keeper(data(), clock_);
  support::WriteFile(data() / "keys/server.crt", "no certificate\n");
  TakeLog();
  EXPECT_EQ(keeper.Look(), Did::kCouldNot);
  EXPECT_TRUE(Contains(TakeLog(), "BAD_SERVER_CERTIFICATE"));
  EXPECT_EQ(support::ReadFile(data() / "keys/server.crt"), "no certificate\n");
}

TEST_F(CertificateKeeperTest, ADamagedAuthorityRenewsNothing) {
  CertificateKeeper keeper(data(), clock_);
  const std::string before = support::ReadFile(data() / "keys/server.crt");
  support::WriteFile(data() / "keys/authority.key", "no key\n");
  clock_.SetNow(ends_ - 5 * kDay);
  TakeLog();
  EXPECT_EQ(keeper.Look(), Did::kCouldNot);
  EXPECT_TRUE(Contains(TakeLog(), "BAD_AUTHORITY"));
  EXPECT_EQ(support::ReadFile(data() / "keys/server.crt"), before);
}

}  // namespace
}  // namespace rollcall::server
