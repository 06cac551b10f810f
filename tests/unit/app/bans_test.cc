#include "app/bans.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "app_testing/staff.h"
#include "app_testing/world.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::OrganisationId;
using domain::Role;
using domain::VolunteerId;
using hours::BanEffect;
using hours::BanState;
using support::HasReason;
using support::IsOk;
using testing::AddStaff;
using testing::As;
using testing::World;

// The default policy: a notice of 7 days, a decision within 60, bans of 365 to 1095 days.
class BansTest : public ::testing::Test {
 protected:
  BansTest() {
    for (const char* id : {"v-1", "v-2", "v-9"}) world_.Register(id);
    AddStaff(world_, "opener", Role::kOrganiser, "v-9");
    AddStaff(world_, "opener-2", Role::kApprover, "v-9");
    AddStaff(world_, "approver", Role::kApprover);
    AddStaff(world_, "approver-2", Role::kApprover);
    AddStaff(world_, "accused", Role::kApprover, "v-1");
    AddStaff(world_, "witness", Role::kApprover, "v-2");
    AddStaff(world_, "creditor", Role::kApprover);
  }

  Bans& bans() { return world_.app().bans; }
  static Call Opener() { return As("opener", Role::kOrganiser); }
  static Call Approver(const std::string& id = "approver") { return As(id, Role::kApprover); }
  void Days(int days) { world_.clock.Advance(std::chrono::hours(24 * days)); }

  Bans::NewCase Case() {
    Bans::NewCase wanted;
    wanted.request_id = world_.NewRequestId();
    wanted.accused = VolunteerId("v-1");
    wanted.accusation = "in two places at once";
    wanted.evidence = {"ledger rows 7 and 9"};
    wanted.involved_volunteers = {VolunteerId("v-2")};
    wanted.involved_identities = {"creditor"};
    return wanted;
  }
  base::Uuid MustOpen() {
    const auto view = bans().Open(Opener(), Case());
    EXPECT_THAT(view, IsOk());
    return view.ok() ? view->stored.id : base::Uuid();
  }
  Bans::Step On(const base::Uuid& id) { return {world_.NewRequestId(), {}, id}; }
  base::Uuid MustHear() {
    const base::Uuid id = MustOpen();
    Days(7);
    EXPECT_THAT(bans().Hear(Approver(), On(id), true, "it was my sister"), IsOk());
    return id;
  }
  bool Barred() { return *IsBarred(world_.services(), VolunteerId("v-1")); }

  World world_;
};

TEST_F(BansTest, ACaseIsNoticedHeardAndDecided) {
  EXPECT_FALSE(Barred());
  const auto opened = bans().Open(Opener(), Case());
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->effect, BanEffect::kSuspended);
  EXPECT_EQ(opened->name, "Name of v-1");
  EXPECT_EQ(hours::FormatDay(opened->hearing_from), "2026-12-01");
  EXPECT_EQ(hours::FormatDay(opened->decide_until), "2027-01-23");
  EXPECT_TRUE(Barred());
  const base::Uuid id = opened->stored.id;
  EXPECT_THAT(bans().Hear(Approver(), On(id), true, ""), HasReason("NOTICE_TOO_SHORT"));
  Days(7);
  EXPECT_THAT(bans().Impose(Approver(), On(id), 400, "so"), HasReason("WRONG_STATE"))
      << "never without a hearing";
  ASSERT_THAT(bans().Hear(Approver(), On(id), true, "it was my sister"), IsOk());
  EXPECT_THAT(bans().Impose(Approver("approver-2"), On(id), 400, "so"),
              HasReason("NOT_THE_HEARER"));
  EXPECT_THAT(bans().Impose(Approver(), On(id), 364, "so"), HasReason("BAD_BAN_LENGTH"));
  EXPECT_THAT(bans().Impose(Approver(), On(id), 400, ""), HasReason("REASON_MISSING"));
  const auto imposed = bans().Impose(Approver(), On(id), 400, "the rows show it");
  ASSERT_THAT(imposed, IsOk());
  EXPECT_EQ(imposed->effect, BanEffect::kBanned);
  EXPECT_EQ(imposed->stored.ban.statement, "it was my sister");
  std::vector<std::string> who;
  for (const auto& step : imposed->stored.steps) who.push_back(step.actor.identity);
  EXPECT_THAT(who, ::testing::ElementsAre("opener", "approver", "approver"));
  Days(399);
  EXPECT_TRUE(Barred());
  Days(1);
  EXPECT_FALSE(Barred());
}

TEST_F(BansTest, WhoeverHasAPartInItNeitherHearsNorDecides) {
  const base::Uuid id = MustOpen();
  Days(7);
  for (const char* who : {"opener-2", "accused", "witness", "creditor"}) {
    EXPECT_THAT(bans().Hear(Approver(who), On(id), true, ""), HasReason("INVOLVED")) << who;
    EXPECT_THAT(bans().Dismiss(Approver(who), On(id), "no"), HasReason("INVOLVED")) << who;
  }
  EXPECT_THAT(bans().Hear(Opener(), On(id), true, ""), HasReason("INVOLVED"));
  EXPECT_EQ(bans().Get(Approver(), {}, id)->stored.ban.state, BanState::kNoticed);
}

TEST_F(BansTest, NoProgramTakesAStep) {
  AddStaff(world_, "approver-3", Role::kApprover);
  const Call program = As("approver-3", Role::kKiosk);
  EXPECT_THAT(bans().Open(program, Case()), HasReason("NOT_A_PERSON"));
  const base::Uuid id = MustOpen();
  Days(7);
  EXPECT_THAT(bans().Hear(program, On(id), true, ""), HasReason("NOT_A_PERSON"));
  EXPECT_THAT(bans().Dismiss(program, On(id), "no"), HasReason("NOT_A_PERSON"));
}

