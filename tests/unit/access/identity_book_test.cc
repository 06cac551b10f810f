#include "access/identity_book.h"

#include <gtest/gtest.h>

#include <string>

#include "certificates/authority.h"
#include "certificates/certificate_info.h"
#include "certificates/private_key.h"
#include "support/status_matchers.h"

namespace rollcall::access {
namespace {

using certificates::Authority;
using certificates::PrivateKey;
using std::chrono::hours;
using support::HasReason;
using support::IsOk;

class IdentityBookTest : public ::testing::Test {
 protected:
  static domain::Caller Kiosk(const std::string& id) {
    domain::Caller caller;
    caller.identity = id;
    caller.role = domain::Role::kKiosk;
    caller.organisation = domain::OrganisationId("home");
    caller.site = domain::SiteId("hall");
    return caller;
  }
  // A certificate that says `caller`.
  std::string Certificate(const domain::Caller& caller) const {
    const auto key = PrivateKey::Generate();
    return *authority_.IssueClient(*certificates::MakeRequest(*key), caller.identity,
                                   IdentityUri(caller), now_, hours(1000));
  }
  std::string Put(const domain::Caller& says, const domain::Caller& record) {
    std::string certificate = Certificate(says);
    book_.Put(certificates::Inspect(certificate)->fingerprint, record, now_ + hours(10));
    return certificate;
  }

  const base::Time now_ = *base::ParseTime("2026-11-24T09:00:00Z");
  const Authority authority_ = *Authority::Create("Test authority", now_, hours(10'000));
  IdentityBook book_;
};

TEST_F(IdentityBookTest, WhoIsRecordedIsFound) {
  const std::string certificate = Put(Kiosk("door-1"), Kiosk("door-1"));
  const auto caller = book_.Find(certificate, now_);
  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(caller->identity, "door-1");
  EXPECT_EQ(caller->role, domain::Role::kKiosk);
  EXPECT_EQ(caller->organisation.value, "home");
  EXPECT_EQ(caller->site.value, "hall");
  EXPECT_FALSE(caller->local_administrator);
}

TEST_F(IdentityBookTest, ARightSignatureIsNotEnough) {
  Put(Kiosk("door-1"), Kiosk("door-1"));
  EXPECT_THAT(book_.Find(Certificate(Kiosk("door-1")), now_), HasReason("UNKNOWN_CERTIFICATE"));
  EXPECT_THAT(book_.Find("nothing", now_), HasReason("BAD_CERTIFICATE"));
  EXPECT_THAT(book_.Find("", now_), HasReason("BAD_CERTIFICATE"));
}

TEST_F(IdentityBookTest, ARevocationIsForAllCertificatesOfThatIdentityAndForNoOther) {
  const std::string first = Put(Kiosk("door-1"), Kiosk("door-1"));
  const std::string second = Put(Kiosk("door-1"), Kiosk("door-1"));
  const std::string other = Put(Kiosk("door-2"), Kiosk("door-2"));
  book_.Revoke("door-1");
  EXPECT_THAT(book_.Find(first, now_), HasReason("IDENTITY_REVOKED"));
  EXPECT_THAT(book_.Find(second, now_), HasReason("IDENTITY_REVOKED"));
  EXPECT_THAT(book_.Find(other, now_), IsOk());
}

// A connection may be older than the end of the certificate that it began with.
TEST_F(IdentityBookTest, ACertificateEndsWhenTheRecordSaysSo) {
  const std::string certificate = Put(Kiosk("door-1"), Kiosk("door-1"));
  EXPECT_THAT(book_.Find(certificate, now_ + hours(10) - std::chrono::seconds(1)), IsOk());
  EXPECT_THAT(book_.Find(certificate, now_ + hours(10)), HasReason("CERTIFICATE_EXPIRED"));
}

TEST_F(IdentityBookTest, TheTextMustBeWhatTheRecordSays) {
  domain::Caller changed = Kiosk("door-1");
  changed.role = domain::Role::kAdministrator;
  EXPECT_THAT(book_.Find(Put(changed, Kiosk("door-1")), now_), HasReason("CERTIFICATE_CHANGED"));
  changed = Kiosk("door-1");
  changed.organisation = domain::OrganisationId("elsewhere");
  EXPECT_THAT(book_.Find(Put(changed, Kiosk("door-1")), now_), HasReason("CERTIFICATE_CHANGED"));
  changed = Kiosk("door-1");
  changed.site = domain::SiteId("cellar");
  EXPECT_THAT(book_.Find(Put(changed, Kiosk("door-1")), now_), HasReason("CERTIFICATE_CHANGED"));
  EXPECT_THAT(book_.Find(Put(Kiosk("door-2"), Kiosk("door-1")), now_),
              HasReason("CERTIFICATE_CHANGED"));
}

}  // namespace
}  // namespace rollcall::access
