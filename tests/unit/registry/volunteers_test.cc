#include <optional>
#include <string>

#include "fixture.h"

namespace rollcall::registry {
namespace {

using domain::Consent;
using domain::ConsentItem;
using domain::OrganisationId;
using domain::VolunteerId;
using support::HasReason;
using support::IsOk;
using testing::ElementsAre;
using testing::SizeIs;

class VolunteersTest : public RegistryTest {
 protected:
  static Consent Recognition(const std::string& version) {
    Consent consent;
    consent.reference = "form 17";
    consent.text_version = version;
    consent.given = kNow;
    consent.recorder = "local";
    return consent;
  }
};

TEST_P(VolunteersTest, AreFoundByEachOfTheirIds) {
  auto volunteer = Volunteer("V-1", 1);
  volunteer.name = "\xe5\xbc\xa0\xf0\xa0\xae\xb7";  // a rare character beyond the basic plane
  ASSERT_THAT(registry_->CreateVolunteer(volunteer), IsOk());
  Reopen();
  for (const auto& found : {registry_->GetVolunteer(VolunteerId("V-1")),
                            registry_->GetVolunteerByKey(volunteer.key),
                            registry_->GetVolunteerBySubject(volunteer.subject)}) {
    ASSERT_THAT(found, IsOk());
    EXPECT_EQ(found->id.value, "V-1");
    EXPECT_EQ(found->name, volunteer.name);
    EXPECT_EQ(found->key, volunteer.key);
    EXPECT_EQ(found->subject, volunteer.subject);
    EXPECT_EQ(found->age_band, domain::AgeBand::kAdult);
  }
  EXPECT_THAT(registry_->GetVolunteer(VolunteerId("V-2")), HasReason("NO_SUCH_VOLUNTEER"));
  EXPECT_THAT(registry_->GetVolunteerByKey(volunteer.subject), HasReason("NO_SUCH_VOLUNTEER"));
}

TEST_P(VolunteersTest, BadOnesAreRefusedAndNothingIsChanged) {
  Create("V-1", 1);
  EXPECT_THAT(registry_->CreateVolunteer(Volunteer("V-1", 2)), HasReason("VOLUNTEER_EXISTS"));
  EXPECT_THAT(registry_->CreateVolunteer(Volunteer("V-2", 1)), HasReason("VOLUNTEER_EXISTS"));
  EXPECT_THAT(registry_->CreateVolunteer(Volunteer("13800138000", 3)),
              HasReason("PERSONAL_NUMBER"));
  EXPECT_THAT(registry_->CreateVolunteer(Volunteer("a/b", 3)), HasReason("BAD_ID"));
  for (const char* name : {"", " ", "two\nlines", "\xe2\x80\xaeright to left", "\xc3\x28"}) {
    auto bad = Volunteer("V-3", 3);
    bad.name = name;
    EXPECT_THAT(registry_->CreateVolunteer(bad), HasReason("BAD_TEXT"));
  }
  auto same = Volunteer("V-3", 3);
  same.subject = same.key;
  EXPECT_THAT(registry_->CreateVolunteer(same), HasReason("BAD_VALUE"));
  EXPECT_THAT(registry_->ListVolunteers({}, {})->items, SizeIs(1));
}

TEST_P(VolunteersTest, JoinOrganisations) {
  Create("V-1", 1);
  Create("V-2", 2);
  ASSERT_THAT(registry_->CreateOrganisation(Organisation("club")), IsOk());
  const VolunteerId first("V-1");
  ASSERT_THAT(registry_->JoinOrganisation(first, OrganisationId("org"), kNow), IsOk());
  ASSERT_THAT(registry_->JoinOrganisation(first, OrganisationId("club"), kNow), IsOk());
  ASSERT_THAT(registry_->JoinOrganisation(first, OrganisationId("club"), kNow), IsOk());
  EXPECT_THAT(*registry_->Organisations(first),
              ElementsAre(OrganisationId("club"), OrganisationId("org")));
  EXPECT_THAT(registry_->ListVolunteers(OrganisationId("club"), {})->items, SizeIs(1));
  EXPECT_THAT(registry_->ListVolunteers({}, {})->items, SizeIs(2));
  EXPECT_THAT(registry_->ListVolunteers(OrganisationId("x"), {}),
              HasReason("NO_SUCH_ORGANISATION"));
  EXPECT_THAT(registry_->JoinOrganisation(VolunteerId("x"), OrganisationId("org"), kNow),
              HasReason("NO_SUCH_VOLUNTEER"));
}

TEST_P(VolunteersTest, AreListedByIdInPages) {
  for (int i = 0; i < 25; ++i) Create("V-" + std::to_string(100 + 7 * i % 25), i + 1);
  const auto all = Everything(
      [this](const base::PageRequest& page) { return registry_->ListVolunteers({}, page); }, 10);
  ASSERT_THAT(all, SizeIs(25));
  for (size_t i = 0; i < 25; ++i) EXPECT_EQ(all[i].id.value, "V-" + std::to_string(100 + i));
}

TEST_P(VolunteersTest, AWithdrawnConsentStaysOnRecord) {
  Create("V-1", 1);
  const VolunteerId id("V-1");
  ASSERT_THAT(registry_->AddConsent(id, Recognition("2026-1")), IsOk());
  ASSERT_THAT(registry_->AddConsent(id, Recognition("2026-2")), IsOk());
  Consent copies = Recognition("2026-2");
  copies.item = ConsentItem::kKioskCopies;
  copies.form = domain::ConsentForm::kSignedScreen;
  ASSERT_THAT(registry_->AddConsent(id, copies), IsOk());

  const base::Time later = kNow + std::chrono::hours(1);
  EXPECT_EQ(*registry_->WithdrawConsent(id, ConsentItem::kRecognition, later), 2);
  EXPECT_EQ(*registry_->WithdrawConsent(id, ConsentItem::kRecognition, later), 0);
  const auto consents = registry_->Consents(id);
  ASSERT_THAT(consents, IsOk());
  ASSERT_THAT(*consents, SizeIs(3));
  EXPECT_EQ((*consents)[0].withdrawn, later);
  EXPECT_EQ((*consents)[0].text_version, "2026-1");
  EXPECT_EQ((*consents)[1].withdrawn, later);
  EXPECT_EQ((*consents)[2].withdrawn, std::nullopt);
  EXPECT_EQ((*consents)[2].form, domain::ConsentForm::kSignedScreen);
  EXPECT_FALSE(domain::FaceAllowed(*consents, domain::AgeBand::kAdult, "2026-2"));
}

TEST_P(VolunteersTest, AChildNeedsAGuardian) {
  auto child = Volunteer("V-1", 1);
  child.age_band = domain::AgeBand::kUnder14;
  ASSERT_THAT(registry_->CreateVolunteer(child), IsOk());
  const VolunteerId id("V-1");
  Consent consent = Recognition("2026-1");
  EXPECT_THAT(registry_->AddConsent(id, consent), HasReason("GUARDIAN_NEEDED"));
  EXPECT_THAT(*registry_->Consents(id), SizeIs(0));
  consent.guardian = "her mother";
  consent.guardian_evidence = "copy 3";
  ASSERT_THAT(registry_->AddConsent(id, consent), IsOk());
  EXPECT_EQ((*registry_->Consents(id))[0].guardian, "her mother");
  EXPECT_EQ((*registry_->Consents(id))[0].guardian_evidence, "copy 3");
}

TEST_P(VolunteersTest, BadConsentsAreRefused) {
  Create("V-1", 1);
  const VolunteerId id("V-1");
  Consent no_reference = Recognition("2026-1");
  no_reference.reference.clear();
  EXPECT_FALSE(registry_->AddConsent(id, no_reference).ok());
  Consent item = Recognition("2026-1");
  item.item = static_cast<ConsentItem>(9);
  EXPECT_THAT(registry_->AddConsent(id, item), HasReason("BAD_VALUE"));
  EXPECT_THAT(registry_->AddConsent(VolunteerId("x"), Recognition("2026-1")),
              HasReason("NO_SUCH_VOLUNTEER"));
  EXPECT_THAT(*registry_->Consents(id), SizeIs(0));
}

TEST_P(VolunteersTest, ThePinHashIsReplaced) {
  Create("V-1", 1);
  const VolunteerId id("V-1");
  EXPECT_EQ(*registry_->GetPinHash(id), std::nullopt);
  ASSERT_THAT(registry_->SetPinHash(id, "$argon2id$first"), IsOk());
  ASSERT_THAT(registry_->SetPinHash(id, "$argon2id$second"), IsOk());
  EXPECT_EQ(*registry_->GetPinHash(id), "$argon2id$second");
  EXPECT_THAT(registry_->SetPinHash(id, ""), HasReason("BAD_VALUE"));
  EXPECT_THAT(registry_->SetPinHash(id, std::string(257, 'x')), HasReason("BAD_VALUE"));
  EXPECT_THAT(registry_->GetPinHash(VolunteerId("x")), HasReason("NO_SUCH_VOLUNTEER"));
}

TEST_P(VolunteersTest, SiblingsAreAPairWhicheverWayRound) {
  for (int i = 1; i <= 3; ++i) Create("V-" + std::to_string(i), i);
  const VolunteerId a("V-1");
  const VolunteerId b("V-2");
  ASSERT_THAT(registry_->DeclareSiblings(b, a, "local", kNow), IsOk());
  ASSERT_THAT(registry_->DeclareSiblings(a, b, "local", kNow), IsOk());
  ASSERT_THAT(registry_->DeclareSiblings(b, VolunteerId("V-3"), "local", kNow), IsOk());
  EXPECT_THAT(*registry_->Siblings(a), ElementsAre(b));
  EXPECT_THAT(*registry_->Siblings(b), ElementsAre(a, VolunteerId("V-3")));
  EXPECT_THAT(registry_->DeclareSiblings(a, a, "local", kNow), HasReason("SAME_VOLUNTEER"));
  EXPECT_THAT(registry_->DeclareSiblings(a, VolunteerId("x"), "local", kNow),
              HasReason("NO_SUCH_VOLUNTEER"));
}

TEST_P(VolunteersTest, EnrollingAnywayKeepsItsReason) {
  Create("V-1", 1);
  Create("V-2", 2);
  const DuplicateOverride record{VolunteerId("V-2"), VolunteerId("V-1"), "compared at the desk",
                                 "local", kNow};
  ASSERT_THAT(registry_->AddDuplicateOverride(record), IsOk());
  const auto stored = registry_->DuplicateOverrides(VolunteerId("V-2"));
  ASSERT_THAT(stored, IsOk());
  ASSERT_THAT(*stored, SizeIs(1));
  EXPECT_EQ((*stored)[0].resembles.value, "V-1");
  EXPECT_EQ((*stored)[0].reason, "compared at the desk");
  auto silent = record;
  silent.reason.clear();
  EXPECT_THAT(registry_->AddDuplicateOverride(silent), HasReason("BAD_TEXT"));
  EXPECT_THAT(*registry_->DuplicateOverrides(VolunteerId("V-1")), SizeIs(0));
}

ROLLCALL_ON_EVERY_ENGINE(VolunteersTest);

}  // namespace
}  // namespace rollcall::registry
