#ifndef ROLLCALL_LEDGER_TIER_APPROVALS_H_
#define ROLLCALL_LEDGER_TIER_APPROVALS_H_

#include <cstdint>

#include "ledger/row.h"

namespace rollcall::ledger {

// Hours of one day above what stands at once, approved. The value of Ledger::ApproveTier.
struct TierApproval {
  int64_t sequence = 0;  // its entries have the numbers after it
  TierApprovalRow row;
  int64_t minutes = 0;    // that it credited
  bool replayed = false;  // this request_id had been answered before
};

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_TIER_APPROVALS_H_
