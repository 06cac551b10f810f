#ifndef ROLLCALL_DEMO_KIT_CAMERA_SIMULATION_H_
#define ROLLCALL_DEMO_KIT_CAMERA_SIMULATION_H_

#include <cstdint>
#include <functional>
#include <vector>

#include <opencv2/core.hpp>

// A plain camera simulation: it turns one photograph into what a kiosk's camera might have seen while
// that person stood before it. It knows pan, zoom, tilt, a slight turn of the picture plane, exposure,
// sensor noise, motion blur and JPEG. It does not know a living face: expression, depth and light stay
// those of the photograph. So it shows that the path works and proves nothing about accuracy.
namespace rollcall::demo_kit {

// A photograph with one person of interest.
struct Scene {
  cv::Mat picture;               // BGR, 8 bit, upright, not empty
  cv::Rect face;                 // her face, inside the picture
  std::vector<cv::Rect> others;  // everybody else's face: softened away, a kiosk films one person
};

struct CameraOptions {
  int width = 640;
  int height = 480;
  int frames = 12;        // 1..1000
  uint64_t seed = 1;      // same scene, options and seed: same frames, to the byte
  double face_side = 165; // pixels, in the middle of the walk; frames vary by about a fifth around it
  // How far what is filmed is turned about its vertical axis on the last frame, degrees, on top of the
  // slight turn of the walk; it grows evenly from the first. + = its right edge comes nearer.
  double turn_to = 0;
  // Where the face is in the middle of the walk, as shares of width and height.
  double face_x = 0.5;
  double face_y = 0.46;
};

// What stands before the camera on frame `i`, from 0: BGR, 8 bit, always of one size.
using Surface = std::function<cv::Mat(int i)>;

// Returns the part `window` of the picture, in which only a rectangle around the face is sharp: it reaches
// 1.1 face sides beyond the face, less where the photograph ends or somebody else's face begins.
// The window holds the face and may reach beyond the picture by less than the part inside is wide.
cv::Mat IsolatePerson(const Scene& scene, const cv::Rect& window);

// Returns what a portrait of the person would show, in the photograph's own resolution.
cv::Mat CropPortrait(const Scene& scene);

// The scene at the resolution that a camera with these options can make use of, never enlarged.
Scene ShrinkForCamera(const Scene& scene, const CameraOptions& options);

// The options for a camera that sees nothing but the photograph: the frame lies inside `scene`, which
// ShrinkForCamera made, hence may be smaller and the face off its middle. Only the walk's outermost
// turns show a little beyond the photograph's border.
CameraOptions InsidePhotograph(const Scene& scene, CameraOptions options);

// How far around the face a frame can show, when the face is smallest: the box grown by that.
cv::Rect ViewAround(const cv::Rect& face);

// Returns `options.frames` frames, encoded as JPEG, of a flat surface that moves as in SimulateVisit.
// `face`: where on it the face is.
std::vector<std::vector<uint8_t>> FilmSurface(const Surface& surface, const cv::Rect& face,
                                              const CameraOptions& options);

// Returns `options.frames` frames, encoded as JPEG, as of somebody who steps up to the kiosk, sways a
// little and stands. No frame is a copy of the photograph or of another frame.
std::vector<std::vector<uint8_t>> SimulateVisit(const Scene& scene, const CameraOptions& options);

}  // namespace rollcall::demo_kit

#endif  // ROLLCALL_DEMO_KIT_CAMERA_SIMULATION_H_
