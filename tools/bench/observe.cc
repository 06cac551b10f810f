#include "bench/observe.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <thread>

#include "app/faces.h"
#include "base/bytes.h"
#include "bench/observation_cache.h"
#include "bench/progress.h"
#include "recognition/decode.h"

namespace rollcall::bench {
namespace {

namespace fs = std::filesystem;
using recognition::FacePipeline;
using recognition::Picture;

constexpr int32_t kAlignedSide = 112;

bool IsAligned(const Picture& picture) {
  return picture.width == kAlignedSide && picture.height == kAlignedSide;
}

// A face that float32 fails on counts as one that was not read.
void TakeEmbeddings(FacePipeline& pipeline, const recognition::Face& face, Observation& observation) {
  if (!face.embedding) return;
  if (face.embedding->score_tolerance > 0) {
    auto exact = pipeline.EmbedExactly(face);
    observation.readable = exact.ok();
    if (!exact.ok()) return;
    observation.exact = *std::move(exact);
  }
  observation.embedding = face.embedding;
}

Observation LookAtCrop(FacePipeline& pipeline, const Picture& crop) {
  Observation observation;
  auto face = pipeline.AnalyseAligned(crop);
  if (!face.ok()) return observation;
  observation.readable = true;
  observation.faces = 1;
  observation.quality = face->quality;
  TakeEmbeddings(pipeline, *face, observation);
  return observation;
}

// The product's own count of the people a picture is about; and the embedding of the largest face
// even where they are several, since a matcher without a gate takes that one.
Observation LookAtWhole(FacePipeline& pipeline, const Picture& picture) {
  Observation observation;
  auto counted = app::AnalyseMainFace(pipeline, picture, recognition::Zone{},
                                      recognition::QualityPolicy::ForCheckIn(),
                                      /*liveness=*/false);
  if (!counted.ok()) return observation;
  observation.readable = true;
  observation.faces = static_cast<int32_t>(counted->count);
  if (!counted->main) return observation;
  if (!counted->main->embedding) {
    recognition::AnalyseOptions options;
    options.eyes = false;
    options.liveness = false;
    options.max_faces_embedded = std::numeric_limits<int32_t>::max();
    const auto all = pipeline.Analyse(picture, options);
    if (all.ok() && !all->empty()) counted->main = all->front();
  }
  observation.quality = counted->main->quality;
  TakeEmbeddings(pipeline, *counted->main, observation);
  return observation;
}

// One picture as it is.
Observation Look(FacePipeline& pipeline, const Picture& picture, Layout layout) {
  return layout == Layout::kAligned ? LookAtCrop(pipeline, picture)
                                    : LookAtWhole(pipeline, picture);
}

// All variants of one file. Simulated frames depend on the file's content and the seed only.
std::vector<Observation> LookAtFile(FacePipeline& pipeline, const base::Bytes& bytes,
                                    const base::Sha256Digest& digest,
                                    const ObserveOptions& options) {
  std::vector<Observation> all(static_cast<size_t>(options.variants));
  auto decoded = recognition::DecodePicture(bytes, {});
  if (!decoded.ok()) return all;
  Picture picture = *std::move(decoded);
  if (options.layout == Layout::kAligned) {
    if (!IsAligned(picture)) return all;
    picture = MoveRight(picture, options.shift_right_px);
  }
  uint64_t seed = options.seed;
  for (size_t i = 0; i < 8; ++i) seed = seed * 257 + digest[i];
  Dice dice(seed);
  all[0] = Look(pipeline, picture, options.layout);
  for (size_t v = 1; v < all.size(); ++v) {
    all[v] = Look(pipeline, Perturb(picture, options.limits, dice), options.layout);
  }
  return all;
}

// The digest under which variant `v` of a picture is kept. The picture as it is (0) does not depend
// on the seed.
base::Sha256Digest VariantDigest(const base::Sha256Digest& picture, size_t v, uint64_t seed) {
  base::Bytes bytes(picture.begin(), picture.end());
  bytes.push_back(static_cast<uint8_t>(v));
  for (size_t i = 0; v > 0 && i < sizeof(seed); ++i) {
    bytes.push_back(static_cast<uint8_t>(seed >> (8 * i)));
  }
  return base::Sha256(bytes);
}

struct Work {
  size_t person = 0;
  size_t picture = 0;
};

// What the threads share.
class Job {
 public:
  Job(const Dataset& dataset, const ObserveOptions& options, ObservationCache& cache)
      : dataset_(dataset),
        options_(options),
        cache_(cache),
        progress_("analysing pictures", static_cast<int64_t>(dataset.pictures()), MachineClock(),
                  options.quiet) {
    for (size_t p = 0; p < dataset.people.size(); ++p) {
      result_.emplace_back(dataset.people[p].pictures.size());
      for (size_t i = 0; i < dataset.people[p].pictures.size(); ++i) work_.push_back({p, i});
    }
  }

