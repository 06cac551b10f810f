#ifndef ROLLCALL_ACCESS_PIN_HASH_H_
#define ROLLCALL_ACCESS_PIN_HASH_H_

#include <string>
#include <string_view>

#include "base/status.h"

namespace rollcall::access {

// OK when `pin` has 6 to 12 digits and nothing else. InvalidArgument, reason BAD_PIN; the message
// never holds it.
absl::Status ValidatePin(std::string_view pin);

// Argon2id with libsodium's interactive limits (64 MiB, two passes); the salt comes from the
// system. Takes about 0.1 s of one core: never call it on an RPC reactor. Thread-safe.
// ResourceExhausted, reason NO_MEMORY: the memory could not be had.
absl::StatusOr<std::string> HashPin(std::string_view pin);

// Whether `pin` made `hash`. False, too, for text that is no hash. Same cost. Thread-safe.
bool PinMatches(std::string_view pin, const std::string& hash);

}  // namespace rollcall::access

#endif  // ROLLCALL_ACCESS_PIN_HASH_H_
