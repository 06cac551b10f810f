#ifndef ROLLCALL_LEDGER_VERIFIER_H_
#define ROLLCALL_LEDGER_VERIFIER_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/uuid.h"
#include "domain/ids.h"
#include "ledger/accounts.h"
#include "ledger/correction_rows.h"
#include "ledger/derive.h"
#include "ledger/dispute_rows.h"
#include "ledger/ledger.h"
#include "ledger/log_table.h"
#include "ledger/person.h"
#include "ledger/row.h"
#include "proof/merkle.h"

namespace rollcall::ledger {

// What can be found out of a stored row without any other.
struct PreparedRow {
  StoredRow stored;
  absl::StatusOr<Row> row = absl::UnknownError("");  // decoded
  IndexColumns columns;                              // of `row`, where that is OK
  proof::Hash leaf{};
};

// Pure; most of the work of a verification, and fit for any thread.
PreparedRow Prepare(StoredRow stored);

// Recomputes the ledger from its rows, believing none of them. Pure; memory linear in events.
class Verifier {
 public:
  // The stored nodes of the tree that the next rows complete; fewer are a fault of the row that
  // lacks them. Without any call the tree is computed and not compared.
  void Expect(std::vector<proof::Hash> nodes);
  // Takes the next row. False at the first fault; then no further row is taken.
  bool Take(const PreparedRow& row);
  bool Take(StoredRow row) { return Take(Prepare(std::move(row))); }
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
  std::string CheckStored(const PreparedRow& prepared);
  std::string CheckNodes(const proof::Hash& leaf);
  std::string CheckIds(const IndexColumns& columns);
  std::string CheckEvent(const EventRow& row);
  // `body`: the bytes of `row`, which are its only encoding.
  std::string CheckEntry(const EntryRow& row, const base::Bytes& body);
  std::string CheckPolicy(const PolicyRow& row);
  std::string CheckTierApproval(const TierApprovalRow& row);
  // The policy that a row of `organisation` names; null: it stands nowhere before it.
  hours::PolicyPtr FindPolicy(const domain::OrganisationId& organisation,
                              const base::Sha256Digest& hash) const;
  // Notes what entries must follow now. Returns what is wrong.
  std::string ExpectEntries(const Person& person, const Cause& cause);
  Person& PersonOf(const base::Uuid& volunteer_key);
  // What two people agree on; in verify_corrections.cc.
  std::string CheckProposal(const ProposalRow& row);
  std::string CheckResolution(const ResolutionRow& row);
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
  std::unordered_map<base::Uuid, Person, base::UuidHash> people_;  // by volunteer
  std::map<std::pair<domain::OrganisationId, base::Sha256Digest>, hours::PolicyPtr> policies_;
  std::unordered_set<base::Uuid, base::UuidHash> ids_;
  std::unordered_set<base::Uuid, base::UuidHash> tokens_;
  std::set<std::pair<std::string, base::Uuid>> requests_;
  // The check-out just read: its entry, which comes next, names the policy that credits it.
  std::optional<EventRow> checked_out_;
  // The entries, without their ids, that must follow what was read.
  std::deque<EntryRow> due_;
  proof::Frontier edge_;
  std::optional<std::vector<proof::Hash>> nodes_;  // expected, from next_node_ on
  size_t next_node_ = 0;
  Accounts accounts_;
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
  bool balances_started_ = false;
  std::set<std::pair<Book, std::string>> accounts_due_;  // that a balance must still come of
};

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_VERIFIER_H_
