#ifndef ROLLCALL_LEDGER_CORRECTOR_H_
#define ROLLCALL_LEDGER_CORRECTOR_H_

#include "base/status.h"
#include "base/uuid.h"
#include "ledger/corrections.h"
#include "ledger/log_writer.h"
#include "storage/database.h"

namespace rollcall::ledger {

// The writes by which two people enter, change or take back hours, each the body of one database
// operation. Thread-safety: as its connection; `ids` and `writer` must outlive it.
//
// Cost: reads every row of everybody concerned.
class Corrector {
 public:
  Corrector(base::IdGenerator& ids, LogWriter& writer) : ids_(ids), writer_(writer) {}

  // See Ledger::Propose and Resolve.
  absl::StatusOr<Proposal> Propose(storage::Connection& connection, const ProposeRequest& request);
  absl::StatusOr<Proposal> Resolve(storage::Connection& connection, const ResolveRequest& request);

 private:
  absl::StatusOr<ProposalRow> MakeProposal(storage::Connection& connection,
                                           const ProposeRequest& request);
  absl::Status AppendPolicy(storage::Connection& connection, const ProposeRequest& request);
  absl::Status AppendEntries(storage::Connection& connection, const ProposalRow& proposal,
                             base::Time now);

  base::IdGenerator& ids_;
  LogWriter& writer_;
};

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_CORRECTOR_H_
