#include "registry/hour_certificates.h"

#include "fixture.h"

namespace rollcall::registry {
namespace {

using domain::OrganisationId;
using domain::VolunteerId;
using support::HasReason;
using support::IsOk;

class HourCertificatesTest : public RegistryTest {
 protected:
  void SetUp() override {
    RegistryTest::SetUp();
    domain::Volunteer volunteer;
    volunteer.id.value = "v";
    volunteer.key = Id(1);
    volunteer.subject = Id(2);
    volunteer.name = "Somebody";
    volunteer.age_band = domain::AgeBand::kAdult;
    volunteer.created = kNow;
    ASSERT_THAT(registry_->CreateVolunteer(volunteer), IsOk());
    ASSERT_THAT(registry_->CreateOrganisation(Organisation("other")), IsOk());
    book_ = MakeSqlHourCertificates(*database_);
  }
  void ReopenBook() {
    book_.reset();
    Reopen();
    book_ = MakeSqlHourCertificates(*database_);
  }

  static base::Uuid Id(uint8_t number) {
    base::Uuid id;
    id.bytes.fill(number);
    return id;
  }
  HourCertificate Certificate(const std::string& number, uint8_t request) {
    HourCertificate certificate;
    certificate.number = number;
    certificate.organisation.value = "org";
    certificate.volunteer.value = "v";
    certificate.first_day = "2026-01-01";
    certificate.last_day = "2026-11-24";
    certificate.issued = kNow;
    certificate.recorder = "local";
    certificate.request = Id(request);
    certificate.payload_hash.fill(9);
    certificate.statement = {1, 2, 3};
    certificate.signature = {4, 5, 6};
    certificate.vc_jwt = "a.b.c";
    return certificate;
  }

