#ifndef ROLLCALL_LEDGER_HOURS_H_
#define ROLLCALL_LEDGER_HOURS_H_

#include <vector>

#include "base/status.h"
#include "base/uuid.h"
#include "ledger/ledger.h"
#include "ledger/row.h"

namespace rollcall::ledger {

// Adds up the rows of one volunteer, in the order of the ledger, whole sessions at a time; the proposals
// that her entries rest on may stand anywhere. Pure.
// DataLoss, reason LEDGER_INCONSISTENT: events that do not make visits, or a pair without its
// entry.
absl::StatusOr<VolunteerHours> SumHours(const base::Uuid& volunteer_key,
                                        const std::vector<Row>& rows, const HoursFilter& filter);

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_HOURS_H_
