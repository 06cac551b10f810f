#include "access/pin_hash.h"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace rollcall::access {
namespace {

constexpr size_t kMinDigits = 6;
constexpr size_t kMaxDigits = 12;

}  // namespace

absl::Status ValidatePin(std::string_view pin) {
  const bool digits =
      std::all_of(pin.begin(), pin.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits && pin.size() >= kMinDigits && pin.size() <= kMaxDigits) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_PIN",
                         "a PIN has 6 to 12 digits and nothing else");
}

absl::StatusOr<std::string> HashPin(std::string_view pin) {
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  if (sodium_init() < 0 ||
      crypto_pwhash_str_alg(hash.data(), pin.data(), pin.size(),
                            crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return base::MakeError(absl::StatusCode::kResourceExhausted, "NO_MEMORY",
                           "64 MiB for hashing a PIN could not be had");
  }
  return std::string(hash.data());
}

bool PinMatches(std::string_view pin, const std::string& hash) {
  return sodium_init() >= 0 &&
         crypto_pwhash_str_verify(hash.c_str(), pin.data(), pin.size()) == 0;
}

}  // namespace rollcall::access
