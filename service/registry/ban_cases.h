#ifndef ROLLCALL_REGISTRY_BAN_CASES_H_
#define ROLLCALL_REGISTRY_BAN_CASES_H_

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/page.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/ids.h"
#include "hours/bans.h"
#include "registry/procedure_steps.h"

namespace rollcall::storage {
class Database;
}

// Ban cases as they stand, with every step that led there. The rules are hours/bans.h's; whoever
// calls applies them.
namespace rollcall::registry {

struct StoredBanCase {
  base::Uuid id;
  domain::OrganisationId organisation;  // which opened it
  domain::VolunteerId volunteer;        // the accused
  hours::BanCase ban;                   // its texts are personal data
  std::vector<ProcedureStep> steps;     // oldest first; ProcedureStep::state: hours::BanState
  bool replayed = false;                // the request had been answered before
};

// Blocking and thread-safe as the Registry, whose database and errors it shares; a method that
// fails has changed nothing.
class BanCases {
 public:
  virtual ~BanCases() = default;

  // What `request` led to, as it stands now, with `replayed` set; nothing where it is new. So do
  // Open and Step answer a request that is known, whatever has happened since.
  // FailedPrecondition, reason REQUEST_ID_REUSED: it was another request; of those two likewise.
  virtual absl::StatusOr<std::optional<StoredBanCase>> Answered(
      const domain::OrganisationId& organisation, const base::Uuid& request,
      const base::Sha256Digest& payload_hash) = 0;

  // Adds a case that hours::OpenBanCase made; `steps` of it are not read. NotFound:
  // NO_SUCH_ORGANISATION, NO_SUCH_VOLUNTEER. InvalidArgument: BAD_VALUE.
  virtual absl::StatusOr<StoredBanCase> Open(const StoredBanCase& opened, ProcedureStep step) = 0;

  // Runs inside the transaction, on the database's thread: it must be quick and call no store.
  using StepRule = std::function<absl::StatusOr<hours::BanCase>(const StoredBanCase&)>;
  // Reads the case, asks `rule` for the next one and stores it with its step, in one transaction.
  // Step::state is set here; accused, accusation, evidence and who is involved stay as they were.
  // NotFound, reason NO_SUCH_CASE: none of this organisation. Errors of `rule`.
  virtual absl::StatusOr<StoredBanCase> Step(const domain::OrganisationId& organisation,
                                             const base::Uuid& id, ProcedureStep step,
                                             const StepRule& rule) = 0;

  // NotFound, reason NO_SUCH_CASE.
  virtual absl::StatusOr<StoredBanCase> Get(const domain::OrganisationId& organisation,
                                            const base::Uuid& id) = 0;
  // Of one organisation, oldest first; `volunteer` empty: everybody's.
  virtual absl::StatusOr<base::Page<StoredBanCase>> List(const domain::OrganisationId& organisation,
                                                         const domain::VolunteerId& volunteer,
                                                         const base::PageRequest& page) = 0;
  // All cases against her, of all organisations, oldest first.
  virtual absl::StatusOr<std::vector<StoredBanCase>> Against(
      const domain::VolunteerId& volunteer) = 0;
};

// `database` must hold RegistrySchema() and outlive it.
std::unique_ptr<BanCases> MakeSqlBanCases(storage::Database& database);

}  // namespace rollcall::registry

#endif  // ROLLCALL_REGISTRY_BAN_CASES_H_
