#include "app/actor.h"

#include "certificates/certificate_info.h"

namespace rollcall::app {

absl::StatusOr<domain::Actor> ActorOf(const Services& services, const Call& call) {
  domain::Actor actor;
  actor.identity = call.caller.identity;
  actor.role = call.caller.role;
  if (!call.caller.local_administrator) {
    ASSIGN_OR_RETURN(const auto identity, services.registry.GetIdentity(actor.identity));
    if (!identity.volunteer.empty()) {
      ASSIGN_OR_RETURN(const auto person, services.registry.GetVolunteer(identity.volunteer));
      actor.person = person.key;
    }
  }
  if (!call.certificate.empty()) {
    ASSIGN_OR_RETURN(const auto certificate, certificates::Inspect(call.certificate));
    actor.key = certificate.key_hash;
  }
  return actor;
}

}  // namespace rollcall::app
