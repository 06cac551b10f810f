// The erasure of a person: what goes, what stays, and when it is refused.
#include "fixture.h"
#include "registry/ban_cases.h"
#include "registry/hour_certificates.h"
#include "registry/star_applications.h"

namespace rollcall::registry {
namespace {

using domain::ConsentItem;
using domain::OrganisationId;
using domain::VolunteerId;
using support::HasReason;
using support::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const OrganisationId kOrg("org");
const VolunteerId kGone("v-gone");
const VolunteerId kOther("v-other");
// Stands in every text that is about her.
constexpr char kCanary[] = "Canary";

class ErasureTest : public RegistryTest {
 protected:
  void SetUp() override {
    RegistryTest::SetUp();
    domain::Volunteer gone = Volunteer(kGone.value, 1);
    gone.name = std::string(kCanary) + " Wang";
    ASSERT_THAT(registry_->CreateVolunteer(gone), IsOk());
    Create(kOther.value, 2);
    ASSERT_THAT(registry_->AddRosterEntries(Key("morning"), {Entry(kGone), Entry(kOther)}, kNow),
                IsOk());
  }

  static domain::RosterEntry Entry(const VolunteerId& id) {
    domain::RosterEntry entry;
    entry.session = Key("morning");
    entry.volunteer = id;
    return entry;
  }
  static domain::Consent Consent() {
    domain::Consent consent;
    consent.reference = "Canary form";
    consent.text_version = "1";
    consent.given = kNow;
    consent.guardian = "Canary guardian";
    return consent;
  }
  static ProcedureStep Step(int request) {
    ProcedureStep step;
    step.actor.identity = "staff-1";
    step.actor.role = domain::Role::kOrganiser;
    step.policy = "default/2";
    step.time = kNow;
    step.request = Uuid(9, request);
    return step;
  }

