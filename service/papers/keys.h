#ifndef ROLLCALL_PAPERS_KEYS_H_
#define ROLLCALL_PAPERS_KEYS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"

// Ed25519 (RFC 8032) by libsodium, and the names that a key has in the forms of a certificate.
namespace rollcall::papers {

using PublicKey = std::array<uint8_t, 32>;
using Signature = std::array<uint8_t, 64>;

// Signs with one key, which stays where it is: the ledger's key is not handed about. Thread-safe.
class Signer {
 public:
  virtual ~Signer() = default;
  virtual PublicKey public_key() const = 0;
  virtual Signature Sign(std::span<const uint8_t> bytes) const = 0;
};

// Holds the key made from a seed (RFC 8032, 5.1.5), and overwrites it when it goes.
class SeedSigner final : public Signer {
 public:
  explicit SeedSigner(std::span<const uint8_t, 32> seed);
  ~SeedSigner() override;
  SeedSigner(const SeedSigner&) = delete;
  SeedSigner& operator=(const SeedSigner&) = delete;

  PublicKey public_key() const override { return public_key_; }
  Signature Sign(std::span<const uint8_t> bytes) const override;

 private:
  PublicKey public_key_{};
  std::array<uint8_t, 64> secret_key_{};
};

// Whether `signature` over `bytes` was made with the secret half of `key`. False for keys of small
// order and for signatures that are not in their one form (libsodium's checks). About 50 us.
bool SignatureFits(const PublicKey& key, std::span<const uint8_t> bytes,
                   std::span<const uint8_t, 64> signature);

// The key as a JSON Web Key (RFC 8037), members in the order of RFC 7638, no spaces.
std::string Jwk(const PublicKey& key);

// The JWK thumbprint (RFC 7638, SHA-256): 43 characters of base64url.
std::string KeyId(const PublicKey& key);

// "did:jwk:" and the JWK in base64url: an identifier that any verifier of credentials can turn into
// the key without asking anybody.
std::string DidJwk(const PublicKey& key);

// RFC 4648, 5, without padding. Reading is strict: nothing for any text that ToBase64Url does not
// make.
std::string ToBase64Url(std::span<const uint8_t> bytes);
std::optional<base::Bytes> FromBase64Url(std::string_view text);

// RFC 9285. Its 45 characters are those that a QR code packs best: 1.5 characters of 5.5 bits for a
// byte, against 1.33 of 8 bits in base64. Reading is as strict.
std::string ToBase45(std::span<const uint8_t> bytes);
std::optional<base::Bytes> FromBase45(std::string_view text);

}  // namespace rollcall::papers

#endif  // ROLLCALL_PAPERS_KEYS_H_
