#ifndef ROLLCALL_APP_ORGANISATION_POLICIES_H_
#define ROLLCALL_APP_ORGANISATION_POLICIES_H_

#include <cstdint>
#include <map>

#include "app/hours_policies.h"
#include "base/mutex.h"
#include "base/status.h"
#include "domain/ids.h"
#include "registry/registry.h"

namespace rollcall::app {

struct PolicyInForce {
  PolicyPtr policy;
  domain::OrganisationId chosen_by;  // empty: by nobody; the server's default
};

// Which hours policy holds where: what the organisation chose, else what the nearest one above it
// did that has chosen, else the server's default. It is remembered, so that a check-out costs no
// database read: every change of a choice or of the tree of organisations goes through `app`, which
// calls Forget. Thread-safe.
class OrganisationPolicies {
 public:
  // The references must outlive it.
  OrganisationPolicies(registry::Registry& registry, const HoursPolicies& known)
      : registry_(registry), known_(known) {}

  // NotFound, reason NO_SUCH_ORGANISATION. FailedPrecondition, reason POLICY_NOT_LOADED: what was
  // chosen is not among the policies that this server has read; no other one takes its place.
  absl::StatusOr<PolicyInForce> InForce(const domain::OrganisationId& organisation);
  // Its policy.
  absl::StatusOr<PolicyPtr> For(const domain::OrganisationId& organisation);

  // A choice, or the place of an organisation, has changed.
  void Forget();

  const HoursPolicies& known() const { return known_; }

 private:
  absl::StatusOr<PolicyInForce> Read(const domain::OrganisationId& organisation);

  registry::Registry& registry_;
  const HoursPolicies& known_;
  base::Mutex mutex_;
  int64_t generation_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<domain::OrganisationId, PolicyInForce> in_force_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_ORGANISATION_POLICIES_H_
