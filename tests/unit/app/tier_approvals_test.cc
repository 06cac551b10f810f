#include "app/tier_approvals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <string>

#include "app_testing/staff.h"
#include "app_testing/world.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::Role;
using hours::Tier;
using support::HasReason;
using support::IsOk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::World;

// "village" lies below "county", that below "province"; "home" stands alone. Volunteer v-1 served
// 13 hours of one day at the village, recorded by its desk: 8 h stand, 4 h wait for the county, 1 h
// for the province.
class TierApprovalsTest : public ::testing::Test {
 protected:
  TierApprovalsTest() {
    for (const auto& [id, parent] :
         {std::pair("province", ""), {"county", "province"}, {"village", "county"}}) {
      EXPECT_THAT(world_.registry().CreateOrganisation(
                      {domain::OrganisationId(id), id, domain::OrganisationLevel::kAssociation,
                       domain::OrganisationId(parent), world_.clock.Now()}),
                  IsOk());
    }
    world_.Register("v-1");
    world_.Register("v-2");
    world_.Register("v-9");
    AddStaff("village-desk", Role::kDesk, "village", "v-9");
    for (const char* organisation : {"village", "county", "province", "home"}) {
      AddStaff(std::string(organisation) + "-approver", Role::kApprover, organisation, "");
    }
    Serve("village", "v-1", "village-desk", 13);
    world_.clock.SetNow(world_.At(15, 0));
  }

  void AddStaff(const std::string& id, Role role, const std::string& organisation,
                const std::string& volunteer) {
    testing::AddStaff(world_, id, role, volunteer, organisation);
    organisation_of_[id] = organisation;
  }

  Call As(const std::string& identity, Role role = Role::kApprover) const {
    return testing::As(identity, role, organisation_of_.at(identity));
  }

  void Record(const domain::Session& session, const std::string& volunteer,
              const std::string& recorder, domain::Action action, base::Time now) {
    ledger::RecordRequest request;
    request.session = session;
    request.event.session = session.key;
    request.event.volunteer_key =
        world_.registry().GetVolunteer(domain::VolunteerId(volunteer))->key;
    request.event.capture_time = now;
    request.event.evidence = domain::EvidenceClass::kFace;
    request.event.recorder = recorder;
    request.event.token_id = world_.NewRequestId();
    request.event.request_id = world_.NewRequestId();
    request.action = action;
    request.payload_hash = base::Sha256(request.event.request_id.bytes);
    request.now = now;
    std::promise<absl::StatusOr<ledger::RecordOutcome>> answer;
    world_.ledger().RecordAsync(request, [&](auto outcome) { answer.set_value(outcome); });
    const auto outcome = answer.get_future().get();
    ASSERT_THAT(outcome, IsOk());
    ASSERT_TRUE(outcome->receipt.has_value());
  }
  // From the morning of the local day on.
  void Serve(const std::string& organisation, const std::string& volunteer,
             const std::string& recorder, int hours) {
    domain::Session session;
    session.key = {domain::OrganisationId(organisation), domain::ActivityId("dike"),
                   domain::SessionId("day")};
    session.starts = world_.At(0, 0);
    session.ends = world_.At(14, 0);
    Record(session, volunteer, recorder, domain::Action::kIn, world_.At(0, 0));
    Record(session, volunteer, recorder, domain::Action::kOut, world_.At(hours, 0));
  }

  TierApprovals::Approval Wanted(Tier tier, const std::string& volunteer = "v-1",
                                 const std::string& organisation = "village") {
    TierApprovals::Approval wanted;
    wanted.request_id = world_.NewRequestId();
    wanted.organisation = domain::OrganisationId(organisation);
    wanted.volunteer = domain::VolunteerId(volunteer);
    wanted.day = Day();
    wanted.tier = tier;
    wanted.reason = "the flood";
    return wanted;
  }
  hours::Day Day() const { return hours::DefaultPolicy()->zone.DayOf(world_.At(1, 0)); }

  absl::StatusOr<TierApprovals::View> Approve(const Call& call,
                                              const TierApprovals::Approval& wanted) {
    return world_.app().tier_approvals.Approve(call, wanted);
  }
  void ExpectRefused(const Call& call, const TierApprovals::Approval& wanted,
                     const std::string& reason) {
    const int64_t rows = world_.LedgerRows();
    EXPECT_THAT(Approve(call, wanted), HasReason(reason));
    EXPECT_EQ(world_.LedgerRows(), rows) << reason;
  }
  std::vector<TierApprovals::Awaiting> Awaiting(const Call& call, const std::string& organisation) {
    const auto page = world_.app().tier_approvals.ListAwaiting(
        call, domain::OrganisationId(organisation), {100, ""});
    EXPECT_THAT(page, IsOk());
    return page.ok() ? page->items : std::vector<TierApprovals::Awaiting>();
  }
  int64_t Minutes(const std::string& volunteer) {
    return *world_.ledger().MinutesOf(
        world_.registry().GetVolunteer(domain::VolunteerId(volunteer))->key);
  }

