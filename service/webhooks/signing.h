#ifndef ROLLCALL_WEBHOOKS_SIGNING_H_
#define ROLLCALL_WEBHOOKS_SIGNING_H_

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/uuid.h"
#include "vault/secret.h"

// Signatures after the Standard Webhooks specification 1.0.0: over "id.timestamp.payload", by
// HMAC-SHA256 ("v1") and by Ed25519 ("v1a").
namespace rollcall::webhooks {

// The two keys of one webhook, in locked memory. Movable.
struct SigningKeys {
  vault::SecretBytes hmac;     // shared with the receiver
  vault::SecretBytes ed25519;  // libsodium's secret key, 64 bytes: never leaves the server
  std::array<uint8_t, 32> public_key{};
};

// From the secret itself and the Ed25519 seed of 32 bytes.
SigningKeys KeysFrom(std::span<const uint8_t> hmac, std::span<const uint8_t, 32> seed);

// The keys of a webhook, from the key in DIR/keys and its id by crypto_kdf (BLAKE2b): so the
// database holds no secret, and no two webhooks share one. The derivation is fixed for ever:
// receivers hold what comes out.
SigningKeys DeriveKeys(const vault::SecretKey& master, const base::Uuid& webhook);

// "whsec_" and Base64: what the receiver is told once.
std::string SecretText(const SigningKeys& keys);
// "whpk_" and Base64: may be told to anybody.
std::string PublicKeyText(const SigningKeys& keys);

// The header webhook-signature: "v1,BASE64 v1a,BASE64". `id` holds no full stop; `seconds` is when
// the attempt is made.
std::string SignatureHeader(const SigningKeys& keys, std::string_view id, int64_t seconds,
                            std::string_view payload);

}  // namespace rollcall::webhooks

#endif  // ROLLCALL_WEBHOOKS_SIGNING_H_
