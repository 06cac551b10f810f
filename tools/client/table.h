#ifndef ROLLCALL_CLIENT_TABLE_H_
#define ROLLCALL_CLIENT_TABLE_H_

#include <string>
#include <vector>

namespace rollcall::client {

// Rows under headings, columns lined up by display width, two spaces between them.
// Not thread-safe.
class Table {
 public:
  struct Column {
    std::string heading;
    bool right = false;  // numbers
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // `cells`: at most one per column; missing ones are empty. Control characters are made visible.
  void AddRow(std::vector<std::string> cells);
  // A row of dashes, before a line of sums.
  void AddRule() { rows_.emplace_back(); }
  bool empty() const { return rows_.empty(); }

  // The whole table, every line ended by a newline and without spaces before it. `bold_heading`:
  // with the terminal's code for bold around the headings.
  std::string ToText(bool bold_heading = false) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  // an empty row is a rule
};

}  // namespace rollcall::client

#endif  // ROLLCALL_CLIENT_TABLE_H_