  std::map<std::string, std::string> organisation_of_;
  World world_;
};

TEST_F(TierApprovalsTest, EachLevelAboveApprovesItsPart) {
  EXPECT_EQ(Minutes("v-1"), 8 * 60);
  const auto waiting = Awaiting(As("county-approver"), "");
  ASSERT_THAT(waiting, SizeIs(1));
  EXPECT_EQ(waiting[0].volunteer.value, "v-1");
  EXPECT_EQ(waiting[0].visit.session.organisation.value, "village");
  EXPECT_EQ(waiting[0].visit.awaiting_parent, 240);
  EXPECT_EQ(waiting[0].visit.awaiting_province, 60);
  EXPECT_THAT(waiting[0].days, ElementsAre(Day()));

  const auto parent = Approve(As("county-approver"), Wanted(Tier::kParent));
  ASSERT_THAT(parent, IsOk());
  EXPECT_EQ(parent->approval.minutes, 240);
  EXPECT_EQ(parent->volunteer.value, "v-1");
  EXPECT_EQ(parent->approval.row.approving.value, "county");
  EXPECT_EQ(parent->approval.row.approver.identity, "county-approver");
  EXPECT_EQ(Minutes("v-1"), 12 * 60);

  const auto province = Approve(As("province-approver"), Wanted(Tier::kProvince));
  ASSERT_THAT(province, IsOk());
  EXPECT_EQ(province->approval.minutes, 60);
  EXPECT_EQ(Minutes("v-1"), 13 * 60);
  EXPECT_THAT(Awaiting(As("province-approver"), "village"), IsEmpty());
  ExpectRefused(As("county-approver"), Wanted(Tier::kParent), "NOTHING_AWAITS");
}

TEST_F(TierApprovalsTest, OnlyWhoStandsAboveMay) {
  ExpectRefused(As("village-approver"), Wanted(Tier::kParent), "NOT_ABOVE");
  ExpectRefused(As("village-approver"), Wanted(Tier::kProvince), "NOT_ABOVE");
  ExpectRefused(As("county-approver"), Wanted(Tier::kProvince), "NOT_TOPMOST");
  ExpectRefused(As("home-approver"), Wanted(Tier::kParent), "OUTSIDE_ORGANISATION");
  EXPECT_EQ(Minutes("v-1"), 8 * 60);
  // The topmost stands above, too.
  EXPECT_THAT(Approve(As("province-approver"), Wanted(Tier::kParent)), IsOk());
}

TEST_F(TierApprovalsTest, WhereNobodyStandsAboveAnAdministratorMay) {
  Serve("home", "v-2", "home-approver", 13);
  ExpectRefused(As("home-approver"), Wanted(Tier::kProvince, "v-2", "home"), "NOT_ABOVE");
  for (const Tier tier : {Tier::kParent, Tier::kProvince}) {
    const auto approved = Approve(world_.Call(), Wanted(tier, "v-2", "home"));
    ASSERT_THAT(approved, IsOk());
    EXPECT_EQ(approved->approval.row.approving.value, "home");
  }
  EXPECT_EQ(Minutes("v-2"), 13 * 60);
}

TEST_F(TierApprovalsTest, NobodyApprovesHerOwnHours) {
  AddStaff("county-1", Role::kApprover, "county", "v-1");
  ExpectRefused(As("county-1"), Wanted(Tier::kParent), "BENEFICIARY");
}

TEST_F(TierApprovalsTest, WhoRecordedTheVisitDoesNotApproveIt) {
  AddStaff("county-9", Role::kApprover, "county", "v-9");  // the desk's other account
  ExpectRefused(As("county-9"), Wanted(Tier::kParent), "INVOLVED");
  // An administrator who recorded it is no exception.
  Serve("village", "v-2", "local", 10);
  ExpectRefused(world_.Call(), Wanted(Tier::kParent, "v-2"), "INVOLVED");
  EXPECT_THAT(Approve(As("county-9"), Wanted(Tier::kParent, "v-2")), IsOk());
}

