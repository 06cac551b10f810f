#ifndef ROLLCALL_APP_ACTOR_H_
#define ROLLCALL_APP_ACTOR_H_

#include <string>

#include "app/call.h"
#include "app/services.h"
#include "base/bytes.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/correction.h"
#include "hours/policy.h"
#include "registry/procedure_steps.h"

namespace rollcall::app {

// The caller, by everything by which one person behind two accounts could be recognised: identity,
// role, the volunteer who holds the identity, the key of the certificate. Blocking; thread-safe.
// Errors of the registry and of certificates::Inspect.
absl::StatusOr<domain::Actor> ActorOf(const Services& services, const Call& call);

// Somebody who does not call now, by her identity: that, and the volunteer who holds it. NotFound,
// reason NO_SUCH_IDENTITY.
absl::StatusOr<domain::Actor> ActorOf(const Services& services, const std::string& identity);

// Who stands behind `actor`, where every decision needs somebody: the key of the volunteer who
// holds the identity; where nobody was said to hold it, an id of its own for that identity, the
// same each time and unlike every volunteer's key. Pure.
base::Uuid PersonOf(const domain::Actor& actor);

// Whether anything shows one person behind both: identity, person or key. Pure.
bool MayBeOnePerson(const domain::Actor& a, const domain::Actor& b);

// A step that `actor` takes now under `policy`, for the registry, which fills in the state.
registry::ProcedureStep StepBy(const Services& services, const domain::Actor& actor,
                               const hours::Policy& policy, const base::Uuid& request_id,
                               const base::Sha256Digest& payload);

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_ACTOR_H_
