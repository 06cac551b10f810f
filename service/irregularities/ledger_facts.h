#ifndef ROLLCALL_IRREGULARITIES_LEDGER_FACTS_H_
#define ROLLCALL_IRREGULARITIES_LEDGER_FACTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/uuid.h"
#include "irregularities/facts.h"
#include "ledger/row.h"

namespace rollcall::irregularities {

// The facts that the rows of the ledger state. The only place of this folder that knows rows. What an
// approval credits is told with who proposed and who approved, so the rows are taken in order. Not
// thread-safe; memory grows with the proposals that nobody has decided.
class LedgerFacts {
 public:
  // The fact of the next row, which must be without ledger::Fault; nothing: it states none that is
  // looked at (a policy, a proposal, a dispute).
  std::optional<Fact> Of(int64_t sequence, const ledger::Row& row);

 private:
  struct Asked {
    SessionTimes session;
    std::string proposer;
  };
  void Take(const ledger::ProposalRow& row);
  void Take(const ledger::ResolutionRow& row);
  BackEntry FromApproval(int64_t sequence, const ledger::EntryRow& row) const;

  std::unordered_map<base::Uuid, Asked, base::UuidHash> proposals_;  // standing, and `approved_`
  base::Uuid approved_;  // the proposal whose entries may follow
  std::string approver_;
};

}  // namespace rollcall::irregularities

#endif  // ROLLCALL_IRREGULARITIES_LEDGER_FACTS_H_
