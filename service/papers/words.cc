#include "papers/words.h"

#include <array>

namespace rollcall::papers {
namespace {

constexpr std::array<const char*, 12> kMonths = {"January",   "February", "March",    "April",
                                                 "May",       "June",     "July",     "August",
                                                 "September", "October",  "November", "December"};

std::string Time(int32_t minutes, const std::string& hour, const std::string& minute) {
  const std::string hours = Grouped(static_cast<uint64_t>(minutes / 60)) + hour;
  const std::string rest = std::to_string(minutes % 60) + minute;
  if (minutes < 60) return rest;
  return minutes % 60 == 0 ? hours : hours + " " + rest;
}

}  // namespace

std::string ChineseDate(std::chrono::year_month_day date) {
  return std::to_string(static_cast<int>(date.year())) + " 年 " +
         std::to_string(static_cast<unsigned>(date.month())) + " 月 " +
         std::to_string(static_cast<unsigned>(date.day())) + " 日";
}

std::string EnglishDate(std::chrono::year_month_day date) {
  return std::to_string(static_cast<unsigned>(date.day())) + " " +
         kMonths[static_cast<unsigned>(date.month()) - 1] + " " +
         std::to_string(static_cast<int>(date.year()));
}

std::string ChineseTime(int32_t minutes) { return Time(minutes, " 小时", " 分钟"); }

std::string EnglishTime(int32_t minutes) { return Time(minutes, " h", " min"); }

std::string Grouped(uint64_t number) {
  std::string text = std::to_string(number);
  for (size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

}  // namespace rollcall::papers
