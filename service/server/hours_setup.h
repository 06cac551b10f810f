#ifndef ROLLCALL_SERVER_HOURS_SETUP_H_
#define ROLLCALL_SERVER_HOURS_SETUP_H_

#include "app/hours_policies.h"
#include "base/status.h"
#include "server/config.h"

namespace rollcall::server {

// Reads what [hours] of `config` names; kInstalled is share/rollcall/policies and calendars beside
// the program, or where the source tree has them. Errors of app::HoursPolicies::Load.
absl::StatusOr<app::HoursPolicies> LoadHoursPolicies(const Config& config);

}  // namespace rollcall::server

#endif  // ROLLCALL_SERVER_HOURS_SETUP_H_
