#ifndef ROLLCALL_TESTS_CRASH_SIMULATOR_CHECKS_H_
#define ROLLCALL_TESTS_CRASH_SIMULATOR_CHECKS_H_

#include <string>
#include <vector>

#include "base/clock.h"
#include "ledger/ledger.h"
#include "simulator/oracle.h"
#include "simulator/server.h"

namespace rollcall::simulator {

// What the ledger says against what is true. All return Internal, reason VIOLATION, with what
// differs; errors of the database pass through.

absl::Status Violation(const std::string& what);
bool IsViolation(const absl::Status& status);

// One answer against what it must be. Names the fact's event in `oracle` by the receipt.
absl::Status CheckAnswer(const Given& given, const Expected& expected,
                         const std::vector<Place>& places, Oracle& oracle);

// A receipt against the fact that it is of.
absl::Status CheckReceipt(const ledger::Receipt& receipt, const Fact& fact,
                          const std::vector<Place>& places, const Oracle& oracle);

// How much is asked. Each step includes the ones before it.
enum class Depth {
  kRows,   // the bytes of all rows, the accounts, Verify, the latest receipts
  kHours,  // everybody's hours, the listing of events
  kAll,    // every receipt, every visit, everybody's presence
};

struct Asking {
  base::Time now;  // decides what is pending by then
  base::Duration pending_after;
  Depth depth = Depth::kRows;
};

// Everything that the ledger tells about itself: its rows as bytes, its own verification, listings,
// hours, visits, receipts.
absl::Status CheckLedger(Server& server, const std::vector<Place>& places, const Oracle& oracle,
                         const Asking& asking);

}  // namespace rollcall::simulator

#endif  // ROLLCALL_TESTS_CRASH_SIMULATOR_CHECKS_H_
