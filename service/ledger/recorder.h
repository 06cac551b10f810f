#ifndef ROLLCALL_LEDGER_RECORDER_H_
#define ROLLCALL_LEDGER_RECORDER_H_

#include "base/status.h"
#include "base/uuid.h"
#include "ledger/ledger.h"
#include "ledger/log_table.h"
#include "ledger/log_writer.h"
#include "storage/database.h"

namespace rollcall::ledger {

// The recording of attendance, each call the body of one database operation. Thread-safety: as its
// connection; `ids` and `writer` must outlive it.
class Recorder {
 public:
  Recorder(base::IdGenerator& ids, LogWriter& writer) : ids_(ids), writer_(writer) {}

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
  LogWriter& writer_;
};

// The receipt of a stored event.
absl::StatusOr<Receipt> MakeReceipt(storage::Connection& connection,
                                    const Sequenced<EventRow>& event);

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_RECORDER_H_
