#ifndef ROLLCALL_LEDGER_CREDITS_H_
#define ROLLCALL_LEDGER_CREDITS_H_

#include <map>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "base/uuid.h"
#include "ledger/row.h"
#include "ledger/visits.h"

namespace rollcall::ledger {

// What stands to the credit of one volunteer, in all sessions. Pure.
class Credits {
 public:
  // From `from` to `to`: what of her time the entry stands for, cut to its session.
  struct Credit {
    EntryRow entry;
    base::Time from;
    base::Time to;
  };

  // An entry that credits a pair of events, or one with times of its own.
  void Add(const EntryRow& entry, const VisitPair& pair);
  void Add(const EntryRow& entry);
  // False: no such entry stands.
  bool TakeBack(const base::Uuid& entry_id);

  // Null: none.
  const EntryRow* Find(const base::Uuid& entry_id) const;
  // One that shares time with [from, to) and has the same `practice`, but not `except`. Null: none.
  const Credit* Overlapping(base::Time from, base::Time to, bool practice,
                            const base::Uuid& except) const;
  // Minutes that two people agreed on.
  int64_t AgreedMinutes(bool practice) const;

 private:
  std::map<base::Uuid, Credit> standing_;  // by entry id
};

// From all rows of one volunteer, in order. DataLoss, reason LEDGER_INCONSISTENT.
absl::StatusOr<Credits> CreditsOf(const std::vector<Row>& rows);

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_CREDITS_H_
