#include "app/organisation_policies.h"

namespace rollcall::app {
namespace {
// Organisations at once; beyond that all are read again.
constexpr size_t kMaxRemembered = 4096;
}  // namespace

absl::StatusOr<PolicyInForce> OrganisationPolicies::InForce(
    const domain::OrganisationId& organisation) {
  int64_t generation = 0;
  {
    const base::MutexLock lock(mutex_);
    if (const auto found = in_force_.find(organisation); found != in_force_.end()) {
      return found->second;
    }
    generation = generation_;
  }
  ASSIGN_OR_RETURN(const PolicyInForce read, Read(organisation));
  const base::MutexLock lock(mutex_);
  // What was read before a change must not be kept as if it were after it.
  if (generation == generation_) {
    if (in_force_.size() >= kMaxRemembered) in_force_.clear();
    in_force_.insert_or_assign(organisation, read);
  }
  return read;
}

absl::StatusOr<PolicyPtr> OrganisationPolicies::For(const domain::OrganisationId& organisation) {
  ASSIGN_OR_RETURN(const PolicyInForce found, InForce(organisation));
  return found.policy;
}

void OrganisationPolicies::Forget() {
  const base::MutexLock lock(mutex_);
  ++generation_;
  in_force_.clear();
}

absl::StatusOr<PolicyInForce> OrganisationPolicies::Read(
    const domain::OrganisationId& organisation) {
  ASSIGN_OR_RETURN(const auto choice, registry_.PolicyChoiceFor(organisation));
  if (!choice) return PolicyInForce{known_.Default(), {}};
  const auto policy = known_.Find(choice->label);
  if (policy.ok()) return PolicyInForce{*policy, choice->organisation};
  return base::MakeError(absl::StatusCode::kFailedPrecondition, "POLICY_NOT_LOADED",
                         "organisation " + choice->organisation.value + " chose the hours policy " +
                             choice->label +
                             ", which this server has not read: put its file back into the folder "
                             "[hours] policies and start again, or choose another one");
}

}  // namespace rollcall::app