  std::unique_ptr<HourCertificates> book_;
};

TEST_P(HourCertificatesTest, NumbersAreNeverGivenAgain) {
  EXPECT_EQ(book_->TakeNumber(2026).value(), "HC-2026-000001");
  EXPECT_EQ(book_->TakeNumber(2026).value(), "HC-2026-000002");
  EXPECT_EQ(book_->TakeNumber(2027).value(), "HC-2027-000001");
  ReopenBook();
  EXPECT_EQ(book_->TakeNumber(2026).value(), "HC-2026-000003") << "nothing was added under them";
}

TEST_P(HourCertificatesTest, WhatWasAddedComesBackByteForByte) {
  const HourCertificate made = Certificate("HC-1", 1);
  ASSERT_THAT(book_->Add(made), IsOk());
  ReopenBook();
  const auto got = book_->Get(OrganisationId("org"), "HC-1");
  ASSERT_THAT(got, IsOk());
  EXPECT_EQ(got->statement, made.statement);
  EXPECT_EQ(got->signature, made.signature);
  EXPECT_EQ(got->vc_jwt, made.vc_jwt);
  EXPECT_EQ(got->payload_hash, made.payload_hash);
  EXPECT_EQ(got->issued, made.issued);
  EXPECT_FALSE(got->revoked.has_value());
  EXPECT_EQ(book_->FindRequest(OrganisationId("org"), Id(1)).value()->number, "HC-1");
  EXPECT_FALSE(book_->FindRequest(OrganisationId("org"), Id(2)).value().has_value());
  EXPECT_FALSE(book_->FindRequest(OrganisationId("other"), Id(1)).value().has_value());
  EXPECT_THAT(book_->Get(OrganisationId("other"), "HC-1"), HasReason("NO_SUCH_CERTIFICATE"));
}

TEST_P(HourCertificatesTest, NothingIsAddedTwiceOrHalf) {
  ASSERT_THAT(book_->Add(Certificate("HC-1", 1)), IsOk());
  EXPECT_THAT(book_->Add(Certificate("HC-1", 2)), HasReason("CERTIFICATE_EXISTS"));
  EXPECT_THAT(book_->Add(Certificate("HC-2", 1)), HasReason("REQUEST_ID_USED"));
  auto nobody = Certificate("HC-2", 2);
  nobody.volunteer.value = "nobody";
  EXPECT_THAT(book_->Add(nobody), HasReason("NO_SUCH_VOLUNTEER"));
  auto empty = Certificate("HC-2", 2);
  empty.statement.clear();
  EXPECT_THAT(book_->Add(empty), HasReason("BAD_VALUE"));
  EXPECT_EQ(book_->List(OrganisationId("org"), {}, {10, ""})->items.size(), 1u);
}

TEST_P(HourCertificatesTest, TheRowsCannotBeChanged) {
  ASSERT_THAT(book_->Add(Certificate("HC-1", 1)), IsOk());
  ASSERT_THAT(book_->Revoke(OrganisationId("org"), "HC-1", 4, "local", kNow), IsOk());
  for (const char* sql :
       {"DELETE FROM hour_certificate", "UPDATE hour_certificate SET statement = x'00'",
        "UPDATE hour_certificate SET volunteer = 'w'",
        "UPDATE hour_certificate SET revoked = NULL, reason = NULL,"
        " revoked_by = NULL"}) {
    EXPECT_THAT(database_->Write([&](storage::Connection& c) { return c.Execute(sql).status(); }),
                HasReason("CONSTRAINT"))
        << sql;
  }
}

TEST_P(HourCertificatesTest, ARevocationIsForEverAndInThePublishedList) {
  for (uint8_t i = 1; i <= 3; ++i) {
    ASSERT_THAT(book_->Add(Certificate("HC-" + std::to_string(i), i)), IsOk());
  }
  constexpr auto kHour = std::chrono::hours(1);
  const auto first = book_->Publish(kNow, kHour).value();
  EXPECT_EQ(first.version, 1);
  EXPECT_TRUE(first.revocations.empty());
  EXPECT_EQ(book_->Publish(kNow + kHour / 2, kHour)->version, 1);
  ASSERT_THAT(book_->Revoke(OrganisationId("org"), "HC-3", 4, "local", kNow), IsOk());
  ASSERT_THAT(book_->Revoke(OrganisationId("org"), "HC-1", 1, "local",
                            kNow + std::chrono::milliseconds(500)),
              IsOk());
  ASSERT_THAT(book_->Revoke(OrganisationId("org"), "HC-1", 2, "else", kNow + kHour), IsOk());
  EXPECT_THAT(book_->Revoke(OrganisationId("other"), "HC-2", 2, "else", kNow),
              HasReason("NO_SUCH_CERTIFICATE"));
  ReopenBook();
  const auto second = book_->Publish(kNow, kHour).value();
  EXPECT_EQ(second.version, 2);
  ASSERT_EQ(second.revocations.size(), 2u);
  EXPECT_EQ(second.revocations[0].number, "HC-1");
  EXPECT_EQ(second.revocations[0].reason, 1);
  EXPECT_EQ(second.revocations[0].revoked, kNow) << "whole seconds";
  EXPECT_EQ(second.revocations[1].number, "HC-3");
  // Old lists are renewed; a clock that goes back makes no older one.
  EXPECT_EQ(book_->Publish(kNow + 2 * kHour, kHour)->version, 3);
  const auto back = book_->Publish(kNow - 2 * kHour, kHour).value();
  EXPECT_EQ(back.version, 3);
  EXPECT_EQ(back.issued, kNow + 2 * kHour);
}

TEST_P(HourCertificatesTest, AreListedByNumberInPages) {
  for (uint8_t i = 1; i <= 5; ++i) {
    ASSERT_THAT(book_->Add(Certificate("HC-" + std::to_string(i), i)), IsOk());
  }
  std::string numbers;
  base::PageRequest page{2, ""};
  do {
    const auto part = book_->List(OrganisationId("org"), VolunteerId("v"), page).value();
    for (const auto& one : part.items) numbers += one.number + " ";
    page.token = part.next_token;
  } while (!page.token.empty());
  EXPECT_EQ(numbers, "HC-1 HC-2 HC-3 HC-4 HC-5 ");
  EXPECT_TRUE(book_->List(OrganisationId("org"), VolunteerId("w"), {10, ""})->items.empty());
}

TEST_P(HourCertificatesTest, AnActivitySaysWhatItIsLaterToo) {
  domain::Activity activity = Activity("cleanup");
  activity.place = "by the sea";
  activity.content = "picking up litter";
  activity.person_in_charge = "Li";
  activity.title = "another";
  ASSERT_THAT(registry_->DescribeActivity(activity), IsOk());
  Reopen();
  const auto got = registry_->GetActivity(OrganisationId("org"), domain::ActivityId("cleanup"));
  ASSERT_THAT(got, IsOk());
  EXPECT_EQ(got->place, "by the sea");
  EXPECT_EQ(got->content, "picking up litter");
  EXPECT_EQ(got->person_in_charge, "Li");
  EXPECT_EQ(got->title, "Title of cleanup");
  activity.content = std::string(1025, 'x');
  EXPECT_THAT(registry_->DescribeActivity(activity), HasReason("BAD_TEXT"));
  EXPECT_THAT(registry_->DescribeActivity(Activity("none")), HasReason("NO_SUCH_ACTIVITY"));
}

ROLLCALL_ON_EVERY_ENGINE(HourCertificatesTest);

}  // namespace
}  // namespace rollcall::registry
