#include "proof/keys.h"

#include <sodium.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "proof/encoding.h"

namespace rollcall::proof {
namespace {

constexpr uint8_t kEd25519 = 0x01;
constexpr std::string_view kSecretPrefix = "PRIVATE+KEY+";
constexpr size_t kIdDigits = 8;

static_assert(crypto_sign_SEEDBYTES == SigningKey::kSeedSize);
static_assert(crypto_sign_BYTES == kSignatureSize);
static_assert(crypto_sign_PUBLICKEYBYTES == 32);

absl::Status Bad(std::string_view reason, std::string_view message) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, reason, message);
}

// White_Space of Unicode, as far as it is not a control character.
bool IsSpace(uint32_t c) {
  return c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
         c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

std::string IdText(uint32_t id) {
  const std::array<uint8_t, 4> bytes = {static_cast<uint8_t>(id >> 24),
                                        static_cast<uint8_t>(id >> 16),
                                        static_cast<uint8_t>(id >> 8), static_cast<uint8_t>(id)};
  return base::ToHex(bytes);
}

// 0x01 and 32 bytes, in base 64.
std::string KeyText(std::string_view name, uint32_t id, std::span<const uint8_t> key) {
  base::Bytes typed = {kEd25519};
  typed.insert(typed.end(), key.begin(), key.end());
  std::string text = std::string(name) + "+" + IdText(id) + "+" + ToBase64(typed);
  sodium_memzero(typed.data(), typed.size());
  return text;
}

// The parts of NAME+KEYID+BASE64(0x01 || key).
struct KeyParts {
  std::string_view name;
  std::string_view id;
  base::Bytes key;  // 32 bytes
};
std::optional<KeyParts> SplitKeyText(std::string_view text) {
  const size_t first = text.find('+');
  if (first == std::string_view::npos || first > kMaxKeyNameBytes) return std::nullopt;
  const size_t second = first + 1 + kIdDigits;
  if (text.size() <= second || text[second] != '+') return std::nullopt;
  // 44 characters for 33 bytes: nothing longer is decoded.
  if (text.size() - second - 1 != 44) return std::nullopt;
  auto typed = FromBase64(text.substr(second + 1));
  if (!typed || typed->size() != 33 || typed->front() != kEd25519) return std::nullopt;
  KeyParts parts{
      text.substr(0, first), text.substr(first + 1, kIdDigits), {typed->begin() + 1, typed->end()}};
  sodium_memzero(typed->data(), typed->size());
  return parts;
}

std::span<const uint8_t, 32> Fixed(const base::Bytes& key) {
  return std::span<const uint8_t, 32>(key.data(), 32);
}

}  // namespace

absl::Status ValidateKeyName(std::string_view name) {
  bool good = !name.empty() && name.size() <= kMaxKeyNameBytes;
  for (size_t at = 0; good && at < name.size();) {
    const auto code = base::NextCodePoint(name, &at);
    good = code && *code > 0x20 && *code != 0x7f && *code != '+' && !IsSpace(*code);
  }
  if (good) return absl::OkStatus();
  return Bad("BAD_KEY_NAME",
             "the name of a key has 1 to 255 bytes of UTF-8 without white space and plus signs");
}

absl::StatusOr<VerifierKey> VerifierKey::Make(std::string_view name,
                                              std::span<const uint8_t, 32> public_key) {
  if (!ValidateKeyName(name).ok()) return Bad("BAD_VERIFIER_KEY", "the key's name is not allowed");
  ROLLCALL_CHECK(sodium_init() >= 0);
  if (crypto_core_ed25519_is_valid_point(public_key.data()) != 1) {
    return Bad("BAD_VERIFIER_KEY", "these 32 bytes are no Ed25519 public key");
  }
  VerifierKey key;
  key.name_ = name;
  std::copy(public_key.begin(), public_key.end(), key.public_key_.begin());
  base::Bytes hashed(name.begin(), name.end());
  hashed.push_back('\n');
  hashed.push_back(kEd25519);
  hashed.insert(hashed.end(), public_key.begin(), public_key.end());
  const auto digest = base::Sha256(hashed);
  for (size_t i = 0; i < 4; ++i) key.id_ = (key.id_ << 8) | digest[i];
  return key;
}

absl::StatusOr<VerifierKey> VerifierKey::Parse(std::string_view text) {
  const auto parts = SplitKeyText(text);
  if (!parts) {
    return Bad("BAD_VERIFIER_KEY", "a verifier key looks like NAME+8 hexadecimal digits+BASE64");
  }
  ASSIGN_OR_RETURN(VerifierKey key, Make(parts->name, Fixed(parts->key)));
  if (IdText(key.id()) != parts->id) {
    return Bad("BAD_VERIFIER_KEY", "the key's id does not belong to its name and bytes: mistyped?");
  }
  return key;
}

std::string VerifierKey::ToText() const { return KeyText(name_, id_, public_key_); }

bool VerifierKey::Verify(std::span<const uint8_t> message,
                         std::span<const uint8_t> signature) const {
  return signature.size() == kSignatureSize &&
         crypto_sign_verify_detached(signature.data(), message.data(), message.size(),
                                     public_key_.data()) == 0;
}

void SigningKey::Free::operator()(uint8_t* memory) const { sodium_free(memory); }

absl::StatusOr<SigningKey> SigningKey::FromSeed(std::string_view name,
                                                std::span<const uint8_t, kSeedSize> seed) {
  RETURN_IF_ERROR(ValidateKeyName(name));
  ROLLCALL_CHECK(sodium_init() >= 0);
  Secret secret(static_cast<uint8_t*>(sodium_malloc(crypto_sign_SECRETKEYBYTES)));
  ROLLCALL_CHECK(secret != nullptr);
  std::array<uint8_t, 32> public_key;
  crypto_sign_seed_keypair(public_key.data(), secret.get(), seed.data());
  sodium_mprotect_readonly(secret.get());
  ASSIGN_OR_RETURN(VerifierKey verifier, VerifierKey::Make(name, public_key));
  return SigningKey(std::move(secret), std::move(verifier));
}

absl::StatusOr<SigningKey> SigningKey::Generate(std::string_view name, base::RandomSource& random) {
  std::array<uint8_t, kSeedSize> seed;
  random.Fill(seed);
  auto key = FromSeed(name, seed);
  sodium_memzero(seed.data(), seed.size());
  return key;
}

absl::StatusOr<SigningKey> SigningKey::Parse(std::string_view text) {
  const absl::Status bad = Bad("BAD_SIGNING_KEY",
                               "a signing key looks like PRIVATE+KEY+NAME+8 hexadecimal "
                               "digits+BASE64, and its id belongs to the rest");
  if (!TakePrefix(text, kSecretPrefix)) return bad;
  auto parts = SplitKeyText(text);
  if (!parts) return bad;
  auto key = FromSeed(parts->name, Fixed(parts->key));
  sodium_memzero(parts->key.data(), parts->key.size());
  if (!key.ok() || IdText(key->verifier().id()) != parts->id) return bad;
  return key;
}

std::string SigningKey::ToSecretText() const {
  return std::string(kSecretPrefix) + KeyText(verifier_.name(), verifier_.id(), seed());
}

std::span<const uint8_t, SigningKey::kSeedSize> SigningKey::seed() const {
  return std::span<const uint8_t, kSeedSize>(secret_.get(), kSeedSize);
}

Signature SigningKey::Sign(std::span<const uint8_t> message) const {
  Signature signature;
  crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), secret_.get());
  return signature;
}

}  // namespace rollcall::proof
