// rollcall hours policy and rollcall session against a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "integration/service_test_base.h"
#include "support/environment.h"
#include "support/program.h"

namespace rollcall::testing {
namespace {

using support::ProgramResult;
using ::testing::HasSubstr;
using Stub = v1::ActivityService::Stub;

class HoursPolicyTest : public ServiceTest {
 protected:
  void SetUp() override { Start(); }

  ProgramResult Run(std::vector<std::string> words) {
    words.insert(words.begin(), {(support::BinaryDir() / "bin/rollcall").string(), "--server",
                                 server_->address()});
    return support::RunProgram(words, {"TZ=Asia/Shanghai"});
  }
  static std::string File(const std::string& name) {
    return support::ReadFile(support::SourceDir() / "service/hours/policies" / (name + ".toml"));
  }
};

TEST_F(HoursPolicyTest, AnOrganisationChoosesAndItsChoiceIsShown) {
  const ProgramResult before = Run({"hours", "policy", "show"});
  EXPECT_EQ(before.code, 0) << before.errors;
  EXPECT_THAT(before.output, HasSubstr("default/2"));
  EXPECT_THAT(before.output, HasSubstr("the server's default"));

  const ProgramResult set = Run({"hours", "policy", "set", "guangdong-izhiyuan/1"});
  EXPECT_EQ(set.code, 0) << set.errors;
  EXPECT_THAT(set.output, HasSubstr("guangdong-izhiyuan/1"));
  const ProgramResult after = Run({"hours", "policy", "show"});
  EXPECT_THAT(after.output, HasSubstr("chosen by home"));
  EXPECT_THAT(after.output, HasSubstr("local chose guangdong-izhiyuan/1 (before: none)"));
  EXPECT_EQ(Run({"hours", "policy", "show", "--text"}).output, File("guangdong-izhiyuan"));
  Start();  // and again after a restart
  const auto json = nlohmann::json::parse(Run({"hours", "policy", "show", "--json"}).output);
  EXPECT_EQ(json["policy"]["label"], "guangdong-izhiyuan/1");
  EXPECT_EQ(json["policy"]["sha256"],
            base::ToHex(base::Sha256(base::AsBytes(File("guangdong-izhiyuan")))));
  EXPECT_EQ(json["policy"]["text"], File("guangdong-izhiyuan"));
  EXPECT_EQ(json["chosen_by_organisation_id"], "home");

  EXPECT_EQ(Run({"hours", "policy", "set", "--none"}).code, 0);
  const auto found = client().Call(*client().activities, &Stub::GetHoursPolicy, {});
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found.response.policy().label(), "default/2");
  ASSERT_EQ(found.response.choices_size(), 2);
  EXPECT_EQ(found.response.choices(1).previous_label(), "guangdong-izhiyuan/1");
  EXPECT_EQ(found.response.choices(1).label(), "");
}

TEST_F(HoursPolicyTest, EveryPolicyThatComesAlongIsListed) {
  const ProgramResult list = Run({"hours", "policy", "list"});
  EXPECT_EQ(list.code, 0) << list.errors;
  for (const char* part : {"default/2", "fujian/1", "zhejiang-zhiyuanhui/1", "默认规则", "yes"}) {
    EXPECT_THAT(list.output, HasSubstr(part));
  }
  const auto json = nlohmann::json::parse(Run({"hours", "policy", "list", "--json"}).output);
  EXPECT_EQ(json["policies"].size(), 11u);
}

TEST_F(HoursPolicyTest, APolicyThatIsNotThereIsRefused) {
  const ProgramResult unknown = Run({"hours", "policy", "set", "guangdong-izhiyuan/9"});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.errors, HasSubstr("guangdong-izhiyuan/1"));
  EXPECT_EQ(Run({"hours", "policy", "set"}).code, 2);
  EXPECT_EQ(Run({"hours", "policy", "set", "default/2", "--none"}).code, 2);
  v1::SetHoursPolicyRequest request;
  request.set_label("no label");
  EXPECT_EQ(client().Call(*client().activities, &Stub::SetHoursPolicy, request).reason(),
            "BAD_LABEL");
  request.set_label("default/2");
  request.set_organisation_id("nowhere");
  EXPECT_EQ(client().Call(*client().activities, &Stub::SetHoursPolicy, request).reason(),
            "NO_SUCH_ORGANISATION");
}

