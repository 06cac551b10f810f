#include "app/irregularity_runs.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace rollcall::app {
namespace {

using irregularities::Finding;
using Findings = IrregularityRuns::Findings;

base::Time At(int64_t second) { return base::Time(std::chrono::seconds(second)); }

// One finding with so many rows, told apart by `number`.
Findings Found(int64_t number, size_t rows = 1) {
  Finding finding;
  finding.people = number;
  finding.evidence.resize(rows);
  return std::make_shared<const std::vector<Finding>>(1, finding);
}

TEST(IrregularityRunsTest, ARunIsFoundByItsRowAndItsTimeAndByNothingElse) {
  IrregularityRuns runs;
  EXPECT_EQ(runs.Find(7, At(1)), nullptr);
  const Findings found = Found(1);
  runs.Keep(7, At(1), found);
  EXPECT_EQ(runs.Find(7, At(1)), found);
  EXPECT_EQ(runs.Find(8, At(1)), nullptr) << "the ledger has grown";
  EXPECT_EQ(runs.Find(6, At(1)), nullptr);
  EXPECT_EQ(runs.Find(7, At(2)), nullptr) << "something may have waited long enough since";
}

TEST(IrregularityRunsTest, TheOneThatNobodyAskedForTheLongestGoesFirst) {
  IrregularityRuns runs;
  const auto count = static_cast<int64_t>(IrregularityRuns::kMaxRuns);
  for (int64_t i = 0; i < count; ++i) runs.Keep(i, At(0), Found(i));
  ASSERT_NE(runs.Find(0, At(0)), nullptr);
  runs.Keep(count, At(0), Found(count));
  EXPECT_EQ(runs.Find(1, At(0)), nullptr);
  EXPECT_NE(runs.Find(0, At(0)), nullptr);
  EXPECT_NE(runs.Find(count, At(0)), nullptr);
}

TEST(IrregularityRunsTest, BytesAreBoundedToo) {
  IrregularityRuns runs(20'000);
  runs.Keep(1, At(0), Found(1, 1000));
  runs.Keep(2, At(0), Found(2, 1000));
  EXPECT_NE(runs.Find(1, At(0)), nullptr);
  EXPECT_NE(runs.Find(2, At(0)), nullptr);
  runs.Keep(3, At(0), Found(3, 1000));
  EXPECT_EQ(runs.Find(1, At(0)), nullptr);
  EXPECT_NE(runs.Find(2, At(0)), nullptr);
  // Too large by itself: the others stay.
  runs.Keep(4, At(0), Found(4, 3000));
  EXPECT_EQ(runs.Find(4, At(0)), nullptr);
  EXPECT_NE(runs.Find(2, At(0)), nullptr);
  EXPECT_NE(runs.Find(3, At(0)), nullptr);
}

TEST(IrregularityRunsTest, KeepingOneTwiceTakesItsRoomOnce) {
  IrregularityRuns runs(20'000);
  for (int i = 0; i < 10; ++i) runs.Keep(1, At(0), Found(1, 1000));
  runs.Keep(2, At(0), Found(2, 1000));
  EXPECT_NE(runs.Find(1, At(0)), nullptr);
  EXPECT_NE(runs.Find(2, At(0)), nullptr);
}

TEST(IrregularityRunsTest, WhatWasHandedOutOutlivesItsPlace) {
  IrregularityRuns runs(20'000);
  runs.Keep(1, At(0), Found(1, 1000));
  const Findings mine = runs.Find(1, At(0));
  for (int64_t i = 2; i < 10; ++i) runs.Keep(i, At(0), Found(i, 1000));
  ASSERT_EQ(runs.Find(1, At(0)), nullptr);
  EXPECT_EQ(mine->front().people, 1);
}

TEST(IrregularityRunsTest, ThreadsGetTheRunThatTheyAskFor) {
  IrregularityRuns runs;
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int64_t thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        for (int64_t i = 0; i < 2000; ++i) {
          const int64_t last = (i + thread) % 7;
          runs.Keep(last, At(0), Found(last));
          const Findings found = runs.Find(last, At(0));
          if (found && found->front().people != last) ++wrong;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace rollcall::app
