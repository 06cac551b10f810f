#include "support/tally.h"

#include <cstdio>

namespace rollcall::support {

std::string Tally(const std::string& rig, const std::string& detail, int64_t trials,
                  int64_t failures) {
  std::string line = "crash rig " + rig + " (" + detail + "): " + std::to_string(trials) +
                     " trials, " + std::to_string(failures) + " failures";
  if (failures > 0 || trials == 0) return line;
  char bound[32];
  std::snprintf(bound, sizeof(bound), "%.1e", 3.0 / static_cast<double>(trials));
  return line + ", failure rate below " + bound;
}

}  // namespace rollcall::support
