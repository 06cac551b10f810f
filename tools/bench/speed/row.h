#ifndef ROLLCALL_BENCH_SPEED_ROW_H_
#define ROLLCALL_BENCH_SPEED_ROW_H_

#include <optional>
#include <string>
#include <string_view>

#include "bench/speed/goals.h"
#include "bench/speed/rounds.h"

namespace rollcall::bench {

// What shows that the fast side still does the same: speed bought with accuracy does not count.
struct Guard {
  std::string text;  // "cosine to the reference over 48 faces: mean 0.9991, worst 0.9962"
  std::optional<double> value;  // the figure that decides
  bool held = true;             // whether it is as good as it has to be
};

// One line of the report: a goal and what was measured of it.
struct Row {
  std::string id;  // of a Goal
  std::string unit = "ms";
  // Medians and their ratio, or what stands in their place. All five present, or `reason` says why
  // not.
  std::optional<Ratio> measured;
  std::string reason;  // "FAISS is not installed; tools/fetch-peers gets it"
  std::string note;    // sizes and versions of this row
  std::optional<Guard> guard;
  // The physical limit over our time, 1 being the limit reached; and its arithmetic.
  std::optional<double> limit_fraction;
  std::string limit;

  const Goal& goal() const { return *FindGoal(id); }
  // Nothing where there is no goal or no measurement; otherwise whether the ratio is small enough
  // and the guard holds.
  std::optional<bool> met() const;
};

// Both require FindGoal(id) not to be null.
Row MeasuredRow(std::string_view id, const Ratio& ratio, std::string note);
Row MissingRow(std::string_view id, std::string reason);

// Sets the limit: `milliseconds` is the least that the machine could take, `arithmetic` how that
// comes about. Requires a measured row.
void SetLimit(Row& row, double milliseconds, std::string arithmetic);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_ROW_H_
