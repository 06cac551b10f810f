#include "app/ledger_signer.h"

#include <algorithm>
#include <string>
#include <utility>

namespace rollcall::app {

absl::StatusOr<papers::Checkpoint> ForCertificate(const proof::Checkpoint& checkpoint) {
  const bool printable = std::all_of(checkpoint.origin.begin(), checkpoint.origin.end(),
                                     [](char c) { return c > ' ' && c <= '~'; });
  if (!printable) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "ORIGIN_NOT_ASCII",
                           "the ledger's name holds other characters than printable ASCII, and no "
                           "certificate can name it");
  }
  return papers::Checkpoint{checkpoint.origin, checkpoint.size, checkpoint.root};
}

ProofsSigner::ProofsSigner(ledger::Proofs& proofs, proof::SigningKey key)
    : proofs_(proofs), key_(std::move(key)), signer_(key_) {
  ROLLCALL_CHECK(key_.verifier() == proofs.key());
}

absl::StatusOr<papers::Checkpoint> ProofsSigner::Latest() {
  ASSIGN_OR_RETURN(const std::string note, proofs_.Checkpoint());
  ASSIGN_OR_RETURN(const proof::Checkpoint checkpoint,
                   proof::OpenCheckpoint(note, proofs_.key()));
  return ForCertificate(checkpoint);
}

}  // namespace rollcall::app
