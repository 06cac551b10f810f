#include "app/identities.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "access/identity_book.h"
#include "app/scope.h"
#include "base/text.h"
#include "certificates/authority.h"
#include "certificates/certificate_info.h"

namespace rollcall::app {
namespace {

domain::Caller CallerOf(const registry::Identity& identity) {
  domain::Caller caller;
  caller.identity = identity.id;
  caller.role = identity.role;
  caller.organisation = identity.organisation;
  caller.site = identity.site;
  return caller;
}

}  // namespace

absl::Status Identities::Start() {
  ASSIGN_OR_RETURN(const auto certificates, services_.registry.ListCertificates());
  for (const registry::IdentityCertificate& certificate : certificates) {
    ASSIGN_OR_RETURN(const auto identity, services_.registry.GetIdentity(certificate.identity));
    parts_.book.Put(certificate.fingerprint, CallerOf(identity), certificate.expires);
    if (identity.revoked) parts_.book.Revoke(identity.id);
  }
  return absl::OkStatus();
}

absl::StatusOr<registry::IdentityCertificate> Identities::Issue(
    const registry::Identity& identity, const std::string& request_pem, base::Duration lifetime,
    std::string& certificate_pem) const {
  if (parts_.authority == nullptr) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "NO_AUTHORITY",
                           "the certificate authority's key is not in the data folder: put "
                           "keys/authority.key back and start again, or make an authority with "
                           "rollcalld init");
  }
  if (lifetime == base::Duration::zero()) lifetime = kLifetime;
  if (lifetime < base::Duration::zero() || lifetime > kLifetimeMax) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_LIFETIME",
                           "a certificate is good for 1 to 825 days");
  }
  const base::Time now = parts_.machine_clock.Now();
  ASSIGN_OR_RETURN(certificate_pem, parts_.authority->IssueClient(
                                        request_pem, identity.id,
                                        access::IdentityUri(CallerOf(identity)), now, lifetime));
  ASSIGN_OR_RETURN(const auto info, certificates::Inspect(certificate_pem));
  return registry::IdentityCertificate{info.fingerprint, identity.id, now, info.not_after};
}

absl::StatusOr<Identities::View> Identities::ViewOf(registry::Identity identity) const {
  View view;
  ASSIGN_OR_RETURN(const auto certificates, services_.registry.Certificates(identity.id));
  for (const registry::IdentityCertificate& certificate : certificates) {
    view.expires = std::max(view.expires, certificate.expires);
  }
  view.identity = std::move(identity);
  return view;
}

absl::StatusOr<Identities::Issued> Identities::Create(const Call& call, const NewIdentity& wanted) {
  RETURN_IF_ERROR(call.StillWanted());
  registry::Identity identity;
  identity.id = wanted.id;
  identity.role = wanted.role;
  identity.organisation = wanted.organisation.empty() ? services_.settings.default_organisation
                                                      : wanted.organisation;
  identity.site = wanted.site;
  identity.name = wanted.name.empty() ? wanted.id : wanted.name;
  identity.volunteer = wanted.volunteer;
  identity.created = parts_.machine_clock.Now();
  identity.recorder = call.caller.identity;
  RETURN_IF_ERROR(base::ValidateId(identity.id, "identity.identity_id"));
  if (identity.id == "local") {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_ID",
                           "identity.identity_id: \"local\" is whoever connects without a certificate");
  }
  RETURN_IF_ERROR(services_.registry.GetOrganisation(identity.organisation).status());

  Issued issued;
  ASSIGN_OR_RETURN(const auto certificate,
                   Issue(identity, wanted.request_pem, wanted.lifetime, issued.certificate_pem));
  if (identity.role == domain::Role::kKiosk && !identity.site.empty()) {
    const auto site = services_.registry.GetSite(identity.organisation, identity.site);
    if (absl::IsNotFound(site.status())) {
      RETURN_IF_ERROR(services_.registry.PutSite(
          {identity.organisation, identity.site, identity.site.value, false}));
    }
  }
  RETURN_IF_ERROR(services_.registry.AddIdentity(identity, certificate));
  parts_.book.Put(certificate.fingerprint, CallerOf(identity), certificate.expires);
  issued.authority_pem = parts_.authority->certificate_pem();
  issued.view = {std::move(identity), certificate.expires};
  return issued;
}