// The file of a chosen policy is taken away: said, and never replaced by another policy.
TEST_F(HoursPolicyTest, AChosenPolicyThatIsGoneIsSaidSo) {
  ASSERT_EQ(Run({"hours", "policy", "set", "fujian/1"}).code, 0);
  Start([](server::ServerOptions& options) { options.config.hours_policies = ""; });
  const auto found = client().Call(*client().activities, &Stub::GetHoursPolicy, {});
  EXPECT_EQ(found.code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(found.reason(), "POLICY_NOT_LOADED");
  EXPECT_THAT(Run({"hours", "policy", "show"}).errors, HasSubstr("fujian/1"));
}

TEST_F(HoursPolicyTest, ASessionKeepsItsBreaks) {
  MakeActivity("tea");
  const ProgramResult added = Run(
      {"session", "add", "--activity", "tea", "--id", "day", "--start", "2026-11-25T08:00:00+08:00",
       "--end", "+9h", "--break", "12:00-13:00", "--travel", "08:00-08:30", "--break", "+7h/+15m"});
  EXPECT_EQ(added.code, 0) << added.errors;
  EXPECT_THAT(added.output, HasSubstr("travel 08:00-08:30, rest 12:00-13:00, rest 15:00-15:15"));
  EXPECT_THAT(Run({"session", "list", "--activity", "tea"}).output,
              HasSubstr("travel 08:00-08:30, rest 12:00-13:00, rest 15:00-15:15"));
  Start();
  v1::ListSessionsRequest request;
  request.set_activity_id("tea");
  const auto all = client().Call(*client().activities, &Stub::ListSessions, request);
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all.response.sessions_size(), 2);
  EXPECT_EQ(all.response.sessions(0).breaks_size(), 0);
  ASSERT_EQ(all.response.sessions(1).breaks_size(), 3);
  const v1::SessionBreak& rest = all.response.sessions(1).breaks(1);
  EXPECT_EQ(rest.kind(), v1::REST);
  EXPECT_EQ(rest.start_time().seconds(),
            base::ToUnixMicros(*base::ParseTime("2026-11-25T04:00:00Z")) / 1'000'000);
}

TEST_F(HoursPolicyTest, BadBreaksAreRefused) {
  MakeActivity("tea");
  const auto add = [&](const std::string& option, const std::string& text) {
    return Run({"session", "add", "--activity", "tea", "--id", "bad", "--start",
                "2026-11-25T08:00:00+08:00", "--end", "+4h", option, text});
  };
  const ProgramResult words = add("--break", "noon");
  EXPECT_EQ(words.code, 2);
  EXPECT_THAT(words.errors, HasSubstr("--break"));
  EXPECT_THAT(words.errors, HasSubstr("12:00-13:00"));
  const ProgramResult outside = add("--travel", "11:30-12:30");
  EXPECT_EQ(outside.code, 1);
  EXPECT_THAT(outside.errors, HasSubstr("within its session"));
  v1::AddSessionRequest request;
  *request.mutable_session()->mutable_session() = SessionOf("tea", "bad");
  request.mutable_session()->mutable_start_time()->set_seconds(1'800'000'000);
  request.mutable_session()->mutable_end_time()->set_seconds(1'800'010'000);
  v1::SessionBreak& each = *request.mutable_session()->add_breaks();
  *each.mutable_start_time() = request.session().start_time();
  *each.mutable_end_time() = request.session().end_time();
  EXPECT_EQ(client().Call(*client().activities, &Stub::AddSession, request).reason(), "BAD_ENUM");
  each.set_kind(v1::REST);
  *request.mutable_session()->add_breaks() = each;
  EXPECT_EQ(client().Call(*client().activities, &Stub::AddSession, request).reason(),
            "BAD_SESSION");
}

}  // namespace
}  // namespace rollcall::testing
