#ifndef ROLLCALL_DEMO_KIT_SUMMARY_H_
#define ROLLCALL_DEMO_KIT_SUMMARY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "demo_kit/demo_record.h"

namespace rollcall::demo_kit {

// What the last line of tools/demo says. Counted from the ledger, the register and the plan; the
// kiosks' own words serve only to tell whose visit a receipt belongs to.
struct Summary {
  int64_t enrolled = 0;          // planned people who are registered with a template or a PIN
  int64_t checked_in = 0;        // planned people with a visit in the ledger
  int64_t checked_out = 0;       // of these, with a check-out and minutes that count
  int64_t strangers_refused = 0; // strangers who were answered "unknown" and got no receipt
  int64_t wrongly_credited = 0;  // events of anybody but the person who stood there, or unaccounted for
  bool verified = false;
  std::vector<std::string> problems;  // in words; empty exactly when all went as planned
};

// Pure. Everybody of the plan is expected to be enrolled, to come and to leave once, and no stranger to
// be credited.
Summary Summarise(const DemoRecord& record);

// "demo: enrolled=N checked_in=N checked_out=N strangers_refused=N wrongly_credited=N ledger=verified"
// (or ledger=FAILED).
std::string SummaryLine(const Summary& summary);

}  // namespace rollcall::demo_kit

#endif  // ROLLCALL_DEMO_KIT_SUMMARY_H_
