#ifndef ROLLCALL_APP_POLICY_CHOICES_H_
#define ROLLCALL_APP_POLICY_CHOICES_H_

#include <string>
#include <vector>

#include "app/call.h"
#include "app/services.h"
#include "base/status.h"
#include "domain/ids.h"
#include "domain/policy_choice.h"

namespace rollcall::app {

// A policy as people read it.
struct PolicyView {
  std::string label;  // "default/2"
  std::string title;
  std::string title_zh;
  std::string source;  // where the rules come from
  std::string sha256;  // of `text`, in hexadecimal
  std::string text;    // the bytes of the file
  bool server_default = false;
};

struct ChosenPolicyView {
  PolicyView policy;                          // in force
  domain::OrganisationId chosen_by;           // empty: by nobody; the server's default
  std::vector<domain::PolicyChoice> choices;  // the organisation's own, oldest first
};

// Which hours policy an organisation's visits are counted by, within the caller's scope
// (app/scope.h).
class PolicyChoices {
 public:
  explicit PolicyChoices(const Services& services) : services_(services) {}

  // Chooses `label` for `organisation` from now on; empty: none, so that what holds above it does.
  // Minutes that are in the ledger stay as they are. Returns what is in force then. NotFound,
  // reason NO_SUCH_POLICY: the server has not read it; the message lists those there are. Errors of
  // Registry::ChoosePolicy and of OrganisationPolicies::InForce.
  absl::StatusOr<ChosenPolicyView> Set(const Call& call, const domain::OrganisationId& organisation,
                                       const std::string& label);
  // Errors of OrganisationPolicies::InForce.
  absl::StatusOr<ChosenPolicyView> Get(const Call& call,
                                       const domain::OrganisationId& organisation);
  // Those that can be chosen, by label, without their text.
  absl::StatusOr<std::vector<PolicyView>> List(const Call& call);

 private:
  PolicyView View(const hours::Policy& policy) const;
  absl::StatusOr<ChosenPolicyView> Chosen(const domain::OrganisationId& organisation);

  const Services& services_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_POLICY_CHOICES_H_
