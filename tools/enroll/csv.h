#ifndef ROLLCALL_ENROLL_CSV_H_
#define ROLLCALL_ENROLL_CSV_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace rollcall::enroll {

struct CsvRecord {
  int64_t line = 0;  // where it begins in the file, from 1
  std::vector<std::string> fields;
};

inline constexpr size_t kMaxCsvBytes = 16u << 20;
inline constexpr size_t kMaxCsvRecords = 100'000;

// Reads RFC 4180 CSV by libcsv in its strict mode: commas, double quotes, CRLF, LF or CR, a UTF-8
// byte order mark at the start or none. Spaces around unquoted fields are dropped; blank lines are
// skipped. InvalidArgument, reason BAD_CSV, naming the line: a quote where none may be, a quoted
// field without an end, bytes that are not UTF-8, more than kMaxCsvRecords records.
absl::StatusOr<std::vector<CsvRecord>> ParseCsv(std::string_view content);

}  // namespace rollcall::enroll

#endif  // ROLLCALL_ENROLL_CSV_H_
