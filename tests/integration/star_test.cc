// Stars and bans through real clients with certificates of their own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "certificates/authority.h"
#include "certificates/bundle.h"
#include "certificates/private_key.h"
#include "integration/secure_service_test.h"
#include "support/environment.h"
#include "support/program.h"

namespace rollcall::testing {
namespace {

using certificates::Bundle;
using certificates::PrivateKey;
using Bans = v1::BanService::Stub;
using Stars = v1::StarService::Stub;
using support::ProgramResult;
using ::testing::HasSubstr;

// "v-1" has served 13 days of 8 hours, which make one star.
class StarTest : public SecureServiceTest {
 protected:
  void SetUp() override {
    SecureServiceTest::SetUp();
    desk_ = Connect(Identity("dora", v1::DESK));
    olga_ = Connect(Identity("olga", v1::ORGANISER));
    anna_key_ = std::make_unique<PrivateKey>(Must(PrivateKey::Generate()));
    anna_ = Connect(Account("anna", v1::APPROVER, *anna_key_));
    anna_again_ = Connect(Account("anna-2", v1::ORGANISER, *anna_key_));
    auditor_ = Connect(Identity("audrey", v1::AUDITOR));
    ASSERT_TRUE(desk_->Enrol(EnrolRequest("v-1", "Zhang San", {})).ok());
    Serve(13);
    const Client administrator = Administrator();
    v1::SetApproverLevelRequest level;
    level.set_level(v1::APPROVER_COUNTY);
    ASSERT_TRUE(administrator.Call(*administrator.stars, &Stars::SetApproverLevel, level).ok());
  }

  std::unique_ptr<Client> Connect(const Bundle& bundle) const {
    return std::unique_ptr<Client>(new Client(As(bundle)));
  }
  Bundle Account(const std::string& id, v1::Role role, const PrivateKey& key) {
    v1::CreateIdentityRequest request;
    request.mutable_identity()->set_identity_id(id);
    request.mutable_identity()->set_role(role);
    request.set_certificate_request(Must(certificates::MakeRequest(key)));
    const Client administrator = Administrator();
    const auto issued = administrator.Call(*administrator.identities,
                                           &v1::IdentityService::Stub::CreateIdentity, request);
    EXPECT_TRUE(issued.ok()) << issued.reason() << issued.status.error_message();
    return {key.ToPem(), issued.response.certificate(), issued.response.authority()};
  }
  void Serve(int days) {
    for (int day = 1; day <= days; ++day) {
      const std::string id = Numbered("day-", day);
      const base::Time start = At(1, 0) + std::chrono::hours(24 * day);
      ASSERT_TRUE(
          testing::MakeActivity(*olga_, id, false, start, start + std::chrono::hours(8)).ok());
      ASSERT_TRUE(olga_->AddToRoster(id, {"v-1"}).ok());
      for (const v1::Action action : {v1::IN, v1::OUT}) {
        clock_.SetNow(action == v1::IN ? start : start + std::chrono::hours(8));
        const auto token = desk_->Attest(id, "v-1");
        ASSERT_TRUE(token.ok()) << token.status.error_message();
        ASSERT_TRUE(desk_->Record(token.response.token(), action, NewRequestId()).ok());
      }
    }
  }
  void Days(int days) { clock_.Advance(std::chrono::hours(24 * days)); }

  v1::StarStanding Standing() const {
    v1::GetStarStandingRequest request;
    request.set_volunteer_id("v-1");
    const auto answer = desk_->Call(*desk_->stars, &Stars::GetStarStanding, request);
    EXPECT_TRUE(answer.ok()) << answer.status.error_message();
    return answer.response;
  }
  Answer<v1::StarApplication> Apply() const {
    v1::ApplyForStarRequest request;
    request.set_request_id(NewRequestId());
    request.set_volunteer_id("v-1");
    request.set_star(1);
    return desk_->Call(*desk_->stars, &Stars::ApplyForStar, request);
  }
  template <typename Request>
  static Request On(const v1::StarApplication& application) {
    Request request;
    request.set_request_id(NewRequestId());
    request.set_application_id(application.application_id());
    return request;
  }
  template <typename Request>
  static Request On(const v1::BanCase& ban) {
    Request request;
    request.set_request_id(NewRequestId());
    request.set_case_id(ban.case_id());
    return request;
  }

