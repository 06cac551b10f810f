#include "app/actor.h"

#include <algorithm>
#include <string>

#include "base/bytes.h"
#include "certificates/certificate_info.h"

namespace rollcall::app {

absl::StatusOr<domain::Actor> ActorOf(const Services& services, const std::string& identity) {
  ASSIGN_OR_RETURN(const auto found, services.registry.GetIdentity(identity));
  domain::Actor actor;
  actor.identity = identity;
  if (!found.volunteer.empty()) {
    ASSIGN_OR_RETURN(const auto person, services.registry.GetVolunteer(found.volunteer));
    actor.person = person.key;
  }
  return actor;
}

absl::StatusOr<domain::Actor> ActorOf(const Services& services, const Call& call) {
  domain::Actor actor;
  actor.identity = call.caller.identity;
  if (!call.caller.local_administrator) {
    ASSIGN_OR_RETURN(actor, ActorOf(services, actor.identity));
  }
  actor.role = call.caller.role;
  if (!call.certificate.empty()) {
    ASSIGN_OR_RETURN(const auto certificate, certificates::Inspect(call.certificate));
    actor.key = certificate.key_hash;
  }
  return actor;
}

base::Uuid PersonOf(const domain::Actor& actor) {
  if (!actor.person.IsNil()) return actor.person;
  const std::string text = "rollcall person of identity " + actor.identity;
  const base::Sha256Digest digest = base::Sha256(base::AsBytes(text));
  base::Uuid person;
  std::copy_n(digest.begin(), person.bytes.size(), person.bytes.begin());
  return person;
}

registry::ProcedureStep StepBy(const Services& services, const domain::Actor& actor,
                               const hours::Policy& policy, const base::Uuid& request_id,
                               const base::Sha256Digest& payload) {
  return {.state = 0,
          .actor = actor,
          .policy = policy.Label(),
          .time = services.clock.Now(),
          .request = request_id,
          .payload_hash = payload};
}

bool MayBeOnePerson(const domain::Actor& a, const domain::Actor& b) {
  return !domain::CheckWitness(a, b).ok();
}

}  // namespace rollcall::app
