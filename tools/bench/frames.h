#ifndef ROLLCALL_BENCH_FRAMES_H_
#define ROLLCALL_BENCH_FRAMES_H_

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "recognition/face_pipeline.h"

namespace rollcall::bench {

inline constexpr int32_t kFrameWidth = 1280;
inline constexpr int32_t kFrameHeight = 720;
// Side of the face in a frame: somebody at arm's length from a kiosk.
inline constexpr int32_t kFrameFacePx = 260;

// One person as a kiosk would see her: JPEGs of 1280 x 720 with one face in front of a blurred
// background.
struct FramePerson {
  base::Bytes enrolment;            // for the sign-up desk
  std::vector<base::Bytes> frames;  // for the door: light, place, turn and noise differ
};

// Cuts every face out of the pictures in `directory` (JPEG or PNG; sub-folders are searched too),
// passing over people who are there already and faces that could not be enrolled, and makes
// `frames_each` frames of each by a plain simulation. At most `people`, in the order of the file
// names. The simulation says nothing about accuracy. NotFound, reason NO_PICTURES: no face in that
// folder; the message says how to get the pictures.
absl::StatusOr<std::vector<FramePerson>> MakeFrames(const std::string& directory, int32_t people,
                                                    int32_t frames_each,
                                                    recognition::FacePipeline& pipeline);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_FRAMES_H_
