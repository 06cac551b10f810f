#ifndef ROLLCALL_EXPORT_RECORD_H_
#define ROLLCALL_EXPORT_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"

namespace rollcall::exporting {

// One value: a number, a truth value, a time, a text; nothing where there is none.
using Value = std::variant<std::monostate, int64_t, bool, base::Time, std::string>;

// One line of an export: as many values as the export has columns.
using Record = std::vector<Value>;

// The names of the columns, in their order. Both are part of the contract: columns are added at the
// end, never renamed, moved or given another unit.
using Columns = std::vector<std::string_view>;

}  // namespace rollcall::exporting

#endif  // ROLLCALL_EXPORT_RECORD_H_
