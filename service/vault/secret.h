#ifndef ROLLCALL_VAULT_SECRET_H_
#define ROLLCALL_VAULT_SECRET_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/random.h"

namespace rollcall::vault {

constexpr size_t kKeySize = 32;

// Secret bytes in memory apart (libsodium's sodium_malloc; keys share pages with keys): kept out of
// swap and core dumps where the system allows, with guard pages around, overwritten when freed.
// Movable; a moved-from one is empty. Thread-safe as far as plain values are.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(size_t size);  // zeros
  ~SecretBytes();
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;

  std::span<uint8_t> bytes() { return {data_, size_}; }
  std::span<const uint8_t> bytes() const { return {data_, size_}; }
  bool empty() const { return size_ == 0; }
  SecretBytes Copy() const;
  // Forgets what is behind the first `size`, which must not be more than there are.
  void Shorten(size_t size);

 private:
  uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

// 256 secret bits, in such memory.
class SecretKey {
 public:
  SecretKey() : bytes_(kKeySize) {}  // zeros
  static SecretKey Random(base::RandomSource& random);

  std::span<uint8_t, kKeySize> bytes() { return bytes_.bytes().first<kKeySize>(); }
  std::span<const uint8_t, kKeySize> bytes() const { return bytes_.bytes().first<kKeySize>(); }
  SecretKey Copy() const;

 private:
  SecretBytes bytes_;
};

// 16 bytes by which a key is told from another without saying anything about it.
base::Bytes KeyId(const SecretKey& key);

}  // namespace rollcall::vault

#endif  // ROLLCALL_VAULT_SECRET_H_
