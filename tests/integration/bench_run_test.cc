#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/environment.h"
#include "support/program.h"

// The real program on the real models: that its reports are whole, never how fast anything is.
namespace rollcall {
namespace {

using ::testing::HasSubstr;

std::string Bench() { return (support::BinaryDir() / "bin/rollcall-bench").string(); }

TEST(BenchRunTest, MeasuresTheRowsThatAreAskedFor) {
  const support::TempDir folder;
  const std::string json = folder.path() / "speed.json";
  const std::string page = folder.path() / "speed.html";
  const auto run =
      support::RunProgram({Bench(), "run", "--quick", "--only", "decode,align,detect_ort", "--json",
                           json, "--html", page, "--scratch", folder.path()},
                          {"ROLLCALL_PEERS=" + (folder.path() / "no-peers").string()});
  if (run.code == 1 && run.errors.find("DEBUG_BUILD") != std::string::npos) {
    GTEST_SKIP() << "skipped: this build is not one to be timed, and the program says so";
  }
  if (run.code == 1 && run.errors.find("NO_PICTURES") != std::string::npos) {
    GTEST_SKIP() << "skipped: tools/fetch-models --demo-pictures was not run";
  }
  ASSERT_EQ(run.code, 0) << run.errors;
  const auto report = nlohmann::json::parse(support::ReadFile(json));
  ASSERT_EQ(report.at("rows").size(), 3u);
  const auto& decode = report["rows"][0];
  EXPECT_EQ(decode.at("id"), "decode");
  for (const char* figure : {"ours", "peer", "ratio", "low", "high", "limit_fraction"}) {
    EXPECT_GT(decode.at(figure).get<double>(), 0) << figure;
  }
  EXPECT_TRUE(decode.at("guard").at("held").get<bool>()) << decode.at("guard");
  // A peer that is not there is named, with what gets it.
  const auto& ort = report["rows"][1];
  EXPECT_EQ(ort.at("id"), "detect_ort");
  EXPECT_TRUE(ort.at("met").is_null());
  EXPECT_THAT(ort.at("reason").get<std::string>(), HasSubstr("tools/fetch-peers"));
  EXPECT_EQ(report["rows"][2].at("id"), "align");
  EXPECT_TRUE(report["rows"][2].at("guard").at("held").get<bool>());
  EXPECT_TRUE(report.at("stages").empty());  // left out with --only
  EXPECT_TRUE(report.at("machine").contains("processor"));
  EXPECT_THAT(support::ReadFile(page), HasSubstr("tools/fetch-peers"));
}

TEST(BenchRunTest, RefusesRowsThatThereAreNot) {
  const auto run = support::RunProgram({Bench(), "run", "--only", "decode,serach_1m"});
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.output + run.errors, HasSubstr("serach_1m"));
  EXPECT_THAT(run.output + run.errors, HasSubstr("search_1m_faiss"));
}

TEST(BenchRunTest, RefusesAReportThatIsNone) {
  const support::TempDir folder;
  support::WriteFile(folder.path() / "old.json", "{}");
  const auto run = support::RunProgram(
      {Bench(), "run", "--only", "decode", "--compare", folder.path() / "old.json"});
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.errors, ::testing::AnyOf(HasSubstr("BAD_REPORT"), HasSubstr("DEBUG_BUILD")));
}

}  // namespace
}  // namespace rollcall
