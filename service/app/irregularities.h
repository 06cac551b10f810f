#ifndef ROLLCALL_APP_IRREGULARITIES_H_
#define ROLLCALL_APP_IRREGULARITIES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/call.h"
#include "app/irregularity_runs.h"
#include "app/services.h"
#include "base/clock.h"
#include "base/page.h"
#include "base/status.h"
#include "domain/ids.h"
#include "irregularities/finding.h"
#include "irregularities/policy.h"

namespace rollcall::app {

// What an auditor should look into, within the caller's scope. Computed anew for each first page.
class Irregularities {
 public:
  explicit Irregularities(const Services& services) : services_(services) {}

  struct Filter {
    domain::OrganisationId organisation;      // empty: the caller's own
    std::vector<irregularities::Kind> kinds;  // empty: all
    std::optional<base::Time> since;          // Finding::time
  };
  struct Found {
    irregularities::Finding finding;
    domain::VolunteerId volunteer;  // empty: not about one person, or no longer registered
  };
  struct Listing {
    std::vector<Found> found;  // by time
    std::string next_token;    // empty: this was the last part
    int64_t ledger_sequence = 0;
    irregularities::PolicyPtr policy;  // the thresholds that it was made under
  };

  // Of the organisation and what lies below it; what concerns another one too is left out. A page
  // token goes on over the same rows at the same time, so that nothing is told twice or left out.
  // InvalidArgument, reason BAD_PAGE: also for a token that was made under another policy. Errors
  // of OrganisationFor. DataLoss, reason BAD_ROW: the ledger does not read; verify it. Cost: linear
  // in the rows of the ledger, for a page after the first as a rule in what was found; memory:
  // irregularities::Detector and IrregularityRuns.
  absl::StatusOr<Listing> List(const Call& call, const Filter& filter,
                               const base::PageRequest& page);

 private:
  // All that is found in the rows up to `last` at `now`, by time, whomever it concerns.
  absl::StatusOr<IrregularityRuns::Findings> Run(const Call& call, int64_t last, base::Time now);

  const Services& services_;
  IrregularityRuns runs_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_IRREGULARITIES_H_
