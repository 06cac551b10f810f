#ifndef ROLLCALL_VAULT_SEAL_H_
#define ROLLCALL_VAULT_SEAL_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "base/uuid.h"
#include "vault/secret.h"

// What the vault encrypts, and what each message is bound to. XChaCha20-Poly1305 (libsodium).
namespace rollcall::vault {

// A message as it is stored.
struct Sealed {
  base::Bytes nonce;       // 24 random bytes
  base::Bytes ciphertext;  // plain text and 16 bytes of tag
};

// A subject's key, as it is wrapped.
struct KeyPlace {
  base::Uuid subject;
  int64_t generation = 0;  // 1, 2, ... : grows each time her templates are stored
};

// Where an embedding belongs. All of it is associated data, and so is the id of the key: change any
// and the message does not open.
struct EmbeddingPlace {
  base::Uuid subject;
  int64_t generation = 0;  // that of the key
  std::string model_id;
  std::string model_sha256;  // of the model's file, 64 hexadecimal digits; empty: not known
  int32_t number = 0;     // 0 .. count-1
  int32_t count = 0;      // embeddings of this subject and model
  int32_t dimension = 0;  // floats
};

// Wraps a subject's key under the key-encryption key, whose id is bound too.
Sealed SealKey(const SecretKey& key, const KeyPlace& place, const SecretKey& key_encryption_key,
               base::RandomSource& random);
// Nothing: it does not open.
std::optional<SecretKey> OpenKey(const Sealed& sealed, const KeyPlace& place,
                                 const SecretKey& key_encryption_key);

// `embedding` has place.dimension floats; stored little-endian.
Sealed SealEmbedding(std::span<const float> embedding, const EmbeddingPlace& place,
                     const SecretKey& key, base::RandomSource& random);
std::optional<std::vector<float>> OpenEmbedding(const Sealed& sealed, const EmbeddingPlace& place,
                                                const SecretKey& key);

}  // namespace rollcall::vault

#endif  // ROLLCALL_VAULT_SEAL_H_
