// Hours of a day above what stands at once, with two levels of organisations, over mutual TLS and
// through the rollcall program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "certificates/bundle.h"
#include "integration/secure_service_test.h"
#include "support/environment.h"
#include "support/program.h"

namespace rollcall::testing {
namespace {

using support::ProgramResult;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Stub = v1::CorrectionService::Stub;

// "village" lies below "county". Volunteer v-1 served from 09:00 to 22:00 on 25 November 2026 in
// China, recorded by the village's desk.
class AwaitingHoursTest : public SecureServiceTest {
 protected:
  void SetUp() override {
    SecureServiceTest::SetUp();
    MakeOrganisation("county");
    MakeOrganisation("village", "county");
    for (const auto& [id, role, organisation] : {std::tuple("dora", v1::DESK, "village"),
                                                 {"olga", v1::ORGANISER, "village"},
                                                 {"vera", v1::APPROVER, "village"},
                                                 {"cora", v1::APPROVER, "county"},
                                                 {"audrey", v1::AUDITOR, "village"},
                                                 {"hal", v1::APPROVER, "home"}}) {
      const certificates::Bundle bundle = Identity(id, role, organisation);
      ASSERT_TRUE(certificates::WriteBundle(File(id), bundle).ok());
      clients_[id] = std::unique_ptr<Client>(new Client(As(bundle)));
    }
    ASSERT_TRUE(certificates::WriteBundle(File("admin"), administrator_).ok());
    ASSERT_TRUE(Of("dora").Enrol(EnrolRequest("v-1", "Zhang San")).ok());
    ASSERT_TRUE(testing::MakeActivity(Of("olga"), "dike", false, Begin(), End()).ok());
    ASSERT_TRUE(Of("olga").AddToRoster("dike", {"v-1"}).ok());
    for (const v1::Action action : {v1::IN, v1::OUT}) {
      clock_.SetNow(action == v1::IN ? Begin() : End());
      const auto token = Of("dora").Attest("dike", "v-1");
      ASSERT_TRUE(token.ok()) << token.status.error_message();
      ASSERT_TRUE(Of("dora").Record(token.response.token(), action, NewRequestId()).ok());
    }
  }

  base::Time Begin() const { return At(24 + 1, 0); }
  base::Time End() const { return At(24 + 14, 0); }
  const Client& Of(const std::string& who) const { return *clients_.at(who); }
  std::string File(const std::string& who) const {
    return (folder_.path() / (who + ".pem")).string();
  }
  ProgramResult Run(const std::string& who, std::vector<std::string> words) const {
    words.insert(words.begin(), {(support::BinaryDir() / "bin/rollcall").string(), "--server",
                                 server_->address(), "--identity", File(who)});
    return support::RunProgram(words, {"TZ=Asia/Shanghai"});
  }
  static std::vector<std::string> ApproveWords(const std::string& tier) {
    return {"hours", "approve",    "--organisation", "village", "--volunteer", "v-1",
            "--day", "2026-11-25", "--tier",         tier,      "--reason",    "the flood"};
  }

  static v1::ApproveDayHoursRequest Request(v1::HoursTier tier) {
    v1::ApproveDayHoursRequest request;
    request.set_request_id(NewRequestId());
    request.set_organisation_id("village");
    request.set_volunteer_id("v-1");
    request.set_day("2026-11-25");
    request.set_tier(tier);
    request.set_reason_text("the flood");
    return request;
  }
  Answer<v1::DayHoursApproval> Approve(const std::string& who,
                                       const v1::ApproveDayHoursRequest& request) const {
    return Of(who).Call(*Of(who).corrections, &Stub::ApproveDayHours, request);
  }
  v1::VolunteerHours Hours() const {
    const auto answer = Of("audrey").Hours("v-1");
    EXPECT_TRUE(answer.ok()) << answer.status.error_message();
    return answer.response.volunteers_size() == 1 ? answer.response.volunteers(0)
                                                  : v1::VolunteerHours();
  }
  // Rows, having seen that the ledger verifies.
  int64_t Rows() const {
    const auto answer = Of("audrey").Verify();
    EXPECT_TRUE(answer.ok() && answer.response.verified()) << answer.response.problem();
    return answer.response.rows();
  }
  void ExpectRefused(const std::string& who, const v1::ApproveDayHoursRequest& request,
                     const std::string& reason) const {
    const int64_t rows = Rows();
    const auto answer = Approve(who, request);
    EXPECT_EQ(answer.reason(), reason) << answer.status.error_message();
    EXPECT_EQ(Rows(), rows) << reason;
  }

