#include "app/deadlines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "app_testing/staff.h"
#include "app_testing/world.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::Role;
using domain::VolunteerId;
using support::HasReason;
using support::IsOk;
using testing::World;

// A calendar of 2026 without holidays, so that only weekends are free.
World::Options With2026() {
  World::Options options;
  EXPECT_THAT(options.calendar.Add(
                  {.name = "cn", .year = 2026, .source = "x", .holidays = {}, .working_days = {}}),
              IsOk());
  return options;
}

// The session of "a" ends on Tuesday, 24 November 2026, so the tenth working day after it is
// 8 December.
class DeadlinesTest : public ::testing::Test {
 protected:
  void CheckIn(World& world, domain::Action action = domain::Action::kIn) {
    const auto token = world.app().attest.AttestPresence(
        world.Call(), {world.session, VolunteerId("v-1"), "seen", true});
    ASSERT_THAT(token, IsOk());
    ASSERT_THAT(world.Record(token->token, action), IsOk());
  }
  static void SetDay(World& world, const std::string& day) {
    world.clock.SetNow(*base::ParseTime(day + "T04:00:00Z"));
  }
  static absl::StatusOr<std::vector<Deadlines::OverdueActivity>> Overdue(World& world) {
    return world.app().deadlines.Overdue(world.Call(), {});
  }
};

TEST_F(DeadlinesTest, AVisitWithoutAnEndIsOverdueAfterTenWorkingDays) {
  World world(With2026());
  world.Register("v-1");
  CheckIn(world);
  SetDay(world, "2026-12-08");
  ASSERT_THAT(Overdue(world), IsOk());
  EXPECT_TRUE(Overdue(world)->empty()) << "the last day";
  SetDay(world, "2026-12-10");
  const auto list = Overdue(world);
  ASSERT_THAT(list, IsOk());
  ASSERT_EQ(list->size(), 1u);
  EXPECT_EQ(list->front().deadline.activity.value, "a");
  EXPECT_EQ(hours::FormatDay(list->front().deadline.ended), "2026-11-24");
  EXPECT_EQ(hours::FormatDay(list->front().deadline.due), "2026-12-08");
  EXPECT_EQ(list->front().deadline.working_days_late, 2);
  EXPECT_EQ(list->front().open_visits, 1);
}

TEST_F(DeadlinesTest, WhatTwoPeopleHaveClosedIsRecorded) {
  World world(With2026());
  world.Register("v-1");
  testing::AddStaff(world, "organiser", Role::kOrganiser);
  testing::AddStaff(world, "approver", Role::kApprover);
  CheckIn(world);
  SetDay(world, "2026-12-10");
  ASSERT_EQ(Overdue(world)->size(), 1u);
  Corrections::NewProposal close;
  close.request_id = world.NewRequestId();
  close.kind = domain::ProposalKind::kClose;
  close.session = world.session;
  close.volunteers = {VolunteerId("v-1")};
  close.out = world.At(11, 0);
  close.reason = domain::ReasonCode::kForgottenCheckOut;
  close.reason_text = "forgotten";
  const auto proposed =
      world.app().corrections.Propose(testing::As("organiser", Role::kOrganiser), close);
  ASSERT_THAT(proposed, IsOk());
  EXPECT_EQ(Overdue(world)->size(), 1u) << "asked for is not recorded";
  Corrections::Decision yes;
  yes.request_id = world.NewRequestId();
  yes.proposal = proposed->proposal.row.proposal_id;
  yes.outcome = domain::Outcome::kApproved;
  ASSERT_THAT(world.app().corrections.Decide(testing::As("approver", Role::kApprover), yes),
              IsOk());
  EXPECT_TRUE(Overdue(world)->empty());
}

TEST_F(DeadlinesTest, WhoeverCheckedOutIsRecorded) {
  World world(With2026());
  world.Register("v-1");
  CheckIn(world);
  world.clock.SetNow(world.At(11, 0));
  CheckIn(world, domain::Action::kOut);
  SetDay(world, "2026-12-31");
  EXPECT_TRUE(Overdue(world)->empty());
}

TEST_F(DeadlinesTest, AnActivityEndsWithTheLastOfItsSessions) {
  World world(With2026());
  world.Register("v-1");
  CheckIn(world);
  domain::SessionKey later = world.session;
  later.session.value = "later";
  const base::Time start = *base::ParseTime("2026-12-07T01:00:00Z");
  ASSERT_THAT(world.app().activities.AddSession(world.Call(),
                                                {later, start, start + std::chrono::hours(3), {}}),
              IsOk());
  SetDay(world, "2026-12-10");
  EXPECT_TRUE(Overdue(world)->empty());
  SetDay(world, "2026-12-22");
  ASSERT_EQ(Overdue(world)->size(), 1u);
  EXPECT_EQ(hours::FormatDay(Overdue(world)->front().deadline.due), "2026-12-21");
}

TEST_F(DeadlinesTest, PracticeHasNoDeadline) {
  World::Options options = With2026();
  options.practice = true;
  World world(options);
  world.Register("v-1");
  CheckIn(world);
  SetDay(world, "2026-12-31");
  EXPECT_TRUE(Overdue(world)->empty());
}

TEST_F(DeadlinesTest, AMissingYearIsAnErrorThatNamesItsFile) {
  World world(With2026());
  world.Register("v-1");
  CheckIn(world);
  SetDay(world, "2027-01-04");
  EXPECT_THAT(Overdue(world), HasReason("NO_CALENDAR"));
  EXPECT_NE(base::Message(Overdue(world).status()).find("cn-2027.toml"), std::string::npos);
  World without;
  without.Register("v-1");
  EXPECT_TRUE(Overdue(without)->empty()) << "nothing is open, so nothing is asked";
  CheckIn(without);
  SetDay(without, "2026-11-25");
  EXPECT_THAT(Overdue(without), HasReason("NO_CALENDAR"));
}

}  // namespace
}  // namespace rollcall::app
