#ifndef ROLLCALL_BENCH_FORMAT_H_
#define ROLLCALL_BENCH_FORMAT_H_

#include <cstdint>
#include <string>
#include <vector>

namespace rollcall::bench {

// "3.65 %", with as many digits as a rate of that size needs; "0 %" for none.
std::string Percent(double share);

// `value` with `digits` after the point.
std::string Fixed(double value, int digits);

// Three digits that count: "0.0123", "4.56", "789"; at most six after the point.
std::string Significant(double value);

// Like 1e-06 or 2.5e-05.
std::string Scientific(double value);

// 36560 as "36,560".
std::string Thousands(int64_t count);

// A text table: columns as wide as their widest cell, numbers to the right, a line under the head.
class Table {
 public:
  explicit Table(std::vector<std::string> head) : rows_{std::move(head)} {}
  // `cells`: as many as the head has.
  void Add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  // Every line indented by two spaces and ended by a newline.
  std::string Render() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_FORMAT_H_
