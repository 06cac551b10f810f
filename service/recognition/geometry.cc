#include "recognition/geometry.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <opencv2/core.hpp>
#include <tuple>

namespace rollcall::recognition {
namespace {

Point Mean(const Landmarks& landmarks, std::initializer_list<size_t> indices) {
  Point sum;
  for (const size_t i : indices) {
    sum.x += landmarks[i].x;
    sum.y += landmarks[i].y;
  }
  const auto n = static_cast<float>(indices.size());
  return {sum.x / n, sum.y / n};
}

// A point of the mean face: x to the picture's right, y down, z towards the camera; half the distance
// of the outer eye corners is 1. The origin is between them.
struct ModelPoint {
  size_t landmark;
  double x;
  double y;
  double z;
};

// The mean of fr_landmark's own points over 1,494 public portraits, each brought upright by the pose that
// fr_pose gave it, then made symmetric. Mouth corners and chin move with the expression; they are in
// because the least squares lean on the ends of the jaw and the nose and gain from more points.
constexpr ModelPoint kMeanFace[] = {
    {0, -1.66, 0.05, -1.07},  {16, 1.66, 0.05, -1.07}, {8, 0.00, 2.57, 0.39},
    {27, 0.00, -0.08, 0.47},  {28, 0.00, 0.17, 0.65},  {29, 0.00, 0.42, 0.84},
    {30, 0.00, 0.68, 1.04},   {31, -0.35, 0.91, 0.64}, {33, 0.00, 1.00, 0.78},
    {35, 0.35, 0.91, 0.64},   {36, -1.00, 0.00, 0.00}, {39, -0.42, 0.03, 0.14},
    {42, 0.42, 0.03, 0.14},   {45, 1.00, 0.00, 0.00},  {48, -0.63, 1.48, 0.22},
    {54, 0.63, 1.48, 0.22},
};

double Degrees(double radians) { return radians * 180 / std::numbers::pi; }

}  // namespace

float Overlap(const Box& a, const Box& b) {
  const float width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1);
  const float height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
  if (width <= 0 || height <= 0) return 0;
  const float both = width * height;
  return both / (a.width() * a.height() + b.width() * b.height() - both);
}

Box SquareBox(const Box& raw, int width, int height) {
  const float half = (raw.y2 - raw.y1) / 2;
  const float x = (raw.x1 + raw.x2) / 2;
  const float y = (raw.y1 + raw.y2) / 2;
  const auto right = static_cast<float>(width - 1);
  const auto bottom = static_cast<float>(height - 1);
  return {std::clamp(x - half, 0.0f, right), std::clamp(y - half, 0.0f, bottom),
          std::clamp(x + half, 0.0f, right), std::clamp(y + half, 0.0f, bottom)};
}

FivePoints FivePointsOf(const Landmarks& landmarks) {
  return {Mean(landmarks, {37, 38, 40, 41}), Mean(landmarks, {43, 44, 46, 47}), landmarks[30],
          Mean(landmarks, {48, 60}), Mean(landmarks, {54, 64})};
}

Affine AlignmentOf(const FivePoints& points) {
  const bool spread = std::any_of(points.begin(), points.end(), [&](const Point& p) {
    return std::hypot(p.x - points[0].x, p.y - points[0].y) > 1e-3f;
  });
  if (!spread) return {};
  // With points as complex numbers a turn with a scale is one factor. The least squares give it in closed form:
  // of the points taken from their means, the sum of target times conjugate, over the sum of squares.
  using Complex = std::complex<double>;
  constexpr double kShare = 1.0 / std::tuple_size_v<FivePoints>;
  Complex from_mean;
  Complex to_mean;
  for (size_t i = 0; i < points.size(); ++i) {
    from_mean += kShare * Complex(points[i].x, points[i].y);
    to_mean += kShare * Complex(kAlignedPoints[i].x, kAlignedPoints[i].y);
  }
  Complex products;
  double squares = 0;
  for (size_t i = 0; i < points.size(); ++i) {
    const Complex from = Complex(points[i].x, points[i].y) - from_mean;
    const Complex to = Complex(kAlignedPoints[i].x, kAlignedPoints[i].y) - to_mean;
    products += to * std::conj(from);
    squares += std::norm(from);
  }
  const Complex factor = products / squares;
  const Complex shift = to_mean - factor * from_mean;
  const auto cosine = static_cast<float>(factor.real());
  const auto sine = static_cast<float>(factor.imag());
  return {cosine, -sine, static_cast<float>(shift.real()), sine, cosine, static_cast<float>(shift.imag())};
}

bool Usable(const Affine& matrix) {
  for (const float v : matrix) {
    if (!std::isfinite(v)) return false;
  }
  const float scale = std::hypot(matrix[0], matrix[3]);
  return scale >= 1e-3f && scale <= 100.0f;
}

HeadPose PoseOf(const Landmarks& landmarks) {
  // Least squares for the 2 x 4 matrix that projects the mean face onto the landmarks. The normal
  // matrix depends on the mean face only.
  cv::Matx44d normal = cv::Matx44d::zeros();
  cv::Matx<double, 4, 2> targets = cv::Matx<double, 4, 2>::zeros();
  for (const ModelPoint& p : kMeanFace) {
    const cv::Vec4d row(p.x, p.y, p.z, 1);
    const double target[2] = {landmarks[p.landmark].x, landmarks[p.landmark].y};
    for (int i = 0; i < 4; ++i) {
      for (int j = 0; j < 4; ++j) normal(i, j) += row[i] * row[j];
      for (int j = 0; j < 2; ++j) targets(i, j) += row[i] * target[j];
    }
  }
  const cv::Matx<double, 4, 2> projection = normal.solve(targets, cv::DECOMP_CHOLESKY);

  // Its first three columns are a scaled rotation's first two rows, up to noise.
  const cv::Vec3d x_row(projection(0, 0), projection(1, 0), projection(2, 0));
  const cv::Vec3d y_row(projection(0, 1), projection(1, 1), projection(2, 1));
  const double scale = std::sqrt(cv::norm(x_row) * cv::norm(y_row));
  if (!(scale > 1e-6)) return {};
  // The third column says where the nose points in the picture.
  const double right_of = std::clamp(x_row[2] / scale, -1.0, 1.0);
  const double below = std::clamp(y_row[2] / scale, -1.0, 1.0);
  const double towards = std::sqrt(std::max(0.0, 1 - right_of * right_of - below * below));
  return {static_cast<float>(Degrees(std::atan2(-right_of, towards))),
          static_cast<float>(Degrees(-std::asin(below))),
          static_cast<float>(Degrees(std::atan2(y_row[0] - x_row[1], x_row[0] + y_row[1])))};
}

}  // namespace rollcall::recognition
