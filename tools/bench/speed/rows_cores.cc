#include <algorithm>
#include <thread>

#include "bench/format.h"
#include "bench/speed/groups.h"
#include "bench/speed/pinning.h"
#include "recognition/decode.h"

namespace rollcall::bench {
namespace {

absl::Status Look(recognition::FacePipeline& pipeline, const base::Bytes& jpeg) {
  ASSIGN_OR_RETURN(const auto picture,
                   recognition::DecodePicture(jpeg, recognition::DecodeLimits::ForFrames()));
  return pipeline.Analyse(picture, {}).status();
}

}  // namespace

absl::StatusOr<std::vector<Row>> CoreRows(SpeedContext& context) {
  const std::vector<int> processors = ProcessorsOfProcess();
  if (processors.size() < 2) {
    return std::vector<Row>{MissingRow("two_cores", "this process may use one processor only")};
  }
  constexpr int32_t kFrames = 8;  // of a turn, shared by the cores that work
  std::vector<std::unique_ptr<recognition::FacePipeline>> pipelines(2);
  for (auto& pipeline : pipelines) {
    ASSIGN_OR_RETURN(pipeline, recognition::MakeFacePipeline(context.pack, context.engine));
  }
  std::vector<absl::Status> results(2);
  // Core `core` of `cores` takes every `cores`th frame.
  const auto work = [&](size_t core, size_t cores) {
    const Pinned pinned(processors[core]);
    for (size_t i = core; i < kFrames; i += cores) {
      if (results[core].ok()) {
        results[core] = Look(*pipelines[core], context.Frame(static_cast<int32_t>(i)));
      }
    }
  };
  const auto both = [&](int32_t) -> absl::Status {
    {
      const std::jthread other([&] { work(1, 2); });
      work(0, 2);
    }
    RETURN_IF_ERROR(results[0]);
    return results[1];
  };
  const auto alone = [&](int32_t) -> absl::Status {
    work(0, 1);
    return results[0];
  };
  ASSIGN_OR_RETURN(const RoundTimes times,
                   Interleave(context.rounds, 1, context.clock, {both, alone}));
  Row row = MeasuredRow("two_cores", RatioOf(times[0], times[1]),
                        std::to_string(kFrames) +
                            " frames a turn, decode to embed with liveness and eyes; half of them "
                            "on each of two cores");
  SetLimit(row, row.measured->peer / 2, "half the time of one core");
  context.plots.push_back(
      {"Vision over cores",
       "cores",
       "frames a second",
       false,
       false,
       {{"measured",
         {{1, 1000 * kFrames / row.measured->peer}, {2, 1000 * kFrames / row.measured->ours}}},
        {"twice one core",
         {{1, 1000 * kFrames / row.measured->peer}, {2, 2000 * kFrames / row.measured->peer}}}}});
  return std::vector<Row>{std::move(row)};
}

}  // namespace rollcall::bench
