#include "app/ledger_proofs.h"

namespace rollcall::app {

absl::StatusOr<proof::CheckpointUpdate> LedgerProofs::Checkpoint(const Call& call,
                                                                 uint64_t old_size) {
  RETURN_IF_ERROR(call.StillWanted());
  return services_.proofs.Since(old_size);
}

absl::StatusOr<base::Page<ledger::SignedReceipt>> LedgerProofs::Receipts(
    const Call& call, const Hours::Filter& filter, const base::PageRequest& page) {
  RETURN_IF_ERROR(call.StillWanted());
  if (filter.volunteer.empty()) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_ID",
                           "volunteer_id: receipts are of one volunteer; name her");
  }
  ASSIGN_OR_RETURN(const ledger::EventFilter rows, LedgerFilter(services_, call, filter));
  return services_.proofs.Receipts(rows, page);
}

}  // namespace rollcall::app
