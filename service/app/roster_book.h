#ifndef ROLLCALL_APP_ROSTER_BOOK_H_
#define ROLLCALL_APP_ROSTER_BOOK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "app/call.h"
#include "app/settings.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/activity.h"
#include "domain/ids.h"
#include "gallery/gallery.h"
#include "registry/registry.h"

namespace rollcall::app {

// A session with the people on it, as the registry had them. Immutable.
struct Roster {
  domain::Activity activity;
  domain::Session session;
  base::Duration activity_length{0};  // of all sessions of the activity together
  std::vector<registry::RosterMember> members;  // by volunteer id
  std::vector<base::Uuid> subjects;             // of `members`, same order
  std::unordered_map<base::Uuid, size_t, base::UuidHash> by_subject;  // index into members
  std::unordered_set<base::Uuid, base::UuidHash> siblings;  // subjects with one on this roster
  // Subjects whose pictures may come over wider networks.
  std::unordered_set<base::Uuid, base::UuidHash> network_transfer;

  // Null: nobody of this roster.
  const registry::RosterMember* Find(const base::Uuid& subject) const;
};

// The rosters in use, so that a frame costs no database read. This process owns the database and
// every change of a roster goes through `app`, which calls Forget: what Get returns is current.
// Thread-safe.
class RosterBook {
 public:
  // The references must outlive it.
  RosterBook(registry::Registry& registry, const ServiceSettings& settings,
             const base::Clock& clock)
      : registry_(registry), settings_(settings), clock_(clock) {}

  // Fills in what `wanted` leaves empty: the default organisation, and the one session of the
  // activity that is open now (from SessionWindow::early before its start until late after its
  // end). InvalidArgument, reason BAD_ID. NotFound, reasons NO_SUCH_ACTIVITY, NO_SUCH_SESSION.
  // FailedPrecondition, messages listing the sessions there are: reason NO_OPEN_SESSION,
  // SEVERAL_OPEN_SESSIONS.
  absl::StatusOr<domain::SessionKey> Resolve(const domain::SessionKey& wanted);

  // Errors as Resolve's for a full key.
  absl::StatusOr<std::shared_ptr<const Roster>> Get(const domain::SessionKey& key);

  // The registry's rosters, activities, siblings or consents have changed.
  void Forget();

 private:
  registry::Registry& registry_;
  const ServiceSettings& settings_;
  const base::Clock& clock_;
  base::Mutex mutex_;
  int64_t generation_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<domain::SessionKey, std::shared_ptr<const Roster>> rosters_ ABSL_GUARDED_BY(mutex_);
};

// Whether somebody else of `roster` has a template at or above `limit` to hers (look-alikes).
// False without a template. Cost: one search among the roster.
bool HasLookAlike(const Roster& roster, const gallery::Snapshot& gallery,
                  const base::Uuid& subject, float limit);

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_ROSTER_BOOK_H_
