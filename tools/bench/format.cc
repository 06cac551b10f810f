#include "bench/format.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace rollcall::bench {
namespace {

template <typename... Args>
std::string Print(const char* format, Args... args) {
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, args...);
  return buffer.data();
}

}  // namespace

std::string Percent(double share) {
  const double percent = share * 100;
  if (percent == 0) return "0 %";
  const int digits = percent >= 10 ? 1 : percent >= 0.1 ? 2 : percent >= 0.01 ? 3 : 4;
  return Fixed(percent, digits) + " %";
}

std::string Fixed(double value, int digits) { return Print("%.*f", digits, value); }

std::string Significant(double value) {
  const double size = std::abs(value);
  if (size == 0) return "0";
  return Fixed(value, std::clamp(2 - static_cast<int>(std::floor(std::log10(size))), 0, 6));
}

std::string Scientific(double value) { return Print("%.2g", value); }

std::string Thousands(int64_t count) {
  std::string text = std::to_string(count);
  const size_t first = count < 0 ? 1 : 0;
  for (size_t at = text.size(); at > first + 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

std::string Table::Render() const {
  std::vector<size_t> widths(rows_.front().size(), 0);
  for (const auto& row : rows_) {
    for (size_t c = 0; c < widths.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  }
  std::string out;
  for (size_t r = 0; r < rows_.size(); ++r) {
    std::string line;
    for (size_t c = 0; c < widths.size(); ++c) {
      const std::string& cell = rows_[r][c];
      line += "  ";
      // The first column names the row; the others are figures.
      if (c == 0) line += cell;
      for (size_t gap = cell.size(); gap < widths[c]; ++gap) line += ' ';
      if (c > 0) line += cell;
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    if (r == 0) out += "  " + std::string(line.size() - 2, '-') + "\n";
  }
  return out;
}

}  // namespace rollcall::bench
