#ifndef ROLLCALL_BASE_TEXT_H_
#define ROLLCALL_BASE_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace rollcall::base {

// OK when `id` matches [A-Za-z0-9][A-Za-z0-9._-]{0,63}; else InvalidArgument, reason BAD_ID, naming
// `field` and the rule but never the value.
absl::Status ValidateId(std::string_view id, std::string_view field);

// OK when `text` is valid UTF-8 (RFC 3629: no surrogates, no overlong forms), has at most
// `max_bytes` bytes, is not blank (white space of any width alone), and holds no control character
// and no bidirectional control (U+061C, U+200E/F, U+202A-E, U+2066-9): those make one name look
// like another. Rare CJK characters beyond the basic plane are ordinary. InvalidArgument, reason
// BAD_TEXT, naming `field` and what was found.
absl::Status ValidateDisplayText(std::string_view text, std::string_view field, size_t max_bytes);

// Decodes the code point at `*at` (before the end of `text`) and moves past it. Malformed UTF-8
// (RFC 3629, 3): nothing, and `*at` stays.
std::optional<uint32_t> NextCodePoint(std::string_view text, size_t* at);

// Returns `text` with every byte outside printable ASCII escaped as \xNN: what a log or a terminal
// may show of somebody else's bytes. What is longer than `max_bytes` then is cut to them and ends
// in "...".
std::string Printable(std::string_view text, size_t max_bytes = 200);

}  // namespace rollcall::base

#endif  // ROLLCALL_BASE_TEXT_H_
