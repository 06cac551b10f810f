#ifndef ROLLCALL_BENCH_PAD_FILMS_H_
#define ROLLCALL_BENCH_PAD_FILMS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "bench/pad.h"
#include "demo_kit/camera_simulation.h"
#include "recognition/face_pipeline.h"

// Photographs to presentations: the simulated camera, and the product's own way of looking.
namespace rollcall::bench {

// One face of a photograph.
struct PadScene {
  demo_kit::Scene scene;
  std::string person;    // the file that she was first seen in, and which face of it
  bool chooses = false;  // her half; the same for all her pictures, wherever they lie
};

// Finds the faces in the pictures below `folders` (JPEG or PNG, sub-folders too) that are large
// enough to be shown to a camera and good enough to be recognised. Faces of one person are told by
// their embeddings. NotFound, reason NO_PICTURES: there is none.
absl::StatusOr<std::vector<PadScene>> FindPadScenes(const std::vector<std::string>& folders,
                                                    recognition::FacePipeline& pipeline);

struct PadFilmOptions {
  int32_t presentations = 1;  // of each species a face
  int32_t frames = 8;         // of one presentation, 300 ms apart
  int32_t threads = 2;
  uint64_t seed = 1;
  bool quiet = false;
  domain::PresentationSettings settings;
};

struct PadFilms {
  std::vector<PadPresentation> presentations;
  std::vector<ChallengeTrial> trials;
};

// Films every scene as herself and as an attack of every species, decides each as app's Looker does
// (gate, track, frames), and lets flat pictures try the challenges: turned to both sides, and held
// before the camera for ten seconds. The same scenes, seed and models give the same result whatever
// the number of threads. Internal: a model failed.
absl::StatusOr<PadFilms> MakePadFilms(
    const std::vector<PadScene>& scenes,
    const std::function<absl::StatusOr<std::unique_ptr<recognition::FacePipeline>>()>&
        make_pipeline,
    const PadFilmOptions& options);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_PAD_FILMS_H_
