#ifndef ROLLCALL_CLIENT_TEXT_WIDTH_H_
#define ROLLCALL_CLIENT_TEXT_WIDTH_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace rollcall::client {

// All texts are UTF-8. Widths are terminal columns: 1 for most characters, 2 for Chinese, Japanese
// and Korean ones, 0 for combining marks, by the C library's tables (wcwidth). All functions are
// pure.

// Whether `text` is well-formed UTF-8, whatever its characters are.
bool IsUtf8(std::string_view text);

// Returns the columns that `text` takes. Bytes that are not UTF-8 and control characters count 1.
size_t DisplayWidth(std::string_view text);

// Returns `text` with control characters and bytes that are not UTF-8 replaced by '?'; line breaks
// become spaces. What may be shown of somebody else's text.
std::string TerminalText(std::string_view text);

// Returns the longest beginning of `text` that takes at most `columns`, with "…" as its last column
// where something was cut off. Never cuts within a character.
std::string CutToWidth(std::string_view text, size_t columns);

// Returns `text` with spaces after it (before it with `right`), so that it takes `columns`; longer
// texts come back as they are.
std::string PadToWidth(std::string_view text, size_t columns, bool right = false);

}  // namespace rollcall::client

#endif  // ROLLCALL_CLIENT_TEXT_WIDTH_H_
