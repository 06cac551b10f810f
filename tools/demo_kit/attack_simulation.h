#ifndef ROLLCALL_DEMO_KIT_ATTACK_SIMULATION_H_
#define ROLLCALL_DEMO_KIT_ATTACK_SIMULATION_H_

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "demo_kit/camera_simulation.h"

// Presentation attacks made from a photograph, seen through the simulated camera. Plain models of
// what paper and screens do to a picture; nobody held anything before a lens. What they show is
// whether a detector sees such traces at all: a good print or a good screen in good light has
// weaker ones, so the error rates found with them are nearer to a lower bound than to the truth.
namespace rollcall::demo_kit {

// Presentation attack instrument species (ISO/IEC 30107-3). In all but kFullView the instrument's
// edge lies 0.35 to 1 face sides beyond the face, less where the photograph ends.
enum class Species {
  kPrint,     // a photograph on paper: halftone, grain, dull tones, a white margin, uneven light
  kScreen,    // a photograph on a telephone: sub-pixels, moire, tone, glare, a dark bezel
  kVideo,     // the same telephone showing a moving face
  kFullView,  // print or screen held so near that its edge is out of the view
  kCutOut,    // head and shoulders cut out of a print and held before the room
};

inline constexpr std::array kAllSpecies = {Species::kPrint, Species::kScreen, Species::kVideo,
                                           Species::kFullView, Species::kCutOut};

// "print", "screen", "video", "full_view", "cut_out".
std::string_view ToString(Species species);

// Returns `options.frames` frames of the person as the photograph shows her: nothing is softened
// away and nothing beyond the photograph is made up, so that no edge is in view that was none
// there. The frames are smaller than asked for where the photograph is. What attacks are compared
// with.
std::vector<std::vector<uint8_t>> SimulateBonaFide(const Scene& scene,
                                                   const CameraOptions& options);

// Returns `options.frames` frames, encoded as JPEG, of an attack with the person's photograph. The
// same scene, options and seed give the same frames, to the byte.
std::vector<std::vector<uint8_t>> SimulateAttack(const Scene& scene, Species species,
                                                 const CameraOptions& options);

}  // namespace rollcall::demo_kit

#endif  // ROLLCALL_DEMO_KIT_ATTACK_SIMULATION_H_
