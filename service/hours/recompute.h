#ifndef ROLLCALL_HOURS_RECOMPUTE_H_
#define ROLLCALL_HOURS_RECOMPUTE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "hours/compute.h"
#include "hours/explain.h"
#include "hours/policy.h"

namespace rollcall::hours {

// What the ledger says of one visit today, all its entries and their reversals summed.
struct StandingEntry {
  base::Uuid visit;
  int64_t minutes = 0;
  std::string policy;  // "default/2": under which it was made
};

// One visit under another policy, or another version, beside what stands.
struct RecomputedEntry {
  base::Uuid visit;
  bool practice = false;
  std::string standing_policy = {};  // empty: nothing stands
  int64_t standing = 0;              // minutes
  int64_t minutes = 0;               // credited for good, all days together
  int64_t awaiting = 0;              // minutes that parent or province would have to approve
  int64_t difference = 0;            // minutes - standing
  std::vector<Line> lines = {};      // one per local day, with the reasons
};

struct Recomputed {
  std::string policy;  // Policy::Label()
  base::Sha256Digest policy_hash{};
  std::vector<RecomputedEntry> entries;  // in the order of their first line
  Totals totals;
  int64_t standing = 0;    // of all that is not practice
  int64_t difference = 0;  // totals.minutes - standing
};

// What each entry of one person would be under `policy`, why, and how that differs from what
// stands. Changes nothing: facts stay facts, and entries change by corrections only. Give all
// visits of the days and activities in question: caps, shares and overlaps look across them.
//
// InvalidArgument, reason BAD_FACTS: as Compute(), or a standing entry that is given twice or is of
// a visit that is not among the facts.
absl::StatusOr<Recomputed> Recompute(const Policy& policy, const Facts& facts,
                                     const std::vector<StandingEntry>& standing);

// The entry in words, without line feeds: what would be, each reason, what stands, the difference.
std::vector<std::string> ExplainEntry(const Policy& policy, const RecomputedEntry& entry,
                                      Language language);

}  // namespace rollcall::hours

#endif  // ROLLCALL_HOURS_RECOMPUTE_H_
