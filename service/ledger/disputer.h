#ifndef ROLLCALL_LEDGER_DISPUTER_H_
#define ROLLCALL_LEDGER_DISPUTER_H_

#include "base/status.h"
#include "base/uuid.h"
#include "ledger/disputes.h"
#include "ledger/log_writer.h"
#include "storage/database.h"

namespace rollcall::ledger {

// The writes by which hours are disputed and answered, each the body of one database operation.
// Thread-safety: as its connection; `ids` and `writer` must outlive it.
class Disputer {
 public:
  Disputer(base::IdGenerator& ids, LogWriter& writer) : ids_(ids), writer_(writer) {}

  // See Ledger::OpenDispute and AnswerDispute.
  absl::StatusOr<Dispute> Open(storage::Connection& connection, DisputeRow row);
  absl::StatusOr<Dispute> Answer(storage::Connection& connection, AnswerRow row);

 private:
  base::IdGenerator& ids_;
  LogWriter& writer_;
};

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_DISPUTER_H_
