#ifndef ROLLCALL_APP_STARS_H_
#define ROLLCALL_APP_STARS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/call.h"
#include "app/services.h"
#include "base/clock.h"
#include "base/page.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/correction.h"
#include "domain/ids.h"
#include "hours/policy.h"
#include "hours/stars.h"
#include "registry/star_applications.h"

namespace rollcall::app {

// Star levels, from the application to the star. The rules are hours/stars.h's; this puts people to
// identities, and adds what only the stores know: her minutes, of all organisations, as the ledger
// has them; the stars she holds; whether a ban case bars her.
//
// Who decides is the person behind the account (PersonOf, app/actor.h); of the level that the
// caller's own organisation has. Reviewer and approver are also compared by identity and key, as
// proposer and approver of a correction are. Volunteers have no account: they apply and withdraw at
// a desk, whose identity is kept with the step.
//
// Everything that writes is idempotent by (organisation, request_id): the same request again gives
// the application as it stands now, with StoredStarApplication::replayed set.
class Stars {
 public:
  explicit Stars(const Services& services) : services_(services) {}

  // One threshold of the policy.
  struct Star {
    int64_t hours = 0;
    hours::Level approver = hours::Level::kCounty;
  };
  struct StandingView {
    domain::VolunteerId volunteer;
    std::string name;  // personal data
    base::Time registered;
    hours::StarStanding standing;
    bool barred = false;
    base::Uuid open_application;  // nil: none
    std::string policy;           // its label
    std::vector<Star> stars;      // of one star, two stars, ...
  };
  // NotFound, reason NO_SUCH_VOLUNTEER. PermissionDenied, reason OUTSIDE_ORGANISATION.
  absl::StatusOr<StandingView> Standing(const Call& call,
                                        const domain::OrganisationId& organisation,
                                        const domain::VolunteerId& volunteer);

  struct View {
    registry::StoredStarApplication stored;
    std::string name;  // personal data
  };

  struct NewApplication {
    base::Uuid request_id;
    domain::OrganisationId organisation;  // empty: the caller's own
    domain::VolunteerId volunteer;
    int32_t star = 0;
  };
  // InvalidArgument: BAD_REQUEST_ID. NotFound: NO_SUCH_VOLUNTEER. FailedPrecondition:
  // REQUEST_ID_REUSED. Errors of hours::Submit.
  absl::StatusOr<View> Apply(const Call& call, const NewApplication& wanted);

  // What every step after the first names.
  struct Step {
    base::Uuid request_id;
    domain::OrganisationId organisation;  // empty: the caller's own
    base::Uuid application;
  };
  // All: InvalidArgument, BAD_REQUEST_ID; NotFound, NO_SUCH_APPLICATION; FailedPrecondition,
  // REQUEST_ID_REUSED; errors of the step of the same name in hours/stars.h.
  absl::StatusOr<View> Review(const Call& call, const Step& step, int32_t score);
  // PermissionDenied, reason SAME_PERSON: also another account of the reviewer's, or one of her
  // key. FailedPrecondition, reason NO_LEVEL: the caller's organisation has none.
  absl::StatusOr<View> Approve(const Call& call, const Step& step);
  // PermissionDenied, reason SELF_DECISION.
  absl::StatusOr<View> Grant(const Call& call, const Step& step);
  absl::StatusOr<View> Refuse(const Call& call, const Step& step, const std::string& reason);
  // `volunteer`: who stands at the desk and withdraws.
  absl::StatusOr<View> Withdraw(const Call& call, const Step& step,
                                const domain::VolunteerId& volunteer);

  // NotFound, reason NO_SUCH_APPLICATION.
  absl::StatusOr<View> Get(const Call& call, const domain::OrganisationId& organisation,
                           const base::Uuid& application);

  struct Filter {
    domain::OrganisationId organisation;           // empty: the caller's own
    domain::VolunteerId volunteer;                 // empty: everybody's
    std::optional<hours::ApplicationState> state;  // none: all
  };
  // Oldest first. InvalidArgument, reason BAD_PAGE; NotFound, reason NO_SUCH_VOLUNTEER.
  absl::StatusOr<base::Page<View>> List(const Call& call, const Filter& filter,
                                        const base::PageRequest& page);

  // Which stars the approvers of an organisation decide on. It is the organisation's, not an
  // account's: what is the city's to give is so for whoever works there. Nothing: none.
  // NotFound, reason NO_SUCH_ORGANISATION.
  absl::StatusOr<std::optional<hours::Level>> ApproverLevel(
      const Call& call, const domain::OrganisationId& organisation);
  // For good in the record; the last one holds.
  absl::Status SetApproverLevel(const Call& call, const domain::OrganisationId& organisation,
                                std::optional<hours::Level> level);

 private:
  // Everything about her but what the transaction of a step has to see itself.
  absl::StatusOr<hours::StarFacts> FactsOf(const Call& call, const domain::Volunteer& person);
  absl::StatusOr<View> ViewOf(registry::StoredStarApplication stored) const;
  // Of one that is there and within the scope: the answer of a repetition; or nothing, with
  // `step.organisation` filled in.
  absl::StatusOr<std::optional<View>> Begin(const Call& call, Step& step,
                                            const base::Sha256Digest& payload) const;
  absl::StatusOr<View> Take(const Call& call, const Step& step, const base::Sha256Digest& payload,
                            const domain::Actor& actor,
                            const registry::StarApplications::StepRule& rule);

  const Services& services_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_STARS_H_
