#include "base/text.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <optional>

namespace rollcall::base {
namespace {

bool IsAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

absl::Status BadText(std::string_view field, std::string_view what) {
  return MakeError(absl::StatusCode::kInvalidArgument, "BAD_TEXT",
                   std::string(field) + ": " + std::string(what));
}

bool IsBidiControl(uint32_t c) {
  return c == 0x200e || c == 0x200f || c == 0x061c || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);
}

// White space of any width, none included.
bool IsBlank(uint32_t c) {
  return c == ' ' || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200d) || c == 0x202f ||
         c == 0x205f || c == 0x2060 || c == 0x3000 || c == 0xfeff;
}

}  // namespace

std::optional<uint32_t> NextCodePoint(std::string_view text, size_t* at) {
  const auto byte = [text](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(*at);
  size_t extra = 0;
  uint32_t code = lead;
  uint32_t smallest = 0;
  if (lead >= 0xf0 && lead <= 0xf4) {
    extra = 3, code = lead & 0x07u, smallest = 0x10000;
  } else if (lead >= 0xe0 && lead < 0xf0) {
    extra = 2, code = lead & 0x0fu, smallest = 0x800;
  } else if (lead >= 0xc2 && lead < 0xe0) {
    extra = 1, code = lead & 0x1fu, smallest = 0x80;
  } else if (lead >= 0x80) {
    return std::nullopt;
  }
  if (*at + extra >= text.size()) return std::nullopt;
  for (size_t k = 1; k <= extra; ++k) {
    const uint8_t next = byte(*at + k);
    if ((next & 0xc0) != 0x80) return std::nullopt;
    code = (code << 6) | (next & 0x3fu);
  }
  if (code < smallest || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return std::nullopt;
  *at += extra + 1;
  return code;
}

absl::Status ValidateId(std::string_view id, std::string_view field) {
  bool ok = !id.empty() && id.size() <= 64 && IsAlnum(id[0]);
  for (const char c : id) ok = ok && (IsAlnum(c) || c == '.' || c == '_' || c == '-');
  if (ok) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInvalidArgument, "BAD_ID",
                   std::string(field) +
                       ": an id has 1 to 64 characters from A-Z a-z 0-9 . _ - and starts with a "
                       "letter or digit");
}

absl::Status ValidateDisplayText(std::string_view text, std::string_view field, size_t max_bytes) {
  if (text.size() > max_bytes) {
    return BadText(field, "longer than " + std::to_string(max_bytes) + " bytes");
  }
  bool blank = true;
  for (size_t i = 0; i < text.size();) {
    const char plain = text[i];
    if (plain > ' ' && plain < 0x7f) {
      blank = false;
      ++i;
      continue;
    }
    const auto code = NextCodePoint(text, &i);
    if (!code) return BadText(field, "not valid UTF-8");
    if (*code < 0x20 || (*code >= 0x7f && *code < 0xa0) || *code == 0x2028 || *code == 0x2029) {
      return BadText(field, "holds a control character or a line break");
    }
    if (IsBidiControl(*code)) return BadText(field, "holds a text-direction control character");
    if (!IsBlank(*code)) blank = false;
  }
  if (blank) return BadText(field, "is empty");
  return absl::OkStatus();
}

std::string Printable(std::string_view text, size_t max_bytes) {
  static constexpr std::string_view kCut = "...";
  std::string out;
  size_t kept = 0;  // of `out` where it is cut
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      char escaped[5];
      std::snprintf(escaped, sizeof(escaped), "\\x%02x", byte);
      out += escaped;
    }
    if (out.size() + kCut.size() <= max_bytes) kept = out.size();
    if (out.size() > max_bytes) {
      out.resize(kept);
      out += kCut.substr(0, max_bytes);
      break;
    }
  }
  return out;
}

}  // namespace rollcall::base
