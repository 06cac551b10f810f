#ifndef ROLLCALL_TESTS_CRASH_SIMULATOR_SIMULATOR_H_
#define ROLLCALL_TESTS_CRASH_SIMULATOR_SIMULATOR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rollcall::simulator {

// What happened, in one world or in many.
struct Counts {
  int64_t worlds = 0;
  int64_t steps = 0;
  int64_t hours = 0;     // of virtual time
  int64_t requests = 0;  // made by kiosks
  int64_t receipts = 0;  // requests that ended with one
  int64_t refusals = 0;  // requests that ended without
  int64_t sent = 0;      // messages, either way
  int64_t lost = 0;
  int64_t doubled = 0;
  int64_t delayed = 0;  // by more than a second, up to three days
  int64_t commits = 0;
  int64_t grouped = 0;        // of them, those of several requests
  int64_t replays = 0;        // answers from what was recorded before
  int64_t deaths = 0;         // of the server, of any cause
  int64_t power_cuts = 0;     // among them
  int64_t failed_io = 0;      // failed syncs and writes
  int64_t full_refusals = 0;  // requests refused because of a full disk
  int64_t unsettled = 0;      // commits of which only the restart told whether they had happened
  int64_t clock_jumps = 0;
  int64_t checks = 0;       // of the whole ledger
  int64_t checkpoints = 0;  // that a kiosk took
  int64_t proposals = 0;    // in the ledger at the end; so all below
  int64_t approved = 0;
  int64_t declined = 0;  // refused or withdrawn
  int64_t tier_approvals = 0;
  int64_t disputes = 0;
  int64_t answers = 0;
  int64_t adjusted = 0;  // entries that were made anew because of something else

  void Add(const Counts& other);
  std::string Text() const;  // some lines
};

struct WorldResult {
  uint64_t seed = 0;
  Counts counts;
  uint64_t trace_hash = 0;  // equal for two runs of one seed
  // Nothing: no promise was broken. Else what, at which step, and the last steps before it.
  std::optional<std::string> violation;
  int64_t step = 0;
  std::vector<std::string> last;

  // The violation as it is printed; the last lines say how to see it again.
  std::string Report() const;
};

// Lives through one world: kiosks with outboxes, a network, people, a server with the real ledger
// on a simulated disk, and every kind of trouble that `seed` brings. Everything that happens
// follows from `seed`. `print`: every step to stdout. Takes some tens of milliseconds of real time.
WorldResult RunWorld(uint64_t seed, bool print);

// The line that every crash rig ends with: "crash rig worlds (seeds A..B): N trials, N failures,
// ...".
std::string TrialLine(uint64_t first, uint64_t last, int64_t failures);

}  // namespace rollcall::simulator

#endif  // ROLLCALL_TESTS_CRASH_SIMULATOR_SIMULATOR_H_
