#include "client/text_width.h"

#include <locale.h>
#include <wchar.h>

namespace rollcall::client {
namespace {

// The C library knows the width of every character, but only in a UTF-8 locale. C.UTF-8 is part of
// Debian's libc; it is used by this thread for the time of one call, whatever the user's locale is.
class Utf8Locale {
 public:
  Utf8Locale() {
    static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    if (utf8 != nullptr) before_ = uselocale(utf8);
  }
  ~Utf8Locale() {
    if (before_ != nullptr) uselocale(before_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  locale_t before_ = nullptr;
};

struct Character {
  size_t bytes;
  int width;  // -1: control character or not UTF-8
  wchar_t code;
};

// The character at the start of `text`, which is not empty. Needs a Utf8Locale.
Character FirstCharacter(std::string_view text) {
  mbstate_t state{};
  wchar_t code = 0;
  const size_t bytes = mbrtowc(&code, text.data(), text.size(), &state);
  if (bytes == 0 || bytes > text.size()) return {1, -1, 0};
  return {bytes, wcwidth(code), code};
}

size_t Columns(const Character& character) {
  return character.width < 0 ? 1 : static_cast<size_t>(character.width);
}

}  // namespace

bool IsUtf8(std::string_view text) {
  const Utf8Locale locale;
  mbstate_t state{};
  while (!text.empty()) {
    const size_t bytes = mbrtowc(nullptr, text.data(), text.size(), &state);
    if (bytes > text.size()) return false;
    text.remove_prefix(bytes == 0 ? 1 : bytes);  // 0: a NUL character
  }
  return true;
}

size_t DisplayWidth(std::string_view text) {
  const Utf8Locale locale;
  size_t columns = 0;
  while (!text.empty()) {
    const Character next = FirstCharacter(text);
    columns += Columns(next);
    text.remove_prefix(next.bytes);
  }
  return columns;
}

std::string TerminalText(std::string_view text) {
  const Utf8Locale locale;
  std::string result;
  while (!text.empty()) {
    const Character next = FirstCharacter(text);
    if (text.front() == '\n') {
      result += ' ';
    } else if (next.width < 0) {
      result += '?';
    } else {
      result += text.substr(0, next.bytes);
    }
    text.remove_prefix(next.bytes);
  }
  return result;
}

std::string CutToWidth(std::string_view text, size_t columns) {
  if (DisplayWidth(text) <= columns) return std::string(text);
  if (columns == 0) return "";
  const Utf8Locale locale;
  std::string result;
  size_t used = 0;
  while (!text.empty()) {
    const Character next = FirstCharacter(text);
    if (used + Columns(next) + 1 > columns) break;
    used += Columns(next);
    result += text.substr(0, next.bytes);
    text.remove_prefix(next.bytes);
  }
  return result + "…";
}

std::string PadToWidth(std::string_view text, size_t columns, bool right) {
  const size_t width = DisplayWidth(text);
  const std::string padding(width < columns ? columns - width : 0, ' ');
  std::string result = right ? padding : std::string(text);
  result += right ? text : std::string_view(padding);
  return result;
}

}  // namespace rollcall::client
