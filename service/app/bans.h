#ifndef ROLLCALL_APP_BANS_H_
#define ROLLCALL_APP_BANS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/call.h"
#include "app/services.h"
#include "base/page.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/correction.h"
#include "domain/ids.h"
#include "hours/bans.h"
#include "registry/ban_cases.h"

namespace rollcall::app {

// Bans for cheating, from the notice to the decision; people take every step. The rules are
// hours/bans.h's. A ban, and the suspension while a case is open, bar from stars and from nothing
// else: nobody is kept from serving, and no hour is taken away.
//
// Who acts is the person behind the account (PersonOf, app/actor.h). Whoever opened a case, by
// whatever account or key that may be hers, neither hears nor decides it. Writes are idempotent by
// (organisation, request_id): the same request again gives the case as it stands now, with
// StoredBanCase::replayed set.
class Bans {
 public:
  explicit Bans(const Services& services) : services_(services) {}

  struct View {
    registry::StoredBanCase stored;                     // its texts are personal data
    std::string name;                                   // personal data
    hours::BanEffect effect = hours::BanEffect::kNone;  // of this case, today
    bool lapsed = false;      // nobody decided in time; nobody can any more
    hours::Day hearing_from;  // the first day on which it can be heard
    hours::Day decide_until;  // the last day on which it can be decided
  };

  struct NewCase {
    base::Uuid request_id;
    domain::OrganisationId organisation;  // empty: the caller's own
    domain::VolunteerId accused;
    std::string accusation;
    std::vector<std::string> evidence;
    // Besides the accused and the caller: witnesses, within the caller's scope; who credited the
    // hours, of whatever organisation, since approvers may stand above it.
    std::vector<domain::VolunteerId> involved_volunteers;
    std::vector<std::string> involved_identities;
  };
  // InvalidArgument: BAD_REQUEST_ID; BAD_CASE, also for more than kMaxInvolved people. NotFound:
  // NO_SUCH_VOLUNTEER, NO_SUCH_IDENTITY. FailedPrecondition: REQUEST_ID_REUSED. Errors of
  // hours::OpenBanCase.
  absl::StatusOr<View> Open(const Call& call, const NewCase& wanted);

  // What every step after the first names.
  struct Step {
    base::Uuid request_id;
    domain::OrganisationId organisation;  // empty: the caller's own
    base::Uuid ban;                       // StoredBanCase::id
  };
  // All: InvalidArgument, BAD_REQUEST_ID; NotFound, NO_SUCH_CASE; FailedPrecondition,
  // REQUEST_ID_REUSED; PermissionDenied, INVOLVED, also by another account or key of the opener's;
  // errors of hours::HoldHearing, ImposeBan, DismissCase.
  absl::StatusOr<View> Hear(const Call& call, const Step& step, bool appeared,
                            const std::string& statement);
  absl::StatusOr<View> Impose(const Call& call, const Step& step, int32_t days,
                              const std::string& reason);
  absl::StatusOr<View> Dismiss(const Call& call, const Step& step, const std::string& reason);

  // NotFound, reason NO_SUCH_CASE.
  absl::StatusOr<View> Get(const Call& call, const domain::OrganisationId& organisation,
                           const base::Uuid& ban);
  // Oldest first; `volunteer` empty: everybody's. InvalidArgument, reason BAD_PAGE; NotFound,
  // reason NO_SUCH_VOLUNTEER.
  absl::StatusOr<base::Page<View>> List(const Call& call,
                                        const domain::OrganisationId& organisation,
                                        const domain::VolunteerId& volunteer,
                                        const base::PageRequest& page);

  static constexpr size_t kMaxInvolved = 100;

 private:
  absl::StatusOr<hours::BanCase> NewBan(const Call& call, const NewCase& wanted,
                                        const domain::Actor& actor, hours::Day today);
  absl::StatusOr<std::optional<View>> Begin(const Call& call, Step& step,
                                            const base::Sha256Digest& payload) const;
  using Rule = std::function<absl::StatusOr<hours::BanCase>(
      const hours::Policy& policy, const hours::BanCase& ban, const hours::BanActor& actor,
      hours::Day today)>;
  absl::StatusOr<View> Take(const Call& call, const Step& wanted, const base::Sha256Digest& payload,
                            const Rule& rule);
  absl::StatusOr<View> ViewOf(registry::StoredBanCase stored) const;

  const Services& services_;
};

// Whether a ban or a suspension of any organisation stands against her today. Blocking;
// thread-safe. NotFound, reason NO_SUCH_VOLUNTEER.
absl::StatusOr<bool> IsBarred(const Services& services, const domain::VolunteerId& volunteer);

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_BANS_H_
