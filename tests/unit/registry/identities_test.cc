#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fixture.h"

namespace rollcall::registry {
namespace {

using domain::KioskId;
using domain::OrganisationId;
using domain::Role;
using domain::SiteId;
using support::HasReason;
using support::IsOk;
using support::StatusIs;
using testing::SizeIs;

const base::Time kLater = kNow + std::chrono::hours(1);

base::Sha256Digest Fingerprint(int number) {
  base::Sha256Digest fingerprint{};
  fingerprint[0] = 0xfe;
  fingerprint[30] = static_cast<uint8_t>(number >> 8);
  fingerprint[31] = static_cast<uint8_t>(number);
  return fingerprint;
}

Identity Staff(const std::string& id) {
  Identity identity;
  identity.id = id;
  identity.role = Role::kDesk;
  identity.organisation.value = "org";
  identity.name = "Name of " + id;
  identity.created = kNow;
  identity.recorder = "local";
  return identity;
}

Identity KioskIdentity(const std::string& id) {
  Identity identity = Staff(id);
  identity.role = Role::kKiosk;
  identity.site.value = "hall";
  return identity;
}

std::string Micros(base::Time time) { return std::to_string(base::ToUnixMicros(time)); }

IdentityCertificate Certificate(const std::string& identity, int number) {
  return {Fingerprint(number), identity, kNow, kNow + std::chrono::hours(24 * 365)};
}

// With the site "hall" and, already revoked, the identity "gone" of fingerprint 900.
class IdentitiesTest : public RegistryTest {
 protected:
  void SetUp() override {
    RegistryTest::SetUp();
    ASSERT_THAT(registry_->PutSite({OrganisationId("org"), SiteId("hall"), "Hall", false}), IsOk());
    ASSERT_THAT(registry_->AddIdentity(Staff("gone"), Certificate("gone", 900)), IsOk());
    ASSERT_THAT(registry_->RevokeIdentity("gone", "boss", kNow), IsOk());
  }

  absl::Status Sql(const std::string& statement) {
    return database_->Write([&](storage::Connection& c) { return c.Execute(statement).status(); });
  }

  // Everything that the methods under test may change, as text.
  std::string State() {
    std::string state;
    for (const Identity& i : Everything(
             [this](const base::PageRequest& page) { return registry_->ListIdentities(page); },
             1000)) {
      state += i.id + "," + std::to_string(static_cast<int>(i.role)) + "," + i.organisation.value +
               "," + i.site.value + "," + i.name + "," + Micros(i.created) + "," + i.recorder +
               "," + (i.revoked ? Micros(*i.revoked) : "-") + "," + i.revoked_by + "\n";
    }
    const auto certificates = registry_->ListCertificates();
    EXPECT_THAT(certificates, IsOk());
    for (const IdentityCertificate& c : *certificates) {
      state += base::ToHex(c.fingerprint) + "," + c.identity + "," + Micros(c.issued) + "," +
               Micros(c.expires) + "\n";
    }
    EXPECT_THAT(database_->Read([&](storage::Connection& c) -> absl::Status {
      ASSIGN_OR_RETURN(const auto rows, c.Query("SELECT id, name FROM kiosk ORDER BY id"));
      while (true) {
        ASSIGN_OR_RETURN(const bool more, rows->Next());
        if (!more) return absl::OkStatus();
        state += rows->Text(0) + "," + rows->Text(1) + "\n";
      }
    }),
                IsOk());
    return state;
  }

  // `call` fails like this and changes nothing.
  void ExpectRefused(const std::function<absl::Status()>& call, absl::StatusCode code,
                     const std::string& reason) {
    const std::string before = State();
    const absl::Status status = call();
    EXPECT_THAT(status, StatusIs(code));
    EXPECT_THAT(status, HasReason(reason));
    EXPECT_EQ(State(), before);
  }

