#include "app/policy_choices.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>

#include "app_testing/world.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::OrganisationId;
using support::HasReason;
using support::IsOk;
using testing::World;

// "town" below "home", "village" below "town"; the server has read the policies that come along.
class PolicyChoicesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Read(support::SourceDir() / "service/hours/policies");
    Make("town", "home");
    Make("village", "town");
  }
  void Make(const std::string& id, const std::string& parent) {
    ASSERT_THAT(world_.app().activities.CreateOrganisation(
                    world_.Call(), {OrganisationId(id),
                                    id,
                                    domain::OrganisationLevel::kVillageStation,
                                    OrganisationId(parent),
                                    {}}),
                IsOk());
  }
  // Starts again with the policies of `folder`.
  void Read(const std::filesystem::path& folder, const std::string& label = "default/2") {
    auto loaded = HoursPolicies::Load(folder.string(), "", label);
    ASSERT_THAT(loaded, IsOk());
    world_.hours_policies = *std::move(loaded);
    world_.Restart();
  }
  absl::StatusOr<ChosenPolicyView> Set(const std::string& id, const std::string& label) {
    return world_.app().policy_choices.Set(world_.Call(), OrganisationId(id), label);
  }
  // "LABEL by ORGANISATION", or the reason.
  std::string Holds(const std::string& id) {
    const auto found = world_.services().policies.InForce(OrganisationId(id));
    if (!found.ok()) return base::ErrorReason(found.status());
    EXPECT_EQ(*world_.services().policies.For(OrganisationId(id)), found->policy);
    return found->policy->Label() + " by " + found->chosen_by.value;
  }

  World world_;
};

TEST_F(PolicyChoicesTest, TheNearestChoiceHoldsElseTheDefault) {
  EXPECT_EQ(Holds("village"), "default/2 by ");
  ASSERT_THAT(Set("home", "fujian/1"), IsOk());
  EXPECT_EQ(Holds("village"), "fujian/1 by home");
  ASSERT_THAT(Set("town", "order-67/1"), IsOk());
  EXPECT_EQ(Holds("home"), "fujian/1 by home");
  EXPECT_EQ(Holds("village"), "order-67/1 by town");
  ASSERT_THAT(Set("town", ""), IsOk());
  EXPECT_EQ(Holds("village"), "fujian/1 by home");
  EXPECT_EQ(Holds("nowhere"), "NO_SUCH_ORGANISATION");
  world_.Restart();
  EXPECT_EQ(Holds("village"), "fujian/1 by home");
}

TEST_F(PolicyChoicesTest, AMoveTakesEffectAtOnce) {
  ASSERT_THAT(Set("town", "order-67/1"), IsOk());
  EXPECT_EQ(Holds("village"), "order-67/1 by town");
  ASSERT_THAT(world_.app().activities.MoveOrganisation(world_.Call(), OrganisationId("village"),
                                                       OrganisationId("home")),
              IsOk());
  EXPECT_EQ(Holds("village"), "default/2 by ");
}

TEST_F(PolicyChoicesTest, AChosenPolicyThatIsGoneIsNeverAnotherOne) {
  ASSERT_THAT(Set("town", "fujian/1"), IsOk());
  const support::TempDir empty;
  Read(empty.path());
  EXPECT_EQ(Holds("home"), "default/2 by ");
  EXPECT_EQ(Holds("village"), "POLICY_NOT_LOADED");
  const auto shown = world_.app().policy_choices.Get(world_.Call(), OrganisationId("village"));
  EXPECT_THAT(shown, support::StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_NE(base::Message(shown.status()).find("organisation town chose the hours policy fujian/1"),
            std::string::npos);
  ASSERT_THAT(Set("town", ""), IsOk());  // a way out
  EXPECT_EQ(Holds("village"), "default/2 by ");
}

TEST_F(PolicyChoicesTest, WhatHoldsIsShownWithItsHistory) {
  ASSERT_THAT(Set("town", "fujian/1"), IsOk());
  world_.clock.Advance(std::chrono::minutes(1));
  const auto now = Set("town", "order-67/1");
  ASSERT_THAT(now, IsOk());
  EXPECT_EQ(now->policy.label, "order-67/1");
  EXPECT_EQ(now->chosen_by.value, "town");
  const auto found = world_.app().policy_choices.Get(world_.Call(), OrganisationId("town"));
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->policy.sha256, base::ToHex(base::Sha256(base::AsBytes(found->policy.text))));
  EXPECT_FALSE(found->policy.title.empty());
  EXPECT_FALSE(found->policy.title_zh.empty());
  EXPECT_FALSE(found->policy.server_default);
  ASSERT_EQ(found->choices.size(), 2u);
  EXPECT_EQ(found->choices[1].previous, "fujian/1");
  EXPECT_EQ(found->choices[1].label, "order-67/1");
  EXPECT_EQ(found->choices[1].recorder, "local");
  EXPECT_EQ(found->choices[1].chosen, world_.clock.Now());
  const auto below = world_.app().policy_choices.Get(world_.Call(), OrganisationId("village"));
  EXPECT_EQ(below->chosen_by.value, "town");
  EXPECT_TRUE(below->choices.empty());
}

TEST_F(PolicyChoicesTest, OnlyWhatWasReadCanBeChosen) {
  EXPECT_THAT(Set("town", "fujian/2"), HasReason("NO_SUCH_POLICY"));
  EXPECT_THAT(Set("town", "fujian"), HasReason("BAD_LABEL"));
  EXPECT_THAT(Set("nowhere", "fujian/1"), HasReason("NO_SUCH_ORGANISATION"));
  EXPECT_TRUE(world_.registry().PolicyChoices(OrganisationId("town"))->empty());
  const auto all = world_.app().policy_choices.List(world_.Call());
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ(all->size(), world_.hours_policies.all().size());
  EXPECT_EQ(std::count_if(all->begin(), all->end(),
                          [](const PolicyView& view) { return view.server_default; }),
            1);
  EXPECT_TRUE(all->front().text.empty());
}

TEST_F(PolicyChoicesTest, NobodyLooksIntoAnUnrelatedOrganisation) {
  Make("elsewhere", "");
  Call call = world_.Call();
  call.caller.local_administrator = false;
  call.caller.role = domain::Role::kAuditor;
  call.caller.organisation = OrganisationId("town");
  auto& choices = world_.app().policy_choices;
  EXPECT_THAT(choices.Get(call, OrganisationId("village")), IsOk());
  EXPECT_THAT(choices.Get(call, OrganisationId("elsewhere")), HasReason("OUTSIDE_ORGANISATION"));
}

}  // namespace
}  // namespace rollcall::app
