#include "app/policy_choices.h"

#include "app/scope.h"
#include "base/bytes.h"

namespace rollcall::app {

absl::StatusOr<ChosenPolicyView> PolicyChoices::Set(const Call& call,
                                                    const domain::OrganisationId& organisation,
                                                    const std::string& label) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const auto own, OrganisationFor(services_, call.caller, organisation));
  if (!label.empty()) {
    RETURN_IF_ERROR(domain::ValidatePolicyLabel(label));
    RETURN_IF_ERROR(services_.policies.known().Find(label).status());
  }
  RETURN_IF_ERROR(services_.registry.ChoosePolicy(
      {own, "", label, services_.clock.Now(), call.caller.identity}));
  services_.policies.Forget();
  return Chosen(own);
}

absl::StatusOr<ChosenPolicyView> PolicyChoices::Get(const Call& call,
                                                    const domain::OrganisationId& organisation) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const auto own, OrganisationFor(services_, call.caller, organisation));
  return Chosen(own);
}

absl::StatusOr<std::vector<PolicyView>> PolicyChoices::List(const Call& call) {
  RETURN_IF_ERROR(call.StillWanted());
  std::vector<PolicyView> views;
  for (const auto& [label, policy] : services_.policies.known().all()) {
    views.push_back(View(*policy));
    views.back().text.clear();
  }
  return views;
}

PolicyView PolicyChoices::View(const hours::Policy& policy) const {
  return {policy.Label(),
          policy.title,
          policy.title_zh,
          policy.source,
          base::ToHex(policy.hash),
          policy.text,
          policy.Label() == services_.policies.known().Default()->Label()};
}

absl::StatusOr<ChosenPolicyView> PolicyChoices::Chosen(const domain::OrganisationId& organisation) {
  ASSIGN_OR_RETURN(const PolicyInForce found, services_.policies.InForce(organisation));
  ASSIGN_OR_RETURN(auto choices, services_.registry.PolicyChoices(organisation));
  return ChosenPolicyView{View(*found.policy), found.chosen_by, std::move(choices)};
}

}  // namespace rollcall::app
