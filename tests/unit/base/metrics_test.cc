#include "base/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace rollcall::base {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;

size_t Times(const std::string& text, const std::string& what) {
  size_t times = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++times;
  return times;
}

TEST(MetricsTest, WithoutASeriesTheTextIsEmpty) { EXPECT_THAT(Metrics().Text(), IsEmpty()); }

TEST(MetricsTest, ACounterIsWrittenWithHelpAndKind) {
  Metrics metrics;
  metrics.GetCounter("frames_total", "Frames looked at.").Add();
  EXPECT_EQ(metrics.Text(),
            "# HELP frames_total Frames looked at.\n"
            "# TYPE frames_total counter\n"
            "frames_total 1\n");
}

TEST(MetricsTest, AGaugeIsWrittenWithHelpAndKind) {
  Metrics metrics;
  metrics.GetGauge("queue", "Waiting.").Set(3);
  EXPECT_EQ(metrics.Text(),
            "# HELP queue Waiting.\n"
            "# TYPE queue gauge\n"
            "queue 3\n");
}

TEST(MetricsTest, AHistogramIsWrittenWithRisingBucketsSumAndCount) {
  Metrics metrics;
  auto& histogram = metrics.GetHistogram("step_seconds", "Duration.", {0.25, 1, 10});
  for (const double value : {0.125, 0.5, 0.75, 2.0, 100.0}) histogram.Observe(value);
  EXPECT_EQ(metrics.Text(),
            "# HELP step_seconds Duration.\n"
            "# TYPE step_seconds histogram\n"
            "step_seconds_count 5\n"
            "step_seconds_sum 103.375\n"
            "step_seconds_bucket{le=\"0.25\"} 1\n"
            "step_seconds_bucket{le=\"1\"} 3\n"
            "step_seconds_bucket{le=\"10\"} 4\n"
            "step_seconds_bucket{le=\"+Inf\"} 5\n");
}

TEST(MetricsTest, ABucketHoldsItsUpperLimit) {
  Metrics metrics;
  metrics.GetHistogram("step_seconds", "Duration.", {1, 2}).Observe(1);
  EXPECT_THAT(metrics.Text(), HasSubstr("step_seconds_bucket{le=\"1\"} 1\n"));
}

