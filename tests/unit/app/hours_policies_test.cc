#include "app/hours_policies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

namespace fs = std::filesystem;
using support::HasReason;
using support::IsOk;
using ::testing::HasSubstr;

class HoursPoliciesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(policies());
    fs::create_directory(calendars());
  }
  fs::path policies() const { return folder_.path() / "policies"; }
  fs::path calendars() const { return folder_.path() / "calendars"; }
  void Put(const fs::path& where, const std::string& name, const std::string& text) {
    support::WriteFile(where / name, text);
  }
  // The default policy under another name and version.
  static std::string Policy(const std::string& name, int version) {
    std::string text(hours::DefaultPolicyText());
    const std::string head = "name = \"default\"\nversion = 2\n";
    const size_t at = text.find(head);
    EXPECT_NE(at, std::string::npos);
    return text.replace(at, head.size(),
                        "name = \"" + name + "\"\nversion = " + std::to_string(version) + "\n");
  }
  static std::string Year(int year, const std::string& name = "cn") {
    return "name = \"" + name + "\"\nyear = " + std::to_string(year) +
           "\nsource = \"made up\"\nholidays = []\nworking_days = []\n";
  }
  absl::StatusOr<HoursPolicies> Load(const std::string& label = "default/2") {
    return HoursPolicies::Load(policies().string(), calendars().string(), label);
  }
  // What is said about a folder that cannot be loaded.
  std::string Fault() { return base::Message(Load().status()); }

  support::TempDir folder_;
};

TEST_F(HoursPoliciesTest, WithoutFoldersThereIsThePolicyThatIsCompiledIn) {
  const auto loaded = HoursPolicies::Load("", "", "default/2");
  ASSERT_THAT(loaded, IsOk());
  EXPECT_EQ(loaded->all().size(), 1u);
  EXPECT_EQ(loaded->Default()->text, hours::DefaultPolicyText());
  EXPECT_THAT(loaded->calendar().IsWorkingDay(hours::Day()), HasReason("NO_CALENDAR"));
  EXPECT_EQ(HoursPolicies().Default()->hash, loaded->Default()->hash);
}

TEST_F(HoursPoliciesTest, EveryFileOfTheFoldersIsRead) {
  Put(policies(), "a.toml", Policy("a", 1));
  Put(policies(), "a-next.toml", Policy("a", 2));
  Put(policies(), "default.toml", std::string(hours::DefaultPolicyText()));  // the same again
  Put(policies(), "README.md", "no policy");
  Put(policies(), ".#a.toml", "an editor's");
  Put(calendars(), "2026.toml", Year(2026));
  Put(calendars(), "2027.toml", Year(2027));
  const auto loaded = Load("a/2");
  ASSERT_THAT(loaded, IsOk());
  std::string labels;
  for (const auto& [label, policy] : loaded->all()) labels += label + " ";
  EXPECT_EQ(labels, "a/1 a/2 default/2 ");
  EXPECT_EQ(loaded->Default()->Label(), "a/2");
  EXPECT_EQ((*loaded->Find("a/1"))->text, Policy("a", 1));
  using namespace std::chrono;
  EXPECT_THAT(loaded->calendar().IsWorkingDay(hours::Day(year(2027) / 1 / 4)), IsOk());
  const auto unknown = loaded->Find("a/3");
  EXPECT_THAT(unknown, HasReason("NO_SUCH_POLICY"));
  EXPECT_THAT(base::Message(unknown.status()), HasSubstr("a/1, a/2, default/2"));
}

TEST_F(HoursPoliciesTest, ADefaultThatIsNotThereIsAnErrorThatSaysWhatIs) {
  const auto loaded = Load("fujian/1");
  EXPECT_THAT(loaded, support::StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(loaded, HasReason("NO_SUCH_POLICY"));
  EXPECT_THAT(base::Message(loaded.status()), HasSubstr("hours.default"));
  EXPECT_THAT(base::Message(loaded.status()), HasSubstr("default/2"));
}

TEST_F(HoursPoliciesTest, AFaultNamesItsFileAndLine) {
  Put(policies(), "bad.toml", "name = \"x\"\nvresion = 1\n");
  EXPECT_THAT(Load(), HasReason("BAD_POLICY"));
  EXPECT_THAT(Fault(), HasSubstr((policies() / "bad.toml").string() + ":2"));
  Put(policies(), "bad.toml", std::string((64 << 10) + 1, '#'));
  EXPECT_THAT(Load(), HasReason("BAD_POLICY"));
  EXPECT_THAT(Fault(), HasSubstr("bad.toml: has more than 65536 bytes"));
  fs::remove(policies() / "bad.toml");
  fs::create_directory(policies() / "folder.toml");
  EXPECT_THAT(Load(), HasReason("BAD_POLICY"));
  EXPECT_THAT(Fault(), HasSubstr("folder.toml: is no file"));
  fs::remove(policies() / "folder.toml");
  fs::create_symlink("nowhere", policies() / "link.toml");
  EXPECT_THAT(Fault(), HasSubstr("link.toml: is no file"));
  fs::remove(policies() / "link.toml");

  Put(calendars(), "bad.toml", "year = 2026\n");
  EXPECT_THAT(Load(), HasReason("BAD_CALENDAR"));
  EXPECT_THAT(Fault(), HasSubstr("bad.toml"));
  Put(calendars(), "bad.toml", Year(2026, "fr"));
  EXPECT_THAT(Load(), HasReason("BAD_CALENDAR"));
  EXPECT_THAT(Fault(), HasSubstr("bad.toml"));
  Put(calendars(), "bad.toml", Year(2026));
  Put(calendars(), "again.toml", Year(2026));
  EXPECT_THAT(Load(), HasReason("CALENDAR_YEAR_TWICE"));
  EXPECT_THAT(Fault(), HasSubstr("bad.toml"));
}

TEST_F(HoursPoliciesTest, OneLabelIsOneText) {
  Put(policies(), "changed.toml", std::string(hours::DefaultPolicyText()) + "# changed\n");
  EXPECT_THAT(Load(), HasReason("POLICY_TWICE"));
  EXPECT_THAT(Fault(), HasSubstr("changed.toml"));
  EXPECT_THAT(Fault(), HasSubstr("default/2"));
}

TEST_F(HoursPoliciesTest, FoldersHaveToBeThereAndHaveALimit) {
  EXPECT_THAT(HoursPolicies::Load((folder_.path() / "none").string(), "", "default/2"),
              HasReason("NO_SUCH_FOLDER"));
  EXPECT_THAT(HoursPolicies::Load("", (folder_.path() / "none").string(), "default/2"),
              HasReason("NO_SUCH_FOLDER"));
  for (int i = 0; i <= 500; ++i) Put(calendars(), std::to_string(i) + ".toml", "");
  EXPECT_THAT(Load(), HasReason("TOO_MANY_FILES"));
}

}  // namespace
}  // namespace rollcall::app
