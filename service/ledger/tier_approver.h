#ifndef ROLLCALL_LEDGER_TIER_APPROVER_H_
#define ROLLCALL_LEDGER_TIER_APPROVER_H_

#include <optional>

#include "base/bytes.h"
#include "base/random.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/ids.h"
#include "ledger/log_writer.h"
#include "ledger/policy_book.h"
#include "ledger/tier_approvals.h"
#include "storage/database.h"

namespace rollcall::ledger {

// See Ledger::AnsweredApproval.
absl::StatusOr<std::optional<TierApproval>> AnsweredApproval(
    storage::Connection& connection, const domain::OrganisationId& organisation,
    const base::Uuid& request_id, const base::Sha256Digest& payload_hash);

// The writes of tier approvals, each the body of one database operation. Thread-safety: as its
// connection; what it is made with must outlive it. Cost: reads every row of the person.
class TierApprover {
 public:
  TierApprover(base::IdGenerator& ids, LogWriter& writer, PolicyBook& policies)
      : ids_(ids), writer_(writer), policies_(policies) {}

  // See Ledger::ApproveTier.
  absl::StatusOr<TierApproval> Approve(storage::Connection& connection, TierApprovalRow row);

 private:
  base::IdGenerator& ids_;
  LogWriter& writer_;
  PolicyBook& policies_;
};

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_TIER_APPROVER_H_
