#ifndef ROLLCALL_LEDGER_ROW_STREAM_H_
#define ROLLCALL_LEDGER_ROW_STREAM_H_

#include <cstdint>
#include <functional>

#include "base/status.h"
#include "ledger/row.h"

namespace rollcall::storage {
class Database;
}

namespace rollcall::ledger {

// A row of the ledger with its place.
struct NumberedRow {
  int64_t sequence = 0;
  Row row;
};

// The work behind Ledger::ForEachRow. Reads a page at a time, so that writes go on meanwhile.
// DataLoss, reason BAD_ROW: a row does not decode.
absl::Status StreamRows(storage::Database& database, int64_t last,
                        const std::function<absl::Status(const NumberedRow&)>& take);

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_ROW_STREAM_H_