  void ExpectNotAdded(const Identity& identity, const IdentityCertificate& certificate,
                      absl::StatusCode code, const std::string& reason) {
    ExpectRefused([&] { return registry_->AddIdentity(identity, certificate); }, code, reason);
  }
  void ExpectInvalid(const Identity& identity, const std::string& reason) {
    ExpectNotAdded(identity, Certificate(identity.id, 1), absl::StatusCode::kInvalidArgument,
                   reason);
  }
};

TEST_P(IdentitiesTest, StayAcrossReopening) {
  const IdentityCertificate certificate = Certificate("anna", 1);
  ASSERT_THAT(registry_->AddIdentity(Staff("anna"), certificate), IsOk());
  Reopen();
  const auto found = registry_->GetIdentity("anna");
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->id, "anna");
  EXPECT_EQ(found->role, Role::kDesk);
  EXPECT_EQ(found->organisation.value, "org");
  EXPECT_TRUE(found->site.empty());
  EXPECT_EQ(found->name, "Name of anna");
  EXPECT_EQ(found->created, kNow);
  EXPECT_EQ(found->recorder, "local");
  EXPECT_EQ(found->revoked, std::nullopt);
  EXPECT_EQ(found->revoked_by, "");

  const auto certificates = registry_->Certificates("anna");
  ASSERT_THAT(certificates, IsOk());
  ASSERT_THAT(*certificates, SizeIs(1));
  EXPECT_EQ((*certificates)[0].fingerprint, certificate.fingerprint);
  EXPECT_EQ((*certificates)[0].identity, "anna");
  EXPECT_EQ((*certificates)[0].issued, certificate.issued);
  EXPECT_EQ((*certificates)[0].expires, certificate.expires);

