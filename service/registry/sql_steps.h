#ifndef ROLLCALL_REGISTRY_SQL_STEPS_H_
#define ROLLCALL_REGISTRY_SQL_STEPS_H_

#include <optional>
#include <string>
#include <vector>

#include "domain/ids.h"
#include "hours/zone.h"
#include "registry/procedure_steps.h"
#include "storage/database.h"
#include "storage/paging.h"

// What star applications and ban cases share in SQL.
namespace rollcall::registry {

// The table of steps of one kind of procedure: star_step, ban_step. All inside one operation.
class StepTable {
 public:
  // `name` is static and trusted.
  explicit StepTable(std::string name) : name_(std::move(name)) {}

  // InvalidArgument, reason BAD_VALUE: no request id, no identity. AlreadyExists, reason
  // REQUEST_ID_USED.
  absl::Status Append(storage::Connection& c, const domain::OrganisationId& organisation,
                      const base::Uuid& subject, const ProcedureStep& step) const;
  // Oldest first.
  absl::StatusOr<std::vector<ProcedureStep>> Of(storage::Connection& c,
                                                const base::Uuid& subject) const;
  // To what the request led a step; nothing where it is new. FailedPrecondition, reason
  // REQUEST_ID_REUSED: it was another request.
  absl::StatusOr<std::optional<base::Uuid>> Answered(storage::Connection& c,
                                                     const domain::OrganisationId& organisation,
                                                     const base::Uuid& request,
                                                     const base::Sha256Digest& payload_hash) const;

 private:
  const std::string name_;
};

// Days are stored as days since 1970-01-01; 0: none.
inline int64_t DayNumber(hours::Day day) { return day.time_since_epoch().count(); }
inline hours::Day DayFrom(int64_t number) {
  return hours::Day(std::chrono::days(static_cast<int32_t>(number)));
}

// The id behind which a page begins; nil for the first one. InvalidArgument, reason BAD_PAGE.
absl::StatusOr<base::Uuid> PageStartsBehind(const storage::PageStart& start);

}  // namespace rollcall::registry

#endif  // ROLLCALL_REGISTRY_SQL_STEPS_H_