  // Takes pictures until none is left. Runs on several threads at once, each with its own pipeline.
  void Run(FacePipeline& pipeline) {
    for (size_t next = next_++; next < work_.size(); next = next_++) {
      const Work item = work_[next];
      const base::Bytes bytes = ReadBytes(dataset_.people[item.person].pictures[item.picture]);
      const base::Sha256Digest digest = base::Sha256(bytes);
      std::vector<Observation> all = FromCache(digest);
      if (all.empty()) {
        all = LookAtFile(pipeline, bytes, digest, options_);
        ToCache(digest, all);
      }
      result_[item.person][item.picture] = std::move(all);
      progress_.Add();
    }
  }

  Observations TakeResult() { return std::move(result_); }

 private:
  std::vector<Observation> FromCache(const base::Sha256Digest& digest) {
    const std::scoped_lock lock(mutex_);
    std::vector<Observation> all;
    for (size_t v = 0; v < static_cast<size_t>(options_.variants); ++v) {
      const Observation* known = cache_.Find(VariantDigest(digest, v, options_.seed));
      if (known == nullptr) return {};
      all.push_back(*known);
    }
    return all;
  }

  void ToCache(const base::Sha256Digest& digest, const std::vector<Observation>& all) {
    const std::scoped_lock lock(mutex_);
    for (size_t v = 0; v < all.size(); ++v)
      cache_.Put(VariantDigest(digest, v, options_.seed), all[v]);
  }

  const Dataset& dataset_;
  const ObserveOptions& options_;
  std::vector<Work> work_;
  std::atomic<size_t> next_ = 0;
  Observations result_;  // each element is written by the one thread that took its work
  std::mutex mutex_;     // guards cache_
  ObservationCache& cache_;
  Progress progress_;
};

}  // namespace

Verdict Judge(const Observation& observation, const recognition::QualityPolicy& policy,
              Layout layout) {
  if (!observation.readable) return Verdict::kUnreadable;
  if (observation.faces == 0) return Verdict::kNoFace;
  if (observation.faces > 1) return Verdict::kSeveralFaces;
  if (!observation.embedding) return Verdict::kGate;
  recognition::FaceQuality quality = observation.quality;
  if (layout == Layout::kAligned) quality.side_px = policy.min_side_px;
  return recognition::JudgeQuality(quality, policy) == recognition::QualityFault::kGood
             ? Verdict::kUsable
             : Verdict::kGate;
}

Layout DetectLayout(const Dataset& dataset) {
  for (const Person& person : dataset.people) {
    for (const fs::path& path : person.pictures) {
      const auto picture = recognition::DecodePicture(ReadBytes(path), {});
      if (picture.ok() && !IsAligned(*picture)) return Layout::kWhole;
    }
  }
  return Layout::kAligned;
}

absl::StatusOr<Observations> Observe(const Dataset& dataset, const std::string& model_key,
                                     const PipelineFactory& make_pipeline,
                                     const ObserveOptions& options) {
  std::vector<std::unique_ptr<FacePipeline>> pipelines;
  for (int32_t thread = 0; thread < std::max(1, options.threads); ++thread) {
    ASSIGN_OR_RETURN(auto pipeline, make_pipeline());
    pipelines.push_back(std::move(pipeline));
  }
  const std::string preparation = options.layout == Layout::kAligned
                                      ? "aligned+" + std::to_string(options.shift_right_px)
                                      : "whole";
  ObservationCache cache(options.cache_file,
                         "rollcall-bench-cache-2 " + model_key + " " + preparation);
  cache.Load();
  Job job(dataset, options, cache);
  {
    std::vector<std::jthread> threads;
    for (const auto& pipeline : pipelines) {
      threads.emplace_back([&job, &pipeline] { job.Run(*pipeline); });
    }
  }
  RETURN_IF_ERROR(cache.Save());
  return job.TakeResult();
}

std::string ModelKey(const recognition::ModelPack& pack) {
  const recognition::EmbedderSpec& spec = pack.embedder();
  const base::Sha256Digest digest = base::Sha256(pack.file(spec.file));
  return spec.id + " " + base::ToHex(digest).substr(0, 16);
}

}  // namespace rollcall::bench
