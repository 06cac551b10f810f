#include "domain/correction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/status_matchers.h"

namespace rollcall::domain {
namespace {

using support::HasReason;
using support::IsOk;

base::Uuid Filled(uint8_t byte) {
  base::Uuid uuid;
  uuid.bytes.fill(byte);
  return uuid;
}

Actor Of(const std::string& identity, Role role, uint8_t person = 0, uint8_t key = 0) {
  Actor actor{identity, role, person == 0 ? base::Uuid{} : Filled(person), std::nullopt};
  if (key != 0) actor.key.emplace().fill(key);
  return actor;
}

TEST(CheckDeciderTest, NeedsASecondPersonOfAnotherRoleWhoDoesNotGain) {
  const Actor proposer = Of("organiser-1", Role::kOrganiser, 1, 11);
  const std::vector<base::Uuid> gains = {Filled(7), Filled(8)};
  EXPECT_THAT(CheckDecider(proposer, Of("approver-1", Role::kApprover, 2, 12), gains), IsOk());
  EXPECT_THAT(CheckDecider(proposer, Of("organiser-1", Role::kApprover, 2, 12), gains),
              HasReason("PROPOSER_CANNOT_DECIDE"));
  EXPECT_THAT(CheckDecider(proposer, Of("approver-1", Role::kApprover, 1, 12), gains),
              HasReason("SAME_PERSON"));
  EXPECT_THAT(CheckDecider(proposer, Of("approver-1", Role::kApprover, 2, 11), gains),
              HasReason("SAME_KEY"));
  EXPECT_THAT(CheckDecider(proposer, Of("organiser-2", Role::kOrganiser, 2, 12), gains),
              HasReason("SAME_ROLE"));
  EXPECT_THAT(CheckDecider(proposer, Of("approver-1", Role::kApprover, 8, 12), gains),
              HasReason("BENEFICIARY"));
}

// Nobody is the same as nobody: two unknown persons, and two without a key, are two.
TEST(CheckDeciderTest, WhatIsNotKnownIsNotEqual) {
  EXPECT_THAT(CheckDecider(Of("a", Role::kOrganiser), Of("b", Role::kApprover), {Filled(7)}),
              IsOk());
  EXPECT_THAT(CheckDecider(Of("a", Role::kOrganiser), Of("b", Role::kApprover), {base::Uuid{}}),
              IsOk());
}

TEST(CheckWitnessTest, AsksForAnotherPersonButNoRole) {
  const Actor proposer = Of("organiser-1", Role::kOrganiser, 1, 11);
  EXPECT_THAT(CheckWitness(proposer, Of("kiosk-1", Role::kKiosk, 0, 12)), IsOk());
  EXPECT_THAT(CheckWitness(proposer, Of("organiser-2", Role::kOrganiser, 2, 12)), IsOk());
  EXPECT_THAT(CheckWitness(proposer, proposer), HasReason("PROPOSER_CANNOT_DECIDE"));
}

TEST(CheckProposerTest, NobodyProposesForHerself) {
  const Actor proposer = Of("organiser-1", Role::kOrganiser, 1);
  EXPECT_THAT(CheckProposer(proposer, {Filled(2)}), IsOk());
  EXPECT_THAT(CheckProposer(proposer, {Filled(2), Filled(1)}), HasReason("BENEFICIARY"));
}

TEST(StateOfTest, LapsesAtItsTimeAndStaysWhatItBecame) {
  const base::Time expires = base::FromUnixMicros(1000);
  EXPECT_EQ(StateOf({}, expires, base::FromUnixMicros(999)), ProposalState::kStanding);
  EXPECT_EQ(StateOf({}, expires, expires), ProposalState::kLapsed);
  EXPECT_EQ(StateOf({}, expires, base::FromUnixMicros(1'000'000)), ProposalState::kLapsed);
  EXPECT_EQ(StateOf(Outcome::kApproved, expires, base::FromUnixMicros(5000)),
            ProposalState::kApproved);
  EXPECT_EQ(StateOf(Outcome::kRefused, expires, expires), ProposalState::kRefused);
  EXPECT_EQ(StateOf(Outcome::kWithdrawn, expires, expires), ProposalState::kWithdrawn);
}

}  // namespace
}  // namespace rollcall::domain
