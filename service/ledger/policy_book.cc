#include "ledger/policy_book.h"

#include "ledger/log_table.h"

namespace rollcall::ledger {

absl::StatusOr<hours::PolicyPtr> PolicyBook::Find(storage::Connection& connection,
                                                  const domain::OrganisationId& organisation,
                                                  const base::Sha256Digest& hash) {
  if (const auto known = parsed_.find(hash); known != parsed_.end()) return known->second;
  ASSIGN_OR_RETURN(auto policy, FindPolicy(connection, organisation, hash));
  if (policy != nullptr) parsed_.emplace(hash, policy);
  return policy;
}

absl::Status PolicyBook::Keep(storage::Connection& connection, LogWriter& writer,
                              const domain::OrganisationId& organisation,
                              const hours::PolicyPtr& policy, base::Time now) {
  parsed_.emplace(policy->hash, policy);
  ASSIGN_OR_RETURN(const bool known, HasPolicy(connection, organisation, policy->hash));
  if (known) return absl::OkStatus();
  return writer.Append(connection, PolicyRow{organisation, now, policy}).status();
}

}  // namespace rollcall::ledger
