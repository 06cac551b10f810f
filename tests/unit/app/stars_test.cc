#include "app/stars.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "app/actor.h"
#include "app/bans.h"
#include "app_testing/staff.h"
#include "app_testing/world.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::OrganisationId;
using domain::Role;
using domain::VolunteerId;
using hours::ApplicationState;
using support::HasReason;
using support::IsOk;
using testing::AddStaff;
using testing::As;
using testing::World;

// The default policy: one star for 100 hours, approved by the county after a review of 60, a notice
// of 7 days. v-1 has 104 hours.
class StarsTest : public ::testing::Test {
 protected:
  StarsTest() {
    for (const char* id : {"v-1", "v-2", "v-9"}) world_.Register(id);
    AddStaff(world_, "desk", Role::kDesk);
    AddStaff(world_, "organiser", Role::kOrganiser);
    AddStaff(world_, "approver", Role::kApprover);
    AddStaff(world_, "organiser-9", Role::kOrganiser, "v-9");
    AddStaff(world_, "approver-9", Role::kApprover, "v-9");
    AddStaff(world_, "approver-1", Role::kApprover, "v-1");
    EXPECT_THAT(
        stars().SetApproverLevel(world_.Call(), OrganisationId("home"), hours::Level::kCounty),
        IsOk());
    testing::ServeDays(world_, "v-1", "tea", 13);
  }

  Stars& stars() { return world_.app().stars; }
  static Call Desk() { return As("desk", Role::kDesk); }
  static Call Organiser() { return As("organiser", Role::kOrganiser); }
  static Call Approver() { return As("approver", Role::kApprover); }

  Stars::NewApplication Wanted(const std::string& volunteer = "v-1", int32_t star = 1) {
    return {world_.NewRequestId(), {}, VolunteerId(volunteer), star};
  }
  base::Uuid MustApply() {
    const auto view = stars().Apply(Desk(), Wanted());
    EXPECT_THAT(view, IsOk());
    return view.ok() ? view->stored.id : base::Uuid();
  }
  Stars::Step On(const base::Uuid& application) { return {world_.NewRequestId(), {}, application}; }
  base::Uuid OnNotice() {
    const base::Uuid id = MustApply();
    EXPECT_THAT(stars().Review(Organiser(), On(id), 80), IsOk());
    EXPECT_THAT(stars().Approve(Approver(), On(id)), IsOk());
    return id;
  }
  ApplicationState StateOf(const base::Uuid& id) {
    return stars().Get(Desk(), {}, id)->stored.application.state;
  }
  Stars::StandingView Standing(const std::string& volunteer = "v-1") {
    const auto view = stars().Standing(Desk(), {}, VolunteerId(volunteer));
    EXPECT_THAT(view, IsOk());
    return view.value_or(Stars::StandingView());
  }
  void OpenCase() {
    Bans::NewCase wanted;
    wanted.request_id = world_.NewRequestId();
    wanted.accused = VolunteerId("v-1");
    wanted.accusation = "was elsewhere";
    wanted.evidence = {"row 1"};
    EXPECT_THAT(world_.app().bans.Open(Organiser(), wanted), IsOk());
  }

  World world_;
};

TEST_F(StarsTest, AStarIsAppliedForReviewedApprovedShownAndGranted) {
  const auto applied = stars().Apply(Desk(), Wanted());
  ASSERT_THAT(applied, IsOk());
  EXPECT_EQ(applied->name, "Name of v-1");
  EXPECT_EQ(applied->stored.application.state, ApplicationState::kSubmitted);
  const base::Uuid id = applied->stored.id;
  ASSERT_THAT(stars().Review(Organiser(), On(id), 80), IsOk());
  const auto approved = stars().Approve(Approver(), On(id));
  ASSERT_THAT(approved, IsOk());
  EXPECT_EQ(approved->stored.application.state, ApplicationState::kOnNotice);
  EXPECT_THAT(stars().Grant(Approver(), On(id)), HasReason("NOTICE_RUNNING"));
  EXPECT_EQ(Standing().standing.held, 0);
  world_.clock.Advance(std::chrono::hours(24 * 8));
  const auto granted = stars().Grant(Approver(), On(id));
  ASSERT_THAT(granted, IsOk());
  EXPECT_EQ(granted->stored.application.state, ApplicationState::kGranted);
  EXPECT_EQ(Standing().standing.held, 1);
  EXPECT_TRUE(Standing().open_application.IsNil());
  // Every step is on record, with the account that took it and the rules it was taken under.
  std::vector<std::string> who;
  for (const auto& step : granted->stored.steps) {
    who.push_back(step.actor.identity);
    EXPECT_EQ(step.policy, "default/2");
  }
  EXPECT_THAT(who, ::testing::ElementsAre("desk", "organiser", "approver", "approver"));
  EXPECT_THAT(stars().Apply(Desk(), Wanted()), HasReason("STAR_HELD"));
}

