#include "base/bytes.h"

#include <openssl/evp.h>
#include <sodium.h>

namespace rollcall::base {

std::string ToHex(std::span<const uint8_t> bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const uint8_t byte : bytes) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

absl::StatusOr<Bytes> FromHex(std::string_view hex) {
  if (hex.empty()) return Bytes();  // whose data() may be null, which libsodium does not take
  Bytes bytes(hex.size() / 2);
  size_t length = 0;
  if (hex.size() % 2 != 0 ||
      sodium_hex2bin(bytes.data(), bytes.size(), hex.data(), hex.size(), nullptr, &length,
                     nullptr) != 0 ||
      length != bytes.size()) {
    return MakeError(absl::StatusCode::kInvalidArgument, "BAD_HEX",
                     "expected an even number of hexadecimal digits");
  }
  return bytes;
}

Sha256Digest Sha256(std::span<const uint8_t> bytes) {
  // Looked up once: that takes longer than hashing a row. Never freed, as others may hash to the end.
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  ROLLCALL_CHECK(algorithm != nullptr);
  Sha256Digest digest;
  ROLLCALL_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, algorithm,
                            nullptr) == 1);
  return digest;
}

}  // namespace rollcall::base
