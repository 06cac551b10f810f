#include "access/rules.h"

#include <algorithm>
#include <utility>

#include "access/networks.h"

namespace rollcall::access {
namespace {

absl::Status Denied(std::string_view reason, const std::string& message) {
  return base::MakeError(absl::StatusCode::kPermissionDenied, reason, message);
}

}  // namespace

absl::StatusOr<Rules> Rules::Create(std::map<std::string, Rule> methods) {
  Rules rules;
  for (auto& [method, rule] : methods) {
    const bool unspecified = std::any_of(rule.roles.begin(), rule.roles.end(), [](domain::Role r) {
      return r == domain::Role::kUnspecified;
    });
    if (rule.roles.empty() || unspecified) {
      return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_ACCESS_RULE",
                             method + ": an access rule must name the roles that may call");
    }
    rules.methods_.emplace(method, std::move(rule));
  }
  return rules;
}

absl::Status Rules::Authorise(const domain::Caller& caller, std::string_view method) const {
  const Rule* rule = Find(method);
  if (rule == nullptr) {
    return Denied("NO_ACCESS_RULE", "nobody may call this method: it has no access rule");
  }
  if (caller.local_administrator) return absl::OkStatus();
  if (std::find(rule->roles.begin(), rule->roles.end(), caller.role) == rule->roles.end()) {
    return Denied("ROLE_NOT_ALLOWED",
                  "the role " + std::string(RoleName(caller)) + " may not call this method");
  }
  return absl::OkStatus();
}

const Rule* Rules::Find(std::string_view method) const {
  const auto found = methods_.find(method);
  return found == methods_.end() ? nullptr : &found->second;
}

absl::StatusOr<domain::Caller> CallerFromPeer(std::string_view peer) {
  const auto address = AddressOfPeer(peer);
  const bool local = IsUnixPeer(peer) || (address && Networks::Loopback().Contains(*address));
  if (!local) {
    return Denied("PEER_NOT_LOCAL",
                  "without certificates only the machine itself may call: use loopback or a Unix "
                  "socket");
  }
  domain::Caller caller;
  caller.identity = "local";
  caller.role = domain::Role::kAdministrator;
  caller.local_administrator = true;
  return caller;
}

std::string_view RoleName(const domain::Caller& caller) {
  if (caller.local_administrator) return "LOCAL_ADMINISTRATOR";
  switch (caller.role) {
    case domain::Role::kKiosk:
      return "KIOSK";
    case domain::Role::kDesk:
      return "DESK";
    case domain::Role::kOrganiser:
      return "ORGANISER";
    case domain::Role::kApprover:
      return "APPROVER";
    case domain::Role::kAuditor:
      return "AUDITOR";
    case domain::Role::kAdministrator:
      return "ADMINISTRATOR";
    case domain::Role::kUnspecified:
      break;
  }
  return "NONE";
}

}  // namespace rollcall::access
