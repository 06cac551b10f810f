#ifndef ROLLCALL_HOURS_CREDIT_H_
#define ROLLCALL_HOURS_CREDIT_H_

#include <vector>

#include "hours/rules.h"

// From time to minutes: rules 9 and 10 of Compute(). For compute.cc.
namespace rollcall::hours {

// `works` as ApplyTimeRules leaves them. By day, then by the start of what counts, then by
// check-in.
std::vector<Line> Credit(const Policy& policy, const std::vector<Work>& works,
                         const std::vector<TierApproval>& approvals);

}  // namespace rollcall::hours

#endif  // ROLLCALL_HOURS_CREDIT_H_
