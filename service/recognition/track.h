#ifndef ROLLCALL_RECOGNITION_TRACK_H_
#define ROLLCALL_RECOGNITION_TRACK_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "recognition/types.h"

namespace rollcall::recognition {

class FacePipeline;

// The frames of one face in front of one camera, from which the probe is fused.
//
// Consecutive frames of a camera are nearly the same picture and add nothing, so a frame is kept only
// if it differs in pose or time from those kept, and of the kept ones the best `frames` by quality form
// the probe. Thread-safety: none; owned by one stream.
class FaceTrack {
 public:
  enum class Added {
    kStarted,    // a new face: what was kept before is dropped
    kContinued,  // the same face, kept or not
  };

  // Takes the one face of the newest frame (embedding present, gate passed). The track starts anew
  // when the box jumped (IoU below 0.2 with the last one and centres further apart than one side), the gap
  // exceeds 2 s, or the embedding is not the same person's (similarity to the running mean below 0.35).
  Added Add(const Face& face, base::Time captured);

  // Number of frames that stand behind Probe().
  int32_t frames() const;

  // The normalised mean over the best kept frames, at most `max_frames`. Requires frames() >= 1.
  Embedding Probe(int32_t max_frames) const;

  // Embeds the frames behind Probe(max_frames) again, in float32. Errors as FacePipeline::EmbedExactly's; the frames
  // done so far keep what they got. Cost: FacePipeline::EmbedExactly for each that is not float32 yet.
  absl::Status EmbedExactly(FacePipeline& pipeline, int32_t max_frames);

  // Frames seen on this track, kept or not, and whether the face never moved: every box centre
  // within 0.3 % of the side and every embedding within 1e-3 of the first, over at least 5 frames.
  int32_t frames_seen() const { return frames_seen_; }
  bool still() const;

  // The mean of the frames' probabilities that no held-up picture is in view, kept or not: a picture
  // may hide its edge on one frame, hardly on all. Nothing where none was measured.
  std::optional<float> live() const;

  // The kept frames' own embeddings, for the check against enrolment pictures.
  std::vector<Embedding> kept() const;

  void Reset();

 private:
  struct Kept {
    Face face;
    base::Time captured;
    float rank = 0;
  };
  // The positions in kept_ of the frames behind Probe(max_frames), best first.
  std::vector<size_t> Best(int32_t max_frames) const;
  // Whether `face` resembles the mean of what was kept. Requires that something was.
  bool SamePerson(const Face& face) const;
  // Keeps `face`, or lets it replace the kept frame that it repeats, or drops it.
  void Keep(const Face& face, base::Time captured);

  std::vector<Kept> kept_;
  Face first_;
  Face last_;
  base::Time last_time_;
  int32_t frames_seen_ = 0;
  bool moved_ = false;
  float live_sum_ = 0;
  int32_t live_frames_ = 0;
};

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_TRACK_H_
