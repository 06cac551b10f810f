#include "base/bytes.h"

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
  Sha256Digest digest;
  crypto_hash_sha256(digest.data(), bytes.data(), bytes.size());
  return digest;
}

}  // namespace rollcall::base
