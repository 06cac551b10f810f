#ifndef ROLLCALL_APP_HOURS_H_
#define ROLLCALL_APP_HOURS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "app/call.h"
#include "app/services.h"
#include "base/page.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/ids.h"
#include "ledger/ledger.h"

namespace rollcall::app {

// Reading the ledger, within the caller's scope (app/scope.h), and putting numbers and names to it.
class Hours {
 public:
  explicit Hours(const Services& services) : services_(services) {}

  struct Filter {
    domain::OrganisationId organisation;  // empty: the caller's own
    domain::ActivityId activity;          // empty: all
    domain::VolunteerId volunteer;        // empty: all
  };

  struct VolunteerHours {
    domain::VolunteerId volunteer;  // empty when no longer registered
    std::string name;               // personal data; likewise
    ledger::VolunteerHours hours;
  };
  struct Listing {
    std::vector<VolunteerHours> volunteers;  // by volunteer id; everybody with at least one event
    int64_t ledger_sequence = 0;             // everything up to here was read
  };
  // NotFound, reason NO_SUCH_VOLUNTEER. InvalidArgument, reason BAD_ID.
  absl::StatusOr<Listing> ListHours(const Call& call, const Filter& filter);

  struct Event {
    ledger::StoredEvent stored;
    domain::VolunteerId volunteer;  // empty when no longer registered
  };
  // By sequence. InvalidArgument, reason BAD_PAGE; NotFound, reason NO_SUCH_VOLUNTEER.
  absl::StatusOr<base::Page<Event>> ListEvents(const Call& call, const Filter& filter,
                                               const base::PageRequest& page);

  // NotFound, reason NO_SUCH_RECEIPT: the request has not been recorded.
  absl::StatusOr<ledger::Receipt> GetReceipt(const Call& call,
                                             const domain::OrganisationId& organisation,
                                             const base::Uuid& request_id);

  // Ledger::Verify.
  absl::StatusOr<ledger::VerifyReport> VerifyLedger(const Call& call);

 private:
  const Services& services_;
};

// `filter` for the ledger, within the caller's scope. NotFound, reasons NO_SUCH_VOLUNTEER,
// NO_SUCH_ACTIVITY and so on of the registry; PermissionDenied, reason OUTSIDE_ORGANISATION.
absl::StatusOr<ledger::EventFilter> LedgerFilter(const Services& services, const Call& call,
                                                 const Hours::Filter& filter);

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_HOURS_H_
