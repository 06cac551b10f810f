#ifndef ROLLCALL_APP_ACTOR_H_
#define ROLLCALL_APP_ACTOR_H_

#include "app/call.h"
#include "app/services.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/correction.h"

namespace rollcall::app {

// The caller, by everything by which one person behind two accounts could be recognised: identity,
// role, the volunteer who holds the identity, the key of the certificate. Blocking; thread-safe.
// Errors of the registry and of certificates::Inspect.
absl::StatusOr<domain::Actor> ActorOf(const Services& services, const Call& call);

// Who stands behind `actor`, where every decision needs somebody: the key of the volunteer who
// holds the identity; where nobody was said to hold it, an id of its own for that identity, the
// same each time and unlike every volunteer's key. Pure.
base::Uuid PersonOf(const domain::Actor& actor);

// The same for an identity that does not call now. NotFound, reason NO_SUCH_IDENTITY.
absl::StatusOr<base::Uuid> PersonOf(const Services& services, const std::string& identity);

// Whether anything shows one person behind both: identity, person or key. Pure.
bool MayBeOnePerson(const domain::Actor& a, const domain::Actor& b);

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_ACTOR_H_
