#ifndef ROLLCALL_BENCH_SPEED_SECOND_OPINION_H_
#define ROLLCALL_BENCH_SPEED_SECOND_OPINION_H_

#include <vector>

#include "bench/speed/context.h"
#include "bench/speed/nets.h"

namespace rollcall::bench {

// embed2_ort and embed_dlib, each where it is wanted: the second embedder of the manifest.
absl::StatusOr<std::vector<Row>> SecondOpinionRows(SpeedContext& context, const NetInputs& inputs);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_SECOND_OPINION_H_
