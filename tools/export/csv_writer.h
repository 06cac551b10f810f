#ifndef ROLLCALL_EXPORT_CSV_WRITER_H_
#define ROLLCALL_EXPORT_CSV_WRITER_H_

#include <string>
#include <string_view>

#include "export/record.h"

namespace rollcall::exporting {

// CSV after RFC 4180: commas, CRLF, texts in double quotes by libcsv, numbers and times without. No
// value is an empty field, a truth value `true` or `false`, a time RFC 3339 in UTC with seconds.
// The file begins with a UTF-8 byte order mark, without which spreadsheets take it for another
// encoding.
std::string CsvHead(const Columns& columns);
std::string CsvLine(const Record& record);

// The text as a spreadsheet may open it. One that begins with =, +, -, @, a tab, a line break or a
// full-width = + - @ would be run as a formula (CWE-1236), so an apostrophe goes before it; and
// before one that begins with an apostrophe, so that taking a leading one away always gives the
// text back.
std::string FormulaSafe(std::string_view text);

}  // namespace rollcall::exporting

#endif  // ROLLCALL_EXPORT_CSV_WRITER_H_
