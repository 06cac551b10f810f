#include "client/table.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "client/text_width.h"

namespace rollcall::client {

void Table::AddRow(std::vector<std::string> cells) {
  ROLLCALL_CHECK(cells.size() <= columns_.size());
  cells.resize(columns_.size());
  for (std::string& cell : cells) cell = TerminalText(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::ToText(bool bold_heading) const {
  std::vector<size_t> widths;
  for (const Column& column : columns_) widths.push_back(DisplayWidth(column.heading));
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(row[i]));
    }
  }
  std::string text;
  const auto add_line = [&](const auto& cell_of, bool bold) {
    std::string line;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) line += "  ";
      line += PadToWidth(cell_of(i), widths[i], columns_[i].right);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += bold ? "\x1b[1m" + line + "\x1b[0m" : line;
    text += '\n';
  };
  add_line([this](size_t i) { return columns_[i].heading; }, bold_heading);
  for (const auto& row : rows_) {
    add_line([&](size_t i) { return row.empty() ? std::string(widths[i], '-') : row[i]; }, false);
  }
  return text;
}

}  // namespace rollcall::client