TEST_F(StarsTest, TheStandingSaysWhatSheHasAndWhatIsMissing) {
  const auto view = Standing();
  EXPECT_EQ(view.standing.minutes, 104 * 60);
  EXPECT_EQ(view.standing.earned, 1);
  EXPECT_EQ(view.standing.minutes_missing, 196 * 60);
  EXPECT_FALSE(view.barred);
  EXPECT_EQ(view.policy, "default/2");
  ASSERT_EQ(view.stars.size(), 5u);
  EXPECT_EQ(view.stars[4].approver, hours::Level::kProvince);
  EXPECT_EQ(Standing("v-2").standing.minutes, 0);
  EXPECT_EQ(Standing("v-2").standing.minutes_missing, 100 * 60);
  EXPECT_THAT(stars().Apply(Desk(), Wanted("v-2")), HasReason("STAR_NOT_EARNED"));
  EXPECT_THAT(stars().Apply(Desk(), Wanted("v-1", 2)), HasReason("STAR_NOT_EARNED"));
  EXPECT_THAT(stars().Apply(Desk(), Wanted("v-1", 6)), HasReason("BAD_STAR"));
  EXPECT_THAT(stars().Apply(Desk(), Wanted("nobody")), HasReason("NO_SUCH_VOLUNTEER"));
}

// What somebody served before she was registered here does not count.
TEST_F(StarsTest, OnlyHoursSinceHerRegistrationCount) {
  const auto later = world_.main_database().Write([&](storage::Connection& c) {
    return c.Execute("UPDATE volunteer SET created = $1 WHERE id = 'v-1'", {world_.clock.Now()})
        .status();
  });
  ASSERT_THAT(later, IsOk());
  EXPECT_EQ(Standing().standing.minutes, 0);
  EXPECT_EQ(Standing().standing.minutes_before_registration, 104 * 60);
  EXPECT_THAT(stars().Apply(Desk(), Wanted()), HasReason("STAR_NOT_EARNED"));
}

TEST_F(StarsTest, TwoPeopleAreNeededWhateverTheirAccounts) {
  const base::Uuid id = MustApply();
  ASSERT_THAT(stars().Review(As("organiser-9", Role::kOrganiser), On(id), 80), IsOk());
  EXPECT_THAT(stars().Approve(As("approver-9", Role::kApprover), On(id)), HasReason("SAME_PERSON"))
      << "another account of the volunteer who reviewed";
  EXPECT_THAT(stars().Approve(As("organiser-9", Role::kOrganiser), On(id)),
              HasReason("SAME_PERSON"));
  EXPECT_EQ(StateOf(id), ApplicationState::kReviewed);
  EXPECT_THAT(stars().Approve(Approver(), On(id)), IsOk());
}

TEST_F(StarsTest, AnAccountThatNobodyIsSaidToHoldIsOnePersonByItself) {
  const base::Uuid id = MustApply();
  ASSERT_THAT(stars().Review(Approver(), On(id), 80), IsOk());
  EXPECT_THAT(stars().Approve(Approver(), On(id)), HasReason("SAME_PERSON"));
  domain::Actor unlinked;
  unlinked.identity = "approver";
  EXPECT_FALSE(PersonOf(unlinked).IsNil());
  EXPECT_EQ(PersonOf(unlinked), stars().Get(Desk(), {}, id)->stored.application.reviewer);
  domain::Actor other;
  other.identity = "approver2";
  EXPECT_NE(PersonOf(unlinked), PersonOf(other));
}

