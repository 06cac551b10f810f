#include "server/hours_setup.h"

#include <string>

#include "server/installed.h"

namespace rollcall::server {
namespace {

std::string Folder(const std::string& setting, const std::string& name) {
  return setting == kInstalled ? InstalledOr(name, ROLLCALL_SOURCE_HOURS "/" + name) : setting;
}

}  // namespace

absl::StatusOr<app::HoursPolicies> LoadHoursPolicies(const Config& config) {
  return app::HoursPolicies::Load(Folder(config.hours_policies, "policies"),
                                  Folder(config.hours_calendars, "calendars"),
                                  config.hours_default);
}

}  // namespace rollcall::server
