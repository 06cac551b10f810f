#ifndef ROLLCALL_REGISTRY_STAR_APPLICATIONS_H_
#define ROLLCALL_REGISTRY_STAR_APPLICATIONS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/page.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/ids.h"
#include "hours/stars.h"
#include "registry/procedure_steps.h"

namespace rollcall::storage {
class Database;
}

// Star applications as they stand, with every step that led there. The rules are hours/stars.h's;
// whoever calls applies them.
namespace rollcall::registry {

struct StoredStarApplication {
  base::Uuid id;
  domain::OrganisationId organisation;  // where it was made
  domain::VolunteerId volunteer;
  hours::StarApplication application;
  std::vector<ProcedureStep> steps;  // oldest first; ProcedureStep::state: hours::ApplicationState
  bool replayed = false;             // the request had been answered before
};

// What one volunteer has, over all organisations.
struct StarRecord {
  int32_t held = 0;  // the highest star that was granted; 0: none
  base::Uuid open;   // the application that is not decided yet; nil: none
};

struct ApproverLevelChange {
  std::optional<hours::Level> level;  // none: it was taken away
  base::Time time;
  std::string recorder;  // Caller::identity
};

// Blocking and thread-safe as the Registry, whose database and errors it shares; a method that
// fails has changed nothing. What is handed in as a function runs inside the transaction, on the
// database's thread: it must be quick and call no store.
class StarApplications {
 public:
  virtual ~StarApplications() = default;

  // NotFound, reason NO_SUCH_VOLUNTEER.
  virtual absl::StatusOr<StarRecord> RecordOf(const domain::VolunteerId& volunteer) = 0;

  // What `request` led to, as it stands now, with `replayed` set; nothing where it is new. So do
  // Submit and Step answer a request that is known, whatever has happened since.
  // FailedPrecondition, reason REQUEST_ID_REUSED: it was another request; of those two likewise.
  virtual absl::StatusOr<std::optional<StoredStarApplication>> Answered(
      const domain::OrganisationId& organisation, const base::Uuid& request,
      const base::Sha256Digest& payload_hash) = 0;

  using SubmitRule = std::function<absl::StatusOr<hours::StarApplication>(const StarRecord&)>;
  // Adds what `rule` makes of her record of that moment. `id`, `organisation` and `volunteer` of
  // `subject` are read. Errors of `rule`. FailedPrecondition, reason APPLICATION_OPEN,
  // whatever `rule` says of it. NotFound: NO_SUCH_ORGANISATION, NO_SUCH_VOLUNTEER.
  // InvalidArgument: BAD_VALUE.
  virtual absl::StatusOr<StoredStarApplication> Submit(const StoredStarApplication& subject,
                                                       ProcedureStep step,
                                                       const SubmitRule& rule) = 0;

  using StepRule = std::function<absl::StatusOr<hours::StarApplication>(
      const StoredStarApplication&, const StarRecord&)>;
  // Reads the application, asks `rule` for the next one and stores it with its step, in one
  // transaction. Step::state is set here. NotFound, reason NO_SUCH_APPLICATION: none of this
  // organisation. Errors of `rule`.
  virtual absl::StatusOr<StoredStarApplication> Step(const domain::OrganisationId& organisation,
                                                     const base::Uuid& id, ProcedureStep step,
                                                     const StepRule& rule) = 0;

  // NotFound, reason NO_SUCH_APPLICATION.
  virtual absl::StatusOr<StoredStarApplication> Get(const domain::OrganisationId& organisation,
                                                    const base::Uuid& id) = 0;

  struct Filter {
    domain::OrganisationId organisation;
    domain::VolunteerId volunteer;                 // empty: everybody's
    std::optional<hours::ApplicationState> state;  // none: all
  };
  // Oldest first.
  virtual absl::StatusOr<base::Page<StoredStarApplication>> List(const Filter& filter,
                                                                 const base::PageRequest& page) = 0;
  // How many she has made, at whatever organisation, decided ones included.
  virtual absl::StatusOr<int64_t> CountOf(const domain::VolunteerId& volunteer) = 0;

  // Who approves which stars: the level of an organisation, the last one given. Nothing: none.
  virtual absl::StatusOr<std::optional<hours::Level>> ApproverLevel(
      const domain::OrganisationId& organisation) = 0;
  // The earlier ones stay. NotFound, reason NO_SUCH_ORGANISATION.
  virtual absl::Status SetApproverLevel(const domain::OrganisationId& organisation,
                                        const ApproverLevelChange& change) = 0;
  // Oldest first.
  virtual absl::StatusOr<std::vector<ApproverLevelChange>> ApproverLevels(
      const domain::OrganisationId& organisation) = 0;
};

// `database` must hold RegistrySchema() and outlive it.
std::unique_ptr<StarApplications> MakeSqlStarApplications(storage::Database& database);

}  // namespace rollcall::registry

#endif  // ROLLCALL_REGISTRY_STAR_APPLICATIONS_H_
