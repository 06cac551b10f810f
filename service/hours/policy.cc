#include "hours/policy.h"

namespace rollcall::hours {

std::string_view ToString(Level level) {
  switch (level) {
    case Level::kCounty:
      return "county";
    case Level::kCity:
      return "city";
    case Level::kProvince:
      return "province";
  }
  return "unknown";
}

}  // namespace rollcall::hours
