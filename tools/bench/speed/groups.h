#ifndef ROLLCALL_BENCH_SPEED_GROUPS_H_
#define ROLLCALL_BENCH_SPEED_GROUPS_H_

#include <vector>

#include "bench/speed/context.h"

// The groups of rows, each in a file of its own: rows_NAME.cc.
namespace rollcall::bench {

absl::StatusOr<std::vector<Row>> DecodeRows(SpeedContext& context);    // decode, decode_scaled
absl::StatusOr<std::vector<Row>> AlignRows(SpeedContext& context);     // align
absl::StatusOr<std::vector<Row>> DetectRows(SpeedContext& context);    // detect_*
absl::StatusOr<std::vector<Row>> LandmarkRows(SpeedContext& context);  // landmark_ort
absl::StatusOr<std::vector<Row>> EmbedRows(SpeedContext& context);     // embed_*, embed2_ort
absl::StatusOr<std::vector<Row>> SearchRows(SpeedContext& context);    // search_*, memory_1m
absl::StatusOr<std::vector<Row>> RequestRows(SpeedContext& context);   // request_*
absl::StatusOr<std::vector<Row>> FaceRows(SpeedContext& context);      // second_face, tracked
absl::StatusOr<std::vector<Row>> CoreRows(SpeedContext& context);      // two_cores
absl::StatusOr<std::vector<Row>> RpcRows(SpeedContext& context);       // rpc
absl::StatusOr<std::vector<Row>> LoadRows(SpeedContext& context);      // load_*
absl::StatusOr<std::vector<Row>> CommitRows(SpeedContext& context);    // commit

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_GROUPS_H_
