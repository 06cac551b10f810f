#ifndef ROLLCALL_APP_ACTOR_H_
#define ROLLCALL_APP_ACTOR_H_

#include "app/call.h"
#include "app/services.h"
#include "base/status.h"
#include "domain/correction.h"

namespace rollcall::app {

// The caller, by everything by which one person behind two accounts could be recognised: identity,
// role, the volunteer who holds the identity, the key of the certificate. Blocking; thread-safe.
// Errors of the registry and of certificates::Inspect.
absl::StatusOr<domain::Actor> ActorOf(const Services& services, const Call& call);

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_ACTOR_H_
