#ifndef ROLLCALL_LEDGER_RECORDER_H_
#define ROLLCALL_LEDGER_RECORDER_H_

#include "base/random.h"
#include "base/status.h"
#include "base/uuid.h"
#include "ledger/ledger.h"
#include "ledger/log_table.h"
#include "ledger/log_tree.h"
#include "storage/database.h"

namespace rollcall::ledger {

// The writes of the ledger, each the body of one database operation. Thread-safety: as its
// connection; `ids` and `random` must outlive it.
class Recorder {
 public:
  Recorder(base::IdGenerator& ids, base::RandomSource& random) : ids_(ids), random_(random) {}

  // See log_table.h.
  absl::StatusOr<bool> CatchUp(storage::Connection& connection, int32_t limit) {
    return ledger::CatchUp(connection, tree_, limit);
  }

  // See Ledger::RecordAsync and UndoAsync.
  absl::StatusOr<RecordOutcome> Record(storage::Connection& connection,
                                       const RecordRequest& request);
  absl::StatusOr<RecordOutcome> Undo(storage::Connection& connection, const UndoRequest& request);

 private:
  absl::StatusOr<int64_t> AppendChecked(storage::Connection& connection, const Row& row);
  absl::Status AppendPolicy(storage::Connection& connection, const RecordRequest& request);
  absl::StatusOr<int64_t> AppendEntry(storage::Connection& connection,
                                      const RecordRequest& request, const EventRow& out,
                                      const VisitPair& pair);

  base::IdGenerator& ids_;
  base::RandomSource& random_;
  LogTree tree_;
};

// The receipt of a stored event.
absl::StatusOr<Receipt> MakeReceipt(storage::Connection& connection,
                                    const Sequenced<EventRow>& event);

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_RECORDER_H_
