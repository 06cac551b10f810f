#ifndef ROLLCALL_TESTS_SUPPORT_TALLY_H_
#define ROLLCALL_TESTS_SUPPORT_TALLY_H_

#include <cstdint>
#include <string>

namespace rollcall::support {

// The line by which a crash rig says what it did, as tests/run and tests/soak read it:
//   crash rig images (seeds 1 to 3): 1500 trials, 0 failures, failure rate below 2.0e-03
// The bound is 3/N: with so many trials and no failure the rate is below it with 95 % confidence.
// With failures the line ends after their number.
std::string Tally(const std::string& rig, const std::string& detail, int64_t trials,
                  int64_t failures);

}  // namespace rollcall::support

#endif  // ROLLCALL_TESTS_SUPPORT_TALLY_H_
