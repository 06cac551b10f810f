#include "proof/encoding.h"

#include <sodium.h>

#include <algorithm>
#include <charconv>

namespace rollcall::proof {

std::string ToBase64(std::span<const uint8_t> bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;
  std::string text(sodium_base64_ENCODED_LEN(bytes.size(), kVariant), '\0');  // with a NUL
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kVariant);
  text.pop_back();
  return text;
}

std::optional<base::Bytes> FromBase64(std::string_view text) {
  if (text.empty()) return base::Bytes();
  base::Bytes bytes(text.size() / 4 * 3 + 3);
  size_t length = 0;
  if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &length,
                        nullptr, sodium_base64_VARIANT_ORIGINAL) != 0) {
    return std::nullopt;
  }
  bytes.resize(length);
  // libsodium takes some bytes above 0x7F for characters of the alphabet; each value has one text here.
  if (ToBase64(bytes) != text) return std::nullopt;
  return bytes;
}

std::optional<Hash> HashFromBase64(std::string_view text) {
  const auto bytes = FromBase64(text);
  Hash hash;
  if (!bytes || bytes->size() != hash.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

std::optional<uint64_t> FromDecimal(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

std::optional<std::string_view> TakeLine(std::string_view& rest) {
  const size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

bool TakePrefix(std::string_view& line, std::string_view prefix) {
  if (!line.starts_with(prefix)) return false;
  line.remove_prefix(prefix.size());
  return true;
}

std::optional<std::vector<Hash>> TakeHashes(std::string_view& rest) {
  std::vector<Hash> hashes;
  for (;;) {
    const auto line = TakeLine(rest);
    if (!line) return std::nullopt;
    if (line->empty()) return hashes;
    const auto hash = HashFromBase64(*line);
    if (!hash || hashes.size() == kMaxProofHashes) return std::nullopt;
    hashes.push_back(*hash);
  }
}

std::string HashLines(std::span<const Hash> hashes) {
  std::string lines;
  for (const Hash& hash : hashes) lines += ToBase64(hash) + "\n";
  return lines;
}

}  // namespace rollcall::proof
