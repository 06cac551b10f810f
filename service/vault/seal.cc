#include "vault/seal.h"

#include <sodium.h>

#include <bit>
#include <string_view>

namespace rollcall::vault {
namespace {

constexpr size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(kKeySize == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

// A plain text that is overwritten when it goes.
struct Plain {
  explicit Plain(size_t size) : bytes(size) {}
  ~Plain() { sodium_memzero(bytes.data(), bytes.size()); }
  Plain(const Plain&) = delete;
  Plain& operator=(const Plain&) = delete;
  base::Bytes bytes;
};

void PutText(base::Bytes& out, std::string_view text) {
  const auto bytes = base::AsBytes(text);
  out.insert(out.end(), bytes.begin(), bytes.end());
  out.push_back(0);  // no text here holds a NUL, so that nothing runs into the next part
}

void PutUint32(base::Bytes& out, uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<uint8_t>(value >> shift));
}

void PutUint64(base::Bytes& out, uint64_t value) {
  PutUint32(out, static_cast<uint32_t>(value));
  PutUint32(out, static_cast<uint32_t>(value >> 32));
}

void PutBytes(base::Bytes& out, std::span<const uint8_t> bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

base::Bytes KeyContext(const KeyPlace& place, const SecretKey& key_encryption_key) {
  base::Bytes context;
  PutText(context, "rollcall subject key 2");
  PutBytes(context, place.subject.bytes);
  PutUint64(context, static_cast<uint64_t>(place.generation));
  PutBytes(context, KeyId(key_encryption_key));
  return context;
}

base::Bytes EmbeddingContext(const EmbeddingPlace& place, const SecretKey& key) {
  base::Bytes context;
  PutText(context, "rollcall embedding 3");
  PutBytes(context, place.subject.bytes);
  PutUint64(context, static_cast<uint64_t>(place.generation));
  PutBytes(context, KeyId(key));
  PutText(context, place.model_id);
  PutText(context, place.model_sha256);
  PutUint32(context, static_cast<uint32_t>(place.number));
  PutUint32(context, static_cast<uint32_t>(place.count));
  PutUint32(context, static_cast<uint32_t>(place.dimension));
  return context;
}

Sealed Seal(std::span<const uint8_t> plain, const base::Bytes& context, const SecretKey& key,
            base::RandomSource& random) {
  Sealed sealed;
  sealed.nonce.resize(kNonceSize);
  random.Fill(sealed.nonce);
  sealed.ciphertext.resize(plain.size() + kTagSize);
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.ciphertext.data(), nullptr, plain.data(),
                                             plain.size(), context.data(), context.size(), nullptr,
                                             sealed.nonce.data(), key.bytes().data());
  return sealed;
}

// `plain` has the size that is expected.
bool Open(const Sealed& sealed, const base::Bytes& context, const SecretKey& key,
          std::span<uint8_t> plain) {
  if (sealed.nonce.size() != kNonceSize || sealed.ciphertext.size() != plain.size() + kTagSize) {
    return false;
  }
  return crypto_aead_xchacha20poly1305_ietf_decrypt(
             plain.data(), nullptr, nullptr, sealed.ciphertext.data(), sealed.ciphertext.size(),
             context.data(), context.size(), sealed.nonce.data(), key.bytes().data()) == 0;
}

}  // namespace

Sealed SealKey(const SecretKey& key, const KeyPlace& place, const SecretKey& key_encryption_key,
               base::RandomSource& random) {
  return Seal(key.bytes(), KeyContext(place, key_encryption_key), key_encryption_key, random);
}

std::optional<SecretKey> OpenKey(const Sealed& sealed, const KeyPlace& place,
                                 const SecretKey& key_encryption_key) {
  SecretKey key;
  if (!Open(sealed, KeyContext(place, key_encryption_key), key_encryption_key, key.bytes())) {
    return std::nullopt;
  }
  return key;
}

Sealed SealEmbedding(std::span<const float> embedding, const EmbeddingPlace& place,
                     const SecretKey& key, base::RandomSource& random) {
  ROLLCALL_CHECK(embedding.size() == static_cast<size_t>(place.dimension));
  Plain plain(embedding.size() * sizeof(float));
  for (size_t i = 0; i < embedding.size(); ++i) {
    const auto bits = std::bit_cast<uint32_t>(embedding[i]);
    for (size_t k = 0; k < 4; ++k) plain.bytes[4 * i + k] = static_cast<uint8_t>(bits >> (8 * k));
  }
  return Seal(plain.bytes, EmbeddingContext(place, key), key, random);
}

std::optional<std::vector<float>> OpenEmbedding(const Sealed& sealed, const EmbeddingPlace& place,
                                                const SecretKey& key) {
  // The size comes from the database: bound it by what is really there before allocating.
  if (place.dimension < 1 ||
      sealed.ciphertext.size() != static_cast<size_t>(place.dimension) * sizeof(float) + kTagSize) {
    return std::nullopt;
  }
  Plain plain(sealed.ciphertext.size() - kTagSize);
  if (!Open(sealed, EmbeddingContext(place, key), key, plain.bytes)) return std::nullopt;
  std::vector<float> embedding(static_cast<size_t>(place.dimension));
  for (size_t i = 0; i < embedding.size(); ++i) {
    uint32_t bits = 0;
    for (size_t k = 4; k-- > 0;) bits = (bits << 8) | plain.bytes[4 * i + k];
    embedding[i] = std::bit_cast<float>(bits);
  }
  return embedding;
}

}  // namespace rollcall::vault
