#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "bench/accuracy_report.h"
#include "bench/format.h"

namespace rollcall::bench {
namespace {

using testing::HasSubstr;

AccuracyReport KnownReport() {
  AccuracyReport report;
  report.data_set = "people & friends";
  report.model_id = "fake-1";
  MatcherResult matcher;
  matcher.gallery = 200;
  matcher.photos = 3;
  matcher.mated = 1'000;
  matcher.non_mated = 2'000;
  matcher.rank_one = 0.999;
  OpenSetPoint point;
  point.fpir_target = 0.003;
  point.fpir = 0.0025;
  point.threshold = 0.5f;
  point.fnir = 0.008;
  point.misses = 8;
  point.cross_credit_upper = UpperBound(0, 1'000);
  matcher.points.push_back(point);
  matcher.det = {{0.6f, 0.001, 0.01}, {0.5f, 0.0025, 0.008}, {-1.0f, 1, 0}};
  report.matcher.push_back(matcher);
  ProductResult product;
  product.gallery = 200;
  product.photos = 3;
  product.tally.mated = 100;
  product.tally.recognised = 99;
  product.tally.unknown = 1;
  product.tally.non_mated = 2'000;
  product.tally.accepted = 1;
  report.product.push_back(product);
  return report;
}

TEST(AccuracyReportTest, RowsHoldWhatScriptsRead) {
  const auto json = nlohmann::json::parse(AccuracyJson(KnownReport(), {}), nullptr, false);
  ASSERT_TRUE(json.is_object());
  ASSERT_EQ(json["rows"].size(), 2u);
  for (const auto& row : json["rows"]) {
    for (const char* key : {"gallery", "photos", "frames", "fpir", "fnir", "cross_credit",
                            "threshold", "mated", "non_mated", "system"}) {
      EXPECT_TRUE(row.contains(key)) << key;
    }
  }
  EXPECT_EQ(json["rows"][0]["system"], "matcher");
  EXPECT_EQ(json["rows"][0]["fpir"], 0.003);
  EXPECT_EQ(json["rows"][0]["fnir"], 0.008);
  EXPECT_EQ(json["rows"][1]["system"], "product");
  EXPECT_EQ(json["rows"][1]["fpir"], 1.0 / 2'000);
  EXPECT_EQ(json["rows"][1]["fnir"], 0.01);
  EXPECT_TRUE(json["rows"][1]["threshold"].is_null());
  EXPECT_NEAR(json["rows"][1]["fpir_upper_95"].get<double>(), 0.00237, 1e-5);
}

TEST(AccuracyReportTest, TheTableStatesBoundsForWhatWasNotSeen) {
  const std::string table = AccuracyTable(KnownReport(), {});
  EXPECT_THAT(table, HasSubstr("0 (at most 0.30 %)"));
  EXPECT_THAT(table, HasSubstr("1 (at most 0.24 %)"));
  EXPECT_THAT(table, HasSubstr("3 photos, 1 frame"));
}

TEST(AccuracyReportTest, ThePlotIsAWholePictureWithEscapedText) {
  const std::string plot = AccuracyPlot(KnownReport());
  EXPECT_EQ(plot.rfind("<svg ", 0), 0u);
  EXPECT_EQ(plot.substr(plot.size() - 7), "</svg>\n");
  EXPECT_THAT(plot, HasSubstr("people &amp; friends"));
  EXPECT_THAT(plot, HasSubstr("<polyline"));
}

TEST(FormatTest, ShowsAsManyDigitsAsARateNeeds) {
  EXPECT_EQ(Percent(0), "0 %");
  EXPECT_EQ(Percent(0.0365), "3.65 %");
  EXPECT_EQ(Percent(0.5), "50.0 %");
  EXPECT_EQ(Percent(0.00025), "0.025 %");
  EXPECT_EQ(Thousands(0), "0");
  EXPECT_EQ(Thousands(999), "999");
  EXPECT_EQ(Thousands(10'020'024), "10,020,024");
  EXPECT_EQ(Scientific(5e-6), "5e-06");
}

TEST(FormatTest, TablesLineUp) {
  Table table({"name", "n"});
  table.Add({"a", "100"});
  table.Add({"longer", "7"});
  EXPECT_EQ(table.Render(),
            "  name      n\n"
            "  -----------\n"
            "  a       100\n"
            "  longer    7\n");
}

}  // namespace
}  // namespace rollcall::bench
