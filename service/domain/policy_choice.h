#ifndef ROLLCALL_DOMAIN_POLICY_CHOICE_H_
#define ROLLCALL_DOMAIN_POLICY_CHOICE_H_

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/status.h"
#include "domain/ids.h"

namespace rollcall::domain {

// An organisation chose the hours policy that its visits, and those of the organisations below it
// that have chosen none, are counted by from then on.
struct PolicyChoice {
  OrganisationId organisation;
  std::string previous;  // label of its own choice until then; empty: none
  std::string label;     // "guangdong-izhiyuan/1"; empty: none any more, as above it from now on
  base::Time chosen;
  std::string recorder;  // Caller::identity
};

// OK for "NAME/VERSION": an id and a whole number from 1 to 1000000. InvalidArgument, reason
// BAD_LABEL.
absl::Status ValidatePolicyLabel(std::string_view label);

}  // namespace rollcall::domain

#endif  // ROLLCALL_DOMAIN_POLICY_CHOICE_H_
