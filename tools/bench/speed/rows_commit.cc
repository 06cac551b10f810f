#include "bench/format.h"
#include "bench/ledger_bench.h"
#include "bench/speed/groups.h"

namespace rollcall::bench {

absl::StatusOr<std::vector<Row>> CommitRows(SpeedContext& context) {
  const std::filesystem::path folder = context.scratch / "commit";
  std::filesystem::create_directories(folder);
  ASSIGN_OR_RETURN(const CommitTimes times,
                   MeasureCommits(folder, context.rounds, context.wall_clock));
  return std::vector<Row>{MeasuredRow(
      "commit", RatioOf(times.group, times.single),
      "rows of check-in, check-out and entry by 64 writers, tree and signature included; "
      "`rollcall-bench ledger` measures more of it")};
}

}  // namespace rollcall::bench
