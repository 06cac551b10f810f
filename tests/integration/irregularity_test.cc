// What an auditor sees, by a real client and by the rollcall program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/bytes.h"
#include "integration/service_test_base.h"
#include "irregularities/policy.h"
#include "rollcall/v1/irregularity_service.grpc.pb.h"
#include "support/environment.h"
#include "support/program.h"

namespace rollcall::testing {
namespace {

using support::ProgramResult;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class IrregularityTest : public ServiceTest {
 protected:
  void SetUp() override {
    Start();
    Organisation("county", "");
    Organisation("village", "county");
    Organisation("elsewhere", "");
  }

  void Organisation(const std::string& id, const std::string& parent) {
    v1::CreateOrganisationRequest request;
    request.mutable_organisation()->set_organisation_id(id);
    request.mutable_organisation()->set_name(id);
    request.mutable_organisation()->set_level(v1::ASSOCIATION);
    request.mutable_organisation()->set_parent_id(parent);
    ASSERT_TRUE(
        client()
            .Call(*client().activities, &v1::ActivityService::Stub::CreateOrganisation, request)
            .ok());
  }

  v1::SessionRef SessionIn(const std::string& organisation, const std::string& activity) {
    v1::SessionRef session = SessionOf(activity, "s");
    session.set_organisation_id(organisation);
    return session;
  }

  // With a session from nine to twelve, and `volunteers` on its roster.
  void Activity(const std::string& organisation, const std::string& id,
                const std::vector<std::string>& volunteers) {
    v1::CreateActivityRequest activity;
    activity.mutable_activity()->set_organisation_id(organisation);
    activity.mutable_activity()->set_activity_id(id);
    ASSERT_TRUE(
        client()
            .Call(*client().activities, &v1::ActivityService::Stub::CreateActivity, activity)
            .ok());
    v1::AddSessionRequest session;
    *session.mutable_session()->mutable_session() = SessionIn(organisation, id);
    session.mutable_session()->mutable_start_time()->set_seconds(Seconds(At(9, 0)));
    session.mutable_session()->mutable_end_time()->set_seconds(Seconds(At(12, 0)));
    ASSERT_TRUE(
        client().Call(*client().activities, &v1::ActivityService::Stub::AddSession, session).ok());
    v1::AddRosterEntriesRequest roster;
    *roster.mutable_session() = SessionIn(organisation, id);
    for (const std::string& volunteer : volunteers) {
      roster.add_entries()->set_volunteer_id(volunteer);
    }
    ASSERT_TRUE(
        client()
            .Call(*client().activities, &v1::ActivityService::Stub::AddRosterEntries, roster)
            .ok());
  }
  static int64_t Seconds(base::Time time) { return base::ToUnixMicros(time) / 1'000'000; }

  void Attest(const std::string& organisation, const std::string& activity,
              const std::string& volunteer, v1::Action action) {
    v1::AttestPresenceRequest request;
    *request.mutable_session() = SessionIn(organisation, activity);
    request.set_volunteer_id(volunteer);
    request.set_reason("seen at the door");
    const auto token =
        client().Call(*client().check_in, &v1::CheckInService::Stub::AttestPresence, request);
    ASSERT_TRUE(token.ok()) << token.status.error_message();
    const auto recorded = Record(token.response.token(), action);
    ASSERT_TRUE(recorded.response.has_receipt()) << recorded.response.sentence();
  }

  // In both activities from 9:10 to 11:10.
  void BeInTwoPlaces(const std::string& volunteer, const std::string& first = "tea",
                     const std::string& second = "dinner") {
    clock_.SetNow(At(9, 10));
    Attest("village", first, volunteer, v1::IN);
    Attest("village", second, volunteer, v1::IN);
    clock_.SetNow(At(11, 10));
    Attest("village", first, volunteer, v1::OUT);
    Attest("village", second, volunteer, v1::OUT);
    clock_.SetNow(At(11, 30));
  }

  Answer<v1::ListIrregularitiesResponse> List(const v1::ListIrregularitiesRequest& request) {
    return client().Call(*client().irregularities,
                         &v1::IrregularityService::Stub::ListIrregularities, request);
  }
  Answer<v1::ListIrregularitiesResponse> ListOf(const std::string& organisation) {
    v1::ListIrregularitiesRequest request;
    request.set_organisation_id(organisation);
    return List(request);
  }

  // How often the whole ledger was read so far.
  int64_t Runs() {
    const std::string text =
        client()
            .Call(*client().admin, &v1::AdminService::Stub::GetMetrics, v1::GetMetricsRequest())
            .response.text();
    const std::string name = "\nrollcall_irregularity_runs_total ";
    const size_t at = text.find(name);
    return at == std::string::npos ? 0 : std::stoll(text.substr(at + name.size()));
  }

  ProgramResult Rollcall(std::vector<std::string> words) {
    words.insert(words.begin(), {(support::BinaryDir() / "bin/rollcall").string(), "--server",
                                 server_->address()});
    return support::RunProgram(words, {"TZ=UTC"});
  }
};

TEST_F(IrregularityTest, APersonInTwoPlacesIsToldWithTheRows) {
  ASSERT_TRUE(client().Enrol(EnrolRequest("v-1", "李雷")).ok());
  Activity("village", "tea", {"v-1"});
  Activity("village", "dinner", {"v-1"});
  BeInTwoPlaces("v-1");
  const auto answer = ListOf("village");
  ASSERT_TRUE(answer.ok()) << answer.status.error_message();
  ASSERT_EQ(answer.response.irregularities_size(), 1);
  const v1::Irregularity& one = answer.response.irregularities(0);
  EXPECT_EQ(one.kind(), v1::PERSON_IN_TWO_PLACES);
  EXPECT_EQ(one.volunteer_id(), "v-1");
  EXPECT_EQ(one.people(), 1);
  EXPECT_EQ(one.minutes(), 120) << "the time is credited once";
  EXPECT_EQ(one.sentence(),
            "One person was in session village/tea/s and in session village/dinner/s at once, for "
            "120 minutes from 2026-11-24T09:10:00Z.");
  EXPECT_THAT(one.sentence_zh(), HasSubstr("同一人自 2026-11-24T09:10:00Z 起 120 分钟"));
  // Row 3 is the policy that the entries follow.
  EXPECT_THAT(one.evidence_sequences(), ElementsAre(1, 2, 4, 5, 6, 7));
  EXPECT_EQ(one.evidence_rows(), 6);
  EXPECT_EQ(one.sessions_size(), 2);
  EXPECT_EQ(answer.response.ledger_sequence(), 7);
  EXPECT_THAT(answer.response.SerializeAsString(), Not(HasSubstr("李雷"))) << "no names";
}

TEST_F(IrregularityTest, ManyEntriesWithinMinutesAreTold) {
  std::vector<std::string> volunteers;
  for (int i = 0; i < 75; ++i) {
    volunteers.push_back(Numbered("v-", i));
    ASSERT_TRUE(client().Enrol(EnrolRequest(volunteers.back(), "N")).ok());
  }
  Activity("village", "tea", volunteers);
  for (const std::string& volunteer : volunteers) {
    Attest("village", "tea", volunteer, v1::IN);
    clock_.Advance(std::chrono::seconds(4));
  }
  v1::ListIrregularitiesRequest request;
  request.set_organisation_id("village");
  request.add_kinds(v1::MANY_ENTRIES_WITHIN_MINUTES);
  const auto answer = List(request);
  ASSERT_EQ(answer.response.irregularities_size(), 1);
  EXPECT_EQ(answer.response.irregularities(0).recorder(), "local");
  EXPECT_EQ(answer.response.irregularities(0).people(), 75);
  request.clear_kinds();
  request.add_kinds(v1::PERSON_IN_TWO_PLACES);
  EXPECT_EQ(List(request).response.irregularities_size(), 0);
}

TEST_F(IrregularityTest, ItIsToldToTheOrganisationAndThoseAboveAndToNobodyElse) {
  ASSERT_TRUE(client().Enrol(EnrolRequest("v-1", "N")).ok());
  Activity("village", "tea", {"v-1"});
  Activity("village", "dinner", {"v-1"});
  BeInTwoPlaces("v-1");
  EXPECT_EQ(ListOf("village").response.irregularities_size(), 1);
  EXPECT_EQ(ListOf("county").response.irregularities_size(), 1);
  EXPECT_EQ(ListOf("elsewhere").response.irregularities_size(), 0);
  EXPECT_EQ(ListOf("").response.irregularities_size(), 0) << "the default organisation";
}

TEST_F(IrregularityTest, WhatConcernsTwoOrganisationsIsToldAboveBoth) {
  ASSERT_TRUE(client().Enrol(EnrolRequest("v-1", "N")).ok());
  Activity("village", "tea", {"v-1"});
  Activity("county", "dinner", {"v-1"});
  Attest("village", "tea", "v-1", v1::IN);
  Attest("county", "dinner", "v-1", v1::IN);
  clock_.SetNow(At(11, 0));
  Attest("village", "tea", "v-1", v1::OUT);
  Attest("county", "dinner", "v-1", v1::OUT);
  EXPECT_EQ(ListOf("village").response.irregularities_size(), 0);
  EXPECT_EQ(ListOf("county").response.irregularities_size(), 1);
}

TEST_F(IrregularityTest, PagesGoOnOverTheRowsThatTheFirstBeganWith) {
  std::vector<std::string> volunteers;
  for (int i = 0; i < 3; ++i) {
    volunteers.push_back(Numbered("v-", i));
    ASSERT_TRUE(client().Enrol(EnrolRequest(volunteers.back(), "N")).ok());
  }
  for (const char* activity : {"tea", "dinner", "late", "later"}) {
    Activity("village", activity, volunteers);
  }
  for (const std::string& volunteer : volunteers) BeInTwoPlaces(volunteer);
  v1::ListIrregularitiesRequest request;
  request.set_organisation_id("village");
  request.set_page_size(2);
  const auto first = List(request);
  ASSERT_EQ(first.response.irregularities_size(), 2);
  BeInTwoPlaces("v-0", "late", "later");  // in the meantime
  request.set_page_token(first.response.next_page_token());
  const auto second = List(request);
  ASSERT_TRUE(second.ok()) << second.status.error_message();
  ASSERT_EQ(second.response.irregularities_size(), 1);
  EXPECT_EQ(second.response.irregularities(0).volunteer_id(), "v-2");
  EXPECT_EQ(second.response.next_page_token(), "");
  EXPECT_EQ(second.response.ledger_sequence(), first.response.ledger_sequence());
}

TEST_F(IrregularityTest, OnlyTheFirstPageReadsTheLedger) {
  std::vector<std::string> volunteers;
  for (int i = 0; i < 3; ++i) {
    volunteers.push_back(Numbered("v-", i));
    ASSERT_TRUE(client().Enrol(EnrolRequest(volunteers.back(), "N")).ok());
  }
  for (const char* activity : {"tea", "dinner", "late", "later"}) {
    Activity("village", activity, volunteers);
  }
  for (const std::string& volunteer : volunteers) BeInTwoPlaces(volunteer);
  v1::ListIrregularitiesRequest request;
  request.set_organisation_id("village");
  const auto all = List(request);
  ASSERT_EQ(all.response.irregularities_size(), 3);
  EXPECT_EQ(Runs(), 1);

  request.set_page_size(1);
  v1::ListIrregularitiesResponse pages;
  do {
    const auto page = List(request);
    ASSERT_TRUE(page.ok()) << page.status.error_message();
    EXPECT_EQ(page.response.policy().sha256(), all.response.policy().sha256());
    pages.mutable_irregularities()->MergeFrom(page.response.irregularities());
    request.set_page_token(page.response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(Runs(), 2) << "one for three pages";
  ASSERT_EQ(pages.irregularities_size(), 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(pages.irregularities(i).SerializeAsString(),
              all.response.irregularities(i).SerializeAsString());
  }

  // In four places now, which makes six pairs.
  BeInTwoPlaces("v-0", "late", "later");
  EXPECT_EQ(List(request).response.irregularities_size(), 1);
  request.set_page_size(0);
  EXPECT_EQ(List(request).response.irregularities_size(), 8) << "what was kept is not told as new";
}

TEST_F(IrregularityTest, APolicyOfTheSiteHoldsAndIsNamed) {
  std::string text(irregularities::DefaultPolicyText());
  const auto change = [&](const std::string& from, const std::string& to) {
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
  };
  change("name = \"default\"", "name = \"village\"");
  change("version = 1", "version = 3");
  change("overlap_minutes = 30", "overlap_minutes = 150");
  change("overlap_by_kiosk_clock_minutes = 90", "overlap_by_kiosk_clock_minutes = 150");
  const auto policy = irregularities::ParsePolicy(text, "village.toml");
  ASSERT_TRUE(policy.ok()) << policy.status();
  const auto with_policy = [&](server::ServerOptions& options) {
    options.config.irregularity_policy = std::make_shared<const irregularities::Policy>(*policy);
  };
  Start(with_policy);
  for (const char* volunteer : {"v-1", "v-2"}) {
    ASSERT_TRUE(client().Enrol(EnrolRequest(volunteer, "N")).ok());
  }
  Activity("village", "tea", {"v-1", "v-2"});
  Activity("village", "dinner", {"v-1", "v-2"});
  BeInTwoPlaces("v-1");
  BeInTwoPlaces("v-2");
  const auto answer = ListOf("village");
  EXPECT_EQ(answer.response.irregularities_size(), 0) << "120 minutes are allowed here";
  EXPECT_EQ(answer.response.policy().name(), "village");
  EXPECT_EQ(answer.response.policy().version(), 3);
  EXPECT_EQ(answer.response.policy().sha256(), base::ToHex(policy->hash));

  // A list that was begun under one policy does not go on under another.
  Start([](server::ServerOptions& options) {
    options.config.irregularity_policy = irregularities::DefaultPolicy();
  });
  v1::ListIrregularitiesRequest request;
  request.set_organisation_id("village");
  request.set_page_size(1);
  const auto first = List(request);
  ASSERT_EQ(first.response.irregularities_size(), 1);
  request.set_page_token(first.response.next_page_token());
  EXPECT_TRUE(List(request).ok());
  Start(with_policy);
  EXPECT_EQ(List(request).reason(), "BAD_PAGE");
}

TEST_F(IrregularityTest, BadRequestsAreRefused) {
  const auto reason = [&](auto change) {
    v1::ListIrregularitiesRequest request;
    change(request);
    return List(request).reason();
  };
  EXPECT_EQ(reason([](auto& r) { r.set_page_size(-1); }), "BAD_PAGE");
  // What a token says of the policy: six bytes of its hash. "0-2-3-4" is of another one.
  const std::string policy = std::to_string(
      std::stoll(base::ToHex(irregularities::DefaultPolicy()->hash).substr(0, 12), nullptr, 16));
  const std::vector<std::string> tokens = {"x",
                                           "1",
                                           "1-2",
                                           "1-2-3",
                                           "0-2-3-",
                                           "0-2-3-4",
                                           "0-2-" + policy + "-4-5",
                                           "0-2--" + policy + "-4",
                                           "999-1-" + policy + "-0",
                                           "-1-1-" + policy + "-1",
                                           "99999999999999999999-1-" + policy + "-1"};
  for (const std::string& token : tokens) {
    EXPECT_EQ(reason([&](auto& r) { r.set_page_token(token); }), "BAD_PAGE") << token;
  }
  EXPECT_EQ(reason([&](auto& r) { r.set_page_token("0-2-" + policy + "-4"); }), "");
  EXPECT_EQ(reason([](auto& r) { r.add_kinds(v1::IRREGULARITY_KIND_UNSPECIFIED); }), "BAD_ENUM");
  EXPECT_EQ(reason([](auto& r) { r.add_kinds(static_cast<v1::IrregularityKind>(7)); }), "BAD_ENUM");
  EXPECT_EQ(reason([](auto& r) { r.set_organisation_id("no id"); }), "BAD_ID");
  EXPECT_EQ(reason([](auto& r) { r.set_organisation_id("nobody"); }), "NO_SUCH_ORGANISATION");
  EXPECT_EQ(LedgerRows(), 0);
}

TEST_F(IrregularityTest, TheProgramListsThem) {
  const ProgramResult nothing = Rollcall({"audit", "--organisation", "village"});
  EXPECT_EQ(nothing.code, 0) << nothing.errors;
  const std::string hash = base::ToHex(irregularities::DefaultPolicy()->hash);
  const std::string thresholds = "Thresholds: default, version 1, SHA-256 " + hash + "\n";
  EXPECT_EQ(nothing.output, "Nothing to look into in the 0 rows of the ledger.\n" + thresholds);

  ASSERT_TRUE(client().Enrol(EnrolRequest("v-1", "N")).ok());
  Activity("village", "tea", {"v-1"});
  Activity("village", "dinner", {"v-1"});
  BeInTwoPlaces("v-1");
  const ProgramResult listed = Rollcall({"audit", "--organisation", "village"});
  EXPECT_EQ(listed.code, 0) << listed.errors;
  EXPECT_THAT(listed.output,
              HasSubstr("2026-11-24 11:10  PERSON_IN_TWO_PLACES\n  One person was "));
  EXPECT_THAT(listed.output, HasSubstr("\n  同一人自 "));
  EXPECT_THAT(listed.output, HasSubstr("\n  volunteer: v-1\n  ledger rows: 1, 2, 4, 5, 6 and 1 "
                                       "more\n"));
  EXPECT_THAT(listed.output, HasSubstr("To look into: 1."));
  EXPECT_THAT(listed.output, EndsWith(thresholds));

  const ProgramResult json =
      Rollcall({"audit", "--organisation", "village", "--json", "--kind", "person-in-two-places"});
  EXPECT_THAT(json.output, HasSubstr("\"kind\": \"PERSON_IN_TWO_PLACES\""));
  EXPECT_THAT(json.output, HasSubstr("\"sha256\": \"" + hash + "\""));
  const ProgramResult later =
      Rollcall({"audit", "--organisation", "village", "--since", "2026-11-24T11:10:01Z"});
  EXPECT_THAT(later.output, HasSubstr("Nothing to look into"));

  const ProgramResult wrong = Rollcall({"audit", "--kind", "nonsense"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.errors, HasSubstr("--kind: one of HOURS_WITHOUT_KIOSK_EVENT, "));
  EXPECT_EQ(Rollcall({"audit", "--since", "yesterday"}).code, 2);
}

}  // namespace
}  // namespace rollcall::testing
