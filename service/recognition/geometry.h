#ifndef ROLLCALL_RECOGNITION_GEOMETRY_H_
#define ROLLCALL_RECOGNITION_GEOMETRY_H_

#include <array>

#include "recognition/types.h"

// Plane geometry of one face. Pure functions.
namespace rollcall::recognition {

using Landmarks = std::array<Point, 68>;  // iBUG 68 order
using FivePoints = std::array<Point, 5>;  // left eye, right eye, nose, left and right mouth corner

// A 2 x 3 matrix, row-major: picture (x, y, 1) to crop (x, y).
using Affine = std::array<float, 6>;

// Where the five points lie in a 112 x 112 aligned crop: the template of the ArcFace family, with
// which fr_feature was trained.
inline constexpr FivePoints kAlignedPoints = {{{38.2946f, 51.6963f},
                                               {73.5318f, 51.5014f},
                                               {56.0252f, 71.7366f},
                                               {41.5493f, 92.3655f},
                                               {70.7299f, 92.2041f}}};
inline constexpr int kAlignedSide = 112;

// Intersection over union, 0..1; 0 where both are empty.
float Overlap(const Box& a, const Box& b);

// The square of the box's height about the box's centre, clipped to the picture.
Box SquareBox(const Box& raw, int width, int height);

// Eye centres (of the four lid points each), nose tip and mouth corners (outer and inner mean).
FivePoints FivePointsOf(const Landmarks& landmarks);

// The similarity (turn, one scale, shift; no reflection) that brings `points` nearest to
// kAlignedPoints in the least-squares sense. All points in one place, or one that is not finite, give a
// matrix that is not Usable.
Affine AlignmentOf(const FivePoints& points);

// Whether a warp by `matrix` makes sense: finite and with a scale in [1/1000, 100].
bool Usable(const Affine& matrix);

struct HeadPose {
  float yaw_degrees = 0;    // + = turned to the left of the picture
  float pitch_degrees = 0;  // + = up
  float roll_degrees = 0;   // + = clockwise in the picture
};

// The head's turn, from a mean face under scaled orthographic projection fitted to sixteen of the
// landmarks by least squares (geometry.cc gives the face and its source). Against fr_pose on public
// portraits half of the faces differ by less than 2 degrees of yaw and 2.5 of pitch, 95 % by less than
// 6 and 8. All zero where the landmarks lie in one place.
HeadPose PoseOf(const Landmarks& landmarks);

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_GEOMETRY_H_