TEST_F(BansTest, WhatIsNoCase) {
  auto wanted = Case();
  wanted.evidence.clear();
  EXPECT_THAT(bans().Open(Opener(), wanted), HasReason("NO_EVIDENCE"));
  wanted = Case();
  wanted.accusation = "\n";
  EXPECT_THAT(bans().Open(Opener(), wanted), HasReason("BAD_CASE"));
  wanted = Case();
  wanted.accused = VolunteerId("v-9");
  EXPECT_THAT(bans().Open(Opener(), wanted), HasReason("BAD_CASE")) << "against herself";
  wanted = Case();
  wanted.accused = VolunteerId("nobody");
  EXPECT_THAT(bans().Open(Opener(), wanted), HasReason("NO_SUCH_VOLUNTEER"));
  wanted = Case();
  wanted.involved_volunteers = {VolunteerId("nobody")};
  EXPECT_THAT(bans().Open(Opener(), wanted), HasReason("NO_SUCH_VOLUNTEER"));
  wanted = Case();
  wanted.involved_identities = {"nobody"};
  EXPECT_THAT(bans().Open(Opener(), wanted), HasReason("NO_SUCH_IDENTITY"));
  wanted = Case();
  wanted.involved_volunteers.assign(Bans::kMaxInvolved, VolunteerId("v-2"));
  EXPECT_THAT(bans().Open(Opener(), wanted), HasReason("BAD_CASE"));
  wanted = Case();
  wanted.request_id = {};
  EXPECT_THAT(bans().Open(Opener(), wanted), HasReason("BAD_REQUEST_ID"));
  EXPECT_FALSE(Barred());
  EXPECT_TRUE(bans().List(Opener(), {}, {}, {})->items.empty());
}

TEST_F(BansTest, ADismissalEndsTheSuspension) {
  const base::Uuid id = MustHear();
  const auto dismissed = bans().Dismiss(Approver("approver-2"), On(id), "the clock was wrong");
  ASSERT_THAT(dismissed, IsOk());
  EXPECT_EQ(dismissed->effect, BanEffect::kNone);
  EXPECT_FALSE(Barred());
  EXPECT_THAT(bans().Impose(Approver(), On(id), 400, "so"), HasReason("WRONG_STATE"));
}

TEST_F(BansTest, ACaseThatNobodyDecidesLapses) {
  const base::Uuid id = MustHear();
  Days(53);
  EXPECT_TRUE(Barred()) << "the last day";
  EXPECT_FALSE(bans().Get(Approver(), {}, id)->lapsed);
  Days(1);
  EXPECT_FALSE(Barred());
  EXPECT_TRUE(bans().Get(Approver(), {}, id)->lapsed);
  EXPECT_THAT(bans().Impose(Approver(), On(id), 400, "so"), HasReason("CASE_LAPSED"));
}

TEST_F(BansTest, TheSameRequestIsAnsweredOnce) {
  const auto wanted = Case();
  const auto first = bans().Open(Opener(), wanted);
  ASSERT_THAT(first, IsOk());
  const auto again = bans().Open(Opener(), wanted);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->stored.replayed);
  EXPECT_EQ(again->stored.id, first->stored.id);
  auto other = wanted;
  other.evidence.push_back("more");
  EXPECT_THAT(bans().Open(Opener(), other), HasReason("REQUEST_ID_REUSED"));
  const Bans::Step step = On(first->stored.id);
  ASSERT_THAT(bans().Dismiss(Approver(), step, "no"), IsOk());
  EXPECT_TRUE(bans().Dismiss(Approver(), step, "no")->stored.replayed);
  EXPECT_THAT(bans().Dismiss(Approver(), step, "yes"), HasReason("REQUEST_ID_REUSED"));
}

// A ban bars from stars, and from nothing else.
TEST_F(BansTest, NobodyIsKeptFromServing) {
  MustOpen();
  EXPECT_TRUE(Barred());
  world_.clock.SetNow(world_.At(9, 30));
  const auto token = world_.app().attest.AttestPresence(
      world_.Call(), {world_.session, VolunteerId("v-1"), "seen", false});
  ASSERT_THAT(token, IsOk());
  const auto recorded = world_.Record(token->token, domain::Action::kIn);
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->decision, domain::Decision::kCheckedIn);
}

TEST_F(BansTest, AnotherOrganisationSeesNothing) {
  const base::Uuid id = MustOpen();
  ASSERT_THAT(world_.registry().CreateOrganisation({OrganisationId("far"),
                                                    "Far",
                                                    domain::OrganisationLevel::kAssociation,
                                                    {},
                                                    world_.clock.Now()}),
              IsOk());
  AddStaff(world_, "far", Role::kApprover, "", "far");
  const Call far = As("far", Role::kApprover, "far");
  EXPECT_THAT(bans().Get(far, {}, id), HasReason("NO_SUCH_CASE"));
  EXPECT_THAT(bans().Dismiss(far, On(id), "no"), HasReason("NO_SUCH_CASE"));
  EXPECT_THAT(bans().Get(far, OrganisationId("home"), id), HasReason("OUTSIDE_ORGANISATION"));
  EXPECT_TRUE(bans().List(far, {}, {}, {})->items.empty());
  EXPECT_EQ(bans().List(Approver(), {}, VolunteerId("v-1"), {})->items.size(), 1u);
}

}  // namespace
}  // namespace rollcall::app
