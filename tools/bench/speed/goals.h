#ifndef ROLLCALL_BENCH_SPEED_GOALS_H_
#define ROLLCALL_BENCH_SPEED_GOALS_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace rollcall::bench {

// One line of what the speed of the product is held to.
struct Goal {
  const char* id;       // "decode"; of a row, in the JSON and for --only
  const char* what;     // our side
  const char* against;  // the peer, or the limit that stands in its place
  // The largest ratio ours / against that meets it. Nothing: measured for the reader, not held to
  // anything.
  std::optional<double> at_most;
};

// All of them, in the order of the report. Nobody moves a goal: one that is missed stays here and
// is reported as missed.
std::span<const Goal> Goals();

// Null where there is none of that id.
const Goal* FindGoal(std::string_view id);

// Empty where there is one of that id; else a sentence that names all there are.
std::string FaultOfId(std::string_view id);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_GOALS_H_
