#ifndef ROLLCALL_TESTS_CRASH_SIMULATOR_CHECKS_H_
#define ROLLCALL_TESTS_CRASH_SIMULATOR_CHECKS_H_

#include <string>
#include <vector>

#include "base/clock.h"
#include "ledger/ledger.h"
#include "simulator/log_reader.h"
#include "simulator/oracle.h"
#include "simulator/server.h"

namespace rollcall::simulator {

// What the ledger says against what is true. All return Internal, reason VIOLATION, with what
// differs; errors of the database pass through.

absl::Status Violation(const std::string& what);
// `what`: is another number than it must be.
absl::Status Differs(const std::string& what, int64_t is, int64_t must_be);
bool IsViolation(const absl::Status& status);

// One answer against what it must be. Names the fact's event in `oracle` by the receipt.
absl::Status CheckAnswer(const Given& given, const Expected& expected,
                         const std::vector<Place>& places, Oracle& oracle);

// A receipt against the fact that it is of.
absl::Status CheckReceipt(const ledger::Receipt& receipt, const Fact& fact,
                          const std::vector<Place>& places, const Oracle& oracle);

// The row with this index (from 0) against the true one, field by field. Here and below the ids that
// the oracle knows count.
absl::Status CheckRow(const PlainRow& row, size_t index, const std::vector<Place>& places,
                      const Oracle& oracle);
// The same for all rows from index `first` on. Names them in `oracle` by their ids.
absl::Status LearnRows(Server& server, size_t first, const std::vector<Place>& places,
                       Oracle& oracle);

// The listings of proposals and disputes.
absl::Status CheckAgreed(Server& server, const std::vector<Place>& places, const Oracle& oracle);

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
