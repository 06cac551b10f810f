#ifndef ROLLCALL_CLI_KEY_FILE_H_
#define ROLLCALL_CLI_KEY_FILE_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "papers/keys.h"
#include "proof/keys.h"

namespace rollcall::cli {

// The public keys of one operator: today's and earlier ones. A data folder has one key, which signs
// checkpoints and certificates alike, so the ledger's verifier key is enough for both.
struct KnownKeys {
  std::vector<proof::VerifierKey> ledgers;      // for receipts and checkpoints
  std::vector<papers::PublicKey> certificates;  // for certificates: those of `ledgers` too
};

// One key a line; blank lines and those that begin with # do not matter. Forms:
//   NAME+ID+BASE64                            the ledger's verifier key (proof::VerifierKey)
//   {"crv":"Ed25519","kty":"OKP","x":"..."}   papers::Jwk; for certificates only
//   did:jwk:...                               papers::DidJwk; for certificates only
// InvalidArgument, reason BAD_KEY_FILE, naming the line: none of these, or no key at all. A secret
// key is refused with a warning of its own: it must never be handed to whoever verifies.
absl::StatusOr<KnownKeys> ParseKeys(std::string_view text);

// ParseKeys of a file; any error is one of usage: without a key nothing was checked.
absl::StatusOr<KnownKeys> ReadKeys(const std::string& path);

}  // namespace rollcall::cli

#endif  // ROLLCALL_CLI_KEY_FILE_H_