  EXPECT_THAT(registry_->GetIdentity("x"), HasReason("NO_SUCH_IDENTITY"));
  EXPECT_THAT(registry_->GetIdentity("Anna"), HasReason("NO_SUCH_IDENTITY"));
  EXPECT_THAT(registry_->GetIdentity(""), HasReason("NO_SUCH_IDENTITY"));
  EXPECT_THAT(registry_->Certificates("x"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(registry_->Certificates("x"), HasReason("NO_SUCH_IDENTITY"));
}

TEST_P(IdentitiesTest, EveryRoleIsKept) {
  int number = 0;
  for (const Role role :
       {Role::kDesk, Role::kOrganiser, Role::kApprover, Role::kAuditor, Role::kAdministrator}) {
    Identity identity = Staff("staff-" + std::to_string(++number));
    identity.role = role;
    ASSERT_THAT(registry_->AddIdentity(identity, Certificate(identity.id, number)), IsOk());
    EXPECT_EQ(registry_->GetIdentity(identity.id)->role, role);
  }
}

TEST_P(IdentitiesTest, AKiosksRowIsMadeWithIt) {
  ASSERT_THAT(registry_->AddIdentity(KioskIdentity("door-1"), Certificate("door-1", 1)), IsOk());
  const auto kiosk = registry_->GetKiosk(OrganisationId("org"), SiteId("hall"), KioskId("door-1"));
  ASSERT_THAT(kiosk, IsOk());
  EXPECT_EQ(kiosk->name, "Name of door-1");
  EXPECT_EQ(registry_->GetIdentity("door-1")->role, Role::kKiosk);
  EXPECT_EQ(registry_->GetIdentity("door-1")->site.value, "hall");

  ASSERT_THAT(
      registry_->PutKiosk({OrganisationId("org"), SiteId("hall"), KioskId("door-2"), "Back door"}),
      IsOk());
  ASSERT_THAT(registry_->AddIdentity(KioskIdentity("door-2"), Certificate("door-2", 2)), IsOk());
  EXPECT_EQ(registry_->GetKiosk(OrganisationId("org"), SiteId("hall"), KioskId("door-2"))->name,
            "Back door");

  ASSERT_THAT(registry_->AddIdentity(Staff("anna"), Certificate("anna", 3)), IsOk());
  EXPECT_THAT(registry_->GetKiosk(OrganisationId("org"), SiteId("hall"), KioskId("anna")),
              HasReason("NO_SUCH_KIOSK"));
}

TEST_P(IdentitiesTest, MalformedOnesAreRefused) {
  for (const std::string& id : {std::string(), std::string("a b"), std::string("-a"),
                                std::string("a/b"), std::string(65, 'a')}) {
    ExpectInvalid(Staff(id), "BAD_ID");
  }
  for (const std::string& name : {std::string(), std::string(" "), std::string("two\nlines"),
                                  std::string("\xc3\x28"), std::string(201, 'a')}) {
    Identity identity = Staff("anna");
    identity.name = name;
    ExpectInvalid(identity, "BAD_TEXT");
  }
  Identity recorder = Staff("anna");
  recorder.recorder = "two\nlines";
  ExpectInvalid(recorder, "BAD_TEXT");

  for (const int role : {-1, 0, 7}) {
    Identity identity = Staff("anna");
    identity.role = static_cast<Role>(role);
    ExpectInvalid(identity, "BAD_VALUE");
  }
  Identity nowhere = KioskIdentity("door-1");
  nowhere.site.value.clear();
  ExpectInvalid(nowhere, "BAD_VALUE");
  Identity sited = Staff("anna");
  sited.site.value = "hall";
  ExpectInvalid(sited, "BAD_VALUE");
  Identity revoked = Staff("anna");
  revoked.revoked = kNow;
  ExpectInvalid(revoked, "BAD_VALUE");
  Identity revoked_by = Staff("anna");
  revoked_by.revoked_by = "boss";
  ExpectInvalid(revoked_by, "BAD_VALUE");
}

// Two accounts of one person are one person: who holds an identity is said once.
TEST_P(IdentitiesTest, WhoHoldsAnIdentityIsFixed) {
  ASSERT_THAT(registry_->CreateVolunteer(Volunteer("V-1", 1)), IsOk());
  Identity held = Staff("anna");
  held.volunteer.value = "V-1";
  ASSERT_THAT(registry_->AddIdentity(held, Certificate("anna", 1)), IsOk());
  EXPECT_EQ(registry_->GetIdentity("anna")->volunteer.value, "V-1");
  EXPECT_EQ(registry_->GetIdentity("gone")->volunteer.value, "");
  EXPECT_FALSE(Sql("UPDATE identity SET volunteer = NULL WHERE id = 'anna'").ok());
  EXPECT_FALSE(Sql("UPDATE identity SET volunteer = 'V-1' WHERE id = 'gone'").ok());
  const std::string before = State();
  held.id = "ben";
  held.volunteer.value = "V-404";
  EXPECT_THAT(registry_->AddIdentity(held, Certificate("ben", 2)),
              HasReason("NO_SUCH_VOLUNTEER"));
  Identity kiosk = KioskIdentity("door-1");
  kiosk.volunteer.value = "V-1";
  EXPECT_THAT(registry_->AddIdentity(kiosk, Certificate("door-1", 3)), HasReason("BAD_VALUE"));
  EXPECT_EQ(State(), before);
}

TEST_P(IdentitiesTest, MalformedCertificatesAreRefused) {
  ASSERT_THAT(registry_->AddIdentity(Staff("anna"), Certificate("anna", 1)), IsOk());
  std::vector<IdentityCertificate> bad(3, Certificate("anna", 2));
  bad[0].expires = bad[0].issued;
  bad[1].expires = bad[1].issued - std::chrono::microseconds(1);
  bad[2].fingerprint = {};
  for (IdentityCertificate& certificate : bad) {
    ExpectRefused([&] { return registry_->AddCertificate(certificate); },
                  absl::StatusCode::kInvalidArgument, "BAD_VALUE");
    certificate.identity = "ben";
    ExpectNotAdded(Staff("ben"), certificate, absl::StatusCode::kInvalidArgument, "BAD_VALUE");
  }
  ExpectNotAdded(Staff("ben"), Certificate("anna", 2), absl::StatusCode::kInvalidArgument,
                 "BAD_VALUE");
  ExpectNotAdded(Staff("ben"), Certificate("", 2), absl::StatusCode::kInvalidArgument, "BAD_VALUE");
}

TEST_P(IdentitiesTest, BelongSomewhere) {
  for (const char* organisation : {"nowhere", ""}) {
    Identity stray = Staff("anna");
    stray.organisation.value = organisation;
    ExpectNotAdded(stray, Certificate("anna", 1), absl::StatusCode::kNotFound,
                   "NO_SUCH_ORGANISATION");
  }
  Identity kiosk = KioskIdentity("door-1");
  kiosk.site.value = "cellar";
  ExpectNotAdded(kiosk, Certificate("door-1", 1), absl::StatusCode::kNotFound, "NO_SUCH_SITE");
  // A site of one organisation is none of another.
  ASSERT_THAT(registry_->CreateOrganisation(Organisation("club")), IsOk());
  kiosk = KioskIdentity("door-1");
  kiosk.organisation.value = "club";
  ExpectNotAdded(kiosk, Certificate("door-1", 1), absl::StatusCode::kNotFound, "NO_SUCH_SITE");
}

TEST_P(IdentitiesTest, AnIdIsGivenOnce) {
  ASSERT_THAT(registry_->AddIdentity(Staff("anna"), Certificate("anna", 1)), IsOk());
  ASSERT_THAT(registry_->CreateOrganisation(Organisation("club")), IsOk());
  Identity elsewhere = Staff("anna");
  elsewhere.organisation.value = "club";
  for (const Identity& again :
       {Staff("anna"), KioskIdentity("anna"), elsewhere, Staff("gone"), KioskIdentity("gone")}) {
    ExpectNotAdded(again, Certificate(again.id, 2), absl::StatusCode::kAlreadyExists,
                   "IDENTITY_EXISTS");
  }
  // Both wrong: the id is named.
  ExpectNotAdded(Staff("anna"), Certificate("anna", 1), absl::StatusCode::kAlreadyExists,
                 "IDENTITY_EXISTS");
}

TEST_P(IdentitiesTest, ACertificateBelongsToOne) {
  ASSERT_THAT(registry_->AddIdentity(Staff("anna"), Certificate("anna", 1)), IsOk());
  ASSERT_THAT(registry_->AddIdentity(Staff("ben"), Certificate("ben", 2)), IsOk());
  for (const int taken : {1, 900}) {
    ExpectNotAdded(Staff("carl"), Certificate("carl", taken), absl::StatusCode::kAlreadyExists,
                   "CERTIFICATE_EXISTS");
    ExpectNotAdded(KioskIdentity("door-1"), Certificate("door-1", taken),
                   absl::StatusCode::kAlreadyExists, "CERTIFICATE_EXISTS");
    for (const char* id : {"anna", "ben"}) {
      ExpectRefused([&] { return registry_->AddCertificate(Certificate(id, taken)); },
                    absl::StatusCode::kAlreadyExists, "CERTIFICATE_EXISTS");
    }
  }
  EXPECT_THAT(registry_->AddIdentity(Staff("carl"), Certificate("carl", 3)), IsOk())
      << "a refused one leaves its id free";
}

TEST_P(IdentitiesTest, RenewalKeepsTheEarlierCertificates) {
  ASSERT_THAT(registry_->AddIdentity(Staff("anna"), Certificate("anna", 3)), IsOk());
  IdentityCertificate renewal = Certificate("anna", 1);
  renewal.issued = kLater;
  ASSERT_THAT(registry_->AddCertificate(renewal), IsOk());
  Reopen();
  const auto certificates = registry_->Certificates("anna");
  ASSERT_THAT(certificates, IsOk());
  ASSERT_THAT(*certificates, SizeIs(2));
  EXPECT_EQ((*certificates)[0].fingerprint, Fingerprint(3));
  EXPECT_EQ((*certificates)[1].fingerprint, Fingerprint(1));
  EXPECT_EQ((*certificates)[1].issued, kLater);

  for (const char* id : {"x", "", "not an id"}) {
    ExpectRefused([&] { return registry_->AddCertificate(Certificate(id, 4)); },
                  absl::StatusCode::kNotFound, "NO_SUCH_IDENTITY");
  }
}

TEST_P(IdentitiesTest, RevocationIsForEver) {
  ASSERT_THAT(registry_->AddIdentity(KioskIdentity("door-1"), Certificate("door-1", 1)), IsOk());
  ASSERT_THAT(registry_->RevokeIdentity("door-1", "boss", kLater), IsOk());
  const std::string revoked = State();
  ASSERT_THAT(registry_->RevokeIdentity("door-1", "somebody", kNow), IsOk());
  EXPECT_EQ(State(), revoked);
  Reopen();
  EXPECT_EQ(State(), revoked);
  EXPECT_EQ(registry_->GetIdentity("door-1")->revoked, kLater);
  EXPECT_EQ(registry_->GetIdentity("door-1")->revoked_by, "boss");
  EXPECT_EQ(registry_->GetIdentity("gone")->revoked, kNow) << "one revocation touches one identity";

  ExpectRefused([&] { return registry_->AddCertificate(Certificate("door-1", 2)); },
                absl::StatusCode::kFailedPrecondition, "IDENTITY_REVOKED");
  ExpectNotAdded(KioskIdentity("door-1"), Certificate("door-1", 2),
                 absl::StatusCode::kAlreadyExists, "IDENTITY_EXISTS");
  EXPECT_THAT(*registry_->Certificates("door-1"), SizeIs(1));
}

TEST_P(IdentitiesTest, OnlyWhatIsThereIsRevoked) {
  ASSERT_THAT(registry_->AddIdentity(Staff("anna"), Certificate("anna", 1)), IsOk());
  ExpectRefused([&] { return registry_->RevokeIdentity("x", "boss", kNow); },
                absl::StatusCode::kNotFound, "NO_SUCH_IDENTITY");
  ExpectRefused([&] { return registry_->RevokeIdentity("anna", "two\nlines", kNow); },
                absl::StatusCode::kInvalidArgument, "BAD_TEXT");
  // Whoever asks without a name still locks her out.
  ASSERT_THAT(registry_->RevokeIdentity("anna", "", kNow), IsOk());
  EXPECT_EQ(registry_->GetIdentity("anna")->revoked, kNow);
  EXPECT_EQ(registry_->GetIdentity("anna")->revoked_by, "");
}

TEST_P(IdentitiesTest, AreListedByIdInPages) {
  for (int i = 0; i < 25; ++i) {
    const std::string id = "staff-" + std::to_string(100 + 7 * i % 25);
    ASSERT_THAT(registry_->AddIdentity(Staff(id), Certificate(id, i + 1)), IsOk());
  }
  const auto list = [this](const base::PageRequest& page) {
    return registry_->ListIdentities(page);
  };
  for (const int32_t size : {1, 10, 13, 26, 100}) {
    const auto all = Everything(list, size);
    ASSERT_THAT(all, SizeIs(26));
    EXPECT_EQ(all[0].id, "gone");
    EXPECT_EQ(all[0].revoked, kNow);
    for (size_t i = 0; i < 25; ++i) EXPECT_EQ(all[i + 1].id, "staff-" + std::to_string(100 + i));
  }
  EXPECT_THAT(registry_->ListIdentities({-1, ""}), HasReason("BAD_PAGE"));
  EXPECT_THAT(registry_->ListIdentities({0, "zz"}), HasReason("BAD_PAGE"));
}

TEST_P(IdentitiesTest, EveryCertificateIsListedForTheStart) {
  // More than the longest page.
  constexpr int kMany = base::kMaxPageSize + 1;
  ASSERT_THAT(database_->Write([](storage::Connection& c) -> absl::Status {
    for (int i = 1; i <= kMany; ++i) {
      RETURN_IF_ERROR(c.Execute("INSERT INTO identity_certificate (fingerprint, identity, issued,"
                                " expires) VALUES ($1, 'gone', 0, 1)",
                                {Fingerprint(2000 + i)})
                          .status());
    }
    return absl::OkStatus();
  }),
              IsOk());
  IdentityCertificate later = Certificate("anna", 1);
  later.issued = kLater;
  ASSERT_THAT(registry_->AddIdentity(Staff("anna"), later), IsOk());
  ASSERT_THAT(registry_->AddCertificate(Certificate("anna", 2)), IsOk());
  const auto all = registry_->ListCertificates();
  ASSERT_THAT(all, IsOk());
  ASSERT_THAT(*all, SizeIs(kMany + 3));
  EXPECT_EQ((*all)[0].fingerprint, Fingerprint(2));
  EXPECT_EQ((*all)[1].fingerprint, Fingerprint(1));
  EXPECT_EQ((*all)[1].identity, "anna");
  EXPECT_EQ((*all)[1].issued, kLater);
  EXPECT_EQ((*all)[2].fingerprint, Fingerprint(2001));
  EXPECT_EQ((*all)[2].expires, base::FromUnixMicros(1));
  EXPECT_EQ(all->back().fingerprint, Fingerprint(900));
  EXPECT_EQ(all->back().identity, "gone");
}

// Whatever a later version of the program asks of the tables.
TEST_P(IdentitiesTest, TheTablesForgetNothing) {
  ASSERT_THAT(registry_->AddIdentity(KioskIdentity("door-1"), Certificate("door-1", 1)), IsOk());
  std::vector<std::string> statements = {
      "DELETE FROM identity WHERE id = 'gone'",
      "DELETE FROM identity_certificate WHERE identity = 'gone'",
      "DELETE FROM kiosk",
      "UPDATE identity SET revoked = NULL, revoked_by = NULL WHERE id = 'gone'",
      "UPDATE identity SET revoked = NULL WHERE id = 'gone'",
      "UPDATE identity SET revoked = 1 WHERE id = 'gone'",
      "UPDATE identity SET revoked_by = 'x' WHERE id = 'gone'",
      "UPDATE identity SET revoked = 1 WHERE id = 'door-1'",  // by nobody
      "UPDATE identity SET id = 'free' WHERE id = 'gone'",
      "UPDATE identity SET role = 6 WHERE id = 'gone'",
      "UPDATE identity SET organisation = 'org' WHERE id = 'gone'",
      "UPDATE identity SET site = NULL WHERE id = 'door-1'",
      "UPDATE identity SET created = 1 WHERE id = 'door-1'",
      "UPDATE identity SET recorder = 'x' WHERE id = 'door-1'",
      "UPDATE identity_certificate SET identity = 'door-1' WHERE identity = 'gone'",
      "UPDATE identity_certificate SET expires = expires + 1",
      "INSERT INTO identity (id, role, organisation, name, created, recorder)"
      " VALUES ('k', 1, 'org', 'kiosk without a site', 0, '')",
      "INSERT INTO identity (id, role, organisation, site, name, created, recorder)"
      " VALUES ('s', 2, 'org', 'hall', 'desk with a site', 0, '')",
      "INSERT INTO identity (id, role, organisation, site, name, created, recorder)"
      " VALUES ('k', 1, 'org', 'hall', 'kiosk without its row', 0, '')",
  };
  if (GetParam().name == "Sqlite") {  // its own dialect
    statements.push_back(
        "INSERT INTO identity_certificate (fingerprint, identity, issued, expires)"
        " VALUES (zeroblob(32), 'nobody', 1, 2)");
    statements.push_back(
        "INSERT INTO identity_certificate (fingerprint, identity, issued, expires)"
        " VALUES (zeroblob(31), 'door-1', 1, 2)");
    statements.push_back(
        "INSERT INTO identity_certificate (fingerprint, identity, issued, expires)"
        " VALUES (zeroblob(32), 'door-1', 2, 2)");
    statements.push_back(
        "INSERT OR REPLACE INTO identity (id, role, organisation, name, created, recorder)"
        " VALUES ('gone', 2, 'org', 'back again', 0, '')");
    statements.push_back(
        "INSERT OR REPLACE INTO identity_certificate (fingerprint, identity, issued, expires)"
        " SELECT fingerprint, 'door-1', issued, expires FROM identity_certificate"
        " WHERE identity = 'gone'");
  }
  for (const std::string& statement : statements) {
    SCOPED_TRACE(statement);
    ExpectRefused([&] { return Sql(statement); }, absl::StatusCode::kFailedPrecondition,
                  "CONSTRAINT");
  }
}

// A database of the version before identities, with something in every kind of row they touch.
TEST_P(IdentitiesTest, AnOlderDatabaseKeepsWhatItHolds) {
  const support::TempDir folder;
  storage::Schema older = RegistrySchema();
  older.migrations.resize(1);
  {
    auto database = GetParam().open(folder.path(), {older});
    ASSERT_THAT(database, IsOk());
    const auto registry = MakeSqlRegistry(**database);
    ASSERT_THAT(registry->CreateOrganisation(Organisation("org")), IsOk());
    // By hand: today's statements know columns that there were not then.
    ASSERT_THAT((*database)->Write([](storage::Connection& c) {
      return c.Execute("INSERT INTO activity (organisation, id, title, place, practice, created)"
                       " VALUES ('org', 'cleanup', '', '', 0, 0)")
          .status();
    }),
                IsOk());
    ASSERT_THAT(registry->CreateVolunteer(Volunteer("V-1", 1)), IsOk());
    ASSERT_THAT(registry->PutSite({OrganisationId("org"), SiteId("hall"), "Hall", true}), IsOk());
    ASSERT_THAT(
        registry->PutKiosk({OrganisationId("org"), SiteId("hall"), KioskId("door-1"), "Door"}),
        IsOk());
    EXPECT_FALSE(registry->ListCertificates().ok());
  }
  for (int opening = 0; opening < 2; ++opening) {
    auto database = GetParam().open(folder.path(), {RegistrySchema()});
    ASSERT_THAT(database, IsOk());
    const auto registry = MakeSqlRegistry(**database);
    EXPECT_EQ(registry->GetOrganisation(OrganisationId("org"))->name, "Name of org");
    EXPECT_THAT(registry->GetActivity(OrganisationId("org"), domain::ActivityId("cleanup")),
                IsOk());
    EXPECT_EQ(registry->GetVolunteer(domain::VolunteerId("V-1"))->key, Uuid(1, 1));
    EXPECT_TRUE(registry->GetSite(OrganisationId("org"), SiteId("hall"))->calibrated);
    if (opening == 0) {
      EXPECT_THAT(registry->ListIdentities({})->items, SizeIs(0));
      ASSERT_THAT(registry->AddIdentity(KioskIdentity("door-1"), Certificate("door-1", 1)), IsOk());
    }
    EXPECT_EQ(registry->GetKiosk(OrganisationId("org"), SiteId("hall"), KioskId("door-1"))->name,
              "Door");
    EXPECT_THAT(registry->ListIdentities({})->items, SizeIs(1));
    EXPECT_THAT(*registry->ListCertificates(), SizeIs(1));
  }
  EXPECT_THAT(GetParam().open(folder.path(), {older}), HasReason("SCHEMA_NEWER"));
}

ROLLCALL_ON_EVERY_ENGINE(IdentitiesTest);

}  // namespace
}  // namespace rollcall::registry
