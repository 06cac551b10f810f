#ifndef ROLLCALL_RECOGNITION_TYPES_H_
#define ROLLCALL_RECOGNITION_TYPES_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// Conventions of this folder: picture coordinates are pixels of the upright picture, x to the right,
// y down, the centre of the first pixel at (0, 0). Colours are BGR, 8 bit. Angles are degrees.
namespace rollcall::recognition {

struct Point {
  float x = 0;
  float y = 0;
};

// Corners, x1 < x2 and y1 < y2; may touch but never cross the picture's border.
struct Box {
  float x1 = 0;
  float y1 = 0;
  float x2 = 0;
  float y2 = 0;
  float width() const { return x2 - x1; }
  float height() const { return y2 - y1; }
};

// A decoded picture. `bgr` has exactly width * height * 3 bytes, rows top to bottom, no padding.
struct Picture {
  int32_t width = 0;
  int32_t height = 0;
  std::vector<uint8_t> bgr;
};

// What was measured on one face; the gate (quality.h) turns it into a verdict.
struct FaceQuality {
  float side_px = 0;        // shorter side of the square face box, in pixels of the real picture
  // Variance of the Laplacian of the grey 112 x 112 aligned crop, in thousandths of the crop's own
  // variance: a dim light or a dark skin lowers both alike and is not called a blur.
  float sharpness = 0;
  float brightness = 0;     // mean grey of that crop, 0..255
  float contrast = 0;       // standard deviation of that crop's grey
  float yaw_degrees = 0;    // from the 68 points; + = turned to the left of the picture
  float pitch_degrees = 0;  // + = up
  float roll_degrees = 0;   // + = clockwise in the picture
  // The embedding's length before normalising, a free sign of quality, scaled so that the least that the
  // embedder's manifest entry asks for reads 2.0. 0: not embedded, or an embedder whose length says
  // nothing.
  float embedding_length = 0;
  // Standard deviation of the grey around the mouth as a share of `contrast`: low when something flat
  // covers it.
  float lower_face_contrast = 0;
  // The gate refuses nobody for these. What a session makes of the first: domain/presentation.h.
  std::optional<float> live_probability;         // "no held-up picture was noticed", 0..1
  std::optional<float> eyes_open_probability;    // of the eye that is less so
  std::optional<float> eyes_closed_probability;  // of the eye that is less so
};

// A unit vector of one embedder. Vectors of different models are never compared.
struct Embedding {
  std::string model_id;       // from the manifest
  std::vector<float> values;  // L2 norm 1 within 1e-4, all finite
  float raw_length = 0;       // the norm before normalising
  // How far a cosine with it may lie from what float32 would give, in all but one of a thousand pairs; 0: it is
  // float32's.
  float score_tolerance = 0;
};

struct Face {
  Box box;                              // the square box, clipped at the border
  float score = 0;                      // detector's, 0..1
  std::array<Point, 68> landmarks{};    // iBUG 68 order
  std::array<Point, 5> points{};        // left eye, right eye, nose, left and right mouth corner
  FaceQuality quality;
  std::optional<Embedding> embedding;   // absent when not asked for
  // What the embedder read of the picture; present with the embedding. In memory only, as the picture.
  std::shared_ptr<const Picture> chip;
};

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_TYPES_H_
