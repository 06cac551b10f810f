#ifndef ROLLCALL_APP_VOLUNTEERS_H_
#define ROLLCALL_APP_VOLUNTEERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "app/call.h"
#include "app/services.h"
#include "base/page.h"
#include "base/status.h"
#include "domain/ids.h"
#include "domain/volunteer.h"

namespace rollcall::app {

// A volunteer with what hangs on her, as the desk sees it.
struct VolunteerView {
  domain::Volunteer volunteer;
  std::vector<domain::Consent> consents;  // oldest first, withdrawn ones included
  bool face_enrolled = false;             // face may be used and a template is in the gallery
  int32_t photos = 0;                     // behind the template
  bool has_pin = false;
  std::vector<domain::OrganisationId> organisations;
  std::vector<domain::VolunteerId> siblings;
  std::string face_off_reason;            // a sentence, where face_enrolled is false
  bool re_enrolment_due = false;          // new photos are to be asked for: domain::ReEnrolmentDue
};

// Reading and changing volunteers that exist, within the caller's scope (app/scope.h).
class Volunteers {
 public:
  explicit Volunteers(const Services& services) : services_(services) {}

  // NotFound, reason NO_SUCH_VOLUNTEER. InvalidArgument, reason BAD_ID.
  absl::StatusOr<VolunteerView> Get(const Call& call, const domain::VolunteerId& id) const;
  // The view of one whom the caller has at hand.
  absl::StatusOr<VolunteerView> ViewOf(const domain::Volunteer& volunteer) const;

  // By id; a page may be short, or empty with a next one. InvalidArgument, reason BAD_PAGE.
  absl::StatusOr<base::Page<VolunteerView>> List(const Call& call,
                                                 const base::PageRequest& page) const;

  struct Withdrawal {
    VolunteerView volunteer;
    int32_t templates_erased = 0;
    base::Time time;
  };
  // Ends an item of consent. For kRecognition the templates are gone from memory and disk when this
  // returns; hours and open check-ins stay. Again: OK, nothing erased. Errors of Get, and of the
  // vault: then the consent still stands and the call is to be repeated (or the next start finishes
  // it).
  absl::StatusOr<Withdrawal> WithdrawConsent(const Call& call, const domain::VolunteerId& id,
                                             domain::ConsentItem item);

  struct Erasure {
    base::Time time;
    int32_t templates_erased = 0;
  };
  // Forgets the person, for ever (Registry::EraseVolunteer says what goes and what stays); her template
  // and its key are destroyed first. Her hours stay in the ledger and in every total, under a key that
  // leads to nobody any more. `confirmation`: the number once more. Again: OK, with the time of the
  // first. Errors of CheckWholeVolunteer and Registry::CheckErasable; FailedPrecondition,
  // reason NOT_CONFIRMED. After an error of the vault or the registry the call is to be repeated.
  absl::StatusOr<Erasure> Erase(const Call& call, const domain::VolunteerId& id,
                                const std::string& confirmation);

  // Where both are on a roster, each needs a second factor from now on.
  // NotFound, reason NO_SUCH_VOLUNTEER. InvalidArgument, reason SAME_VOLUNTEER.
  absl::Status DeclareSiblings(const Call& call, const domain::VolunteerId& a,
                               const domain::VolunteerId& b);

 private:
  const Services& services_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_VOLUNTEERS_H_
