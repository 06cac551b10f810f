#ifndef ROLLCALL_IRREGULARITIES_LEDGER_FACTS_H_
#define ROLLCALL_IRREGULARITIES_LEDGER_FACTS_H_

#include <cstdint>
#include <optional>

#include "irregularities/facts.h"
#include "ledger/row.h"

namespace rollcall::irregularities {

// The fact that a row of the ledger states; nothing: it states none that is looked at (a policy).
// The only place of this folder that knows rows. `row` must be without ledger::Fault. Pure.
std::optional<Fact> FactOf(int64_t sequence, const ledger::Row& row);

}  // namespace rollcall::irregularities

#endif  // ROLLCALL_IRREGULARITIES_LEDGER_FACTS_H_
