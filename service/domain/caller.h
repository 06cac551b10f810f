#ifndef ROLLCALL_DOMAIN_CALLER_H_
#define ROLLCALL_DOMAIN_CALLER_H_

#include <string>

#include "domain/ids.h"

namespace rollcall::domain {

// Numbers equal rollcall.v1.Role; a test compares them.
enum class Role {
  kUnspecified = 0,
  kKiosk = 1,
  kDesk = 2,
  kOrganiser = 3,
  kApprover = 4,
  kAuditor = 5,
  kAdministrator = 6,
};

// Who is calling. Made in one place (access) from the transport, never from a request's fields, and
// taken by every use case.
struct Caller {
  std::string identity;         // for the record: "local", or the id of the certificate's identity
  Role role = Role::kUnspecified;
  // Set on loopback without certificates: every role at once, as one's own administrator.
  bool local_administrator = false;
  OrganisationId organisation;  // its own; empty for a local administrator
  SiteId site;                  // of a kiosk; empty for people
};

}  // namespace rollcall::domain

#endif  // ROLLCALL_DOMAIN_CALLER_H_