  std::map<std::string, std::unique_ptr<Client>> clients_;
};

TEST_F(AwaitingHoursTest, TheCountyApprovesAndTheTotalFollows) {
  EXPECT_EQ(Hours().minutes(), 480);
  EXPECT_EQ(Hours().awaiting_parent_minutes(), 240);
  EXPECT_EQ(Hours().awaiting_province_minutes(), 60);
  v1::ListAwaitingHoursRequest list;
  const auto waiting = Of("cora").Call(*Of("cora").corrections, &Stub::ListAwaitingHours, list);
  ASSERT_TRUE(waiting.ok()) << waiting.status.error_message();
  ASSERT_EQ(waiting.response.visits_size(), 1);
  const v1::AwaitingHours& visit = waiting.response.visits(0);
  EXPECT_EQ(visit.volunteer_id(), "v-1");
  EXPECT_EQ(visit.session().organisation_id(), "village");
  ASSERT_EQ(visit.days_size(), 1);
  EXPECT_EQ(visit.days(0), "2026-11-25");
  EXPECT_EQ(visit.awaiting_parent_minutes(), 240);

  const auto request = Request(v1::HOURS_TIER_PARENT);
  const auto approved = Approve("cora", request);
  ASSERT_TRUE(approved.ok()) << approved.status.error_message();
  EXPECT_EQ(approved.response.minutes(), 240);
  EXPECT_EQ(approved.response.approving_organisation_id(), "county");
  EXPECT_EQ(approved.response.approver().identity_id(), "cora");
  EXPECT_EQ(Hours().minutes(), 720);
  const int64_t rows = Rows();
  EXPECT_TRUE(Approve("cora", request).response.replayed());
  EXPECT_EQ(Rows(), rows);
  auto other = request;
  other.set_reason_text("another");
  ExpectRefused("cora", other, "REQUEST_ID_REUSED");
  ExpectRefused("cora", Request(v1::HOURS_TIER_PARENT), "NOTHING_AWAITS");

  ASSERT_TRUE(Approve("cora", Request(v1::HOURS_TIER_PROVINCE)).ok()) << "nobody stands above her";
  EXPECT_EQ(Hours().minutes(), 780);
  EXPECT_EQ(Hours().attested_minutes(), 780);
  EXPECT_EQ(Of("cora")
                .Call(*Of("cora").corrections, &Stub::ListAwaitingHours, list)
                .response.visits_size(),
            0);
}

TEST_F(AwaitingHoursTest, WhoMayNotIsToldSo) {
  ExpectRefused("vera", Request(v1::HOURS_TIER_PARENT), "NOT_ABOVE");
  ExpectRefused("hal", Request(v1::HOURS_TIER_PARENT), "OUTSIDE_ORGANISATION");
  ExpectRefused("olga", Request(v1::HOURS_TIER_PARENT), "ROLE_NOT_ALLOWED");
  ExpectRefused("dora", Request(v1::HOURS_TIER_PARENT), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Hours().minutes(), 480);
}

TEST_F(AwaitingHoursTest, WhatIsMalformedIsRefused) {
  auto request = Request(v1::HOURS_TIER_UNSPECIFIED);
  ExpectRefused("cora", request, "BAD_ENUM");
  request = Request(v1::HOURS_TIER_PARENT);
  for (const char* day : {"", "25 November", "2026-11-31"}) {
    request.set_day(day);
    ExpectRefused("cora", request, "BAD_DATE");
  }
  request.set_day("2026-12-24");
  ExpectRefused("cora", request, "BAD_APPROVAL");
  request = Request(v1::HOURS_TIER_PARENT);
  request.set_reason_text("");
  ExpectRefused("cora", request, "BAD_TEXT");
  request = Request(v1::HOURS_TIER_PARENT);
  request.set_volunteer_id("v-404");
  ExpectRefused("cora", request, "NO_SUCH_VOLUNTEER");
  request.clear_request_id();
  ExpectRefused("cora", request, "REQUEST_ID_MISSING");
}

TEST_F(AwaitingHoursTest, TheSameThroughTheProgram) {
  const ProgramResult awaiting = Run("cora", {"hours", "awaiting"});
  EXPECT_EQ(awaiting.code, 0) << awaiting.errors;
  EXPECT_THAT(awaiting.output, AllOf(HasSubstr("v-1"), HasSubstr("village"),
                                     HasSubstr("2026-11-25"), HasSubstr("4:00")));
  const auto json = nlohmann::json::parse(Run("cora", {"hours", "awaiting", "--json"}).output);
  EXPECT_EQ(json["visits"][0]["awaiting_province_minutes"], "60");
  EXPECT_THAT(Run("audrey", {"hours", "show"}).output,
              AllOf(HasSubstr("AWAITING"), HasSubstr("5:00")));
  EXPECT_THAT(Run("audrey", {"hours", "show", "--volunteer", "v-1"}).output,
              HasSubstr("awaiting parent 4:00, province 1:00"));
  const ProgramResult exported = Run("audrey", {"export", "totals"});
  EXPECT_THAT(exported.output, HasSubstr(",240,60")) << exported.errors;

  const ProgramResult own = Run("vera", ApproveWords("parent"));
  EXPECT_EQ(own.code, 1);
  EXPECT_THAT(own.errors, AllOf(HasSubstr("[NOT_ABOVE]"), HasSubstr("organisation above")));
  EXPECT_EQ(Run("cora", ApproveWords("county")).code, 2);
  const ProgramResult approved = Run("cora", ApproveWords("parent"));
  EXPECT_EQ(approved.code, 0) << approved.errors;
  EXPECT_THAT(approved.output, AllOf(HasSubstr("已批准"), HasSubstr("4:00"), HasSubstr("上级组织"),
                                     HasSubstr("cora of county")));
  EXPECT_THAT(Run("cora", ApproveWords("parent")).errors, HasSubstr("rollcall hours awaiting"));
  EXPECT_EQ(Run("admin", ApproveWords("province")).code, 0);
  EXPECT_THAT(Run("cora", {"hours", "awaiting"}).output, HasSubstr("没有待审核的时长"));
  const ProgramResult tail = Run("audrey", {"events", "tail"});
  EXPECT_THAT(tail.output, AllOf(HasSubstr("awaiting 5:00"), HasSubstr("adjusted by")));
  EXPECT_THAT(Run("audrey", {"hours", "show", "--volunteer", "v-1"}).output,
              AllOf(HasSubstr("13:00"), Not(HasSubstr("awaiting"))));
}

}  // namespace
}  // namespace rollcall::testing
