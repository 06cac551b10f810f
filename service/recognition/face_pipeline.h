#ifndef ROLLCALL_RECOGNITION_FACE_PIPELINE_H_
#define ROLLCALL_RECOGNITION_FACE_PIPELINE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "recognition/model_pack.h"
#include "recognition/types.h"

namespace rollcall::inference {
class Engine;
}  // namespace rollcall::inference

namespace rollcall::recognition {

struct StageTimes;  // stage_times.h

// A rectangle in fractions of the picture, 0..1: the kiosk's marked zone. Faces whose centre lies
// outside are dropped before they are embedded, so that bystanders stay unknown to everybody.
struct Zone {
  float x1 = 0;
  float y1 = 0;
  float x2 = 1;
  float y2 = 1;
};

struct AnalyseOptions {
  Zone zone = {};
  bool embed = true;             // embeddings for the faces in the zone
  bool eyes = true;          // fr_eye, recorded in the quality
  // fr_liveness, recorded in the quality of the faces that are embedded: the most expensive of the
  // small nets, and of no use where nobody is to be recognised.
  bool liveness = true;
  // Embedding is skipped when more than this many faces are in the zone (a kiosk answers "several
  // faces" without learning who they are). The desk's group picture raises it.
  int32_t max_faces_embedded = 1;
  // Faces smaller than this are left out altogether, so that people far behind are not "several faces".
  float min_side_px = 20;
  // Who stands in the background is left out too: a face of less than this share of the largest one's
  // side and of less than `background_side_px`. 0: nobody does.
  float background_share = 0;
  float background_side_px = 0;
  // Of more faces than max_faces_embedded only box, score and size are told: for whoever only wants to
  // know that there are several.
  bool only_count_beyond = false;
  // Where the duration of each step is added, or null. Not owned; must live until Analyse returns.
  StageTimes* times = nullptr;
};

// Decode excepted, the whole way from a picture to faces: detect, landmarks, align, quality, embed.
// Thread-safety: none; one pipeline per worker (a net's buffers are its own).
class FacePipeline {
 public:
  virtual ~FacePipeline() = default;

  // Returns the faces in the zone by descending box area; none is an ordinary answer (empty vector).
  // InvalidArgument, reason BAD_PICTURE: an empty picture or one whose buffer does not fit its size.
  // Internal: a model failed; nothing is cached, the next call starts clean.
  virtual absl::StatusOr<std::vector<Face>> Analyse(const Picture& picture,
                                                    const AnalyseOptions& options) = 0;

  // Embeds a 112 x 112 crop that is aligned already (the bench's aligned sets). `crop` must be
  // 112 x 112. Fills `quality` too, except the size.
  virtual absl::StatusOr<Face> AnalyseAligned(const Picture& crop) = 0;

  // The embedding in float32 of a face that Analyse or AnalyseAligned embedded, on this pipeline or another one of the
  // same pack: for templates, which are made once and compared for years, and where rounding might decide. The face's own
  // where that is float32 already; else several times the cost of Analyse's. Internal: as Analyse.
  virtual absl::StatusOr<Embedding> EmbedExactly(const Face& face) = 0;

  // The manifest's id of the embedder in use.
  virtual const std::string& model_id() const = 0;

  // Memory for the picture that is looked at now (DecodePicture into it), kept for the next one. Holds the last
  // picture until then. Analyse does not look at it of itself.
  Picture& frame() { return frame_; }

 private:
  Picture frame_;
};

// Loads the nets of `pack` (already verified) into `engine`; YuNet and dlib's own .dat file, which have engines of
// their own, into those. `pack` and `engine` need not outlive the call. Pipelines of one engine share their weights.
absl::StatusOr<std::unique_ptr<FacePipeline>> MakeFacePipeline(const ModelPack& pack, inference::Engine& engine);

// The same on an engine of its own, as the service has it (inference::MakeServiceEngine).
absl::StatusOr<std::unique_ptr<FacePipeline>> MakeFacePipeline(const ModelPack& pack);

// The normalised mean of unit vectors of one model: a template from photos, a probe from frames.
// InvalidArgument: empty, mixed models or sizes, or vectors that cancel out (norm below 1e-3).
absl::StatusOr<Embedding> MeanEmbedding(const std::vector<Embedding>& embeddings);

// Cosine of two embeddings of one model. InvalidArgument: different models or sizes.
absl::StatusOr<float> Similarity(const Embedding& a, const Embedding& b);

// Groups embeddings with dlib's chinese_whispers, an edge where the similarity reaches `threshold`,
// and returns the indices of those outside the largest group: the photos that do not belong. Empty
// where all agree. With two that disagree both are returned, since nobody can say which is right.
std::vector<size_t> OddOnesOut(const std::vector<Embedding>& embeddings, float threshold);

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_FACE_PIPELINE_H_
