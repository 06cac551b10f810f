#include "app/corrections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "app_testing/staff.h"
#include "app_testing/world.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::Outcome;
using domain::ProposalKind;
using domain::ProposalState;
using domain::Role;
using support::HasReason;
using support::IsOk;
using testing::World;

// The session of the world ran from 09:00 to 12:00; it is the evening of that day.
class CorrectionsTest : public ::testing::Test {
 protected:
  CorrectionsTest() {
    world_.Register("v-1");
    world_.Register("v-2");
    world_.Register("v-9");  // who also works as an organiser
    AddStaff("organiser-1", Role::kOrganiser, "v-9");
    AddStaff("approver-1", Role::kApprover, "");
    AddStaff("approver-9", Role::kApprover, "v-9");
    AddStaff("desk-1", Role::kDesk, "");
  }

  void AddStaff(const std::string& id, Role role, const std::string& volunteer) {
    testing::AddStaff(world_, id, role, volunteer);
  }

  static Call As(const std::string& identity, Role role) { return testing::As(identity, role); }
  static Call Organiser() { return As("organiser-1", Role::kOrganiser); }
  static Call Approver() { return As("approver-1", Role::kApprover); }

  Corrections::NewProposal BackEntry(const std::string& volunteer) {
    Corrections::NewProposal wanted;
    wanted.request_id = world_.NewRequestId();
    wanted.kind = ProposalKind::kBackEntry;
    wanted.session = world_.session;
    wanted.volunteers = {domain::VolunteerId(volunteer)};
    wanted.in = world_.At(9, 30);
    wanted.out = world_.At(11, 30);
    wanted.reason = domain::ReasonCode::kKioskFailed;
    wanted.reason_text = "the tablet did not start";
    return wanted;
  }
  Corrections::Decision Decide(const Corrections::View& view, Outcome outcome) {
    Corrections::Decision decision;
    decision.request_id = world_.NewRequestId();
    decision.proposal = view.proposal.row.proposal_id;
    decision.outcome = outcome;
    if (outcome == Outcome::kRefused) decision.reason_text = "nobody saw her";
    return decision;
  }
  Corrections::View MustPropose(const Corrections::NewProposal& wanted) {
    auto view = world_.app().corrections.Propose(Organiser(), wanted);
    EXPECT_THAT(view, IsOk());
    return view.value_or(Corrections::View{});
  }
  int64_t Minutes(const std::string& volunteer) {
    Hours::Filter filter;
    filter.volunteer = domain::VolunteerId(volunteer);
    const auto listing = world_.app().hours.ListHours(world_.Call(), filter);
    EXPECT_THAT(listing, IsOk());
    return listing.ok() && listing->volunteers.size() == 1 ? listing->volunteers[0].hours.minutes
                                                           : 0;
  }
  base::Bytes TokenOf(const std::string& volunteer, domain::EvidenceClass evidence) {
    Token token;
    token.id = world_.NewRequestId();
    token.session = world_.session;
    token.volunteer = domain::VolunteerId(volunteer);
    token.volunteer_key = world_.registry().GetVolunteer(token.volunteer)->key;
    token.evidence = evidence;
    token.issued = world_.clock.Now();
    token.expires = token.issued + std::chrono::minutes(1);
    return world_.services().tokens.Seal(token);
  }

  World world_;
};

TEST_F(CorrectionsTest, TwoPeopleEnterHours) {
  world_.clock.SetNow(world_.At(20, 0));
  const auto view = MustPropose(BackEntry("v-1"));
  ASSERT_EQ(view.concerned.size(), 1u);
  EXPECT_EQ(view.concerned[0].volunteer.value, "v-1");
  EXPECT_EQ(view.state, ProposalState::kStanding);
  EXPECT_EQ(Minutes("v-1"), 0);
  const auto approved =
      world_.app().corrections.Decide(Approver(), Decide(view, Outcome::kApproved));
  ASSERT_THAT(approved, IsOk());
  EXPECT_EQ(approved->state, ProposalState::kApproved);
  EXPECT_EQ(Minutes("v-1"), 120);
  world_.LedgerRows();
}