TEST_F(TierApprovalsTest, WhoEnteredOrApprovedTheVisitDoesNot) {
  domain::Session session;
  session.key = {domain::OrganisationId("village"), domain::ActivityId("dike"),
                 domain::SessionId("day")};
  session.starts = world_.At(0, 0);
  session.ends = world_.At(14, 0);
  ledger::ProposeRequest propose;
  propose.session = session;
  propose.volunteer_key = world_.registry().GetVolunteer(domain::VolunteerId("v-2"))->key;
  propose.in = world_.At(0, 0);
  propose.out = world_.At(10, 0);
  propose.reason_text = "no kiosk there";
  propose.proposer.identity = "county-organiser";
  propose.proposer.role = Role::kOrganiser;
  propose.lifetime = std::chrono::hours(24);
  propose.request_id = world_.NewRequestId();
  propose.now = world_.clock.Now();
  const auto proposal = world_.ledger().Propose(propose);
  ASSERT_THAT(proposal, IsOk());
  ledger::ResolveRequest resolve;
  resolve.organisation = session.key.organisation;
  resolve.proposal_id = proposal->row.proposal_id;
  resolve.outcome = domain::Outcome::kApproved;
  resolve.decider.identity = "county-approver";
  resolve.decider.role = Role::kApprover;
  resolve.request_id = world_.NewRequestId();
  resolve.now = world_.clock.Now();
  ASSERT_THAT(world_.ledger().Resolve(resolve), IsOk());

  ExpectRefused(As("county-approver"), Wanted(Tier::kParent, "v-2"), "INVOLVED");
  const auto approved = Approve(As("province-approver"), Wanted(Tier::kParent, "v-2"));
  ASSERT_THAT(approved, IsOk());
  EXPECT_EQ(approved->approval.minutes, 120);
}

TEST_F(TierApprovalsTest, EveryRequestIsAnsweredOnce) {
  const auto wanted = Wanted(Tier::kParent);
  ASSERT_THAT(Approve(As("county-approver"), wanted), IsOk());
  // Nothing that has happened since changes the answer.
  ASSERT_THAT(world_.registry().MoveOrganisation({domain::OrganisationId("village"),
                                                  domain::OrganisationId("province"),
                                                  world_.clock.Now(), "local"}),
              IsOk());
  const int64_t rows = world_.LedgerRows();
  const auto again = Approve(As("province-approver"), wanted);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->approval.replayed);
  EXPECT_EQ(again->approval.minutes, 240);
  EXPECT_EQ(again->approval.row.approver.identity, "county-approver");
  auto other = wanted;
  other.reason = "another reason";
  ExpectRefused(As("province-approver"), other, "REQUEST_ID_REUSED");
  EXPECT_EQ(world_.LedgerRows(), rows);
}

TEST_F(TierApprovalsTest, WhatMakesNoSense) {
  const Call county = As("county-approver");
  ExpectRefused(county, Wanted(Tier::kParent, "v-404"), "NO_SUCH_VOLUNTEER");
  ExpectRefused(county, Wanted(Tier::kParent, "v-2"), "NO_SUCH_VOLUNTEER");
  auto wanted = Wanted(Tier::kParent);
  wanted.reason.clear();
  ExpectRefused(county, wanted, "BAD_TEXT");
  wanted = Wanted(Tier::kParent);
  wanted.request_id = {};
  ExpectRefused(county, wanted, "BAD_REQUEST_ID");
  wanted = Wanted(Tier::kParent);
  wanted.day -= std::chrono::days(1);
  ExpectRefused(county, wanted, "NOTHING_AWAITS");
  wanted.day += std::chrono::days(30);
  ExpectRefused(county, wanted, "BAD_APPROVAL");
}

TEST_F(TierApprovalsTest, TheListingGoesPageByPageThroughWhatLiesBelow) {
  Serve("county", "v-2", "local", 9);
  Serve("village", "v-9", "local", 8);  // nothing of hers waits
  auto& approvals = world_.app().tier_approvals;
  std::vector<std::string> found;
  std::string token;
  int pages = 0;
  do {
    const auto page = approvals.ListAwaiting(As("province-approver"), {}, {1, token});
    ASSERT_THAT(page, IsOk());
    for (const auto& one : page->items) {
      found.push_back(one.visit.session.organisation.value + " " + one.volunteer.value);
    }
    token = page->next_token;
    ASSERT_LT(++pages, 10);
  } while (!token.empty());
  EXPECT_THAT(found, ElementsAre("county v-2", "village v-1"));

  EXPECT_THAT(Awaiting(As("village-approver"), ""), SizeIs(1));
  EXPECT_THAT(approvals.ListAwaiting(As("village-approver"), domain::OrganisationId("county"), {}),
              HasReason("OUTSIDE_ORGANISATION"));
  for (const char* bad : {"nonsense", "elsewhere/", "village/nonsense"}) {
    EXPECT_THAT(approvals.ListAwaiting(As("county-approver"), {}, {1, bad}), HasReason("BAD_PAGE"))
        << bad;
  }
  EXPECT_THAT(approvals.ListAwaiting(As("county-approver"), {}, {-1, ""}), HasReason("BAD_PAGE"));
}

}  // namespace
}  // namespace rollcall::app
