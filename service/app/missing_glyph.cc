#include "app/missing_glyph.h"

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace rollcall::app {
namespace {

struct Script {
  uint32_t first;
  uint32_t last;
  std::string_view name;
  std::string_view packages;
};

constexpr std::string_view kNoto = "fonts-noto-core, then fonts-noto-extra";
constexpr std::string_view kHan = "fonts-noto-cjk, then fonts-babelstone-han";
// Blocks of the Unicode Standard 15.0, those of names in China and around it; others are "another".
constexpr Script kScripts[] = {
    {0x0000, 0x024F, "Latin", "fonts-noto-cjk and fonts-dejavu-core"},
    {0x0370, 0x03FF, "Greek", kNoto},
    {0x0400, 0x052F, "Cyrillic", kNoto},
    {0x0590, 0x05FF, "Hebrew", kNoto},
    {0x0600, 0x077F, "Arabic (also Uyghur and Kazakh)", kNoto},
    {0x0900, 0x097F, "Devanagari", kNoto},
    {0x0E00, 0x0E7F, "Thai", kNoto},
    {0x0F00, 0x0FFF, "Tibetan", kNoto},
    {0x1000, 0x109F, "Myanmar", kNoto},
    {0x1100, 0x11FF, "Hangul (Korean)", kHan},
    {0x1800, 0x18AF, "Mongolian and Manchu", kNoto},
    {0x1950, 0x197F, "Tai Le", kNoto},
    {0x1980, 0x19DF, "New Tai Lue", kNoto},
    {0x1E00, 0x1EFF, "Latin", "fonts-noto-cjk and fonts-dejavu-core"},
    {0x2E80, 0x9FFF, "Chinese, Japanese or Korean", kHan},
    {0xA000, 0xA4CF, "Yi", kNoto},
    {0xAC00, 0xD7FF, "Hangul (Korean)", kHan},
    {0xF900, 0xFAFF, "Chinese (compatibility forms)", kHan},
    {0x20000, 0x3FFFF, "rare Chinese", kHan},
    {0xE0100, 0xE01EF, "Chinese, in a written variant,", kHan},
};

}  // namespace

absl::Status ExplainMissingGlyph(const absl::Status& status) {
  if (base::ErrorReason(status) != "GLYPH_MISSING") return status;
  const std::string message = base::Message(status);
  const size_t mark = message.find(" holds U+");
  if (mark == std::string::npos) return status;
  uint32_t code = 0;
  const char* const digits = message.data() + mark + std::string_view(" holds U+").size();
  std::from_chars(digits, message.data() + message.size(), code, 16);
  if ((code >= 0xE000 && code <= 0xF8FF) || code >= 0xF0000) {
    return base::MakeError(
        status.code(), "GLYPH_MISSING",
        message.substr(0, mark) +
            " holds a private-use character, which means something else in every "
            "font: the certificate is not made. Write the name in Unicode's own "
            "characters");
  }
  std::string_view script = "another";
  std::string_view packages = kNoto;
  for (const Script& one : kScripts) {
    if (code < one.first || code > one.last) continue;
    script = one.name;
    packages = one.packages;
  }
  return base::MakeError(status.code(), "GLYPH_MISSING",
                         message.substr(0, mark) + " holds a character of " + std::string(script) +
                             " script that no font here can print: the certificate is not made. "
                             "Install " +
                             std::string(packages) + " on the server and ask again");
}

}  // namespace rollcall::app
