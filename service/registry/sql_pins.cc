#include "base/text.h"
#include "registry/rows.h"
#include "registry/sql_registry.h"

namespace rollcall::registry {
namespace {

using storage::Connection;
using storage::Rows;

absl::StatusOr<int64_t> Number(absl::StatusOr<std::unique_ptr<Rows>> rows) {
  ASSIGN_OR_RETURN(const auto found,
                   ReadFirst(std::move(rows), [](const Rows& row) { return row.Int64(0); }));
  return found.value_or(0);
}

// Whether `kiosk` may have one number more, having dropped one where it had to.
absl::StatusOr<bool> MakeRoom(Connection& c, const domain::KioskId& kiosk,
                              const PinFailureLimits& limits) {
  ASSIGN_OR_RETURN(
      const int64_t kept,
      Number(c.Query("SELECT COUNT(*) FROM pin_failure WHERE kiosk = $1", {kiosk.value})));
  if (kept < limits.numbers) return true;
  ASSIGN_OR_RETURN(const int64_t dropped,
                   c.Execute("DELETE FROM pin_failure WHERE kiosk = $1 AND number ="
                             " (SELECT number FROM pin_failure WHERE kiosk = $1 AND failures < $2"
                             " ORDER BY last, number LIMIT 1)",
                             {kiosk.value, limits.most}));
  return dropped > 0;
}

}  // namespace

absl::StatusOr<int32_t> SqlRegistry::CountPinFailure(const domain::KioskId& kiosk,
                                                     const domain::VolunteerId& number,
                                                     base::Time time,
                                                     const PinFailureLimits& limits) {
  RETURN_IF_ERROR(base::ValidateId(kiosk.value, "kiosk_id"));
  RETURN_IF_ERROR(base::ValidateId(number.value, "volunteer_id"));
  return database_.Write([&](Connection& c) -> absl::StatusOr<int32_t> {
    RETURN_IF_ERROR(c.Execute("DELETE FROM pin_failure WHERE kiosk = $1 AND last < $2",
                              {kiosk.value, limits.since})
                        .status());
    ASSIGN_OR_RETURN(const int64_t before,
                     Number(c.Query("SELECT failures FROM pin_failure WHERE kiosk = $1"
                                    " AND number = $2",
                                    {kiosk.value, number.value})));
    if (before >= limits.most) return limits.most + 1;
    if (before == 0) {
      ASSIGN_OR_RETURN(const bool room, MakeRoom(c, kiosk, limits));
      if (!room) return limits.most + 1;
    }
    RETURN_IF_ERROR(c.Execute("INSERT INTO pin_failure (kiosk, number, failures, last)"
                              " VALUES ($1, $2, 1, $3) ON CONFLICT (kiosk, number)"
                              " DO UPDATE SET failures = pin_failure.failures + 1, last = $3",
                              {kiosk.value, number.value, time})
                        .status());
    return static_cast<int32_t>(before + 1);
  });
}

absl::Status SqlRegistry::ForgetPinFailures(const domain::KioskId& kiosk,
                                            const domain::VolunteerId& number) {
  return database_.Write([&](Connection& c) -> absl::Status {
    if (kiosk.empty()) {
      return c.Execute("DELETE FROM pin_failure WHERE number = $1", {number.value}).status();
    }
    return c
        .Execute("DELETE FROM pin_failure WHERE kiosk = $1 AND number = $2",
                 {kiosk.value, number.value})
        .status();
  });
}

}  // namespace rollcall::registry
