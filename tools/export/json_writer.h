#ifndef ROLLCALL_EXPORT_JSON_WRITER_H_
#define ROLLCALL_EXPORT_JSON_WRITER_H_

#include <string>

#include "export/record.h"

namespace rollcall::exporting {

// One JSON object (RFC 8259) on a line of its own, with the columns as its names, in their order;
// null where there is no value, times as texts in RFC 3339, UTC, with seconds. Texts are as they
// are: apostrophes are for spreadsheets. Bytes that are not UTF-8 become U+FFFD.
std::string JsonLine(const Columns& columns, const Record& record);

}  // namespace rollcall::exporting

#endif  // ROLLCALL_EXPORT_JSON_WRITER_H_
