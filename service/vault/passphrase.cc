#include "vault/passphrase.h"

#include <sodium.h>

namespace rollcall::vault {
namespace {

using absl::StatusCode;

constexpr uint64_t kMaxPasses = 10;
constexpr uint64_t kMaxMemory = uint64_t{1} << 30;
static_assert(kSaltSize == crypto_pwhash_argon2id_SALTBYTES);
static_assert(kSaltSize == crypto_generichash_KEYBYTES_MIN);

}  // namespace

absl::StatusOr<SecretKey> StretchPassphrase(std::span<const uint8_t> passphrase,
                                            std::span<const uint8_t> salt,
                                            const StretchCost& cost) {
  ROLLCALL_CHECK(salt.size() == kSaltSize);
  if (passphrase.size() < kMinPassphraseBytes || passphrase.size() > kMaxPassphraseBytes) {
    return base::MakeError(StatusCode::kInvalidArgument, "BAD_PASSPHRASE",
                           "a passphrase has 12 to 1024 bytes; several words are best");
  }
  if (cost.passes < crypto_pwhash_argon2id_OPSLIMIT_MIN || cost.passes > kMaxPasses ||
      cost.memory_bytes < crypto_pwhash_argon2id_MEMLIMIT_MIN || cost.memory_bytes > kMaxMemory) {
    return base::MakeError(StatusCode::kDataLoss, "KEY_DAMAGED",
                           "the cost of the passphrase is not one that was ever written");
  }
  SecretKey key;
  if (crypto_pwhash(key.bytes().data(), kKeySize, reinterpret_cast<const char*>(passphrase.data()),
                    passphrase.size(), salt.data(), cost.passes, cost.memory_bytes,
                    crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return base::MakeError(StatusCode::kResourceExhausted, "NO_MEMORY",
                           "not enough memory to work the passphrase out: it takes " +
                               std::to_string(cost.memory_bytes >> 20) + " MiB");
  }
  return key;
}

absl::StatusOr<SecretKey> HashSecret(std::span<const uint8_t> secret,
                                     std::span<const uint8_t> salt) {
  ROLLCALL_CHECK(salt.size() == kSaltSize);
  if (secret.size() < kKeySize) {
    return base::MakeError(StatusCode::kInvalidArgument, "BAD_CREDENTIAL",
                           "the credential has less than 32 bytes; make one of 32 random bytes");
  }
  SecretKey key;
  crypto_generichash(key.bytes().data(), kKeySize, secret.data(), secret.size(), salt.data(),
                     salt.size());
  return key;
}

}  // namespace rollcall::vault
