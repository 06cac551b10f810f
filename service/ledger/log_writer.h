#ifndef ROLLCALL_LEDGER_LOG_WRITER_H_
#define ROLLCALL_LEDGER_LOG_WRITER_H_

#include <cstdint>

#include "base/random.h"
#include "base/status.h"
#include "ledger/log_table.h"
#include "ledger/log_tree.h"
#include "ledger/row.h"
#include "storage/database.h"

namespace rollcall::ledger {

// Writes rows, and with each what follows from it: its leaf in the tree and, of an entry, the moves
// between its accounts. A database has one writer, which all that append share: two would have two
// ideas of where the tree ends. Used inside operations of that database; `random` (row salts) must
// outlive it.
class LogWriter {
 public:
  explicit LogWriter(base::RandomSource& random) : random_(random) {}

  // Appends `row`, which must be without Fault, and returns its sequence number. DataLoss, reason
  // LEDGER_TREE_DAMAGED, as LogTree::Append.
  absl::StatusOr<int64_t> Append(storage::Connection& connection, const Row& row);

  // Brings tree and accounts up to the rows, in a folder that an older version wrote: those of the
  // next rows, at most `limit`. Returns whether all rows are covered. DataLoss, reasons BAD_ROW,
  // LEDGER_TREE_DAMAGED.
  absl::StatusOr<bool> CatchUp(storage::Connection& connection, int32_t limit);

 private:
  absl::Status Follow(storage::Connection& connection, const StoredRow& stored, const Row& row);

  base::RandomSource& random_;
  LogTree tree_;
};

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_LOG_WRITER_H_
