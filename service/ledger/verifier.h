#ifndef ROLLCALL_LEDGER_VERIFIER_H_
#define ROLLCALL_LEDGER_VERIFIER_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/uuid.h"
#include "domain/ids.h"
#include "ledger/accounts.h"
#include "ledger/correction_rows.h"
#include "ledger/credits.h"
#include "ledger/dispute_rows.h"
#include "ledger/ledger.h"
#include "ledger/log_table.h"
#include "ledger/row.h"
#include "ledger/visits.h"
#include "proof/merkle.h"

namespace rollcall::ledger {

// Recomputes the ledger from its rows, believing none of them. Pure; memory linear in events.
class Verifier {
 public:
  // The stored nodes of the tree that the next rows complete; fewer are a fault of the row that
  // lacks them. Without any call the tree is computed and not compared.
  void Expect(std::vector<proof::Hash> nodes);
  // Takes the next row. False at the first fault; then no further row is taken.
  bool Take(const StoredRow& row);
  // After the last row: that as many nodes were stored as the rows complete.
  bool CheckNodeCount(int64_t stored);
  // After the last row: takes the next of the stored balances, as it stood right behind the last row
  // taken. Rows may be taken in between where both were read at one moment. False at the first fault.
  bool Take(const Balance& stored);
  // After the last balance: that none was missing of those that were there at the first one.
  bool CheckBalanceCount();
  // The number of the last row taken; 0 before the first.
  int64_t last() const { return last_; }
  // To be called once, after the last row.
  VerifyReport Finish();

 private:
  // One volunteer in one session: its visits, and the entries behind those that are complete.
  struct Place {
    Visits visits;
    // Of the standing entries, by check-out; the entries are in credits_.
    std::unordered_map<base::Uuid, base::Uuid, base::UuidHash> entries;
  };
  using PlaceKey = std::pair<domain::SessionKey, base::Uuid>;

  std::string CheckStored(const StoredRow& row);
  std::string CheckNodes(const StoredRow& row);
  std::string CheckIds(const IndexColumns& columns);
  std::string CheckEvent(const EventRow& row);
  std::string CheckEntry(const EntryRow& row);
  std::string CheckCredit(const EntryRow& row, Place& place);
  std::string CheckReversal(const EntryRow& row, Place& place);
  std::string CheckPolicy(const PolicyRow& row);
  // What two people agree on; in verify_corrections.cc.
  std::string CheckProposal(const ProposalRow& row);
  std::string CheckResolution(const ResolutionRow& row);
  std::string CheckAgreedEntry(const EntryRow& row);
  std::string CheckFitsAll(const ProposalRow& row);
  std::string CheckDispute(const DisputeRow& row);
  std::string CheckAnswer(const AnswerRow& row);
  std::vector<domain::Actor> InvolvedIn(const EntryRow& entry);
  // An entry that was found right: into the sums and the accounts.
  void Count(const EntryRow& row);
  void StartBalances();
  bool Reject(int64_t sequence, std::string what);

  VerifyReport report_;
  int64_t last_ = 0;
  std::map<PlaceKey, Place> places_;
  std::map<std::pair<domain::OrganisationId, base::Sha256Digest>, domain::HoursPolicy> policies_;
  std::unordered_set<base::Uuid, base::UuidHash> ids_;
  std::unordered_set<base::Uuid, base::UuidHash> tokens_;
  std::set<std::pair<std::string, base::Uuid>> requests_;
  // The event row just read that an entry must follow.
  std::optional<EventRow> awaiting_entry_;
  proof::Frontier edge_;
  std::optional<std::vector<proof::Hash>> nodes_;  // expected, from next_node_ on
  size_t next_node_ = 0;
  Accounts accounts_;
  // The entries, without their ids, that must follow the approval just read.
  std::deque<EntryRow> agreed_;
  struct Known {
    ProposalRow row;
    int64_t sequence = 0;
    bool resolved = false;
    domain::Actor decider;  // once resolved
  };
  std::unordered_map<base::Uuid, Known, base::UuidHash> proposals_;
  struct KnownDispute {
    DisputeRow row;
    int64_t sequence = 0;
    std::vector<domain::Actor> involved;
    bool answered = false;
  };
  std::unordered_map<base::Uuid, KnownDispute, base::UuidHash> disputes_;
  std::unordered_map<base::Uuid, Credits, base::UuidHash> credits_;  // by volunteer
  bool balances_started_ = false;
  std::set<std::pair<Book, std::string>> accounts_due_;  // that a balance must still come of
};

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_VERIFIER_H_