  std::unique_ptr<PrivateKey> anna_key_;
  std::unique_ptr<Client> desk_, olga_, anna_, anna_again_, auditor_;
};

TEST_F(StarTest, FromTheApplicationToTheStar) {
  EXPECT_EQ(Standing().minutes(), 104 * 60);
  EXPECT_EQ(Standing().earned(), 1);
  EXPECT_EQ(Standing().next(), 2);
  EXPECT_EQ(Standing().thresholds(4).approver_level(), v1::APPROVER_PROVINCE);
  const auto applied = Apply();
  ASSERT_TRUE(applied.ok()) << applied.status.error_message();
  EXPECT_EQ(applied.response.state_text_zh(), "已申请");
  EXPECT_EQ(Apply().reason(), "APPLICATION_OPEN");

  auto review = On<v1::ReviewStarRequest>(applied.response);
  EXPECT_EQ(anna_->Call(*anna_->stars, &Stars::ReviewStar, review).reason(), "BAD_SCORE")
      << "a score that was not given is no 0";
  review.set_score(85);
  const auto reviewed = anna_again_->Call(*anna_again_->stars, &Stars::ReviewStar, review);
  ASSERT_TRUE(reviewed.ok()) << reviewed.status.error_message();
  EXPECT_TRUE(
      anna_again_->Call(*anna_again_->stars, &Stars::ReviewStar, review).response.replayed());

  // Two accounts for one key are one person.
  const auto approve = On<v1::DecideStarRequest>(applied.response);
  EXPECT_EQ(anna_->Call(*anna_->stars, &Stars::ApproveStar, approve).reason(), "SAME_PERSON");
  EXPECT_EQ(desk_->Call(*desk_->stars, &Stars::ApproveStar, approve).reason(), "ROLE_NOT_ALLOWED");
  const auto bea = Connect(Identity("bea", v1::APPROVER));
  const auto approved = bea->Call(*bea->stars, &Stars::ApproveStar, approve);
  ASSERT_TRUE(approved.ok()) << approved.status.error_message();
  EXPECT_EQ(approved.response.state(), v1::STAR_ON_NOTICE);

  // What the public may object to.
  v1::ListStarApplicationsRequest list;
  list.set_state(v1::STAR_ON_NOTICE);
  const auto listed = auditor_->Call(*auditor_->stars, &Stars::ListStarApplications, list);
  ASSERT_EQ(listed.response.applications_size(), 1);
  EXPECT_EQ(listed.response.applications(0).name(), "Zhang San");

  const auto early =
      bea->Call(*bea->stars, &Stars::GrantStar, On<v1::DecideStarRequest>(applied.response));
  EXPECT_EQ(early.reason(), "NOTICE_RUNNING");
  Days(8);
  const auto granted =
      bea->Call(*bea->stars, &Stars::GrantStar, On<v1::DecideStarRequest>(applied.response));
  ASSERT_TRUE(granted.ok()) << granted.status.error_message();
  EXPECT_EQ(granted.response.state_text_zh(), "已授予");
  ASSERT_EQ(granted.response.steps_size(), 4);
  EXPECT_EQ(granted.response.steps(0).identity_id(), "dora");
  EXPECT_EQ(granted.response.steps(1).identity_id(), "anna-2");
  EXPECT_EQ(granted.response.steps(3).role(), v1::APPROVER);
  EXPECT_EQ(Standing().held(), 1);
  EXPECT_EQ(Apply().reason(), "STAR_HELD");
}

TEST_F(StarTest, ACaseSuspendsIsHeardAndBars) {
  v1::OpenBanCaseRequest open;
  open.set_request_id(NewRequestId());
  open.set_volunteer_id("v-1");
  open.set_accusation("a brother checked in for her");
  EXPECT_EQ(anna_->Call(*anna_->bans, &Bans::OpenBanCase, open).reason(), "NO_EVIDENCE");
  open.add_evidence("ledger rows 3 and 5");
  EXPECT_EQ(desk_->Call(*desk_->bans, &Bans::OpenBanCase, open).reason(), "ROLE_NOT_ALLOWED");
  const auto opened = anna_again_->Call(*anna_again_->bans, &Bans::OpenBanCase, open);
  ASSERT_TRUE(opened.ok()) << opened.status.error_message();
  EXPECT_EQ(opened.response.effect(), v1::BAN_EFFECT_SUSPENDED);
  EXPECT_TRUE(Standing().barred());
  EXPECT_EQ(Apply().reason(), "BARRED");

  auto hearing = On<v1::HoldBanHearingRequest>(opened.response);
  const auto bea = Connect(Identity("bea", v1::APPROVER));
  EXPECT_EQ(bea->Call(*bea->bans, &Bans::HoldBanHearing, hearing).reason(), "BAD_CASE")
      << "whether she came has to be said";
  hearing.set_appeared(true);
  hearing.set_statement("I was ill");
  EXPECT_EQ(bea->Call(*bea->bans, &Bans::HoldBanHearing, hearing).reason(), "NOTICE_TOO_SHORT");
  Days(7);
  EXPECT_EQ(anna_->Call(*anna_->bans, &Bans::HoldBanHearing, hearing).reason(), "INVOLVED")
      << "the key of who opened the case";
  ASSERT_TRUE(bea->Call(*bea->bans, &Bans::HoldBanHearing, hearing).ok());
  auto impose = On<v1::ImposeBanRequest>(opened.response);
  impose.set_days(365);
  impose.set_reason_text("two witnesses");
  const auto imposed = bea->Call(*bea->bans, &Bans::ImposeBan, impose);
  ASSERT_TRUE(imposed.ok()) << imposed.status.error_message();
  EXPECT_EQ(imposed.response.state(), v1::BAN_IMPOSED);
  EXPECT_EQ(imposed.response.effect(), v1::BAN_EFFECT_BANNED);
  const auto listed =
      auditor_->Call(*auditor_->bans, &Bans::ListBanCases, v1::ListBanCasesRequest());
  ASSERT_EQ(listed.response.cases_size(), 1);
  EXPECT_EQ(listed.response.cases(0).statement(), "I was ill");
  Days(365);
  EXPECT_FALSE(Standing().barred());
}

TEST_F(StarTest, TheLevelIsForAnAdministratorToGive) {
  v1::SetApproverLevelRequest level;
  level.set_level(v1::APPROVER_PROVINCE);
  EXPECT_EQ(anna_->Call(*anna_->stars, &Stars::SetApproverLevel, level).reason(),
            "ROLE_NOT_ALLOWED");
  const Client administrator = Administrator();
  level.clear_level();
  EXPECT_EQ(administrator.Call(*administrator.stars, &Stars::SetApproverLevel, level).reason(),
            "BAD_ENUM");
  level.set_level(v1::APPROVER_NONE);
  ASSERT_TRUE(administrator.Call(*administrator.stars, &Stars::SetApproverLevel, level).ok());
  const auto now =
      anna_->Call(*anna_->stars, &Stars::GetApproverLevel, v1::GetApproverLevelRequest());
  EXPECT_EQ(now.response.level(), v1::APPROVER_NONE);
  const auto applied = Apply();
  auto review = On<v1::ReviewStarRequest>(applied.response);
  review.set_score(85);
  ASSERT_TRUE(olga_->Call(*olga_->stars, &Stars::ReviewStar, review).ok());
  EXPECT_EQ(
      anna_->Call(*anna_->stars, &Stars::ApproveStar, On<v1::DecideStarRequest>(applied.response))
          .reason(),
      "NO_LEVEL");
}

// The same through the program that people type into; the worked example of README.md, "Stars".
class StarCommandTest : public StarTest {
 protected:
  void SetUp() override {
    StarTest::SetUp();
    for (const auto& [id, role] : {std::pair("dina", v1::DESK), std::pair("otto", v1::ORGANISER),
                                   std::pair("ada", v1::APPROVER), std::pair("bo", v1::APPROVER)}) {
      ASSERT_TRUE(certificates::WriteBundle(File(id), Identity(id, role)).ok());
    }
    ASSERT_TRUE(certificates::WriteBundle(File("admin"), administrator_).ok());
  }

