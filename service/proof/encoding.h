#ifndef ROLLCALL_PROOF_ENCODING_H_
#define ROLLCALL_PROOF_ENCODING_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "proof/merkle.h"

// The few encodings of the text forms. Each value has one text, and no other is taken.
namespace rollcall::proof {

// Base 64 of RFC 4648, section 4, with padding.
std::string ToBase64(std::span<const uint8_t> bytes);
// Nothing: other characters (white space too), missing or spare padding, or bits set behind the
// end.
std::optional<base::Bytes> FromBase64(std::string_view text);
// Nothing as well where it is not 32 bytes.
std::optional<Hash> HashFromBase64(std::string_view text);

// ASCII digits without a leading zero (except for "0" itself), at most 2^64-1; else nothing.
std::optional<uint64_t> FromDecimal(std::string_view text);

// Takes the first line off `rest`, without its line feed. Nothing, and `rest` stays: no line feed.
std::optional<std::string_view> TakeLine(std::string_view& rest);
// Takes `prefix` off `line`. False, and `line` stays: it begins otherwise.
bool TakePrefix(std::string_view& line, std::string_view prefix);

// Lines of one hash each, up to and with an empty line, which must come. Nothing: a line that is no
// hash, or more than kMaxProofHashes of them.
std::optional<std::vector<Hash>> TakeHashes(std::string_view& rest);
// The same lines without the empty one.
std::string HashLines(std::span<const Hash> hashes);

}  // namespace rollcall::proof

#endif  // ROLLCALL_PROOF_ENCODING_H_
