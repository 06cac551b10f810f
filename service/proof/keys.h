#ifndef ROLLCALL_PROOF_KEYS_H_
#define ROLLCALL_PROOF_KEYS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/random.h"
#include "base/status.h"

// Ed25519 keys (RFC 8032, by libsodium) with a name, as C2SP signed-note has them. One type of
// signature only, 0x01. The text forms are those of the reference implementation,
// golang.org/x/mod/sumdb/note:
//   public   NAME+KEYID+BASE64(0x01 || public key)               KEYID: 8 lower-case hex digits
//   secret   PRIVATE+KEY+NAME+KEYID+BASE64(0x01 || 32-byte seed)
namespace rollcall::proof {

constexpr size_t kSignatureSize = 64;
constexpr size_t kMaxKeyNameBytes = 255;
using Signature = std::array<uint8_t, kSignatureSize>;

// OK when `name` can name a key: 1 to kMaxKeyNameBytes bytes of UTF-8 without white space (of any
// script), plus signs and control characters. A URL without a scheme is recommended.
// InvalidArgument, reason BAD_KEY_NAME.
absl::Status ValidateKeyName(std::string_view name);

// The public half: what a stranger needs to check a signature. Its name and id pick the signatures
// that are meant for it. An immutable value.
class VerifierKey {
 public:
  // InvalidArgument, reason BAD_VERIFIER_KEY: not the text form; an id that does not follow from
  // the rest; another type of key; not a point of the prime-order group (RFC 8032; a key of small
  // order would take anything for signed).
  static absl::StatusOr<VerifierKey> Parse(std::string_view text);
  static absl::StatusOr<VerifierKey> Make(std::string_view name,
                                          std::span<const uint8_t, 32> public_key);

  std::string ToText() const;
  const std::string& name() const { return name_; }
  // The first four bytes of SHA-256(name || 0x0A || 0x01 || public key), big-endian.
  uint32_t id() const { return id_; }
  const std::array<uint8_t, 32>& public_key() const { return public_key_; }

  // Whether `signature` (any length) is this key's of `message`.
  bool Verify(std::span<const uint8_t> message, std::span<const uint8_t> signature) const;

  friend bool operator==(const VerifierKey&, const VerifierKey&) = default;

 private:
  VerifierKey() = default;

  std::string name_;
  uint32_t id_ = 0;
  std::array<uint8_t, 32> public_key_{};
};

// The secret half, in memory of its own (libsodium's sodium_malloc: guard pages around, kept out of
// swap and core dumps where the system allows, overwritten when freed). Movable; a moved-from one
// may only be assigned to or destroyed. Thread-safe: signing changes nothing.
//
// This library knows no key files: whoever keeps the key hands in its 32-byte seed from where that
// is guarded.
class SigningKey {
 public:
  static constexpr size_t kSeedSize = 32;

  // InvalidArgument, reason BAD_KEY_NAME.
  static absl::StatusOr<SigningKey> FromSeed(std::string_view name,
                                             std::span<const uint8_t, kSeedSize> seed);
  static absl::StatusOr<SigningKey> Generate(std::string_view name, base::RandomSource& random);
  // The secret text form. InvalidArgument, reason BAD_SIGNING_KEY; the message shows nothing of it.
  static absl::StatusOr<SigningKey> Parse(std::string_view text);

  // The secret text form, in ordinary memory: for key files, never for a log. Clear it after use.
  std::string ToSecretText() const;
  // Lives as long as the key.
  std::span<const uint8_t, kSeedSize> seed() const;
  const VerifierKey& verifier() const { return verifier_; }

  // Deterministic (RFC 8032): the same message has the same signature.
  Signature Sign(std::span<const uint8_t> message) const;

 private:
  struct Free {
    void operator()(uint8_t* memory) const;
  };
  using Secret = std::unique_ptr<uint8_t[], Free>;  // seed || public key, as libsodium has it

  SigningKey(Secret secret, VerifierKey verifier)
      : secret_(std::move(secret)), verifier_(std::move(verifier)) {}

  Secret secret_;
  VerifierKey verifier_;
};

}  // namespace rollcall::proof

#endif  // ROLLCALL_PROOF_KEYS_H_
