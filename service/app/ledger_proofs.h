#ifndef ROLLCALL_APP_LEDGER_PROOFS_H_
#define ROLLCALL_APP_LEDGER_PROOFS_H_

#include <cstdint>
#include <string>

#include "app/call.h"
#include "app/hours.h"
#include "app/services.h"
#include "base/page.h"
#include "base/status.h"
#include "ledger/proofs.h"

namespace rollcall::app {

// What the ledger signs, for witnesses and for volunteers. Thread-safe.
class LedgerProofs {
 public:
  explicit LedgerProofs(const Services& services) : services_(services) {}

  // The text form of the ledger's verifier key.
  std::string VerifierKey() const { return services_.proofs.key().ToText(); }

  // ledger::Proofs::Since. It says how many rows there are and nothing else, so it is for everybody
  // with a role.
  absl::StatusOr<proof::CheckpointUpdate> Checkpoint(const Call& call, uint64_t old_size);

  // ledger::Proofs::Receipts of one volunteer, within the caller's scope. InvalidArgument, reason
  // BAD_ID: no volunteer is named. NotFound, reason NO_SUCH_VOLUNTEER.
  absl::StatusOr<base::Page<ledger::SignedReceipt>> Receipts(const Call& call,
                                                             const Hours::Filter& filter,
                                                             const base::PageRequest& page);

 private:
  const Services& services_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_LEDGER_PROOFS_H_
