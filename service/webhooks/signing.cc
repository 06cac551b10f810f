#include "webhooks/signing.h"

#include <sodium.h>

#include <algorithm>

#include "base/status.h"

namespace rollcall::webhooks {
namespace {

using vault::SecretBytes;

std::string Base64(std::span<const uint8_t> bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();  // the terminator
  return text;
}

uint64_t Half(const base::Uuid& id, size_t first) {
  uint64_t value = 0;
  for (size_t i = first; i < first + 8; ++i) value = value << 8 | id.bytes[i];
  return value;
}

// `context`: 8 characters.
SecretBytes Derive(std::span<const uint8_t> key, uint64_t number, const char* context) {
  static_assert(crypto_kdf_KEYBYTES == vault::kKeySize);
  SecretBytes out(vault::kKeySize);
  crypto_kdf_derive_from_key(out.bytes().data(), out.bytes().size(), number, context, key.data());
  return out;
}

}  // namespace

SigningKeys KeysFrom(std::span<const uint8_t> hmac, std::span<const uint8_t, 32> seed) {
  ROLLCALL_CHECK(sodium_init() >= 0);
  SigningKeys keys;
  keys.hmac = SecretBytes(hmac.size());
  std::copy(hmac.begin(), hmac.end(), keys.hmac.bytes().begin());
  keys.ed25519 = SecretBytes(crypto_sign_SECRETKEYBYTES);
  crypto_sign_seed_keypair(keys.public_key.data(), keys.ed25519.bytes().data(), seed.data());
  return keys;
}

SigningKeys DeriveKeys(const vault::SecretKey& master, const base::Uuid& webhook) {
  ROLLCALL_CHECK(sodium_init() >= 0);
  // A subkey's number has 64 bits, an id twice that.
  const SecretBytes high = Derive(master.bytes(), Half(webhook, 0), "wh-id-hi");
  const SecretBytes own = Derive(high.bytes(), Half(webhook, 8), "wh-id-lo");
  const SecretBytes hmac = Derive(own.bytes(), 1, "wh-hmac.");
  const SecretBytes seed = Derive(own.bytes(), 2, "wh-ed255");
  return KeysFrom(hmac.bytes(), seed.bytes().first<32>());
}

std::string SecretText(const SigningKeys& keys) { return "whsec_" + Base64(keys.hmac.bytes()); }

std::string PublicKeyText(const SigningKeys& keys) { return "whpk_" + Base64(keys.public_key); }

std::string SignatureHeader(const SigningKeys& keys, std::string_view id, int64_t seconds,
                            std::string_view payload) {
  std::string content(id);
  content += '.';
  content += std::to_string(seconds);
  content += '.';
  content += payload;
  const auto* bytes = reinterpret_cast<const uint8_t*>(content.data());

  std::array<uint8_t, crypto_auth_hmacsha256_BYTES> tag{};
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, keys.hmac.bytes().data(), keys.hmac.bytes().size());
  crypto_auth_hmacsha256_update(&state, bytes, content.size());
  crypto_auth_hmacsha256_final(&state, tag.data());
  sodium_memzero(&state, sizeof(state));

  std::array<uint8_t, crypto_sign_BYTES> signature{};
  crypto_sign_detached(signature.data(), nullptr, bytes, content.size(),
                       keys.ed25519.bytes().data());
  return "v1," + Base64(tag) + " v1a," + Base64(signature);
}

}  // namespace rollcall::webhooks
