#ifndef ROLLCALL_VAULT_PASSPHRASE_H_
#define ROLLCALL_VAULT_PASSPHRASE_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/status.h"
#include "vault/secret.h"

// A key out of what a person can remember, by libsodium's Argon2id (RFC 9106).
namespace rollcall::vault {

constexpr size_t kSaltSize = 16;
constexpr size_t kMinPassphraseBytes = 12;
constexpr size_t kMaxPassphraseBytes = 1024;

// What one guess costs. Stored beside what the key protects, so that the default can grow.
struct StretchCost {
  uint64_t passes = 3;
  uint64_t memory_bytes = uint64_t{256} << 20;  // libsodium's MODERATE: about 0.7 s a guess
};

// The key of `passphrase` under `salt` (kSaltSize bytes). Cost: as `cost` says.
// InvalidArgument, reason BAD_PASSPHRASE: not kMinPassphraseBytes to kMaxPassphraseBytes.
// DataLoss, reason KEY_DAMAGED: a cost outside of libsodium's least and 10 passes or 1 GiB: it was
// read from a file, and nobody wrote that. ResourceExhausted, reason NO_MEMORY.
absl::StatusOr<SecretKey> StretchPassphrase(std::span<const uint8_t> passphrase,
                                            std::span<const uint8_t> salt,
                                            const StretchCost& cost);

// The key of a secret that is random already, such as a systemd credential: one hash.
// InvalidArgument, reason BAD_CREDENTIAL: less than 32 bytes.
absl::StatusOr<SecretKey> HashSecret(std::span<const uint8_t> secret,
                                     std::span<const uint8_t> salt);

}  // namespace rollcall::vault

#endif  // ROLLCALL_VAULT_PASSPHRASE_H_