TEST_F(StarsTest, NobodyDecidesAboutHerOwnStar) {
  const Call herself = As("approver-1", Role::kApprover);
  const base::Uuid id = MustApply();
  EXPECT_THAT(stars().Review(herself, On(id), 100), HasReason("SELF_DECISION"));
  ASSERT_THAT(stars().Review(Organiser(), On(id), 80), IsOk());
  EXPECT_THAT(stars().Approve(herself, On(id)), HasReason("SELF_DECISION"));
  EXPECT_THAT(stars().Refuse(herself, On(id), "no"), HasReason("SELF_DECISION"));
  ASSERT_THAT(stars().Approve(Approver(), On(id)), IsOk());
  world_.clock.Advance(std::chrono::hours(24 * 8));
  EXPECT_THAT(stars().Grant(herself, On(id)), HasReason("SELF_DECISION"));
  EXPECT_EQ(StateOf(id), ApplicationState::kOnNotice);
}

TEST_F(StarsTest, TheLevelIsTheApproversOrganisations) {
  const OrganisationId home("home");
  const base::Uuid id = MustApply();
  ASSERT_THAT(stars().Review(Organiser(), On(id), 80), IsOk());
  ASSERT_THAT(stars().SetApproverLevel(world_.Call(), home, hours::Level::kCity), IsOk());
  EXPECT_EQ(*stars().ApproverLevel(Organiser(), {}), hours::Level::kCity);
  EXPECT_THAT(stars().Approve(Approver(), On(id)), HasReason("WRONG_LEVEL"));
  ASSERT_THAT(stars().SetApproverLevel(world_.Call(), home, std::nullopt), IsOk());
  EXPECT_THAT(stars().Approve(Approver(), On(id)), HasReason("NO_LEVEL"));
  // A county above, whose approver may look into what lies below it.
  ASSERT_THAT(world_.registry().CreateOrganisation({OrganisationId("above"),
                                                    "Above",
                                                    domain::OrganisationLevel::kCountyCentre,
                                                    {},
                                                    world_.clock.Now()}),
              IsOk());
  ASSERT_THAT(world_.registry().MoveOrganisation(
                  {home, OrganisationId("above"), world_.clock.Now(), "local"}),
              IsOk());
  AddStaff(world_, "above", Role::kApprover, "", "above");
  ASSERT_THAT(
      stars().SetApproverLevel(world_.Call(), OrganisationId("above"), hours::Level::kCounty),
      IsOk());
  Stars::Step step = On(id);
  step.organisation = home;
  EXPECT_THAT(stars().Approve(As("above", Role::kApprover, "above"), step), IsOk());
}

TEST_F(StarsTest, ABadReviewIsNotApproved) {
  const base::Uuid id = MustApply();
  EXPECT_THAT(stars().Approve(Approver(), On(id)), HasReason("WRONG_STATE"));
  EXPECT_THAT(stars().Review(Organiser(), On(id), 101), HasReason("BAD_SCORE"));
  ASSERT_THAT(stars().Review(Organiser(), On(id), 59), IsOk());
  EXPECT_THAT(stars().Approve(Approver(), On(id)), HasReason("REVIEW_TOO_LOW"));
}

TEST_F(StarsTest, ARefusalHasAReasonAndAnotherApplicationMayFollow) {
  const base::Uuid id = MustApply();
  EXPECT_THAT(stars().Apply(Desk(), Wanted()), HasReason("APPLICATION_OPEN"));
  EXPECT_THAT(stars().Refuse(Approver(), On(id), " "), HasReason("REASON_MISSING"));
  const auto refused = stars().Refuse(Approver(), On(id), "the public objected");
  ASSERT_THAT(refused, IsOk());
  EXPECT_EQ(refused->stored.application.refusal, "the public objected");
  EXPECT_THAT(stars().Review(Organiser(), On(id), 80), HasReason("WRONG_STATE"));
  EXPECT_THAT(stars().Apply(Desk(), Wanted()), IsOk());
}

TEST_F(StarsTest, SheWithdrawsAndNobodyElse) {
  const base::Uuid id = MustApply();
  EXPECT_THAT(stars().Withdraw(Desk(), On(id), VolunteerId("v-2")), HasReason("NOT_THE_VOLUNTEER"));
  const auto withdrawn = stars().Withdraw(Desk(), On(id), VolunteerId("v-1"));
  ASSERT_THAT(withdrawn, IsOk());
  EXPECT_EQ(withdrawn->stored.application.state, ApplicationState::kWithdrawn);
  EXPECT_EQ(withdrawn->stored.steps.back().actor.identity, "desk");
}

