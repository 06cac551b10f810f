#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "bench/speed/gallery_growth.h"
#include "bench/speed/goals.h"
#include "bench/speed/peers/ort.h"
#include "bench/speed/report.h"
#include "bench/speed/rounds.h"
#include "bench/speed/row.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::bench {
namespace {

using support::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// ---- cost against size
// ----------------------------------------------------------------------------------------

TEST(GrowthTest, SizesGoInStepsOfThreeAndIncludeTheLast) {
  EXPECT_THAT(SizesUpTo(1'000), ElementsAre(1'000));
  EXPECT_THAT(SizesUpTo(20'000), ElementsAre(1'000, 3'000, 10'000, 20'000));
}

TEST(GrowthTest, TheSizesThatCountDoNotFitIntoTheCache) {
  EXPECT_THAT(SizesAbove(32 << 20, 256), ElementsAre(131'072, 262'144, 524'288));
  EXPECT_THAT(SizesAbove(1'000, 256), ElementsAre(4, 8, 16));
  EXPECT_THAT(SizesAbove(0, 256), ElementsAre());
}

TEST(GrowthTest, TheSlopeIsThePowerOfTheSize) {
  EXPECT_NEAR(LogLogSlope({{10, 3}, {20, 6}, {40, 12}}), 1, 1e-12);
  EXPECT_NEAR(LogLogSlope({{10, 3}, {20, 12}, {40, 48}}), 2, 1e-12);
  EXPECT_NEAR(LogLogSlope({{10, 3}, {20, 3}}), 0, 1e-12);
}

// ---- goals
// ----------------------------------------------------------------------------------------

TEST(GoalsTest, HoldsEveryPromiseOfTheTableOnce) {
  const std::vector<std::pair<std::string, double>> promised = {
      {"decode", 0.35},         {"decode_scaled", 1.3},
      {"detect_cv", 0.2},       {"detect_ort", 0.5},
      {"align", 1.0},           {"landmark_ort", 0.6},
      {"embed_cv", 0.18},       {"embed_ort", 0.25},
      {"embed_f32_ort", 0.5},   {"embed2_ort", 0.7},
      {"search_1m", 1.15},      {"search_1m_faiss", 0.05},
      {"search_64", 0.25},      {"request_cv", 0.15},
      {"request_ort", 0.35},    {"rpc", 1.3},
      {"second_face", 0.5},     {"tracked", 0.35},
      {"search_enrol_p99", 1.5}};
  for (const auto& [id, at_most] : promised) {
    const Goal* goal = FindGoal(id);
    ASSERT_NE(goal, nullptr) << id;
    EXPECT_EQ(goal->at_most, at_most) << id;
  }
  std::set<std::string> ids;
  for (const Goal& goal : Goals()) EXPECT_TRUE(ids.insert(goal.id).second) << goal.id;
}

TEST(GoalsTest, AnUnknownIdIsAnsweredWithTheIdsThereAre) {
  EXPECT_EQ(FaultOfId("decode"), "");
  const std::string fault = FaultOfId("decoed");
  EXPECT_THAT(fault, HasSubstr("decoed"));
  for (const Goal& goal : Goals()) EXPECT_THAT(fault, HasSubstr(goal.id));
}

// ---- rounds and ratios
// ----------------------------------------------------------------------------

// A clock that the works themselves move.
struct StepClock {
  std::chrono::nanoseconds now{0};
  NanoClock AsClock() {
    return [this] { return now; };
  }
};

TEST(RoundsTest, WhoGoesFirstChangesAndTheFirstRoundIsNotCounted) {
  StepClock clock;
  std::string order;
  const auto times = Interleave(3, 1, clock.AsClock(),
                                {[&](int32_t round) {
                                   order += "a" + std::to_string(round);
                                   clock.now += std::chrono::milliseconds(round == -1 ? 90 : 2);
                                   return absl::OkStatus();
                                 },
                                 [&](int32_t round) {
                                   order += "b" + std::to_string(round);
                                   clock.now += std::chrono::milliseconds(4);
                                   return absl::OkStatus();
                                 }});
  ASSERT_THAT(times, IsOk());
  EXPECT_EQ(order, "a-1b-1b0a0a1b1b2a2");
  EXPECT_THAT((*times)[0], ElementsAre(2, 2, 2));
  EXPECT_THAT((*times)[1], ElementsAre(4, 4, 4));
}

TEST(RoundsTest, ARepeatedWorkIsTimedForOneOfItsCalls) {
  StepClock clock;
  int calls = 0;
  const auto times = Interleave(2, 5, clock.AsClock(), {[&](int32_t) {
                                  ++calls;
                                  clock.now += std::chrono::milliseconds(3);
                                  return absl::OkStatus();
                                }});
  ASSERT_THAT(times, IsOk());
  EXPECT_EQ(calls, 15);
  EXPECT_THAT((*times)[0], ElementsAre(3, 3));
}

TEST(RoundsTest, StopsAtTheFirstError) {
  StepClock clock;
  const auto times =
      Interleave(5, 1, clock.AsClock(), {[&](int32_t round) {
                   EXPECT_LE(round, 1);
                   return round == 1 ? absl::InternalError("broken") : absl::OkStatus();
                 }});
  EXPECT_EQ(times.status().code(), absl::StatusCode::kInternal);
}

TEST(RatioTest, IsOfTheMediansWithThePercentilesOfTheRounds) {
  std::vector<double> ours;
  std::vector<double> peer;
  for (int i = 0; i <= 10; ++i) {
    ours.push_back(1 + i);  // median 6
    peer.push_back(2);
  }
  const Ratio ratio = RatioOf(ours, peer);
  EXPECT_DOUBLE_EQ(ratio.ours, 6);
  EXPECT_DOUBLE_EQ(ratio.peer, 2);
  EXPECT_DOUBLE_EQ(ratio.ratio, 3);
  EXPECT_DOUBLE_EQ(ratio.low, 1);
  EXPECT_DOUBLE_EQ(ratio.high, 5);
}

// ---- rows
// -----------------------------------------------------------------------------------------

Ratio Around(double ratio) { return {ratio, 1, ratio, ratio * 0.95, ratio * 1.05}; }

TEST(RowTest, MeetsItsGoalUpToTheLastDigit) {
  EXPECT_EQ(MeasuredRow("decode", Around(0.35), "").met(), true);
  EXPECT_EQ(MeasuredRow("decode", Around(0.3501), "").met(), false);
}

TEST(RowTest, SpeedBoughtWithAccuracyDoesNotCount) {
  Row row = MeasuredRow("decode", Around(0.1), "");
  row.guard = Guard{"other pixels", 9.0, false};
  EXPECT_EQ(row.met(), false);
  row.guard->held = true;
  EXPECT_EQ(row.met(), true);
}

TEST(RowTest, WhatWasNotMeasuredIsNeitherMetNorMissed) {
  EXPECT_EQ(MissingRow("decode", "no peer").met(), std::nullopt);
  EXPECT_EQ(MeasuredRow("detect_hog", Around(0.1), "").met(), std::nullopt);  // has no goal
}

TEST(RowTest, TheLimitIsAShareOfOurTime) {
  Row row = MeasuredRow("decode", {8, 16, 0.5, 0.4, 0.6}, "");
  SetLimit(row, 2, "arithmetic");
  EXPECT_DOUBLE_EQ(*row.limit_fraction, 0.25);
}

// ---- report
// ---------------------------------------------------------------------------------------

SpeedReport MadeReport() {
  SpeedReport report;
  report.machine.time = "2026-11-30T08:00:00Z";
  report.machine.processor = "Processor <1> & more (family 6 model 1)";
  report.machine.cores = 2;
  report.machine.load = 0.25;
  report.machine.system = "Debian";
  report.machine.compiler = "GCC";
  report.machine.libraries = {{"OpenCV", "4.6.0"}};
  report.quick = true;
  report.rounds = 30;
  report.conditions = {{"one core reads", "20.0 GB/s"}};
  report.peers = {{"FAISS", "FAISS is absent; tools/fetch-peers installs it"}};
  Row decode = MeasuredRow("decode", {1.5, 6, 0.25, 0.24, 0.27}, "JPEG");
  decode.guard = Guard{"the same pixels", 0.0, true};
  SetLimit(decode, 0.75, "Huffman code");
  report.rows.push_back(std::move(decode));
  report.rows.push_back(
      MissingRow("search_1m_faiss", "FAISS is absent; tools/fetch-peers installs it"));
  report.stages = {{"decode", "JPEG", {1, 2, 3}}};
  report.plots = {{"Search", "people", "ms", true, true, {{"exact", {{1000, 0.1}, {10000, 1}}}}}};
  return report;
}

TEST(SpeedReportTest, TheJsonIsWhatOthersRead) {
  const std::string golden =
      support::ReadFile(support::SourceDir() / "tests/golden/speed_report.json");
  EXPECT_EQ(SpeedJson(MadeReport()), golden);
}

TEST(SpeedReportTest, TheTextNamesAbsentPeersAndBrokenGuards) {
  SpeedReport report = MadeReport();
  report.rows[0].guard->held = false;
  const std::string text = SpeedText(report);
  EXPECT_THAT(text, HasSubstr("not measured: FAISS is absent; tools/fetch-peers installs it"));
  EXPECT_THAT(text, HasSubstr("BROKEN: the same pixels"));
  EXPECT_THAT(text, HasSubstr("MISSED"));
  EXPECT_THAT(text, HasSubstr("--quick"));
}

TEST(SpeedReportTest, ThePageLoadsNothing) {
  const std::string page = SpeedPage(MadeReport());
  EXPECT_THAT(page, HasSubstr("<svg"));
  EXPECT_THAT(page, HasSubstr("Processor &lt;1&gt; &amp; more"));
  EXPECT_THAT(page, Not(HasSubstr("@CONTENT@")));
  for (const char* loading : {"<script", "<link", "<img", "src=", "href=", "url(", "@import"}) {
    EXPECT_THAT(page, Not(HasSubstr(loading)));
  }
  // The name of SVG's language is an address; it is not fetched.
  std::string rest = page;
  const std::string name = "xmlns=\"http://www.w3.org/2000/svg\"";
  for (size_t at = rest.find(name); at != std::string::npos; at = rest.find(name)) {
    rest.erase(at, name.size());
  }
  EXPECT_THAT(rest, Not(HasSubstr("://")));
}

TEST(SpeedReportTest, APlotWithoutPointsSaysSo) {
  EXPECT_THAT(SvgLinePlot({"t", "x", "y", true, false, {{"s", {{0, 1}}}}}),
              HasSubstr("not measured in this run"));
}

// ---- compare
// --------------------------------------------------------------------------------------

TEST(CompareTest, ReadsWhatTheReportWrites) {
  const auto old = ReadOldRows(SpeedJson(MadeReport()));
  ASSERT_THAT(old, IsOk());
  ASSERT_EQ(old->size(), 1u);  // what was not measured has no ratio
  EXPECT_EQ(old->front().id, "decode");
  EXPECT_DOUBLE_EQ(old->front().ratio, 0.25);
  EXPECT_DOUBLE_EQ(old->front().low, 0.24);
  EXPECT_DOUBLE_EQ(old->front().high, 0.27);
}

TEST(CompareTest, RefusesOtherFiles) {
  for (const char* json : {"", "[]", "{}", "{\"format\": 2, \"rows\": []}",
                           "{\"format\": 1, \"rows\": [{\"id\": 3, \"ratio\": \"x\"}]}"}) {
    EXPECT_EQ(base::ErrorReason(ReadOldRows(json).status()), "BAD_REPORT") << json;
  }
}

TEST(CompareTest, AChangeCountsBeyondTheSpreadOfBothRuns) {
  const std::vector<OldRow> old = {{"decode", 0.30, 0.28, 0.32},
                                   {"align", 0.9, 0.85, 0.95},
                                   {"rpc", 1.2, 1.1, 1.3},
                                   {"tracked", 0.2, 0.1, 0.3}};
  const std::vector<Row> rows = {MeasuredRow("decode", {1, 1, 0.25, 0.24, 0.27}, ""),  // faster
                                 MeasuredRow("align", {1, 1, 1.1, 0.96, 1.2}, ""),     // slower
                                 MeasuredRow("rpc", {1, 1, 1.25, 1.2, 1.4}, ""),  // they overlap
                                 MissingRow("tracked", "gone"),
                                 MeasuredRow("second_face", {1, 1, 0.5, 0.4, 0.6}, "")};  // new
  const Comparison comparison = Compare(old, rows);
  EXPECT_EQ(comparison.faster, 1);
  EXPECT_EQ(comparison.slower, 1);
  EXPECT_THAT(comparison.text, HasSubstr("SLOWER"));
  EXPECT_THAT(comparison.text, HasSubstr("within the spread"));
  EXPECT_THAT(comparison.text, HasSubstr("no longer measured"));
  EXPECT_THAT(comparison.text, HasSubstr("new"));
}

// ---- peers
// ----------------------------------------------------------------------------------------

TEST(OrtLibraryTest, WhereItIsAbsentTheErrorSaysHowToGetIt) {
  const support::TempDir empty;
  const auto library = OrtLibrary::Load(empty.path().string());
  EXPECT_EQ(base::ErrorReason(library.status()), "PEER_ABSENT");
  EXPECT_THAT(base::Message(library.status()), HasSubstr("tools/fetch-peers"));
}

TEST(OrtLibraryTest, SomeOtherFileIsNotLoaded) {
  const support::TempDir folder;
  std::filesystem::create_directories(folder.path() / "onnxruntime-node-1.30.0");
  support::WriteFile(folder.path() / "onnxruntime-node-1.30.0/libonnxruntime.so.1",
                     "not a library");
  EXPECT_EQ(base::ErrorReason(OrtLibrary::Load(folder.path().string()).status()), "PEER_ABSENT");
}

}  // namespace
}  // namespace rollcall::bench
