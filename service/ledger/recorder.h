#ifndef ROLLCALL_LEDGER_RECORDER_H_
#define ROLLCALL_LEDGER_RECORDER_H_

#include <cstdint>
#include <optional>

#include "base/status.h"
#include "base/uuid.h"
#include "ledger/ledger.h"
#include "ledger/log_table.h"
#include "ledger/log_writer.h"
#include "ledger/person.h"
#include "ledger/policy_book.h"
#include "storage/database.h"

namespace rollcall::ledger {

// The recording of attendance, each call the body of one database operation. Thread-safety: as its
// connection; `ids`, `writer` and `policies` must outlive it.
class Recorder {
 public:
  Recorder(base::IdGenerator& ids, LogWriter& writer, PolicyBook& policies)
      : ids_(ids), writer_(writer), policies_(policies) {}

  // See Ledger::RecordAsync and UndoAsync.
  absl::StatusOr<RecordOutcome> Record(storage::Connection& connection,
                                       const RecordRequest& request);
  absl::StatusOr<RecordOutcome> Undo(storage::Connection& connection, const UndoRequest& request);

 private:
  absl::StatusOr<int64_t> AppendChecked(storage::Connection& connection, const Row& row);
  // The entries that `event`, appended already and part of `person`, brings about; the first one's
  // minutes, or nothing where there is none of its own.
  absl::StatusOr<std::optional<int64_t>> AppendEntries(storage::Connection& connection,
                                                       const Person& person, const EventRow& event,
                                                       const hours::PolicyPtr& policy);

  base::IdGenerator& ids_;
  LogWriter& writer_;
  PolicyBook& policies_;
};

// The receipt of a stored event.
absl::StatusOr<Receipt> MakeReceipt(storage::Connection& connection,
                                    const Sequenced<EventRow>& event);

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_RECORDER_H_
