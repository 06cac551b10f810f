#ifndef ROLLCALL_LEDGER_PROPOSAL_TABLE_H_
#define ROLLCALL_LEDGER_PROPOSAL_TABLE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "base/status.h"
#include "base/uuid.h"
#include "domain/ids.h"
#include "ledger/corrections.h"
#include "ledger/log_table.h"
#include "ledger/row.h"
#include "storage/database.h"

// Finding proposals, resolutions and entries in the table ledger_log. As log_table.h: inside an
// operation of the database; DataLoss, reason BAD_ROW, where a row does not decode.
namespace rollcall::ledger {

// NotFound, reason NO_SUCH_PROPOSAL.
absl::StatusOr<Proposal> NeedProposal(storage::Connection& connection,
                                      const domain::OrganisationId& organisation,
                                      const base::Uuid& proposal_id);
// See Ledger::Answered.
absl::StatusOr<std::optional<Proposal>> Answered(storage::Connection& connection,
                                                 const domain::OrganisationId& organisation,
                                                 const base::Uuid& request_id,
                                                 const base::Sha256Digest& payload_hash);
// The proposals with after < sequence, at most `limit`, in order.
absl::StatusOr<std::vector<Proposal>> ReadProposals(storage::Connection& connection,
                                                    const domain::OrganisationId& organisation,
                                                    int64_t after, int32_t limit);
bool Fits(const Proposal& proposal, const ProposalFilter& filter);

// NotFound, reason NO_SUCH_ENTRY: none, or one that takes back.
absl::StatusOr<EntryRow> NeedCredit(storage::Connection& connection,
                                    const domain::OrganisationId& organisation,
                                    const base::Uuid& entry_id);

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_PROPOSAL_TABLE_H_
