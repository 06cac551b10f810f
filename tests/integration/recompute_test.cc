// rollcall hours recompute against a real server: what another policy would give, and why.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "integration/service_test_base.h"
#include "support/environment.h"
#include "support/program.h"

namespace rollcall::testing {
namespace {

using support::ProgramResult;
using ::testing::HasSubstr;

class RecomputeTest : public ServiceTest {
 protected:
  // Half past nine to noon of a session from nine to noon: 150 minutes stand.
  void SetUp() override {
    Start();
    MakeActivity("tea");
    MakeActivity("practice", true);
    Register("v-1", "tea");
    ASSERT_TRUE(client().AddToRoster("practice", {"v-1"}).ok());
    Visit("v-1", "practice", At(9, 10), At(9, 20));
    Visit("v-1", "tea", At(9, 30), At(12, 0));
  }

  void Visit(const std::string& id, const std::string& activity, base::Time in, base::Time out) {
    clock_.SetNow(in);
    ASSERT_TRUE(Record(StaffToken(id, activity), v1::IN).response.has_receipt());
    clock_.SetNow(out);
    ASSERT_TRUE(Record(StaffToken(id, activity), v1::OUT).response.has_receipt());
  }

  ProgramResult Recompute(std::vector<std::string> words) {
    words.insert(words.begin(), {(support::BinaryDir() / "bin/rollcall").string(), "--server",
                                 server_->address(), "hours", "recompute"});
    return support::RunProgram(words);
  }
  static std::string Policy(const std::string& name) {
    return (support::SourceDir() / "service/hours/policies" / (name + ".toml")).string();
  }
};

TEST_F(RecomputeTest, TheDefaultPolicyGivesWhatStands) {
  const int64_t rows = LedgerRows();
  const ProgramResult result = Recompute({"--policy", Policy("default"), "--json"});
  ASSERT_EQ(result.code, 0) << result.errors;
  const auto json = nlohmann::json::parse(result.output);
  EXPECT_EQ(json["policy"], "default/2");
  EXPECT_EQ(json["ledger_sequence"], rows);
  ASSERT_EQ(json["volunteers"].size(), 1u);
  const auto& person = json["volunteers"][0];
  EXPECT_EQ(person["volunteer_id"], "v-1");
  EXPECT_EQ(person["standing_minutes"], 150);
  EXPECT_EQ(person["minutes"], 150);
  EXPECT_EQ(person["difference_minutes"], 0);
  ASSERT_EQ(person["entries"].size(), 2u);
  EXPECT_TRUE(person["entries"][0]["practice"]);
  EXPECT_EQ(person["entries"][1]["standing_policy"], "default/2");
  EXPECT_EQ(person["entries"][1]["minutes"], 150);
  EXPECT_EQ(LedgerRows(), rows);
}

TEST_F(RecomputeTest, AnotherPolicySaysWhatItTakesOffAndWhy) {
  std::string text = support::ReadFile(Policy("default"));
  const std::string unit = "unit_minutes = 1 ";
  ASSERT_NE(text.find(unit), std::string::npos);
  text.replace(text.find(unit), unit.size(), "unit_minutes = 60 ");
  const std::string path = (folder_.path() / "hours.toml").string();
  std::ofstream(path) << text;
  const ProgramResult english = Recompute({"--policy", path, "--volunteer", "v-1"});
  ASSERT_EQ(english.code, 0) << english.errors;
  EXPECT_THAT(english.output, HasSubstr("tea/s"));
  EXPECT_THAT(english.output, HasSubstr("120 min credited"));
  EXPECT_THAT(english.output, HasSubstr("stands: 150 min under default/2"));
  EXPECT_THAT(english.output, HasSubstr("stands 2:30, would be 2:00, difference -0:30"));
  EXPECT_THAT(english.output, HasSubstr("Nothing was changed."));
  const ProgramResult chinese = Recompute({"--policy", path, "--language", "zh"});
  ASSERT_EQ(chinese.code, 0) << chinese.errors;
  EXPECT_THAT(chinese.output, HasSubstr("计入 120 分钟"));
}

TEST_F(RecomputeTest, APeriodShowsItsDaysOnly) {
  const auto json = nlohmann::json::parse(Recompute({"--policy", Policy("default"), "--from",
                                                     "2000-01-01", "--to", "2000-12-31", "--json"})
                                              .output);
  EXPECT_EQ(json["volunteers"][0]["entries"].size(), 0u);
  EXPECT_EQ(json["volunteers"][0]["standing_minutes"], 0);
}

TEST_F(RecomputeTest, BadInputIsNamed) {
  EXPECT_THAT(Recompute({}).output, HasSubstr("Under default/2")) << "the policy in force";
  const ProgramResult day = Recompute({"--policy", Policy("default"), "--from", "2026-02-30"});
  EXPECT_EQ(day.code, 2);
  EXPECT_THAT(day.errors, HasSubstr("2026-02-30 is no day"));
  EXPECT_THAT(Recompute({"--policy", "/no/such/file"}).errors, HasSubstr("/no/such/file"));
  const std::string path = (folder_.path() / "bad.toml").string();
  std::ofstream(path) << "name = \"bad\"\nvresion = 1\n";
  const ProgramResult bad = Recompute({"--policy", path});
  EXPECT_EQ(bad.code, 1);
  EXPECT_THAT(bad.errors, HasSubstr("bad.toml:2"));
  EXPECT_EQ(Recompute({"--policy", Policy("default"), "--volunteer", "nobody"}).code, 1);
}

}  // namespace
}  // namespace rollcall::testing
