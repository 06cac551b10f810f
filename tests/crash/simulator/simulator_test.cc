// Worlds from seeds: none may break a promise of the ledger. $ROLLCALL_SEEDS says how many.
#include "simulator/simulator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>

#include "base/log.h"

namespace rollcall::simulator {
namespace {

constexpr int kSeeds = ROLLCALL_DEFAULT_SEEDS;

class SimulatorTest : public testing::Test {
 protected:
  // The disks fail on purpose, and the log would say so each time.
  void SetUp() override {
    base::log::CaptureForTest([](const std::string&) {});
  }
  void TearDown() override { base::log::CaptureForTest({}); }
};

TEST_F(SimulatorTest, NoWorldBreaksAPromise) {
  const char* wanted = std::getenv("ROLLCALL_SEEDS");
  const int seeds = wanted == nullptr ? kSeeds : std::atoi(wanted);
  ASSERT_GT(seeds, 0) << "ROLLCALL_SEEDS";
  Counts counts;
  int failures = 0;
  for (int seed = 1; seed <= seeds; ++seed) {
    const WorldResult result = RunWorld(static_cast<uint64_t>(seed), /*print=*/false);
    counts.Add(result.counts);
    if (!result.violation) continue;
    ADD_FAILURE() << result.Report();
    if (++failures == 3) break;  // enough to look at
  }
  std::printf("%s%s\n", counts.Text().c_str(),
              TrialLine(1, static_cast<uint64_t>(counts.worlds), failures).c_str());
  // A world in which nothing happens would prove nothing.
  if (failures > 0) return;
  EXPECT_GT(counts.receipts, counts.worlds * 10);
  EXPECT_GT(counts.deaths, counts.worlds);
  for (const int64_t count : {counts.power_cuts, counts.lost, counts.doubled, counts.delayed,
                              counts.replays, counts.failed_io, counts.full_refusals,
                              counts.unsettled, counts.clock_jumps, counts.refusals,
                              counts.proposals, counts.approved, counts.declined,
                              counts.tier_approvals, counts.disputes, counts.answers,
                              counts.adjusted}) {
    EXPECT_GT(count, 0);
  }
}

TEST_F(SimulatorTest, ASeedIsAWorld) {
  std::set<uint64_t> hashes;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const WorldResult first = RunWorld(seed, false);
    const WorldResult again = RunWorld(seed, false);
    EXPECT_EQ(first.trace_hash, again.trace_hash) << seed;
    EXPECT_EQ(first.step, again.step) << seed;
    EXPECT_TRUE(hashes.insert(first.trace_hash).second) << seed;
  }
}

TEST_F(SimulatorTest, AReportSaysHowToSeeItAgain) {
  WorldResult result;
  result.seed = 17;
  result.step = 412;
  result.violation = "rows: 3 where the truth is 4";
  result.last = {"#411 2026-03-02T08:11:02Z commit of 1"};
  const std::string report = result.Report();
  EXPECT_THAT(report, testing::HasSubstr("seed 17, step 412: rows: 3"));
  EXPECT_THAT(report, testing::HasSubstr("#411"));
  EXPECT_THAT(report, testing::HasSubstr("--seed 17 --verbose"));
}

}  // namespace
}  // namespace rollcall::simulator
