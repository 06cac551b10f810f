#ifndef ROLLCALL_LEDGER_VERIFIER_H_
#define ROLLCALL_LEDGER_VERIFIER_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/container/flat_hash_set.h"
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
  int64_t sequence = 0;
  std::string fault;  // what is wrong with it by itself; where there is, the rest is not set
  Row row;
  IndexColumns columns;  // of `row`
  proof::Hash commitment{};
};

// Pure; about half of the work of a verification, and fit for any thread.
PreparedRow Prepare(const StoredRow& stored);

// Recomputes the ledger from its rows, believing none of them. Pure; a plain value, whose memory is
// linear in events.
class Verifier {
 public:
  // The stored nodes of the tree that the next rows complete; fewer are a fault of the row that
  // lacks them. Without any call the tree is computed and not compared.
  void Expect(std::vector<proof::Hash> nodes);
  // Takes the next row. False at the first fault; then no further row is taken.
  bool Take(const PreparedRow& row);
  bool Take(const StoredRow& row) { return Take(Prepare(row)); }
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
  std::string CheckRow(const PreparedRow& prepared);
  std::string CheckNodes(const PreparedRow& prepared);
  std::string CheckIds(const IndexColumns& columns);
  std::string CheckEvent(const EventRow& row);
  std::string CheckEntry(const EntryRow& row);
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
  using IdSet = absl::flat_hash_set<base::Uuid>;
  IdSet ids_;
  IdSet tokens_;
  std::unordered_map<std::string, IdSet> requests_;  // by organisation
  // The check-out just read: its entry, which comes next, names the policy that credits it.
  struct CheckOut {
    domain::OrganisationId organisation;
    base::Uuid volunteer_key;
    base::Uuid event_id;
    base::Time record_time;
  };
  std::optional<CheckOut> checked_out_;
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
  absl::flat_hash_set<size_t> accounts_due_;  // numbers of those that must still come
};

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_VERIFIER_H_
