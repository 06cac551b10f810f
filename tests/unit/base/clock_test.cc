#include "base/clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "support/status_matchers.h"

namespace rollcall::base {
namespace {

using support::HasReason;
using support::IsOk;
using support::StatusIs;
using namespace std::chrono_literals;

constexpr Time kStart = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24) + 8h;

TEST(TimeTest, UnixMicrosecondsComeBack) {
  EXPECT_EQ(ToUnixMicros(FromUnixMicros(0)), 0);
  for (const int64_t micros : {std::numeric_limits<int64_t>::min(), int64_t{-1}, int64_t{1},
                               std::numeric_limits<int64_t>::max()}) {
    EXPECT_EQ(ToUnixMicros(FromUnixMicros(micros)), micros);
  }
  EXPECT_EQ(ToUnixMicros(kStart), 1'795'507'200'000'000);
}

TEST(TimeTest, IsPrintedInUtcWithSeconds) {
  EXPECT_EQ(FormatTime(kStart), "2026-11-24T08:00:00Z");
  EXPECT_EQ(FormatTime(FromUnixMicros(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatTime(std::chrono::sys_days(std::chrono::year(2028) / 2 / 29) + 23h + 59min + 59s),
            "2028-02-29T23:59:59Z");
}

TEST(TimeTest, APrintedTimeIsNeverAfterTheTime) {
  EXPECT_EQ(FormatTime(kStart + 999'999us), "2026-11-24T08:00:00Z");
  EXPECT_EQ(FormatTime(FromUnixMicros(-1)), "1969-12-31T23:59:59Z");
}

TEST(TimeTest, ParsesOffsetsAndPrintsUtc) {
  const auto time = ParseTime("2026-11-24T08:00:00+08:00");
  ASSERT_THAT(time, IsOk());
  EXPECT_EQ(FormatTime(*time), "2026-11-24T00:00:00Z");
  for (const char* bad : {"", "2026-11-24", "2026-11-24T08:00:00", "tomorrow", "infinite-future"}) {
    EXPECT_THAT(ParseTime(bad), HasReason("BAD_TIME")) << bad;
  }
}

TEST(TimeTest, EveryWayToWriteTheSameTimeIsRead) {
  for (const char* same :
       {"2026-11-24T08:00:00Z", "2026-11-24T08:00:00+00:00", "2026-11-24T08:00:00-00:00",
        "2026-11-24T16:00:00+08:00", "2026-11-23T22:30:00-09:30", "2026-11-25T07:59:00+23:59",
        "2026-11-24T08:00:00.000Z", "2026-11-24t08:00:00z"}) {
    const auto time = ParseTime(same);
    ASSERT_THAT(time, IsOk()) << same;
    EXPECT_EQ(*time, kStart) << same;
  }
}

TEST(TimeTest, FractionsAreReadToTheMicrosecond) {
  EXPECT_EQ(*ParseTime("2026-11-24T08:00:00.5Z"), kStart + 500'000us);
  EXPECT_EQ(*ParseTime("2026-11-24T08:00:00.000001Z"), kStart + 1us);
  EXPECT_EQ(*ParseTime("2026-11-24T08:00:00.1234569+00:00"), kStart + 123'456us);
}

TEST(TimeTest, ALeapSecondIsTheNextSecond) {
  const auto time = ParseTime("2016-12-31T23:59:60Z");
  ASSERT_THAT(time, IsOk());
  EXPECT_EQ(FormatTime(*time), "2017-01-01T00:00:00Z");
}

TEST(TimeTest, TheFirstAndTheLastYearComeBack) {
  for (const char* text :
       {"0000-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z"}) {
    const auto time = ParseTime(text);
    ASSERT_THAT(time, IsOk()) << text;
    EXPECT_EQ(FormatTime(*time), text);
  }
}

TEST(TimeTest, WhatIsNoDayOrHourIsRefused) {
  for (const char* bad : {"2026-02-29T08:00:00Z", "2026-04-31T08:00:00Z", "2026-00-24T08:00:00Z",
                          "2026-13-24T08:00:00Z", "2026-11-00T08:00:00Z", "2026-11-32T08:00:00Z",
                          "2026-11-24T24:00:00Z", "2026-11-24T08:60:00Z", "2026-11-24T08:00:61Z",
                          "2026-11-24T08:00:00+24:00", "2026-11-24T08:00:00+08:60"}) {
    EXPECT_THAT(ParseTime(bad), HasReason("BAD_TIME")) << bad;
  }
}

TEST(TimeTest, OtherNotationsAreRefused) {
  for (const char* bad : {" 2026-11-24T08:00:00Z",
                          "2026-11-24T08:00:00Z ",
                          "2026-11-24T08:00:00Z\n",
                          "2026-11-24 08:00:00Z",
                          "2026-11-24T08:00:00 Z",
                          "2026-11-24T08:00Z",
                          "2026-11-24T08Z",
                          "2026-11-24T8:00:00Z",
                          "2026-11-4T08:00:00Z",
                          "2026-1-24T08:00:00Z",
                          "26-11-24T08:00:00Z",
                          "12026-11-24T08:00:00Z",
                          "-2026-11-24T08:00:00Z",
                          "+2026-11-24T08:00:00Z",
                          "20261124T080000Z",
                          "2026-11-24T08:00:00.Z",
                          "2026-11-24T08:00:00,5Z",
                          "2026-11-24T08:00:00+0800",
                          "2026-11-24T08:00:00+08",
                          "2026-11-24T08:00:00+8:00",
                          "2026-11-24T08:00:00UTC",
                          "2026-11-24T08:00:00ZZ",
                          "infinite-past",
                          "now",
                          "1795507200"}) {
    EXPECT_THAT(ParseTime(bad), HasReason("BAD_TIME")) << bad;
    EXPECT_THAT(ParseTime(bad), StatusIs(absl::StatusCode::kInvalidArgument)) << bad;
  }
  EXPECT_THAT(ParseTime(std::string_view("2026-11-24T08:00:00Z\0", 21)), HasReason("BAD_TIME"));
}

TEST(TimeTest, EveryCutOfATimeIsRefused) {
  const std::string text = "2026-11-24T08:00:00.25+08:00";
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_THAT(ParseTime(std::string_view(text).substr(0, size)), HasReason("BAD_TIME")) << size;
  }
}

TEST(ManualClockTest, StandsUntilItIsMoved) {
  const ManualClock clock(kStart);
  EXPECT_EQ(clock.Now(), kStart);
  EXPECT_EQ(clock.Now(), kStart);
  EXPECT_EQ(clock.Monotonic(), 0us);
}

TEST(ManualClockTest, AdvanceMovesBothClocks) {
  ManualClock clock(kStart);
  clock.Advance(90min);
  clock.Advance(1us);
  EXPECT_EQ(clock.Now(), kStart + 90min + 1us);
  EXPECT_EQ(clock.Monotonic(), Duration(90min) + 1us);
}

TEST(ManualClockTest, AJumpOfTheWallClockLeavesTheMonotonicOne) {
  ManualClock clock(kStart);
  clock.Advance(1s);
  for (const Duration jump : {Duration(24h), Duration(-24h)}) {
    clock.SetNow(kStart + jump);
    EXPECT_EQ(clock.Now(), kStart + jump);
    EXPECT_EQ(clock.Monotonic(), 1s);
  }
}

TEST(ManualClockTest, NoStepIsLostAmongThreads) {
  ManualClock clock(kStart);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&clock] {
        for (int i = 0; i < 1'000; ++i) clock.Advance(1us);
      });
    }
  }
  EXPECT_EQ(clock.Now(), kStart + 4'000us);
  EXPECT_EQ(clock.Monotonic(), 4'000us);
}

TEST(SystemClockTest, TellsTheMachinesTime) {
  const SystemClock clock;
  const auto before = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  const Time now = clock.Now();
  const auto after = std::chrono::system_clock::now();
  EXPECT_LE(before, now);
  EXPECT_LE(now, after);
}

TEST(SystemClockTest, MonotonicTimeNeverGoesBack) {
  const SystemClock clock;
  Duration last = clock.Monotonic();
  for (int i = 0; i < 1'000; ++i) {
    const Duration next = clock.Monotonic();
    ASSERT_LE(last, next);
    last = next;
  }
}

}  // namespace
}  // namespace rollcall::base
