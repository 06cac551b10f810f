#ifndef ROLLCALL_APP_LEDGER_SIGNER_H_
#define ROLLCALL_APP_LEDGER_SIGNER_H_

#include <span>

#include "base/status.h"
#include "ledger/proofs.h"
#include "papers/keys.h"
#include "papers/statement.h"
#include "proof/checkpoint.h"
#include "proof/keys.h"

// Where the ledger's proofs and the certificates meet: a data folder has one Ed25519 key, and it
// signs both. What it signs cannot be taken for one another: a checkpoint's second line is a
// number, a revocation list's is not, a credential has no line feed, and a certificate holds a NUL,
// which no note may.
namespace rollcall::app {

// The ledger's signed state and the key that signed it. Thread-safe.
class LedgerSigner {
 public:
  virtual ~LedgerSigner() = default;
  // A checkpoint, signed and published, that covers every row acknowledged before the call. Blocks
  // for about a second at most. Errors of the ledger.
  virtual absl::StatusOr<papers::Checkpoint> Latest() = 0;
  // Lives as long as this.
  virtual const papers::Signer& signer() const = 0;
};

// The ledger's key as the signer of certificates. `key` must outlive it.
class KeySigner final : public papers::Signer {
 public:
  explicit KeySigner(const proof::SigningKey& key) : key_(key) {}
  papers::PublicKey public_key() const override { return key_.verifier().public_key(); }
  papers::Signature Sign(std::span<const uint8_t> bytes) const override { return key_.Sign(bytes); }

 private:
  const proof::SigningKey& key_;
};

// The ledger's own. Thread-safe.
class ProofsSigner final : public LedgerSigner {
 public:
  // `key` is that of `proofs`, which must outlive this.
  ProofsSigner(ledger::Proofs& proofs, proof::SigningKey key);
  // Errors of ledger::Proofs and of ForCertificate.
  absl::StatusOr<papers::Checkpoint> Latest() override;
  const papers::Signer& signer() const override { return signer_; }

 private:
  ledger::Proofs& proofs_;
  const proof::SigningKey key_;
  const KeySigner signer_;
};

// The part of a checkpoint that a certificate names. FailedPrecondition, reason ORIGIN_NOT_ASCII: a
// certificate can name ledgers of printable ASCII only.
absl::StatusOr<papers::Checkpoint> ForCertificate(const proof::Checkpoint& checkpoint);

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_LEDGER_SIGNER_H_
