#include "ledger/row_stream.h"

#include <vector>

#include "ledger/log_table.h"
#include "storage/database.h"

namespace rollcall::ledger {
namespace {

constexpr int32_t kRowsPerRead = 500;  // how long a reader keeps the writers waiting

}  // namespace

absl::Status StreamRows(storage::Database& database, int64_t last,
                        const std::function<absl::Status(const NumberedRow&)>& take) {
  int64_t after = 0;
  while (after < last) {
    ASSIGN_OR_RETURN(const std::vector<StoredRow> rows,
                     database.Read([&](storage::Connection& connection) {
                       return ledger::ReadRows(connection, after, last, kRowsPerRead);
                     }));
    if (rows.empty()) break;
    for (const StoredRow& stored : rows) {
      auto row = Decode(stored.body);
      if (!row.ok()) {
        return base::Annotate(row.status(), "row " + std::to_string(stored.sequence));
      }
      RETURN_IF_ERROR(take({stored.sequence, *std::move(row)}));
    }
    after = rows.back().sequence;
  }
  return absl::OkStatus();
}

}  // namespace rollcall::ledger
