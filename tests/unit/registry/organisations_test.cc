#include <string>

#include "fixture.h"

namespace rollcall::registry {
namespace {

using domain::OrganisationId;
using support::HasReason;
using support::IsOk;
using testing::SizeIs;

class OrganisationsTest : public RegistryTest {
 protected:
  absl::Status Move(const std::string& id, const std::string& parent) {
    return registry_->MoveOrganisation(
        {OrganisationId(id), OrganisationId(parent), kNow, "local"});
  }
  absl::Status Choose(const std::string& id, const std::string& label) {
    return registry_->ChoosePolicy({OrganisationId(id), "does not matter", label, kNow, "boss"});
  }
};

TEST_P(OrganisationsTest, StayAcrossReopening) {
  ASSERT_THAT(registry_->CreateOrganisation(Organisation("village", "org")), IsOk());
  Reopen();
  const auto found = registry_->GetOrganisation(OrganisationId("village"));
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->name, "Name of village");
  EXPECT_EQ(found->level, domain::OrganisationLevel::kVillageStation);
  EXPECT_EQ(found->parent.value, "org");
  EXPECT_EQ(found->created, kNow);
}

TEST_P(OrganisationsTest, BadOnesAreRefused) {
  EXPECT_THAT(registry_->CreateOrganisation(Organisation("org")),
              HasReason("ORGANISATION_EXISTS"));
  EXPECT_THAT(registry_->CreateOrganisation(Organisation("x", "nowhere")),
              HasReason("NO_SUCH_ORGANISATION"));
  EXPECT_THAT(registry_->CreateOrganisation(Organisation("a b")), HasReason("BAD_ID"));
  auto nameless = Organisation("x");
  nameless.name.clear();
  EXPECT_THAT(registry_->CreateOrganisation(nameless), HasReason("BAD_TEXT"));
  auto level = Organisation("x");
  level.level = static_cast<domain::OrganisationLevel>(9);
  EXPECT_THAT(registry_->CreateOrganisation(level), HasReason("BAD_VALUE"));
  EXPECT_THAT(registry_->GetOrganisation(OrganisationId("x")),
              HasReason("NO_SUCH_ORGANISATION"));
}

TEST_P(OrganisationsTest, MovesAreKept) {
  ASSERT_THAT(registry_->CreateOrganisation(Organisation("town", "org")), IsOk());
  ASSERT_THAT(registry_->CreateOrganisation(Organisation("village", "org")), IsOk());
  ASSERT_THAT(Move("village", "town"), IsOk());
  ASSERT_THAT(Move("village", ""), IsOk());
  EXPECT_TRUE(registry_->GetOrganisation(OrganisationId("village"))->parent.empty());
  const auto moves = registry_->OrganisationMoves(OrganisationId("village"));
  ASSERT_THAT(moves, IsOk());
  ASSERT_THAT(*moves, SizeIs(2));
  EXPECT_EQ((*moves)[0].parent.value, "town");
  EXPECT_TRUE((*moves)[1].parent.empty());
  EXPECT_EQ((*moves)[1].recorder, "local");
  EXPECT_THAT(*registry_->OrganisationMoves(OrganisationId("town")), SizeIs(0));
}

TEST_P(OrganisationsTest, NothingComesToLieBelowItself) {
  ASSERT_THAT(registry_->CreateOrganisation(Organisation("town", "org")), IsOk());
  ASSERT_THAT(registry_->CreateOrganisation(Organisation("village", "town")), IsOk());
  EXPECT_THAT(Move("org", "village"), HasReason("ORGANISATION_CYCLE"));
  EXPECT_THAT(Move("org", "org"), HasReason("ORGANISATION_CYCLE"));
  EXPECT_THAT(Move("org", "nowhere"), HasReason("NO_SUCH_ORGANISATION"));
  EXPECT_TRUE(registry_->GetOrganisation(OrganisationId("org"))->parent.empty());
  EXPECT_THAT(*registry_->OrganisationMoves(OrganisationId("org")), SizeIs(0));

  EXPECT_TRUE(*registry_->IsWithin(OrganisationId("village"), OrganisationId("org")));
  EXPECT_TRUE(*registry_->IsWithin(OrganisationId("org"), OrganisationId("org")));
  EXPECT_FALSE(*registry_->IsWithin(OrganisationId("org"), OrganisationId("village")));
  EXPECT_THAT(registry_->IsWithin(OrganisationId("org"), OrganisationId("nowhere")),
              HasReason("NO_SUCH_ORGANISATION"));
}

TEST_P(OrganisationsTest, AreListedByIdInPages) {
  for (const char* id : {"c", "a", "b", "z", "m"}) {
    ASSERT_THAT(registry_->CreateOrganisation(Organisation(id)), IsOk());
  }
  const auto all = Everything(
      [this](const base::PageRequest& page) { return registry_->ListOrganisations(page); }, 2);
  std::string ids;
  for (const auto& organisation : all) ids += organisation.id.value + " ";
  EXPECT_EQ(ids, "a b c m org z ");
  EXPECT_THAT(registry_->ListOrganisations({0, "zz"}), HasReason("BAD_PAGE"));
}

TEST_P(OrganisationsTest, ChoicesOfAPolicyAreKeptWithWhatWasBefore) {
  ASSERT_THAT(Choose("org", "default/2"), IsOk());
  ASSERT_THAT(Choose("org", "default/2"), IsOk());  // adds nothing
  ASSERT_THAT(Choose("org", "fujian/1"), IsOk());
  ASSERT_THAT(Choose("org", ""), IsOk());
  Reopen();
  const auto choices = registry_->PolicyChoices(OrganisationId("org"));
  ASSERT_THAT(choices, IsOk());
  ASSERT_THAT(*choices, SizeIs(3));
  EXPECT_EQ((*choices)[0].previous, "");
  EXPECT_EQ((*choices)[0].label, "default/2");
  EXPECT_EQ((*choices)[0].chosen, kNow);
  EXPECT_EQ((*choices)[0].recorder, "boss");
  EXPECT_EQ((*choices)[1].previous, "default/2");
  EXPECT_EQ((*choices)[1].label, "fujian/1");
  EXPECT_EQ((*choices)[2].previous, "fujian/1");
  EXPECT_EQ((*choices)[2].label, "");

  EXPECT_THAT(Choose("nowhere", "default/2"), HasReason("NO_SUCH_ORGANISATION"));
  EXPECT_THAT(Choose("org", "default"), HasReason("BAD_LABEL"));
  EXPECT_THAT(registry_->PolicyChoices(OrganisationId("nowhere")),
              HasReason("NO_SUCH_ORGANISATION"));
  for (const char* statement : {"DELETE FROM policy_choice", "UPDATE policy_choice SET label = ''",
                                "UPDATE policy_choice SET chosen = 0"}) {
    EXPECT_THAT(database_->Write([&](storage::Connection& c) {
      return c.Execute(statement).status();
    }),
                HasReason("CONSTRAINT"))
        << statement;
  }
  EXPECT_THAT(*registry_->PolicyChoices(OrganisationId("org")), SizeIs(3));
}

TEST_P(OrganisationsTest, TheNearestChoiceAboveHolds) {
  ASSERT_THAT(registry_->CreateOrganisation(Organisation("town", "org")), IsOk());
  ASSERT_THAT(registry_->CreateOrganisation(Organisation("village", "town")), IsOk());
  const auto holds = [&](const char* id) -> std::string {
    const auto found = registry_->PolicyChoiceFor(OrganisationId(id));
    EXPECT_THAT(found, IsOk());
    return found.ok() && *found ? (*found)->organisation.value + " " + (*found)->label : "";
  };
  EXPECT_EQ(holds("village"), "");
  ASSERT_THAT(Choose("org", "fujian/1"), IsOk());
  EXPECT_EQ(holds("village"), "org fujian/1");
  EXPECT_EQ(holds("org"), "org fujian/1");
  ASSERT_THAT(Choose("town", "default/2"), IsOk());
  EXPECT_EQ(holds("village"), "town default/2");
  ASSERT_THAT(Choose("town", ""), IsOk());
  EXPECT_EQ(holds("village"), "org fujian/1");
  ASSERT_THAT(Move("town", ""), IsOk());
  EXPECT_EQ(holds("village"), "");
  EXPECT_THAT(registry_->PolicyChoiceFor(OrganisationId("nowhere")),
              HasReason("NO_SUCH_ORGANISATION"));
}

TEST_P(OrganisationsTest, SitesAndKiosksBelongSomewhere) {
  const OrganisationId org("org");
  ASSERT_THAT(registry_->PutSite({org, domain::SiteId("hall"), "Hall", false}), IsOk());
  ASSERT_THAT(registry_->PutSite({org, domain::SiteId("hall"), "Great hall", true}), IsOk());
  const auto site = registry_->GetSite(org, domain::SiteId("hall"));
  ASSERT_THAT(site, IsOk());
  EXPECT_EQ(site->name, "Great hall");
  EXPECT_TRUE(site->calibrated);
  ASSERT_THAT(
      registry_->PutKiosk({org, domain::SiteId("hall"), domain::KioskId("door-1"), "Door"}),
      IsOk());
  EXPECT_EQ(registry_->GetKiosk(org, domain::SiteId("hall"), domain::KioskId("door-1"))->name,
            "Door");

  EXPECT_THAT(registry_->PutSite({OrganisationId("x"), domain::SiteId("s"), "S", false}),
              HasReason("NO_SUCH_ORGANISATION"));
  EXPECT_THAT(registry_->PutKiosk({org, domain::SiteId("x"), domain::KioskId("k"), "K"}),
              HasReason("NO_SUCH_SITE"));
  EXPECT_THAT(registry_->GetSite(org, domain::SiteId("x")), HasReason("NO_SUCH_SITE"));
  EXPECT_THAT(registry_->GetKiosk(org, domain::SiteId("hall"), domain::KioskId("x")),
              HasReason("NO_SUCH_KIOSK"));
}

ROLLCALL_ON_EVERY_ENGINE(OrganisationsTest);

}  // namespace
}  // namespace rollcall::registry
