#include "papers/keys.h"

#include <sodium.h>

#include "base/status.h"

namespace rollcall::papers {
namespace {

static_assert(PublicKey{}.size() == crypto_sign_PUBLICKEYBYTES);
static_assert(Signature{}.size() == crypto_sign_BYTES);

constexpr int kBase64Variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr std::string_view kBase45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
static_assert(kBase45.size() == 45);

}  // namespace

SeedSigner::SeedSigner(std::span<const uint8_t, 32> seed) {
  static_assert(sizeof(secret_key_) == crypto_sign_SECRETKEYBYTES);
  ROLLCALL_CHECK(crypto_sign_seed_keypair(public_key_.data(), secret_key_.data(), seed.data()) ==
                 0);
}

SeedSigner::~SeedSigner() { sodium_memzero(secret_key_.data(), secret_key_.size()); }

Signature SeedSigner::Sign(std::span<const uint8_t> bytes) const {
  Signature signature{};
  ROLLCALL_CHECK(crypto_sign_detached(signature.data(), nullptr, bytes.data(), bytes.size(),
                                      secret_key_.data()) == 0);
  return signature;
}

bool SignatureFits(const PublicKey& key, std::span<const uint8_t> bytes,
                   std::span<const uint8_t, 64> signature) {
  return crypto_sign_verify_detached(signature.data(), bytes.data(), bytes.size(), key.data()) == 0;
}

std::string Jwk(const PublicKey& key) {
  return R"({"crv":"Ed25519","kty":"OKP","x":")" + ToBase64Url(key) + "\"}";
}

std::string KeyId(const PublicKey& key) {
  return ToBase64Url(base::Sha256(base::AsBytes(Jwk(key))));
}

std::string DidJwk(const PublicKey& key) {
  return "did:jwk:" + ToBase64Url(base::AsBytes(Jwk(key)));
}

std::string ToBase64Url(std::span<const uint8_t> bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), kBase64Variant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kBase64Variant);
  text.pop_back();  // the NUL that libsodium writes
  return text;
}

std::optional<base::Bytes> FromBase64Url(std::string_view text) {
  if (text.empty()) return base::Bytes();  // libsodium takes no null pointer
  base::Bytes bytes(text.size());
  size_t size = 0;
  if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size,
                        nullptr, kBase64Variant) != 0) {
    return std::nullopt;
  }
  bytes.resize(size);
  if (ToBase64Url(bytes) != text) return std::nullopt;
  return bytes;
}

std::string ToBase45(std::span<const uint8_t> bytes) {
  std::string text;
  text.reserve(bytes.size() / 2 * 3 + 2);
  for (size_t i = 0; i < bytes.size(); i += 2) {
    const bool pair = i + 1 < bytes.size();
    uint32_t value = pair ? bytes[i] * 256U + bytes[i + 1] : bytes[i];
    for (int digit = 0; digit < (pair ? 3 : 2); ++digit, value /= 45) text += kBase45[value % 45];
  }
  return text;
}

std::optional<base::Bytes> FromBase45(std::string_view text) {
  if (text.size() % 3 == 1) return std::nullopt;
  base::Bytes bytes;
  bytes.reserve(text.size() / 3 * 2 + 1);
  for (size_t i = 0; i < text.size(); i += 3) {
    const std::string_view group = text.substr(i, 3);
    uint32_t value = 0;
    for (size_t k = group.size(); k-- > 0;) {
      const size_t digit = kBase45.find(group[k]);
      if (digit == std::string_view::npos) return std::nullopt;
      value = value * 45 + static_cast<uint32_t>(digit);
    }
    if (value > (group.size() == 3 ? 0xFFFFU : 0xFFU)) return std::nullopt;
    if (group.size() == 3) bytes.push_back(static_cast<uint8_t>(value >> 8));
    bytes.push_back(static_cast<uint8_t>(value));
  }
  return bytes;
}

}  // namespace rollcall::papers
