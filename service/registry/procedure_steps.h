#ifndef ROLLCALL_REGISTRY_PROCEDURE_STEPS_H_
#define ROLLCALL_REGISTRY_PROCEDURE_STEPS_H_

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "domain/correction.h"

namespace rollcall::registry {

// One step of a procedure that several people take one after the other (a star application, a ban
// case): who, when and to which state. Kept for good; never changed, never deleted.
struct ProcedureStep {
  int32_t state = 0;    // that it led to, by the procedure's own enum
  domain::Actor actor;  // whose account it was
  std::string policy;   // label of the rules it was taken under: "default/2"
  base::Time time;
  base::Uuid request;                 // unique within the organisation and the kind of procedure
  base::Sha256Digest payload_hash{};  // of what was asked under that id
};

}  // namespace rollcall::registry

#endif  // ROLLCALL_REGISTRY_PROCEDURE_STEPS_H_