  std::string File(const std::string& who) const {
    return (folder_.path() / (who + ".pem")).string();
  }
  ProgramResult Run(const std::string& who, std::vector<std::string> words) const {
    words.insert(words.begin(), {(support::BinaryDir() / "bin/rollcall").string(), "--server",
                                 server_->address(), "--identity", File(who)});
    return support::RunProgram(words, {"TZ=Asia/Shanghai"});
  }
  // The value of `key` in the answer as JSON.
  std::string Json(const std::string& who, std::vector<std::string> words, const char* key) const {
    words.push_back("--json");
    const ProgramResult result = Run(who, words);
    EXPECT_EQ(result.code, 0) << result.errors;
    return nlohmann::json::parse(result.output).value(key, "");
  }
};

TEST_F(StarCommandTest, AStarFromTheDeskToTheCounty) {
  const ProgramResult standing = Run("dina", {"star", "standing", "v-1"});
  ASSERT_EQ(standing.code, 0) << standing.errors;
  EXPECT_THAT(standing.output, HasSubstr("104:00"));
  EXPECT_THAT(standing.output, HasSubstr("missing to star 2 / 距2星还差"));
  EXPECT_THAT(standing.output, HasSubstr("rollcall star apply --volunteer v-1 --star 1"));
  EXPECT_THAT(Run("dina", {"star", "apply", "--volunteer", "v-1", "--star", "2"}).errors,
              HasSubstr("11760 minutes are missing for star 2"));
  const std::string id =
      Json("dina", {"star", "apply", "--volunteer", "v-1", "--star", "1"}, "application_id");
  ASSERT_FALSE(id.empty());
  EXPECT_EQ(Run("otto", {"star", "review", id}).code, 2) << "without a score";
  EXPECT_EQ(Run("ada", {"star", "review", id, "--score", "85"}).code, 0);
  EXPECT_THAT(Run("ada", {"star", "approve", id}).errors, HasSubstr("two people are needed"));
  const ProgramResult approved = Run("bo", {"star", "approve", id});
  ASSERT_EQ(approved.code, 0) << approved.errors;
  EXPECT_THAT(approved.output, HasSubstr("on notice / 公示中"));
  EXPECT_THAT(Run("otto", {"star", "list", "--state", "on-notice"}).output, HasSubstr("Zhang San"));
  EXPECT_THAT(Run("bo", {"star", "grant", id}).errors, HasSubstr("the public notice runs until"));
  Days(8);
  EXPECT_THAT(Run("bo", {"star", "grant", id}).output, HasSubstr("granted / 已授予"));
  const ProgramResult shown = Run("otto", {"star", "show", id});
  EXPECT_THAT(shown.output, HasSubstr("by dina (desk)"));
  EXPECT_THAT(shown.output, HasSubstr("by bo (approver)"));
}

TEST_F(StarCommandTest, RefusedAndWithdrawn) {
  const std::vector<std::string> apply = {"star", "apply", "--volunteer", "v-1", "--star", "1"};
  const std::string first = Json("dina", apply, "application_id");
  EXPECT_EQ(Run("bo", {"star", "refuse", first}).code, 2) << "without a reason";
  EXPECT_THAT(Run("bo", {"star", "refuse", first, "--text", "the public objected"}).output,
              HasSubstr("the public objected"));
  const std::string second = Json("dina", apply, "application_id");
  EXPECT_THAT(Run("dina", {"star", "withdraw", second, "--volunteer", "v-1"}).output,
              HasSubstr("withdrawn / 已撤回"));
  EXPECT_THAT(Run("otto", {"star", "level"}).output, HasSubstr("county / 县级"));
  EXPECT_THAT(Run("admin", {"star", "level", "--set", "city"}).output, HasSubstr("city / 市级"));
  EXPECT_EQ(Run("otto", {"star", "level", "--set", "county"}).code, 1);
}

TEST_F(StarCommandTest, ABanAndWhatIsOverdue) {
  EXPECT_EQ(Run("otto", {"ban", "open", "--volunteer", "v-1", "--text", "x"}).code, 2)
      << "without evidence";
  const std::string id =
      Json("otto",
           {"ban", "open", "--volunteer", "v-1", "--text", "a brother checked in for her",
            "--evidence", "ledger row 3", "--evidence", "ledger row 5", "--involved-staff", "ada"},
           "case_id");
  ASSERT_FALSE(id.empty());
  EXPECT_THAT(Run("dina", {"star", "standing", "v-1"}).output, HasSubstr("barred / 不可申请"));
  Days(7);
  EXPECT_THAT(Run("ada", {"ban", "hearing", id, "--appeared", "no"}).errors,
              HasSubstr("neither hear nor decide"));
  EXPECT_THAT(
      Run("bo", {"ban", "hearing", id, "--appeared", "yes", "--statement", "I was ill"}).output,
      HasSubstr("I was ill"));
  EXPECT_THAT(Run("bo", {"ban", "impose", id, "--days", "3", "--text", "so"}).errors,
              HasSubstr("365 to 1095 days"));
  EXPECT_THAT(Run("bo", {"ban", "impose", id, "--days", "365", "--text", "two witnesses"}).output,
              HasSubstr("imposed / 已处罚"));
  const ProgramResult list = Run("otto", {"ban", "list"});
  EXPECT_THAT(list.output, HasSubstr("banned: no stars"));
  const std::string other = Json(
      "otto", {"ban", "open", "--volunteer", "v-1", "--text", "x", "--evidence", "y"}, "case_id");
  EXPECT_THAT(Run("bo", {"ban", "dismiss", other, "--text", "the clock was wrong"}).output,
              HasSubstr("dismissed / 不予处罚"));
  EXPECT_THAT(Run("otto", {"ban", "show", other}).output, HasSubstr("the clock was wrong"));
  EXPECT_THAT(Run("otto", {"activity", "overdue"}).output, HasSubstr("Nothing is overdue"));
}

// By the calendars that come along; of a year that they lack the server says so and lists nothing.
TEST_F(StarTest, WhatIsOverdueFollowsTheCalendar) {
  const auto overdue = [&] {
    return olga_->Call(*olga_->ledger, &v1::LedgerService::Stub::ListOverdueActivities,
                       v1::ListOverdueActivitiesRequest());
  };
  ASSERT_TRUE(overdue().ok()) << overdue().status.error_message();
  EXPECT_EQ(overdue().response.activities_size(), 0);
  const base::Time start = clock_.Now();
  ASSERT_TRUE(
      testing::MakeActivity(*olga_, "open", false, start, start + std::chrono::hours(1)).ok());
  ASSERT_TRUE(olga_->AddToRoster("open", {"v-1"}).ok());
  const auto token = desk_->Attest("open", "v-1");
  ASSERT_TRUE(desk_->Record(token.response.token(), v1::IN, NewRequestId()).ok());
  Days(1);
  EXPECT_EQ(overdue().response.activities_size(), 0);
  Days(20);
  EXPECT_EQ(overdue().response.activities_size(), 1);
  Days(60);
  EXPECT_EQ(overdue().reason(), "NO_CALENDAR");
  EXPECT_NE(overdue().status.error_message().find("cn-2027.toml"), std::string::npos);
}

}  // namespace
}  // namespace rollcall::testing
