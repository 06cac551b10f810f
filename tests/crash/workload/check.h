#ifndef ROLLCALL_TESTS_CRASH_WORKLOAD_CHECK_H_
#define ROLLCALL_TESTS_CRASH_WORKLOAD_CHECK_H_

#include <map>
#include <optional>
#include <string>

#include "base/status.h"
#include "base/uuid.h"
#include "ledger/ledger.h"
#include "workload/workload.h"

namespace rollcall::crash {

// What must and what may be in a ledger after a crash.
struct Expectation {
  // By request id: the receipts that clients hold.
  std::map<base::Uuid, ledger::Receipt> acknowledged;
  // Whether a request with this id was ever sent. Empty: not asked.
  std::function<bool(const base::Uuid& request)> was_sent;
  // How an event that is there has to look, acknowledged or not; nullptr where that is not known.
  std::function<const ledger::Receipt*(const base::Uuid& request)> known;
  // Also asks for each receipt and for the hours of each person, one by one: the largest part of
  // the cost.
  bool one_by_one = true;
};

// The first thing that is wrong with the ledger; nothing where all is well: the database is sound
// (integrity_check), the ledger verifies, everything acknowledged is there as the receipt says and
// once, nothing is there that nobody sent, and the hours of the people add up to the entries. Cost:
// several times reading all of it.
std::optional<std::string> FindFault(Store& store, const Expectation& expectation);

// Whether two receipts say the same, `replayed` aside.
bool SameReceipt(const ledger::Receipt& a, const ledger::Receipt& b);

}  // namespace rollcall::crash

#endif  // ROLLCALL_TESTS_CRASH_WORKLOAD_CHECK_H_
