#include "recognition/track.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "recognition/face_pipeline.h"
#include "recognition/geometry.h"

namespace rollcall::recognition {
namespace {

constexpr base::Duration kMaxGap = std::chrono::seconds(2);
constexpr float kMinOverlap = 0.2f;
// Below this it is somebody else; far above the mean of strangers (0.0) and far below that of frames
// of one face a moment apart (0.9).
constexpr float kMinSamePerson = 0.35f;
// Frames closer than both of these show nothing new.
constexpr base::Duration kMinApart = std::chrono::milliseconds(400);
constexpr float kMinTurnDegrees = 4;
constexpr size_t kMaxKept = 12;
constexpr int32_t kMinFramesForStill = 5;
constexpr float kStillShare = 0.003f;       // of the box side
constexpr float kStillSimilarity = 0.999f;

Point Centre(const Box& box) { return {(box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2}; }

float Distance(const Point& a, const Point& b) { return std::hypot(a.x - b.x, a.y - b.y); }

float Side(const Box& box) { return std::max(box.width(), box.height()); }

bool Jumped(const Box& last, const Box& now) {
  return Overlap(last, now) < kMinOverlap &&
         Distance(Centre(last), Centre(now)) > std::max(Side(last), Side(now));
}

float TurnBetween(const FaceQuality& a, const FaceQuality& b) {
  return std::max({std::abs(a.yaw_degrees - b.yaw_degrees),
                   std::abs(a.pitch_degrees - b.pitch_degrees),
                   std::abs(a.roll_degrees - b.roll_degrees)});
}

// How good a frame is beside others of the same face; larger is better, no unit. The embedding's
// length is the measure that looks at everything at once; a turned head, closed eyes and a small face
// cost a little each.
float Rank(const Face& face) {
  const FaceQuality& q = face.quality;
  const float turned = (std::abs(q.yaw_degrees) + std::abs(q.pitch_degrees)) / 45;
  const float eyes = q.eyes_open_probability.value_or(1.0f);
  const float size = std::min(1.0f, q.side_px / 112);
  return q.embedding_length - 0.5f * turned + 0.25f * eyes + 0.5f * size;
}

}  // namespace

FaceTrack::Added FaceTrack::Add(const Face& face, base::Time captured) {
  ROLLCALL_CHECK(face.embedding.has_value());
  const bool starts = frames_seen_ == 0 || Jumped(last_.box, face.box) ||
                      captured - last_time_ > kMaxGap || captured < last_time_ ||
                      !SamePerson(face);
  if (starts) {
    Reset();
    first_ = face;
  }
  ++frames_seen_;
  last_ = face;
  last_time_ = captured;
  if (Distance(Centre(face.box), Centre(first_.box)) > kStillShare * Side(first_.box) ||
      Similarity(*face.embedding, *first_.embedding).value_or(0) < kStillSimilarity) {
    moved_ = true;
  }
  if (face.quality.live_probability) {
    live_sum_ += *face.quality.live_probability;
    ++live_frames_;
  }
  Keep(face, captured);
  return starts ? Added::kStarted : Added::kContinued;
}

bool FaceTrack::SamePerson(const Face& face) const {
  const auto mean = MeanEmbedding(kept());
  return mean.ok() && Similarity(*mean, *face.embedding).value_or(-1) >= kMinSamePerson;
}

void FaceTrack::Keep(const Face& face, base::Time captured) {
  const Kept candidate{face, captured, Rank(face)};
  const auto twin = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& k) {
    return captured - k.captured < kMinApart &&
           TurnBetween(k.face.quality, face.quality) < kMinTurnDegrees;
  });
  if (twin != kept_.end()) {
    // Nothing new, but perhaps sharper.
    if (candidate.rank > twin->rank) *twin = candidate;
    return;
  }
  kept_.push_back(candidate);
  if (kept_.size() > kMaxKept) {
    kept_.erase(std::min_element(kept_.begin(), kept_.end(), [](const Kept& a, const Kept& b) {
      return a.rank < b.rank;
    }));
  }
}

int32_t FaceTrack::frames() const { return static_cast<int32_t>(kept_.size()); }

std::vector<size_t> FaceTrack::Best(int32_t max_frames) const {
  ROLLCALL_CHECK(!kept_.empty() && max_frames >= 1);
  std::vector<size_t> best(kept_.size());
  std::iota(best.begin(), best.end(), size_t{0});
  std::stable_sort(best.begin(), best.end(),
                   [this](size_t a, size_t b) { return kept_[a].rank > kept_[b].rank; });
  best.resize(std::min(best.size(), static_cast<size_t>(max_frames)));
  return best;
}

absl::Status FaceTrack::EmbedExactly(FacePipeline& pipeline, int32_t max_frames) {
  for (const size_t i : Best(max_frames)) {
    ASSIGN_OR_RETURN(kept_[i].face.embedding, pipeline.EmbedExactly(kept_[i].face));
  }
  return absl::OkStatus();
}

Embedding FaceTrack::Probe(int32_t max_frames) const {
  std::vector<Embedding> embeddings;
  for (const size_t i : Best(max_frames)) embeddings.push_back(*kept_[i].face.embedding);
  // Frames on one track resemble their mean, so they cannot cancel out, and one model made them all.
  return MeanEmbedding(embeddings).value();
}

std::optional<float> FaceTrack::live() const {
  if (live_frames_ == 0) return std::nullopt;
  return live_sum_ / static_cast<float>(live_frames_);
}

bool FaceTrack::still() const { return !moved_ && frames_seen_ >= kMinFramesForStill; }

std::vector<Embedding> FaceTrack::kept() const {
  std::vector<Embedding> embeddings;
  for (const Kept& k : kept_) embeddings.push_back(*k.face.embedding);
  return embeddings;
}

void FaceTrack::Reset() { *this = FaceTrack(); }

}  // namespace rollcall::recognition
