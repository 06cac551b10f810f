#include "export/csv_writer.h"

#include <csv.h>

#include <algorithm>
#include <array>

namespace rollcall::exporting {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kLineEnd = "\r\n";

std::string Quoted(std::string_view text) {
  std::string quoted(2 * text.size() + 2, '\0');  // every character a quote, and two around them
  quoted.resize(csv_write(quoted.data(), quoted.size(), text.data(), text.size()));
  return quoted;
}

std::string Field(const Value& value) {
  struct Writer {
    std::string operator()(std::monostate) const { return ""; }
    std::string operator()(int64_t number) const { return std::to_string(number); }
    std::string operator()(bool truth) const { return truth ? "true" : "false"; }
    std::string operator()(base::Time time) const { return base::FormatTime(time); }
    std::string operator()(const std::string& text) const { return Quoted(FormulaSafe(text)); }
  };
  return std::visit(Writer{}, value);
}

}  // namespace

std::string FormulaSafe(std::string_view text) {
  constexpr std::array<std::string_view, 12> kDangerous = {
      "=", "+", "-", "@", "\t", "\r", "\n", "'", "\uff1d", "\uff0b", "\uff0d", "\uff20"};
  const bool dangerous =
      std::any_of(kDangerous.begin(), kDangerous.end(),
                  [text](std::string_view start) { return text.starts_with(start); });
  return (dangerous ? "'" : "") + std::string(text);
}

std::string CsvHead(const Columns& columns) {
  std::string line(kByteOrderMark);
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) line += ',';
    line += columns[i];
  }
  return line.append(kLineEnd);
}

std::string CsvLine(const Record& record) {
  std::string line;
  for (size_t i = 0; i < record.size(); ++i) {
    if (i > 0) line += ',';
    line += Field(record[i]);
  }
  return line.append(kLineEnd);
}

}  // namespace rollcall::exporting
