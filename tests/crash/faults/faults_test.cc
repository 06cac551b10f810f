// One failing system call after the other, in a process of its own: no failure leads to an
// acknowledgement that does not hold, nor to a ledger that does not open, and after a failed sync
// the process ends.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "case.h"
#include "support/environment.h"
#include "support/tally.h"

namespace rollcall::crash {
namespace {

constexpr int64_t kTold = 5;  // failures in full

int64_t FromEnvironment(const char* name, int64_t otherwise) {
  const char* given = std::getenv(name);
  return given != nullptr ? std::atoll(given) : otherwise;
}

class CrashFaultsTest : public ::testing::Test {
 protected:
  CrashFaultsTest() {
    // In memory where that is possible: what is tried here is not this machine's disk.
    std::string pattern = "/dev/shm/rollcall-faults-XXXXXX";
    if (mkdtemp(pattern.data()) != nullptr) memory_ = pattern;
  }
  ~CrashFaultsTest() override {
    std::error_code ignored;
    if (!memory_.empty()) std::filesystem::remove_all(memory_, ignored);
  }

  std::filesystem::path folder() const {
    return (memory_.empty() ? disk_.path() : memory_) / "data";
  }

  void Try(const FaultCase& fault) {
    ++trials_;
    const auto wrong = TryCase(seed_, fault, folder());
    if (!wrong || ++failures_ > kTold) return;
    ADD_FAILURE() << fault.Name() << ": " << *wrong << "\nagain: ROLLCALL_FAULT_SEED=" << seed_
                  << " ROLLCALL_FAULT_CASE=" << fault.Name() << " crash_faults_test";
  }

  const uint64_t seed_ = static_cast<uint64_t>(FromEnvironment("ROLLCALL_FAULT_SEED", 1));
  int64_t trials_ = 0;
  int64_t failures_ = 0;

 private:
  support::TempDir disk_;
  std::filesystem::path memory_;
};

// How much of what is left a group gets: there are few syncs, and each of them is another promise.
int64_t WeightOf(const std::vector<FaultCase>& group) {
  return group.front().call == "sync" ? 8 : 1;
}

// `count` of one group: the first ones, where everything is made, and then evenly from a place that
// depends on `shift`.
std::vector<FaultCase> Choose(const std::vector<FaultCase>& group, int64_t count, uint64_t shift) {
  const auto all = static_cast<int64_t>(group.size());
  if (count >= all) return group;
  const int64_t first = count / 3;
  std::vector<FaultCase> chosen(group.begin(), group.begin() + first);
  const int64_t rest = count - first;
  for (int64_t i = 0; i < rest; ++i) {
    const int64_t from = (all - first) * i / rest;
    const int64_t to = (all - first) * (i + 1) / rest;
    const int64_t at = from + static_cast<int64_t>(shift % 1000) % (to - from);
    chosen.push_back(group[static_cast<size_t>(first + at)]);
  }
  return chosen;
}

TEST_F(CrashFaultsTest, NoFailingCallLeadsToAFalseAcknowledgement) {
  if (const char* name = std::getenv("ROLLCALL_FAULT_CASE")) {
    const auto fault = FaultCase::Parse(name);
    ASSERT_TRUE(fault.has_value()) << name << ": not a case, as \"sync:12:EIO:once\"";
    return Try(*fault);
  }
  const int64_t budget = FromEnvironment("ROLLCALL_FAULTS", 300);
  ASSERT_GT(budget, 0);
  const auto counts = CountCalls(seed_, folder());
  ASSERT_FALSE(HasFailure());
  auto groups = AllCases(counts);
  ASSERT_FALSE(groups.empty());
  // Small groups first: what they leave over is for the large ones.
  std::sort(groups.begin(), groups.end(),
            [](const auto& a, const auto& b) { return a.size() < b.size(); });
  int64_t left = budget;
  int64_t weights_left = 0;
  for (const auto& group : groups) weights_left += WeightOf(group);
  uint64_t shift = seed_;
  for (const auto& group : groups) {
    const int64_t share = std::max<int64_t>(left * WeightOf(group) / weights_left, 1);
    weights_left -= WeightOf(group);
    // Another place for each: together the errors of one call reach most of its times.
    const auto chosen = Choose(group, share, shift++);
    for (const FaultCase& fault : chosen) Try(fault);
    left -= static_cast<int64_t>(chosen.size());
  }
  int64_t all = 0;
  for (const auto& group : groups) all += static_cast<int64_t>(group.size());
  const std::string which =
      "seed " + std::to_string(seed_) + ", of " + std::to_string(all) + " possible ones";
  std::printf("%s\n", support::Tally("failing calls", which, trials_, failures_).c_str());
  EXPECT_EQ(failures_, 0);
}

}  // namespace
}  // namespace rollcall::crash
