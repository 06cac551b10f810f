#include "app_testing/kiosk_key.h"

#include <chrono>

#include "certificates/certificate_info.h"
#include "certificates/signature.h"

namespace rollcall::testing {

KioskKey::KioskKey(const std::string& id, base::Time now, const std::string& organisation)
    : key_(certificates::PrivateKey::Generate().value()) {
  const auto authority =
      certificates::Authority::Create("Test authority", now, std::chrono::hours(24)).value();
  call_.certificate = authority
                          .IssueClient(certificates::MakeRequest(key_).value(), id,
                                       "rollcall:kiosk/" + organisation + "/hall/" + id, now,
                                       std::chrono::hours(24))
                          .value();
  call_.caller.identity = id;
  call_.caller.role = domain::Role::kKiosk;
  call_.caller.organisation = domain::OrganisationId(organisation);
  call_.caller.site = domain::SiteId("hall");
}

app::SourceSignature KioskKey::Sign(domain::SourceStatement statement) const {
  statement.certificate = certificates::Inspect(call_.certificate).value().fingerprint;
  return {statement.time, certificates::Sign(key_, domain::Canonical(statement)).value()};
}

}  // namespace rollcall::testing
