#ifndef ROLLCALL_TESTS_CRASH_FAULTS_CASE_H_
#define ROLLCALL_TESTS_CRASH_FAULTS_CASE_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rollcall::crash {

// One way for one system call to fail.
struct FaultCase {
  std::string call;  // as in failing_calls.cc
  int64_t at = 0;    // which of them, from 1; 0: none fails
  int error = 0;     // errno; 0: half is read or written
  bool sticky = false;

  // "sync:12:EIO:once", and back; nothing where `text` is no case.
  std::string Name() const;
  static std::optional<FaultCase> Parse(const std::string& text);
};

// How often a run without faults makes each call. Fails the test where it does not come to its end.
std::map<std::string, int64_t> CountCalls(uint64_t seed, const std::filesystem::path& folder);

// Every call of a run x every error x once and from then on, grouped by call, error and mode.
std::vector<std::vector<FaultCase>> AllCases(const std::map<std::string, int64_t>& counts);

// Runs the workload with the fault in `folder`, which is emptied first, then opens what it has left
// without faults. Returns what is wrong: something acknowledged is not there as it was
// acknowledged, something is there twice or was never sent, the database does not open or verify,
// the program went on after a sync had failed, or ended in another way than it may.
std::optional<std::string> TryCase(uint64_t seed, const FaultCase& fault,
                                   const std::filesystem::path& folder);

}  // namespace rollcall::crash

#endif  // ROLLCALL_TESTS_CRASH_FAULTS_CASE_H_