absl::StatusOr<Identities::Issued> Identities::Renew(const Call& call, const std::string& id,
                                                     const std::string& request_pem,
                                                     base::Duration lifetime) {
  RETURN_IF_ERROR(call.StillWanted());
  const std::string& whose = id.empty() ? call.caller.identity : id;
  const bool any = call.caller.local_administrator ||
                   call.caller.role == domain::Role::kAdministrator;
  if (!any && whose != call.caller.identity) {
    return base::MakeError(absl::StatusCode::kPermissionDenied, "NOT_YOURS",
                           "only an administrator renews the certificate of another");
  }
  ASSIGN_OR_RETURN(auto identity, services_.registry.GetIdentity(whose));
  Issued issued;
  ASSIGN_OR_RETURN(const auto certificate,
                   Issue(identity, request_pem, lifetime, issued.certificate_pem));
  // Refuses a revoked identity; under the lock, since the book forgets no revocation only if it
  // hears of the certificate first.
  const base::MutexLock lock(mutex_);
  RETURN_IF_ERROR(services_.registry.AddCertificate(certificate));
  parts_.book.Put(certificate.fingerprint, CallerOf(identity), certificate.expires);
  issued.authority_pem = parts_.authority->certificate_pem();
  ASSIGN_OR_RETURN(issued.view, ViewOf(std::move(identity)));
  return issued;
}

absl::StatusOr<base::Page<Identities::View>> Identities::List(const Call& call,
                                                              const base::PageRequest& page) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(auto found, services_.registry.ListIdentities(page));
  base::Page<View> views;
  views.next_token = found.next_token;
  for (registry::Identity& identity : found.items) {
    const auto within = OrganisationFor(services_, call.caller, identity.organisation);
    if (absl::IsPermissionDenied(within.status())) continue;
    RETURN_IF_ERROR(within.status());
    ASSIGN_OR_RETURN(views.items.emplace_back(), ViewOf(std::move(identity)));
  }
  return views;
}

absl::Status Identities::KeepOneAdministrator(const registry::Identity& leaving) const {
  if (leaving.role != domain::Role::kAdministrator || leaving.revoked) return absl::OkStatus();
  base::PageRequest page{base::kMaxPageSize, ""};
  do {
    ASSIGN_OR_RETURN(const auto found, services_.registry.ListIdentities(page));
    for (const registry::Identity& other : found.items) {
      if (other.id != leaving.id && other.role == domain::Role::kAdministrator && !other.revoked) {
        return absl::OkStatus();
      }
    }
    page.token = found.next_token;
  } while (!page.token.empty());
  return base::MakeError(absl::StatusCode::kFailedPrecondition, "LAST_ADMINISTRATOR",
                         "this is the last administrator; name another one first");
}

absl::StatusOr<Identities::View> Identities::Revoke(const Call& call, const std::string& id) {
  RETURN_IF_ERROR(call.StillWanted());
  registry::Identity identity;
  {
    const base::MutexLock lock(mutex_);
    ASSIGN_OR_RETURN(identity, services_.registry.GetIdentity(id));
    RETURN_IF_ERROR(KeepOneAdministrator(identity));
    RETURN_IF_ERROR(services_.registry.RevokeIdentity(id, call.caller.identity,
                                                      parts_.machine_clock.Now()));
    parts_.book.Revoke(id);
    ASSIGN_OR_RETURN(identity, services_.registry.GetIdentity(id));
  }
  if (parts_.revoked) parts_.revoked(id);
  return ViewOf(std::move(identity));
}

}  // namespace rollcall::app
