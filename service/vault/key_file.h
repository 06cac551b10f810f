#ifndef ROLLCALL_VAULT_KEY_FILE_H_
#define ROLLCALL_VAULT_KEY_FILE_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "base/random.h"
#include "base/status.h"

namespace rollcall::vault {

constexpr size_t kKeySize = 32;

// 256 secret bits in memory of their own: kept out of swap and core dumps where the system allows,
// with guard pages around, overwritten when freed. Movable.
class SecretKey {
 public:
  SecretKey();  // zeros
  ~SecretKey();
  SecretKey(SecretKey&& other) noexcept;
  SecretKey& operator=(SecretKey&& other) noexcept;

  std::span<uint8_t, kKeySize> bytes() { return std::span<uint8_t, kKeySize>(data_, kKeySize); }
  std::span<const uint8_t, kKeySize> bytes() const {
    return std::span<const uint8_t, kKeySize>(data_, kKeySize);
  }

 private:
  uint8_t* data_;
};

// Reads the key at `path`; makes it where the file is missing and `may_create` is true. Errors: the
// KEY_... reasons of MakeSqlVault, KEY_WRONG apart.
absl::StatusOr<SecretKey> ReadOrMakeKeyFile(const std::filesystem::path& path, bool may_create,
                                            base::RandomSource& random);

}  // namespace rollcall::vault

#endif  // ROLLCALL_VAULT_KEY_FILE_H_
