#include <CLI/CLI.hpp>
#include <cinttypes>
#include <cstdio>
#include <string>

#include "base/log.h"
#include "simulator/simulator.h"

namespace {

// "7" or "1..200". False: neither.
bool ParseRange(const std::string& text, uint64_t* first, uint64_t* last) {
  char rest = 0;
  if (std::sscanf(text.c_str(), "%" SCNu64 "..%" SCNu64 "%c", first, last, &rest) == 2) {
    return *first <= *last;
  }
  if (std::sscanf(text.c_str(), "%" SCNu64 "%c", first, &rest) != 1) return false;
  *last = *first;
  return true;
}

}  // namespace

// Exit codes: 0 no violation, 1 at least one, 2 wrong arguments.
int main(int argc, char** argv) {
  CLI::App app{
      "Lives through simulated worlds: kiosks with outboxes, a network that loses, doubles and\n"
      "reorders, people who come, go, return and forget, clocks that jump, and the real ledger on "
      "a disk\n"
      "that crashes, fills up and fails. Everything follows from the seed; what the ledger says "
      "is\n"
      "compared with a plain list of what is true.\n\n"
      "  simulator --seeds 1..2000      many worlds; stops at none, counts the violations\n"
      "  simulator --seed 17 --verbose  one world, step by step",
      "simulator"};
  std::string seeds = "1..200";
  bool verbose = false;
  app.add_option("--seeds,--seed", seeds, "A or A..B")->capture_default_str();
  app.add_flag("--verbose", verbose, "print every step");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  uint64_t first = 0;
  uint64_t last = 0;
  if (!ParseRange(seeds, &first, &last)) {
    std::fprintf(stderr, "simulator: --seeds: A or A..B with A <= B, for example 1..200\n");
    return 2;
  }
  rollcall::base::log::CaptureForTest([](const std::string&) {});  // failing disks are expected
  rollcall::simulator::Counts counts;
  int64_t failures = 0;
  uint64_t hash = 0;
  for (uint64_t seed = first;; ++seed) {
    const auto result = rollcall::simulator::RunWorld(seed, verbose);
    counts.Add(result.counts);
    hash = hash * 31 + result.trace_hash;
    if (result.violation) {
      ++failures;
      std::printf("%s\n", result.Report().c_str());
    }
    if (seed == last) break;
  }
  std::printf("%strace %016" PRIx64 "\n", counts.Text().c_str(), hash);
  std::printf("%s\n", rollcall::simulator::TrialLine(first, last, failures).c_str());
  return failures == 0 ? 0 : 1;
}