  // Everything that can hang on a number, of her and of somebody else.
  void Fill(const VolunteerId& id, int number) {
    ASSERT_THAT(registry_->AddConsent(id, Consent()), IsOk());
    ASSERT_THAT(registry_->SetPinHash(id, "Canary hash"), IsOk());
    ASSERT_THAT(registry_->CountPinFailure(domain::KioskId("door"), id, kNow,
                                           {5, 10, kNow - std::chrono::hours(1)}),
                IsOk());
    ASSERT_THAT(registry_->PutFaceRecord({id, kNow, "model", 3, "Canary notice"}), IsOk());
    ASSERT_THAT(registry_->AddProcessing({{id, kNow, ProcessingKind::kEnrolment, "desk-1", "m"}}),
                IsOk());
    StoredStarApplication star;
    star.id = Uuid(6, number);
    star.organisation = kOrg;
    star.volunteer = id;
    ASSERT_THAT(MakeSqlStarApplications(*database_)
                    ->Submit(star, Step(number),
                             [](const StarRecord&) {
                               hours::StarApplication application;
                               application.star = 1;
                               application.approver_level = hours::Level::kCity;
                               return absl::StatusOr<hours::StarApplication>(application);
                             }),
                IsOk());
    HourCertificate certificate;
    certificate.number = "HC-" + std::to_string(number);
    certificate.organisation = kOrg;
    certificate.volunteer = id;
    certificate.first_day = "2026-01-01";
    certificate.last_day = "2026-11-24";
    certificate.issued = kNow;
    certificate.recorder = "desk-1";
    certificate.request = Uuid(8, number);
    const std::string statement = "Canary statement";
    certificate.statement.assign(statement.begin(), statement.end());
    certificate.signature = {4, 5, 6};
    certificate.vc_jwt = "Canary.b.c";
    ASSERT_THAT(MakeSqlHourCertificates(*database_)->Add(certificate), IsOk());
  }
  void OpenCase(const VolunteerId& id, int number) {
    StoredBanCase opened;
    opened.id = Uuid(7, number);
    opened.organisation = kOrg;
    opened.volunteer = id;
    opened.ban.noticed = hours::Day(std::chrono::days(20'000));
    opened.ban.accusation = "Canary accusation";
    opened.ban.evidence = {"Canary evidence"};
    opened.ban.involved = {Uuid(4, 1)};
    ASSERT_THAT(MakeSqlBanCases(*database_)->Open(opened, Step(number)), IsOk());
  }
  void DismissCase(int number, int request) {
    ASSERT_THAT(MakeSqlBanCases(*database_)
                    ->Step(kOrg, Uuid(7, number), Step(request),
                           [](const StoredBanCase& stored) {
                             hours::BanCase next = stored.ban;
                             next.state = hours::BanState::kDismissed;
                             next.statement = "Canary answer";
                             return absl::StatusOr<hours::BanCase>(next);
                           }),
                IsOk());
  }

  absl::Status Erase() {
    return registry_->EraseVolunteer({kGone, kNow, ProcessingKind::kPersonErased, "desk-1", ""},
                                     {Uuid(3, 1), Uuid(3, 2)});
  }

  // Every row of every table, as text.
  std::string Dump() {
    std::string dump;
    EXPECT_THAT(database_->Read([&](storage::Connection& c) -> absl::Status {
      ASSIGN_OR_RETURN(auto tables, c.Query("SELECT name FROM sqlite_master WHERE type = 'table'"
                                            " ORDER BY name", {}));
      while (true) {
        ASSIGN_OR_RETURN(const bool more, tables->Next());
        if (!more) return absl::OkStatus();
        const std::string table = tables->Text(0);
        ASSIGN_OR_RETURN(auto columns, c.Query("SELECT group_concat('quote(\"' || name || '\")',"
                                               " '||''|''||') FROM pragma_table_info($1)", {table}));
        RETURN_IF_ERROR(columns->Next().status());
        ASSIGN_OR_RETURN(auto rows,
                         c.Query("SELECT " + columns->Text(0) + " FROM " + table + " ORDER BY 1", {}));
        while (true) {
          ASSIGN_OR_RETURN(const bool row, rows->Next());
          if (!row) break;
          dump += table + ": " + rows->Text(0) + "\n";
        }
      }
    }),
                IsOk());
    return dump;
  }
  std::string Files() const {
    std::string bytes;
    for (const auto& file : std::filesystem::directory_iterator(temp_.path())) {
      bytes += support::ReadFile(file.path());
    }
    return bytes;
  }
};

// Texts are quoted by quote() as they are, bytes as X'...'.
std::string Hex(const std::string& text) {
  std::string hex;
  for (const char c : text) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    hex += kDigits[static_cast<unsigned char>(c) >> 4];
    hex += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return hex;
}

TEST_P(ErasureTest, NothingOfHerIsLeftInAnyTableOrFile) {
  Fill(kGone, 1);
  OpenCase(kGone, 1);
  DismissCase(1, 101);
  ASSERT_THAT(registry_->DeclareSiblings(kGone, kOther, "desk-1", kNow), IsOk());
  ASSERT_THAT(registry_->AddDuplicateOverride({kGone, kOther, "Canary reason", "desk-1", kNow}),
              IsOk());
  ASSERT_THAT(registry_->AddDuplicateOverride({kOther, kGone, "Canary other", "desk-1", kNow}),
              IsOk());
  ASSERT_THAT(Dump(), HasSubstr(kCanary));
  ASSERT_THAT(Files(), HasSubstr(kCanary));

  ASSERT_THAT(Erase(), IsOk());
  const std::string dump = Dump();
  for (const std::string& trace :
       {std::string(kCanary), Hex(kCanary), Hex(std::string(1, '\1')) + std::string(28, '0') + "01",
        Hex(std::string(1, '\2')) + std::string(28, '0') + "01"}) {
    EXPECT_THAT(dump, Not(HasSubstr(trace)));
  }
  EXPECT_THAT(Files(), Not(HasSubstr(kCanary)));
  EXPECT_THAT(registry_->Siblings(kOther).value(), IsEmpty());
  EXPECT_THAT(registry_->DuplicateOverrides(kOther).value(), IsEmpty());
  EXPECT_THAT(registry_->Roster(Key("morning")).value(), SizeIs(1));
}

TEST_P(ErasureTest, SomebodyElseKeepsEverything) {
  Fill(kOther, 2);
  OpenCase(kOther, 2);
  const std::string before = Dump();
  ASSERT_THAT(Erase(), IsOk());
  const std::string after = Dump();
  size_t lines = 0;
  for (size_t at = 0, end = 0; (end = before.find('\n', at)) != std::string::npos; at = end + 1) {
    const std::string line = before.substr(at, end - at);
    if (line.find(kOther.value) == std::string::npos) continue;
    EXPECT_THAT(after, HasSubstr(line));
    ++lines;
  }
  EXPECT_GE(lines, 8u);
}

TEST_P(ErasureTest, HerNumberOrganisationsLogAndCertificateNumbersStay) {
  Fill(kGone, 1);
  ASSERT_THAT(Erase(), IsOk());
  Reopen();
  EXPECT_EQ(registry_->ErasedAt(kGone).value(), kNow);
  EXPECT_EQ(registry_->ErasedAt(kOther).value(), std::nullopt);
  EXPECT_THAT(registry_->ErasedAt(VolunteerId("nobody")), HasReason("NO_SUCH_VOLUNTEER"));
  EXPECT_THAT(registry_->Organisations(kGone).value(), ElementsAre(kOrg));
  const auto log = registry_->Processing(kGone);
  ASSERT_THAT(log, IsOk());
  ASSERT_THAT(*log, SizeIs(2));
  EXPECT_EQ(log->back().kind, ProcessingKind::kPersonErased);
  EXPECT_EQ(log->back().actor, "desk-1");
  const auto certificate = MakeSqlHourCertificates(*database_)->Get(kOrg, "HC-1");
  ASSERT_THAT(certificate, IsOk());
  EXPECT_EQ(certificate->first_day, "2026-01-01");
  EXPECT_TRUE(certificate->statement.empty());
  EXPECT_TRUE(certificate->signature.empty());
  EXPECT_TRUE(certificate->vc_jwt.empty());
  EXPECT_THAT(MakeSqlHourCertificates(*database_)->Revoke(kOrg, "HC-1", 1, "desk-1", kNow), IsOk());
}

TEST_P(ErasureTest, SheIsNobodyFromThenOn) {
  ASSERT_THAT(Erase(), IsOk());
  const auto gone = HasReason("NO_SUCH_VOLUNTEER");
  EXPECT_THAT(registry_->GetVolunteer(kGone), gone);
  for (const base::Uuid& id : {Uuid(1, 1), Uuid(3, 1)}) {
    EXPECT_THAT(registry_->GetVolunteerByKey(id), gone);
  }
  for (const base::Uuid& id : {Uuid(2, 1), Uuid(3, 2)}) {
    EXPECT_THAT(registry_->GetVolunteerBySubject(id), gone);
  }
  for (const OrganisationId& organisation : {OrganisationId(), kOrg}) {
    EXPECT_THAT(registry_->ListVolunteers(organisation, {}).value().items, SizeIs(1));
  }
  EXPECT_THAT(registry_->AddConsent(kGone, Consent()), gone);
  EXPECT_THAT(registry_->SetPinHash(kGone, "hash"), gone);
  EXPECT_THAT(registry_->JoinOrganisation(kGone, kOrg, kNow), gone);
  EXPECT_THAT(registry_->DeclareSiblings(kOther, kGone, "d", kNow), gone);
  EXPECT_THAT(registry_->PutFaceRecord({kGone, kNow, "model", 1, ""}), gone);
  const auto added = registry_->AddRosterEntries(Key("morning"), {Entry(kGone)}, kNow);
  ASSERT_THAT(added, IsOk());
  EXPECT_THAT(added->unknown, ElementsAre(kGone));
  EXPECT_THAT(Erase(), gone);
  EXPECT_THAT(registry_->CheckErasable(kGone), gone);
  EXPECT_THAT(registry_->CreateVolunteer(Volunteer(kGone.value, 9)), HasReason("VOLUNTEER_EXISTS"))
      << "nobody else gets her number";
}

TEST_P(ErasureTest, WhatIsRefusedChangesNothing) {
  Fill(kGone, 1);
  OpenCase(kGone, 1);
  std::string before = Dump();
  EXPECT_THAT(registry_->CheckErasable(kGone), HasReason("BAN_CASE_OPEN"));
  EXPECT_THAT(Erase(), HasReason("BAN_CASE_OPEN"));
  EXPECT_EQ(Dump(), before);
  DismissCase(1, 101);

  Identity identity;
  identity.id = "olga";
  identity.role = domain::Role::kOrganiser;
  identity.organisation = kOrg;
  identity.name = "Olga";
  identity.volunteer = kGone;
  identity.created = kNow;
  IdentityCertificate certificate;
  certificate.fingerprint.fill(1);
  certificate.identity = "olga";
  certificate.issued = kNow;
  certificate.expires = kNow + std::chrono::hours(1);
  ASSERT_THAT(registry_->AddIdentity(identity, certificate), IsOk());
  before = Dump();
  EXPECT_THAT(registry_->CheckErasable(kGone), HasReason("HOLDS_IDENTITY"));
  EXPECT_THAT(Erase(), HasReason("HOLDS_IDENTITY"));
  for (const Registry::ForgottenIds& ids :
       {Registry::ForgottenIds{{}, Uuid(3, 2)}, Registry::ForgottenIds{Uuid(3, 1), {}},
        Registry::ForgottenIds{Uuid(3, 1), Uuid(3, 1)}}) {
    EXPECT_THAT(registry_->EraseVolunteer(
                    {kGone, kNow, ProcessingKind::kPersonErased, "desk-1", ""}, ids),
                HasReason("BAD_VALUE"));
  }
  EXPECT_THAT(registry_->EraseVolunteer({kGone, kNow, ProcessingKind::kPersonErased, "", ""},
                                        {Uuid(3, 1), Uuid(3, 2)}),
              HasReason("BAD_TEXT"));
  EXPECT_EQ(Dump(), before);
  ASSERT_THAT(registry_->RevokeIdentity("olga", "admin", kNow), IsOk());
  EXPECT_THAT(Erase(), IsOk());
}

// Below the code: what is kept for ever is so for everybody who is not marked as erased.
TEST_P(ErasureTest, TheTriggersLetNothingElseGo) {
  for (const auto& [id, number] : {std::pair(kGone, 1), std::pair(kOther, 2)}) {
    Fill(id, number);
    OpenCase(id, number);
    DismissCase(number, 100 + number);
  }
  ASSERT_THAT(Erase(), IsOk());
  for (const char* sql : {
           "DELETE FROM volunteer WHERE id = 'v-gone'",
           "UPDATE volunteer SET erased = NULL WHERE id = 'v-gone'",
           "UPDATE volunteer SET name = 'again' WHERE id = 'v-gone'",
           "DELETE FROM volunteer WHERE id = 'v-other'",
           "DELETE FROM star_step",
           "DELETE FROM star_application",
           "DELETE FROM ban_step",
           "DELETE FROM ban_involved",
           "DELETE FROM ban_evidence",
           "DELETE FROM ban_case",
           "UPDATE hour_certificate SET statement = x'' WHERE number = 'HC-2'",
           "UPDATE hour_certificate SET vc_jwt = 'a.b.c' WHERE number = 'HC-1'",
           "UPDATE hour_certificate SET statement = x'00' WHERE number = 'HC-1'",
           "UPDATE hour_certificate SET signature = x'00' WHERE number = 'HC-1'",
           "UPDATE hour_certificate SET volunteer = 'v-other' WHERE number = 'HC-1'",
       }) {
    EXPECT_FALSE(database_->Write([&](storage::Connection& c) { return c.Execute(sql, {}); }).ok())
        << sql;
  }
}

ROLLCALL_ON_EVERY_ENGINE(ErasureTest);

}  // namespace
}  // namespace rollcall::registry
