#ifndef ROLLCALL_LEDGER_VERIFIER_H_
#define ROLLCALL_LEDGER_VERIFIER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "base/uuid.h"
#include "domain/ids.h"
#include "ledger/ledger.h"
#include "ledger/log_table.h"
#include "ledger/row.h"
#include "ledger/visits.h"

namespace rollcall::ledger {

// Recomputes the ledger from its rows, believing none of them. Pure; memory linear in events.
class Verifier {
 public:
  // Takes the next row. False at the first fault; then no further row is taken.
  bool Take(const StoredRow& row);
  // To be called once, after the last row.
  VerifyReport Finish();

 private:
  // One volunteer in one session: its visits, and the entries behind those that are complete.
  struct Place {
    Visits visits;
    std::unordered_map<base::Uuid, EntryRow, base::UuidHash> entries;  // standing, by check-out
  };
  using PlaceKey = std::pair<domain::SessionKey, base::Uuid>;

  std::string CheckStored(const StoredRow& row);
  std::string CheckIds(const IndexColumns& columns);
  std::string CheckEvent(const EventRow& row);
  std::string CheckEntry(const EntryRow& row);
  std::string CheckCredit(const EntryRow& row, Place& place);
  std::string CheckReversal(const EntryRow& row, Place& place);
  std::string CheckPolicy(const PolicyRow& row);
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
};

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_VERIFIER_H_
