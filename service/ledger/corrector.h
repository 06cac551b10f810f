#ifndef ROLLCALL_LEDGER_CORRECTOR_H_
#define ROLLCALL_LEDGER_CORRECTOR_H_

#include <vector>

#include "base/status.h"
#include "base/uuid.h"
#include "ledger/corrections.h"
#include "ledger/log_writer.h"
#include "ledger/policy_book.h"
#include "storage/database.h"

namespace rollcall::ledger {

// The writes by which two people enter, change or take back hours, each the body of one database
// operation. Thread-safety: as its connection; `ids`, `writer` and `policies`
// must outlive it.
//
// Cost: reads every row of everybody concerned.
class Corrector {
 public:
  Corrector(base::IdGenerator& ids, LogWriter& writer, PolicyBook& policies)
      : ids_(ids), writer_(writer), policies_(policies) {}

  // See Ledger::Propose and Resolve.
  absl::StatusOr<Proposal> Propose(storage::Connection& connection, const ProposeRequest& request);
  absl::StatusOr<Proposal> Resolve(storage::Connection& connection, const ResolveRequest& request);

 private:
  absl::StatusOr<ProposalRow> MakeProposal(storage::Connection& connection,
                                           const ProposeRequest& request);
  // What an approval brings about, without entry ids. Errors of CheckFits.
  absl::StatusOr<std::vector<EntryRow>> EntriesFor(storage::Connection& connection,
                                                   const ProposalRow& proposal,
                                                   const ResolutionRow& resolution);

  base::IdGenerator& ids_;
  LogWriter& writer_;
  PolicyBook& policies_;
};

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_CORRECTOR_H_