// The identity says who holds it: another account of the same person is no second person.
TEST_F(CorrectionsTest, AnotherAccountOfTheSamePersonIsRefused) {
  world_.clock.SetNow(world_.At(20, 0));
  const auto view = MustPropose(BackEntry("v-1"));
  EXPECT_THAT(world_.app().corrections.Decide(As("approver-9", Role::kApprover),
                                              Decide(view, Outcome::kApproved)),
              HasReason("SAME_PERSON"));
  EXPECT_THAT(world_.app().corrections.Decide(Organiser(), Decide(view, Outcome::kApproved)),
              HasReason("PROPOSER_CANNOT_DECIDE"));
  EXPECT_EQ(Minutes("v-1"), 0);
  EXPECT_THAT(world_.app().corrections.Propose(Organiser(), BackEntry("v-9")),
              HasReason("BENEFICIARY"));
}

TEST_F(CorrectionsTest, TheLocalAdministratorAloneIsOnePersonToo) {
  world_.clock.SetNow(world_.At(20, 0));
  const auto view = world_.app().corrections.Propose(world_.Call(), BackEntry("v-1"));
  ASSERT_THAT(view, IsOk());
  EXPECT_THAT(world_.app().corrections.Decide(world_.Call(), Decide(*view, Outcome::kApproved)),
              HasReason("PROPOSER_CANNOT_DECIDE"));
}

TEST_F(CorrectionsTest, WhoWasNotOnTheRosterGetsNothing) {
  world_.clock.SetNow(world_.At(20, 0));
  const int64_t rows = world_.LedgerRows();
  EXPECT_THAT(world_.app().corrections.Propose(Organiser(), BackEntry("v-404")),
              HasReason("NO_SUCH_VOLUNTEER"));
  EXPECT_THAT(world_.registry().RemoveRosterEntry(world_.session, domain::VolunteerId("v-2")),
              IsOk());
  EXPECT_THAT(world_.app().corrections.Propose(Organiser(), BackEntry("v-2")),
              HasReason("NOT_ON_ROSTER"));
  auto two = BackEntry("v-1");
  two.volunteers.push_back(domain::VolunteerId("v-2"));
  EXPECT_THAT(world_.app().corrections.Propose(Organiser(), two), HasReason("BAD_PROPOSAL"));
  auto whole_day = BackEntry("v-1");
  whole_day.session.session = {};
  EXPECT_THAT(world_.app().corrections.Propose(Organiser(), whole_day), HasReason("BAD_PROPOSAL"));
  EXPECT_EQ(world_.LedgerRows(), rows);
}

// A lost answer is repeated, whatever has happened since.
TEST_F(CorrectionsTest, TheSameRequestHasTheSameAnswer) {
  world_.clock.SetNow(world_.At(20, 0));
  const auto wanted = BackEntry("v-1");
  const auto view = MustPropose(wanted);
  EXPECT_THAT(world_.registry().RemoveRosterEntry(world_.session, domain::VolunteerId("v-1")),
              IsOk());
  const auto again = MustPropose(wanted);
  EXPECT_TRUE(again.proposal.replayed);
  EXPECT_EQ(again.proposal.row.proposal_id, view.proposal.row.proposal_id);
  auto other = wanted;
  other.out = world_.At(11, 0);
  EXPECT_THAT(world_.app().corrections.Propose(Organiser(), other), HasReason("REQUEST_ID_REUSED"));
}

TEST_F(CorrectionsTest, SheAgreesToTheEndOfHerOwnVisit) {
  ASSERT_THAT(world_.Record(TokenOf("v-1", domain::EvidenceClass::kPin), domain::Action::kIn),
              IsOk());
  world_.clock.SetNow(world_.At(20, 0));
  EXPECT_EQ(Minutes("v-1"), 0);
  auto wanted = BackEntry("v-1");
  wanted.kind = ProposalKind::kClose;
  wanted.in = {};
  const auto view = MustPropose(wanted);
  Corrections::Agreement agreement;
  agreement.request_id = world_.NewRequestId();
  agreement.proposal = view.proposal.row.proposal_id;
  const Call desk = As("desk-1", Role::kDesk);
  for (const auto& [volunteer, evidence] : {std::pair("v-1", domain::EvidenceClass::kStaff),
                                            std::pair("v-2", domain::EvidenceClass::kPin)}) {
    agreement.token = TokenOf(volunteer, evidence);
    EXPECT_THAT(world_.app().corrections.Agree(desk, agreement), HasReason("CONSENT_NOT_HERS"));
  }
  agreement.token = TokenOf("v-1", domain::EvidenceClass::kPin);
  EXPECT_THAT(world_.app().corrections.Agree(Organiser(), agreement),
              HasReason("PROPOSER_CANNOT_DECIDE"));
  const auto agreed = world_.app().corrections.Agree(desk, agreement);
  ASSERT_THAT(agreed, IsOk());
  EXPECT_EQ(agreed->state, ProposalState::kApproved);
  EXPECT_EQ(Minutes("v-1"), 140);  // from 09:10 to 11:30
  world_.clock.Advance(std::chrono::hours(2));
  const auto again = world_.app().corrections.Agree(desk, agreement);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->proposal.replayed);
  world_.LedgerRows();
}

