#ifndef ROLLCALL_EXPORT_RECORDS_H_
#define ROLLCALL_EXPORT_RECORDS_H_

#include <vector>

#include "export/record.h"
#include "rollcall/v1/ledger_service.pb.h"

// What is exported, and its columns (docs/export.md). How somebody proved herself is in none of it,
// only its public class: a file travels, and who refuses face recognition must not show in it.
namespace rollcall::exporting {

// Everybody's visits, one record each, by volunteer and check-in. `with_names`: else the column
// `name` is empty.
Columns HoursColumns();
std::vector<Record> HoursRecords(const v1::ListHoursResponse& hours, bool with_names);

// Everybody's sums, one record each.
Columns TotalsColumns();
std::vector<Record> TotalsRecords(const v1::ListHoursResponse& hours, bool with_names);

// Raw events, one record each, by sequence number.
Columns EventColumns();
Record EventRecord(const v1::AttendanceEvent& event);

}  // namespace rollcall::exporting

#endif  // ROLLCALL_EXPORT_RECORDS_H_