TEST(MetricsTest, AHistogramHasLabelsBesideItsLimits) {
  Metrics metrics;
  metrics.GetHistogram("step_seconds", "Duration.", {1}, {{"stage", "embed"}}).Observe(3);
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("step_seconds_bucket{stage=\"embed\",le=\"1\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("step_seconds_bucket{stage=\"embed\",le=\"+Inf\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("step_seconds_sum{stage=\"embed\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("step_seconds_count{stage=\"embed\"} 1\n"));
}

TEST(MetricsTest, ACounterAddsUp) {
  Metrics metrics;
  auto& counter = metrics.GetCounter("work_total", "Work.");
  counter.Add();
  counter.Add(0.5);
  counter.Add(0);
  EXPECT_THAT(metrics.Text(), HasSubstr("work_total 1.5\n"));
}

TEST(MetricsTest, ACounterThatWasNeverAddedToIsWrittenAsZero) {
  Metrics metrics;
  metrics.GetCounter("work_total", "Work.");
  EXPECT_THAT(metrics.Text(), HasSubstr("work_total 0\n"));
}

TEST(MetricsTest, AGaugeHoldsTheLastValue) {
  Metrics metrics;
  auto& gauge = metrics.GetGauge("level", "Level.");
  gauge.Set(7);
  gauge.Set(-2.5);
  EXPECT_THAT(metrics.Text(), HasSubstr("level -2.5\n"));
}

TEST(MetricsTest, WhatIsNotFiniteIsWrittenAsTheFormatDemands) {
  Metrics metrics;
  metrics.GetGauge("a", "A.").Set(HUGE_VAL);
  metrics.GetGauge("b", "B.").Set(-HUGE_VAL);
  metrics.GetGauge("c", "C.").Set(std::nan(""));
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("\na +Inf\n"));
  EXPECT_THAT(text, HasSubstr("\nb -Inf\n"));
  EXPECT_THAT(text, ContainsRegex("\nc [Nn]a[Nn]\n"));
}

TEST(MetricsTest, LargeCountsAreExact) {
  Metrics metrics;
  metrics.GetCounter("bytes_total", "Bytes.").Add(123'456'789'012'345);
  EXPECT_THAT(metrics.Text(), HasSubstr("bytes_total 123456789012345\n"));
}

TEST(MetricsTest, TheSameNameAndLabelsAreOneSeries) {
  Metrics metrics;
  auto& one = metrics.GetCounter("frames_total", "Frames.", {{"a", "1"}, {"b", "2"}});
  auto& same = metrics.GetCounter("frames_total", "Frames.", {{"b", "2"}, {"a", "1"}});
  EXPECT_EQ(&one, &same);
  EXPECT_EQ(&metrics.GetGauge("level", "L."), &metrics.GetGauge("level", "L."));
  EXPECT_EQ(&metrics.GetHistogram("seconds", "S.", {1}),
            &metrics.GetHistogram("seconds", "S.", {1}));
}

TEST(MetricsTest, OtherLabelsAreAnotherSeriesOfTheSameFamily) {
  Metrics metrics;
  metrics.GetCounter("frames_total", "Frames.").Add(1);
  metrics.GetCounter("frames_total", "Frames.", {{"decision", "no_face"}}).Add(2);
  metrics.GetCounter("frames_total", "Frames.", {{"decision", "recognised"}}).Add(3);
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("frames_total 1\n"));
  EXPECT_THAT(text, HasSubstr("frames_total{decision=\"no_face\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("frames_total{decision=\"recognised\"} 3\n"));
  EXPECT_EQ(Times(text, "# TYPE frames_total counter\n"), 1u);
}

TEST(MetricsTest, HelpOfTheFirstCallCounts) {
  Metrics metrics;
  metrics.GetCounter("c", "First.");
  metrics.GetCounter("c", "Second.", {{"a", "1"}});
  metrics.GetGauge("g", "First.");
  metrics.GetGauge("g", "Second.", {{"a", "1"}});
  metrics.GetHistogram("h", "First.", {1});
  metrics.GetHistogram("h", "Second.", {1}, {{"a", "1"}});
  const std::string text = metrics.Text();
  EXPECT_EQ(Times(text, " First.\n"), 3u);
  EXPECT_EQ(Times(text, "Second"), 0u);
}

TEST(MetricsTest, LabelValuesAreEscaped) {
  Metrics metrics;
  metrics.GetCounter("c", "C.", {{"a", "x\"y\\z\nw 李"}}).Add();
  EXPECT_THAT(metrics.Text(), HasSubstr("c{a=\"x\\\"y\\\\z\\nw 李\"} 1\n"));
}

TEST(MetricsTest, HelpIsEscaped) {
  Metrics metrics;
  metrics.GetCounter("c", "One \"line\",\nnot two; a \\ is doubled.");
  EXPECT_THAT(metrics.Text(),
              HasSubstr("# HELP c One \"line\",\\nnot two; a \\\\ is doubled.\n# TYPE c"));
}

TEST(MetricsTest, AReferenceStaysGoodHoweverManySeriesFollow) {
  Metrics metrics;
  auto& first = metrics.GetCounter("c", "C.", {{"n", "first"}});
  for (int i = 0; i < 1'000; ++i) metrics.GetCounter("c", "C.", {{"n", std::to_string(i)}}).Add();
  first.Add(42);
  EXPECT_EQ(&metrics.GetCounter("c", "C.", {{"n", "first"}}), &first);
  EXPECT_THAT(metrics.Text(), HasSubstr("c{n=\"first\"} 42\n"));
}

TEST(MetricsTest, TwoObjectsShareNothing) {
  Metrics one;
  Metrics other;
  one.GetCounter("c", "C.").Add(5);
  other.GetCounter("c", "C.");
  EXPECT_THAT(other.Text(), HasSubstr("c 0\n"));
}

TEST(MetricsTest, NothingIsLostAmongThreads) {
  Metrics metrics;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&metrics] {
        for (int i = 0; i < 500; ++i) {
          const MetricLabels labels = {{"n", std::to_string(i % 5)}};
          metrics.GetCounter("c", "C.", labels).Add();
          metrics.GetHistogram("h", "H.", {1}, labels).Observe(0.5);
          metrics.GetGauge("g", "G.", labels).Set(1);
          if (i % 100 == 0) metrics.Text();
        }
      });
    }
  }
  const std::string text = metrics.Text();
  for (const char* n : {"0", "1", "2", "3", "4"}) {
    const std::string labels = std::string("{n=\"") + n + "\"}";
    EXPECT_THAT(text, HasSubstr("c" + labels + " 400\n"));
    EXPECT_THAT(text, HasSubstr("h_count" + labels + " 400\n"));
    EXPECT_THAT(text, HasSubstr("g" + labels + " 1\n"));
  }
}

TEST(MetricsTest, LimitsForSecondsRiseFromAMillisecondToTenSeconds) {
  const auto& bounds = SecondsBounds();
  ASSERT_FALSE(bounds.empty());
  EXPECT_EQ(bounds.front(), 0.001);
  EXPECT_EQ(bounds.back(), 10);
  EXPECT_TRUE(std::is_sorted(bounds.begin(), bounds.end(), std::less_equal<>()));
}

}  // namespace
}  // namespace rollcall::base
