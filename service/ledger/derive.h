#ifndef ROLLCALL_LEDGER_DERIVE_H_
#define ROLLCALL_LEDGER_DERIVE_H_

#include <functional>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "base/uuid.h"
#include "hours/policy.h"
#include "ledger/person.h"
#include "ledger/row.h"

// From facts to entries, in one place for whoever writes and for whoever verifies. All pure.
namespace rollcall::ledger {

// The policy that an entry names. Null: it stands nowhere before the entry.
using PolicyOf = std::function<absl::StatusOr<hours::PolicyPtr>(
    const domain::OrganisationId& organisation, const base::Sha256Digest& hash)>;

// The row that entries follow.
struct Cause {
  base::Uuid id;  // of the event, the resolution or the tier approval
  base::Time record_time;
  base::Uuid proposal;  // what a resolution approves; else nil
  // Under which the visit that the row completed is credited; null where it completes none.
  hours::PolicyPtr policy;
};

// The visits that may be worth something else because of what changed in `changed`: those of its
// local days, of the days that they join (hours::Policy::JoinsDays), and so on.
struct Reach {
  bool everything = false;
  base::Time from;
  base::Time to;
  std::vector<const KnownVisit*> visits;  // in the order of Person::visits()
};

// `policy` may be null. Errors of `policies`; DataLoss, reason LEDGER_INCONSISTENT: an entry under
// a policy that is not there.
absl::StatusOr<Reach> ReachOf(const Person& person, const Span& changed,
                              const hours::PolicyPtr& policy, const PolicyOf& policies);

// The entries that must follow `cause`, which `person` has taken in already, in order and without
// entry ids: first those that take back what lost its visit; then the credit of a visit that became
// complete; then, by check-in, for each other visit that is worth something else now, the entry
// that takes back and the one that credits it anew. Each visit is computed under the policy of its
// first entry. InvalidArgument, reason BAD_FACTS. Errors as ReachOf.
absl::StatusOr<std::vector<EntryRow>> EntriesAfter(const Person& person, const Cause& cause,
                                                   const PolicyOf& policies);

// A proposal's visit by itself, for hours::MinutesAlone.
hours::Visit VisitOf(const ProposalRow& proposal);

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_DERIVE_H_
