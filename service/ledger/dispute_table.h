#ifndef ROLLCALL_LEDGER_DISPUTE_TABLE_H_
#define ROLLCALL_LEDGER_DISPUTE_TABLE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "base/status.h"
#include "base/uuid.h"
#include "domain/ids.h"
#include "ledger/disputes.h"
#include "storage/database.h"

// Finding disputes and their answers in the table ledger_log. As log_table.h: inside an operation
// of the database; DataLoss, reason BAD_ROW, where a row does not decode.
namespace rollcall::ledger {

// NotFound, reason NO_SUCH_DISPUTE.
absl::StatusOr<Dispute> NeedDispute(storage::Connection& connection,
                                    const domain::OrganisationId& organisation,
                                    const base::Uuid& dispute_id);
// What was written under this request_id; nothing: it is new. FailedPrecondition, reason
// REQUEST_ID_REUSED.
absl::StatusOr<std::optional<Dispute>> AnsweredDispute(storage::Connection& connection,
                                                       const domain::OrganisationId& organisation,
                                                       const base::Uuid& request_id,
                                                       const base::Sha256Digest& payload_hash);
// The disputes with after < sequence, at most `limit`, in order.
absl::StatusOr<std::vector<Dispute>> ReadDisputes(storage::Connection& connection,
                                                  const domain::OrganisationId& organisation,
                                                  int64_t after, int32_t limit);
bool Fits(const Dispute& dispute, const DisputeFilter& filter);

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_DISPUTE_TABLE_H_
