#ifndef ROLLCALL_APP_CORRECTIONS_H_
#define ROLLCALL_APP_CORRECTIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/call.h"
#include "app/services.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/page.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/correction.h"
#include "domain/ids.h"
#include "ledger/corrections.h"

namespace rollcall::app {

// Hours that no machine saw, and changes of hours. Nobody does either alone: one person proposes
// and another one, of another role, decides; the end of a forgotten check-out may be agreed to by
// the volunteer herself instead. The rules are domain::CheckDecider's and the ledger's; this puts
// people to identities and numbers to keys.
//
// Everything that writes is idempotent by (organisation, request_id), as Attendance is.
class Corrections {
 public:
  explicit Corrections(const Services& services) : services_(services) {}

  struct NewProposal {
    base::Uuid request_id;
    domain::ProposalKind kind = domain::ProposalKind::kBackEntry;
    // Of a correction or cancellation only its organisation is read; otherwise activity and session
    // too.
    domain::SessionKey session;
    std::vector<domain::VolunteerId> volunteers;  // kClose, kBackEntry: one; kBatch: all
    int32_t headcount = 0;                        // kBatch
    base::Uuid entry;                             // kCorrection, kCancellation
    base::Time in;                                // kBackEntry, kCorrection, kBatch
    base::Time out;                               // all but kCancellation
    domain::ReasonCode reason = domain::ReasonCode::kOther;
    std::string reason_text;  // 1 to 200 bytes of display text; for ever in the ledger: no names
  };

  struct Person {
    domain::VolunteerId volunteer;  // empty when no longer registered
    std::string name;               // personal data; likewise
  };
  struct View {
    ledger::Proposal proposal;
    domain::ProposalState state = domain::ProposalState::kStanding;  // now
    std::vector<Person> concerned;
  };

  // InvalidArgument: BAD_REQUEST_ID, BAD_TEXT, BAD_PROPOSAL (who is concerned is missing, or too
  // many). NotFound: NO_SUCH_VOLUNTEER; NO_SUCH_ENTRY; NOT_ON_ROSTER, hours are entered for those
  // only who were on the session's roster. Errors of SessionFor and Ledger::Propose.
  absl::StatusOr<View> Propose(const Call& call, const NewProposal& wanted);

  struct Decision {
    base::Uuid request_id;
    domain::OrganisationId organisation;  // empty: the caller's own
    base::Uuid proposal;
    domain::Outcome outcome = domain::Outcome::kRefused;
    std::string reason_text;  // of a refusal: required
  };
  // Errors of Ledger::Resolve.
  absl::StatusOr<View> Decide(const Call& call, const Decision& decision);

  struct Agreement {
    base::Uuid request_id;
    domain::OrganisationId organisation;  // empty: the caller's own
    base::Uuid proposal;
    base::Bytes token;  // of hers, by face, QR pass or PIN, for any session of the organisation
  };
  // The volunteer agrees, at a kiosk or a desk, to the end of her visit that an organiser has
  // proposed. Errors of Tokens::Open, CheckFresh and Ledger::Resolve. FailedPrecondition, reason
  // CONSENT_NOT_HERS: another organisation's token, staff's word in her place, or a token that
  // needs a second one.
  absl::StatusOr<View> Agree(const Call& call, const Agreement& agreement);

  // NotFound, reason NO_SUCH_PROPOSAL.
  absl::StatusOr<View> Get(const Call& call, const domain::OrganisationId& organisation,
                           const base::Uuid& proposal);

  struct Filter {
    domain::OrganisationId organisation;         // empty: the caller's own
    domain::VolunteerId volunteer;               // empty: all
    std::optional<domain::ProposalState> state;  // none: all
  };
  // In the order of the ledger. InvalidArgument, reason BAD_PAGE; NotFound, reason
  // NO_SUCH_VOLUNTEER.
  absl::StatusOr<base::Page<View>> List(const Call& call, const Filter& filter,
                                        const base::PageRequest& page);

 private:
  absl::Status FillSubject(const Call& call, const NewProposal& wanted,
                           ledger::ProposeRequest& request) const;
  absl::Status FillCorrected(const Call& call, const NewProposal& wanted,
                             ledger::ProposeRequest& request) const;
  absl::StatusOr<View> ViewOf(ledger::Proposal proposal) const;

  const Services& services_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_CORRECTIONS_H_