TEST_F(StarsTest, WhoeverIsBarredNeitherAppliesNorIsGranted) {
  const base::Uuid id = OnNotice();
  world_.clock.Advance(std::chrono::hours(24 * 8));
  OpenCase();
  EXPECT_TRUE(Standing().barred);
  EXPECT_THAT(stars().Grant(Approver(), On(id)), HasReason("BARRED"));
  ASSERT_THAT(stars().Refuse(Approver(), On(id), "a case is open"), IsOk());
  EXPECT_THAT(stars().Apply(Desk(), Wanted()), HasReason("BARRED"));
  // Nobody decides in time.
  world_.clock.Advance(std::chrono::hours(24 * 61));
  EXPECT_FALSE(Standing().barred);
  EXPECT_THAT(stars().Apply(Desk(), Wanted()), IsOk());
}

TEST_F(StarsTest, TheSameRequestIsAnsweredOnce) {
  const auto wanted = Wanted();
  const auto first = stars().Apply(Desk(), wanted);
  ASSERT_THAT(first, IsOk());
  EXPECT_FALSE(first->stored.replayed);
  const auto again = stars().Apply(Desk(), wanted);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->stored.replayed);
  EXPECT_EQ(again->stored.id, first->stored.id);
  auto other = wanted;
  other.star = 2;
  EXPECT_THAT(stars().Apply(Desk(), other), HasReason("REQUEST_ID_REUSED"));
  const Stars::Step step = On(first->stored.id);
  ASSERT_THAT(stars().Review(Organiser(), step, 80), IsOk());
  EXPECT_TRUE(stars().Review(Organiser(), step, 80)->stored.replayed);
  EXPECT_THAT(stars().Review(Organiser(), step, 90), HasReason("REQUEST_ID_REUSED"));
  EXPECT_THAT(stars().Approve(Approver(), step), HasReason("REQUEST_ID_REUSED"));
  EXPECT_EQ(stars().Get(Desk(), {}, first->stored.id)->stored.steps.size(), 2u);
  EXPECT_THAT(stars().Review(Organiser(), {{}, {}, first->stored.id}, 80),
              HasReason("BAD_REQUEST_ID"));
}

TEST_F(StarsTest, AnotherOrganisationSeesNothing) {
  const base::Uuid id = MustApply();
  ASSERT_THAT(world_.registry().CreateOrganisation({OrganisationId("far"),
                                                    "Far",
                                                    domain::OrganisationLevel::kAssociation,
                                                    {},
                                                    world_.clock.Now()}),
              IsOk());
  AddStaff(world_, "far", Role::kApprover, "", "far");
  const Call far = As("far", Role::kApprover, "far");
  EXPECT_THAT(stars().Get(far, {}, id), HasReason("NO_SUCH_APPLICATION"));
  EXPECT_THAT(stars().Get(far, OrganisationId("home"), id), HasReason("OUTSIDE_ORGANISATION"));
  EXPECT_THAT(stars().Refuse(far, On(id), "no"), HasReason("NO_SUCH_APPLICATION"));
  EXPECT_THAT(stars().Standing(far, {}, VolunteerId("v-1")), HasReason("NO_SUCH_VOLUNTEER"));
  EXPECT_TRUE(stars().List(far, {}, {})->items.empty());
  EXPECT_EQ(stars()
                .List(Desk(), {{}, VolunteerId("v-1"), ApplicationState::kSubmitted}, {})
                ->items.size(),
            1u);
}

TEST_F(StarsTest, WhatIsHeldAboutHerSaysSo) {
  OnNotice();
  OpenCase();
  const auto report = world_.app().privacy.ReportOn(world_.Call(), VolunteerId("v-1"));
  ASSERT_THAT(report, IsOk());
  std::vector<DataClass> classes;
  for (const HeldData& held : report->held) classes.push_back(held.data_class);
  EXPECT_THAT(classes,
              ::testing::IsSupersetOf({DataClass::kStarApplications, DataClass::kBanCases}));
}

TEST_F(StarsTest, WhatWasDecidedIsThereAfterARestart) {
  const base::Uuid id = OnNotice();
  world_.Restart();
  EXPECT_EQ(StateOf(id), ApplicationState::kOnNotice);
}

}  // namespace
}  // namespace rollcall::app
