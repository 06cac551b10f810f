#ifndef ROLLCALL_BENCH_STAGES_H_
#define ROLLCALL_BENCH_STAGES_H_

#include <filesystem>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "bench/frames.h"
#include "bench/timing.h"
#include "recognition/face_pipeline.h"
#include "recognition/model_pack.h"

// The steps of a check-in one by one, each through the product's own library, on one thread.
namespace rollcall::bench {

// decode, detect, align, quality, embed and their sum, over the frames of all people in turn; and
// cv::imdecode on the same bytes, in the same rounds, as a peer for decode.
absl::StatusOr<std::vector<Timing>> MeasurePictures(const std::vector<FramePerson>& people,
                                                    recognition::FacePipeline& pipeline,
                                                    int32_t rounds, const base::Clock& clock);

// Exact search among a roster of 200 and of 10,000 made-up templates of the model's dimension.
absl::StatusOr<std::vector<Timing>> MeasureSearch(const recognition::ModelPack& pack,
                                                  int32_t rounds, const base::Clock& clock);

// From the two nearest to a decision, with the manifest's calibration.
absl::StatusOr<Timing> MeasureDecide(const recognition::ModelPack& pack, int32_t rounds,
                                     const base::Clock& clock);

// A check-in appended to a real ledger and durable, one after the other ("commit"), and 64 at a
// time ("commit, 64 at once": per event). `scratch`: an empty folder on the disk to be measured.
absl::StatusOr<std::vector<Timing>> MeasureCommit(const std::filesystem::path& scratch,
                                                  int32_t rounds, const base::Clock& clock);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_STAGES_H_
