#ifndef ROLLCALL_BENCH_OBSERVE_H_
#define ROLLCALL_BENCH_OBSERVE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "bench/dataset.h"
#include "bench/perturb.h"
#include "recognition/face_pipeline.h"
#include "recognition/model_pack.h"
#include "recognition/quality.h"

// Every picture of a data set goes through the product's own pipeline, once.
namespace rollcall::bench {

enum class Layout {
  kAligned,  // 112 x 112 crops, aligned already: FacePipeline::AnalyseAligned
  kWhole,    // ordinary pictures: FacePipeline::Analyse
};

// What the pipeline saw in one picture (or in one simulated frame of it).
struct Observation {
  bool readable = false;                            // decoded and analysed without an error
  int32_t faces = 0;                                // of at least AnalyseOptions::min_side_px
  recognition::FaceQuality quality;                 // of the largest face
  std::optional<recognition::Embedding> embedding;  // of the largest face
  std::optional<recognition::Embedding> exact;      // the same in float32, where `embedding` is not
  // What enrolment makes of it. Requires `embedding`.
  const recognition::Embedding& best_embedding() const { return exact ? *exact : *embedding; }
};

// Why the product would not use a picture: its own gate, and that there must be exactly one face.
enum class Verdict { kUsable, kUnreadable, kNoFace, kSeveralFaces, kGate };

// The size of an aligned crop's face is unknown; that one rule of `policy` is not applied to it.
Verdict Judge(const Observation& observation, const recognition::QualityPolicy& policy,
              Layout layout);

struct ObserveOptions {
  Layout layout = Layout::kAligned;
  int32_t shift_right_px = 0;  // aligned crops only
  int32_t variants = 1;        // 1: the picture as it is; more: simulated frames of it follow
  PerturbLimits limits;
  uint64_t seed = 1;    // of the simulated frames
  int32_t threads = 2;  // one pipeline each
  // Where results are kept between runs, "" for nowhere. The file holds face templates: it is
  // created for its owner's eyes only and should be deleted after use.
  std::string cache_file;
  bool quiet = false;  // no progress on stderr
};

// observations[person][picture][variant], in the data set's order.
using Observations = std::vector<std::vector<std::vector<Observation>>>;

// Decodes the first picture, and all others while they are 112 x 112: kAligned where all are.
// Unreadable files are passed over.
Layout DetectLayout(const Dataset& dataset);

// Makes a pipeline; called once for each thread.
using PipelineFactory = std::function<absl::StatusOr<std::unique_ptr<recognition::FacePipeline>>()>;

// Analyses every picture. A picture that cannot be read, decoded or analysed is an Observation with
// readable == false, never an error: it counts as a failure to enrol or to acquire.
// Errors: a pipeline cannot be made; the cache file cannot be written.
// Cost: pictures * variants * one analysis, divided among the threads.
absl::StatusOr<Observations> Observe(const Dataset& dataset, const std::string& model_key,
                                     const PipelineFactory& make_pipeline,
                                     const ObserveOptions& options);

// Identifies the embedder and its file, so that a cache is never read with another one.
std::string ModelKey(const recognition::ModelPack& pack);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_OBSERVE_H_