TEST_F(CorrectionsTest, AStaleTokenIsNoAgreement) {
  ASSERT_THAT(world_.Record(TokenOf("v-1", domain::EvidenceClass::kPin), domain::Action::kIn),
              IsOk());
  world_.clock.SetNow(world_.At(20, 0));
  auto wanted = BackEntry("v-1");
  wanted.kind = ProposalKind::kClose;
  const auto view = MustPropose(wanted);
  Corrections::Agreement agreement;
  agreement.request_id = world_.NewRequestId();
  agreement.proposal = view.proposal.row.proposal_id;
  agreement.token = TokenOf("v-1", domain::EvidenceClass::kPin);
  world_.clock.Advance(std::chrono::minutes(2));
  EXPECT_THAT(world_.app().corrections.Agree(As("desk-1", Role::kDesk), agreement),
              HasReason("TOKEN_EXPIRED"));
  EXPECT_EQ(Minutes("v-1"), 0);
}

TEST_F(CorrectionsTest, ACorrectionNeedsNoMoreThanTheEntry) {
  world_.clock.SetNow(world_.At(20, 0));
  const auto first = MustPropose(BackEntry("v-1"));
  ASSERT_THAT(world_.app().corrections.Decide(Approver(), Decide(first, Outcome::kApproved)),
              IsOk());
  Hours::Filter filter;
  filter.volunteer = domain::VolunteerId("v-1");
  const auto listing = world_.app().hours.ListHours(world_.Call(), filter);
  ASSERT_THAT(listing, IsOk());
  Corrections::NewProposal wanted;
  wanted.request_id = world_.NewRequestId();
  wanted.kind = ProposalKind::kCancellation;
  wanted.entry = listing->volunteers.at(0).hours.visits.at(0).entry;
  wanted.reason = domain::ReasonCode::kNotServed;
  wanted.reason_text = "she was at another place";
  const auto second = MustPropose(wanted);
  EXPECT_EQ(second.concerned.at(0).volunteer.value, "v-1");
  ASSERT_THAT(world_.app().corrections.Decide(Approver(), Decide(second, Outcome::kApproved)),
              IsOk());
  EXPECT_EQ(Minutes("v-1"), 0);
  wanted.entry = world_.NewRequestId();
  wanted.request_id = world_.NewRequestId();
  EXPECT_THAT(world_.app().corrections.Propose(Organiser(), wanted), HasReason("NO_SUCH_ENTRY"));
}

TEST_F(CorrectionsTest, AnotherOrganisationSeesNothing) {
  world_.clock.SetNow(world_.At(20, 0));
  const auto view = MustPropose(BackEntry("v-1"));
  Call stranger = Approver();
  stranger.caller.organisation = domain::OrganisationId("elsewhere");
  Corrections::Decision decision = Decide(view, Outcome::kApproved);
  decision.organisation = world_.session.organisation;
  EXPECT_THAT(world_.app().corrections.Decide(stranger, decision),
              HasReason("OUTSIDE_ORGANISATION"));
  EXPECT_THAT(world_.app().corrections.Get(stranger, {}, view.proposal.row.proposal_id),
              HasReason("NO_SUCH_PROPOSAL"));
  const auto page = world_.app().corrections.List(Approver(), {}, {});
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->items.size(), 1u);
}

}  // namespace
}  // namespace rollcall::app
