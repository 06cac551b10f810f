#include "bench/speed/row.h"

#include <utility>

#include "base/status.h"

namespace rollcall::bench {

std::optional<bool> Row::met() const {
  const Goal& bound = goal();
  if (!measured || !bound.at_most) return std::nullopt;
  return measured->ratio <= *bound.at_most && (!guard || guard->held);
}

Row MeasuredRow(std::string_view id, const Ratio& ratio, std::string note) {
  ROLLCALL_CHECK(FindGoal(id) != nullptr);
  Row row;
  row.id = std::string(id);
  row.measured = ratio;
  row.note = std::move(note);
  return row;
}

Row MissingRow(std::string_view id, std::string reason) {
  ROLLCALL_CHECK(FindGoal(id) != nullptr);
  Row row;
  row.id = std::string(id);
  row.reason = std::move(reason);
  return row;
}

void SetLimit(Row& row, double milliseconds, std::string arithmetic) {
  ROLLCALL_CHECK(row.measured.has_value());
  row.limit_fraction = milliseconds / row.measured->ours;
  row.limit = std::move(arithmetic);
}

}  // namespace rollcall::bench
