#ifndef ROLLCALL_APP_DISPUTES_H_
#define ROLLCALL_APP_DISPUTES_H_

#include <optional>
#include <string>

#include "app/call.h"
#include "app/services.h"
#include "base/page.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/dispute.h"
#include "domain/ids.h"
#include "ledger/disputes.h"

namespace rollcall::app {

// A volunteer says, through a desk, that an entry is wrong or a visit missing; somebody uninvolved
// answers within a set time, or the dispute is overdue. An answer changes no hours: what it leads
// to is a proposal of its own (app/corrections.h). Writes are idempotent by (organisation,
// request_id).
class Disputes {
 public:
  explicit Disputes(const Services& services) : services_(services) {}

  struct NewDispute {
    base::Uuid request_id;
    domain::SessionKey session;  // with `entry` only its organisation is read
    domain::VolunteerId volunteer;
    base::Uuid entry;         // the entry that is wrong; nil: a visit is missing
    std::string reason_text;  // 1 to 200 bytes of display text; for ever in the ledger: no names
  };
  struct View {
    ledger::Dispute dispute;
    domain::DisputeState state = domain::DisputeState::kOpen;  // now
    domain::VolunteerId volunteer;                             // empty when no longer registered
  };
  // InvalidArgument: BAD_REQUEST_ID, BAD_TEXT, BAD_DISPUTE (no session). NotFound:
  // NO_SUCH_VOLUNTEER, NO_SUCH_ENTRY. Errors of SessionFor and Ledger::OpenDispute.
  absl::StatusOr<View> Open(const Call& call, const NewDispute& wanted);

  struct NewAnswer {
    base::Uuid request_id;
    domain::OrganisationId organisation;  // empty: the caller's own
    base::Uuid dispute;
    domain::Verdict verdict = domain::Verdict::kRejected;
    base::Uuid proposal;      // made upon the dispute; nil: none
    std::string reason_text;  // as above
  };
  // InvalidArgument: BAD_REQUEST_ID, BAD_TEXT. Errors of Ledger::AnswerDispute.
  absl::StatusOr<View> Answer(const Call& call, const NewAnswer& wanted);

  struct Filter {
    domain::OrganisationId organisation;        // empty: the caller's own
    domain::VolunteerId volunteer;              // empty: all
    std::optional<domain::DisputeState> state;  // none: all
  };
  // Oldest first. InvalidArgument, reason BAD_PAGE; NotFound, reason NO_SUCH_VOLUNTEER.
  absl::StatusOr<base::Page<View>> List(const Call& call, const Filter& filter,
                                        const base::PageRequest& page);

 private:
  absl::StatusOr<View> ViewOf(ledger::Dispute dispute) const;

  const Services& services_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_DISPUTES_H_
