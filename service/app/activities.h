#ifndef ROLLCALL_APP_ACTIVITIES_H_
#define ROLLCALL_APP_ACTIVITIES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "app/call.h"
#include "app/services.h"
#include "base/page.h"
#include "base/status.h"
#include "domain/activity.h"
#include "domain/ids.h"

namespace rollcall::app {

struct RosterView {
  domain::RosterEntry entry;
  std::string name;
  bool face_enrolled = false;
  // A declared sibling is on this roster, or a look-alike. Look-alikes are left out of this listing
  // on rosters with more than kLookAlikesListed templates (it compares all pairs); a check-in looks
  // for them whatever the size.
  bool needs_second_factor = false;
};

// Organisations, activities, sessions and rosters, within the caller's scope (app/scope.h).
class Activities {
 public:
  explicit Activities(const Services& services) : services_(services) {}

  // Makes the default organisation at the first start.
  absl::Status EnsureDefaultOrganisation();

  // Returns what is stored. Errors of Registry::CreateOrganisation.
  absl::StatusOr<domain::Organisation> CreateOrganisation(const Call& call,
                                                          domain::Organisation organisation);
  absl::StatusOr<base::Page<domain::Organisation>> ListOrganisations(const Call& call,
                                                                     const base::PageRequest& page);
  absl::StatusOr<domain::Organisation> MoveOrganisation(const Call& call,
                                                        const domain::OrganisationId& id,
                                                        const domain::OrganisationId& parent);

  // Title defaults to the id. FailedPrecondition, reason PRACTICE_ONLY: this server's clock can be
  // moved, so it holds practice activities only. Errors of Registry::CreateActivity.
  absl::StatusOr<domain::Activity> CreateActivity(const Call& call, domain::Activity activity);
  // Says what a certificate needs of it: place, content, person in charge; an empty one stays as it
  // is. Certificates that were issued keep what they say. Errors of Registry::DescribeActivity.
  absl::StatusOr<domain::Activity> DescribeActivity(const Call& call, domain::Activity activity);
  absl::StatusOr<base::Page<domain::Activity>> ListActivities(
      const Call& call, const domain::OrganisationId& organisation, const base::PageRequest& page);
  // Closing a closed one returns it unchanged.
  absl::StatusOr<domain::Activity> CloseActivity(const Call& call,
                                                 const domain::OrganisationId& organisation,
                                                 const domain::ActivityId& id);

  // The session id must be there. Errors of Registry::AddSession.
  absl::StatusOr<domain::Session> AddSession(const Call& call, domain::Session session);
  // By start time; at most 1000.
  absl::StatusOr<std::vector<domain::Session>> ListSessions(
      const Call& call, const domain::OrganisationId& organisation,
      const domain::ActivityId& activity);

  struct RosterChange {
    int32_t added = 0;
    int32_t roster_size = 0;  // of the largest one, where several sessions were meant
  };
  // `session` without a session id: every session of the activity. The entries' own session is
  // filled in here. All or none in each session; unknown volunteers are found before anything is
  // written. InvalidArgument, reason BAD_ROSTER: no entry, or more than domain::kMaxRoster.
  // NotFound: NO_SUCH_VOLUNTEER naming the ids (the first 20); NO_SUCH_SESSION, the activity has
  // none; NO_SUCH_POST. ResourceExhausted, reason ROSTER_FULL. FailedPrecondition, reason
  // ACTIVITY_CLOSED.
  absl::StatusOr<RosterChange> AddRosterEntries(const Call& call, const domain::SessionKey& session,
                                                std::vector<domain::RosterEntry> entries);
  // NotFound, reason NOT_ON_ROSTER. Errors of RosterBook::Resolve.
  absl::Status RemoveRosterEntry(const Call& call, const domain::SessionKey& session,
                                 const domain::VolunteerId& volunteer);
  // By volunteer id. Errors of RosterBook::Resolve.
  absl::StatusOr<std::vector<RosterView>> ListRoster(const Call& call,
                                                     const domain::SessionKey& session);

  static constexpr size_t kLookAlikesListed = 2000;

 private:
  absl::StatusOr<std::vector<domain::SessionKey>> SessionsMeant(const Call& call,
                                                                const domain::SessionKey& session);

  const Services& services_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_ACTIVITIES_H_
