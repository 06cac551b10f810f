#ifndef ROLLCALL_APP_IDENTITIES_H_
#define ROLLCALL_APP_IDENTITIES_H_

#include <functional>
#include <string>

#include "app/call.h"
#include "app/services.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/page.h"
#include "base/status.h"
#include "domain/caller.h"
#include "registry/registry.h"

namespace rollcall::access {
class IdentityBook;
}
namespace rollcall::certificates {
class Authority;
}

namespace rollcall::app {

// Who may connect: kiosks and staff with their certificates. The registry keeps them, the book
// admits them.
class Identities {
 public:
  struct Parts {
    access::IdentityBook& book;
    const certificates::Authority* authority;  // null: this folder has none
    // Certificates are judged by the machine's time (TLS does so too), never by a practice clock.
    const base::Clock& machine_clock;
    // Called with the id once an identity is revoked: ends its streams. May be empty.
    std::function<void(const std::string&)> revoked;
  };
  Identities(const Services& services, Parts parts)
      : services_(services), parts_(std::move(parts)) {}

  // Before anybody is served: fills the book from the registry.
  absl::Status Start();

  struct View {
    registry::Identity identity;
    base::Time expires;  // of its last certificate
  };
  struct Issued {
    View view;
    std::string certificate_pem;
    std::string authority_pem;
  };
  struct NewIdentity {
    std::string id;
    domain::Role role = domain::Role::kUnspecified;
    domain::OrganisationId organisation;  // empty: the default one
    domain::SiteId site;                  // of a kiosk; made where it is new
    std::string name;                     // empty: the id
    domain::VolunteerId volunteer;        // who holds it; empty: nobody who is a volunteer too
    std::string request_pem;
    base::Duration lifetime{};            // zero: kLifetime; at most kLifetimeMax
  };
  // FailedPrecondition, reason NO_AUTHORITY. InvalidArgument: BAD_LIFETIME; BAD_REQUEST, no signing
  // request for a P-256 key. Errors of Registry::AddIdentity.
  absl::StatusOr<Issued> Create(const Call& call, const NewIdentity& wanted);

  // `id` empty: the caller's own. PermissionDenied, reason NOT_YOURS: another's, and the caller is no
  // administrator. FailedPrecondition, reason IDENTITY_REVOKED. NotFound, reason NO_SUCH_IDENTITY.
  // Errors of Create.
  absl::StatusOr<Issued> Renew(const Call& call, const std::string& id,
                               const std::string& request_pem, base::Duration lifetime);

  // By id, within the caller's scope (app/scope.h): a page may hold fewer than asked for.
  // InvalidArgument, reason BAD_PAGE.
  absl::StatusOr<base::Page<View>> List(const Call& call, const base::PageRequest& page);

  // From the return on nobody is admitted under this identity. NotFound, reason NO_SUCH_IDENTITY.
  // FailedPrecondition, reason LAST_ADMINISTRATOR: nobody would be left to name another.
  absl::StatusOr<View> Revoke(const Call& call, const std::string& id);

  static constexpr base::Duration kLifetime = std::chrono::hours(24 * 365);
  // The CA/Browser Forum's last limit above a year; long enough for a device in a village hall.
  static constexpr base::Duration kLifetimeMax = std::chrono::hours(24 * 825);

 private:
  absl::StatusOr<registry::IdentityCertificate> Issue(const registry::Identity& identity,
                                                      const std::string& request_pem,
                                                      base::Duration lifetime,
                                                      std::string& certificate_pem) const;
  absl::StatusOr<View> ViewOf(registry::Identity identity) const;
  absl::Status KeepOneAdministrator(const registry::Identity& leaving) const;

  const Services& services_;
  const Parts parts_;
  base::Mutex mutex_;  // held while an identity is revoked, so that two cannot revoke each other
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_IDENTITIES_H_
