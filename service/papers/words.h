#ifndef ROLLCALL_PAPERS_WORDS_H_
#define ROLLCALL_PAPERS_WORDS_H_

#include <chrono>
#include <cstdint>
#include <string>

// Dates and lengths of time as the paper says them.
namespace rollcall::papers {

std::string ChineseDate(std::chrono::year_month_day date);  // 2026 年 11 月 24 日
std::string EnglishDate(std::chrono::year_month_day date);  // 24 November 2026

// Minutes are kept, hours are shown; nothing is rounded.
std::string ChineseTime(int32_t minutes);  // 86 小时 30 分钟; 45 分钟; 0 分钟
std::string EnglishTime(int32_t minutes);  // 86 h 30 min; 45 min; 0 min

std::string Grouped(uint64_t number);  // 12,345

}  // namespace rollcall::papers

#endif  // ROLLCALL_PAPERS_WORDS_H_
