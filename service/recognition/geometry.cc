#include "recognition/geometry.h"

#include <dlib/geometry/point_transforms.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>
#include <vector>

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

// A point of the rigid mean face: x to the picture's right, y down, z towards the camera.
struct ModelPoint {
  size_t landmark;
  double x;
  double y;
  double z;
};

constexpr ModelPoint kMeanFace[] = {
    {36, -1.00, 0.00, -0.35}, {39, -0.40, 0.02, -0.15}, {42, 0.40, 0.02, -0.15},
    {45, 1.00, 0.00, -0.35},  {27, 0.00, -0.05, 0.15},  {30, 0.00, 0.75, 0.65},
    {33, 0.00, 0.98, 0.35},   {48, -0.55, 1.55, 0.00},  {54, 0.55, 1.55, 0.00},
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
  std::vector<dlib::dpoint> from;
  std::vector<dlib::dpoint> to;
  for (size_t i = 0; i < points.size(); ++i) {
    from.emplace_back(points[i].x, points[i].y);
    to.emplace_back(kAlignedPoints[i].x, kAlignedPoints[i].y);
  }
  const dlib::point_transform_affine found = dlib::find_similarity_transform(from, to);
  const auto& m = found.get_m();
  const auto& b = found.get_b();
  return {static_cast<float>(m(0, 0)), static_cast<float>(m(0, 1)), static_cast<float>(b.x()),
          static_cast<float>(m(1, 0)), static_cast<float>(m(1, 1)), static_cast<float>(b.y())};
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
  cv::Matx<double, 4, 2> right = cv::Matx<double, 4, 2>::zeros();
  for (const ModelPoint& p : kMeanFace) {
    const cv::Vec4d row(p.x, p.y, p.z, 1);
    const double target[2] = {landmarks[p.landmark].x, landmarks[p.landmark].y};
    for (int i = 0; i < 4; ++i) {
      for (int j = 0; j < 4; ++j) normal(i, j) += row[i] * row[j];
      for (int j = 0; j < 2; ++j) right(i, j) += row[i] * target[j];
    }
  }
  const cv::Matx<double, 4, 2> projection = normal.solve(right, cv::DECOMP_CHOLESKY);

  // Its first three columns are a scaled rotation's first two rows, up to noise.
  const cv::Vec3d x_row(projection(0, 0), projection(1, 0), projection(2, 0));
  const cv::Vec3d y_row(projection(0, 1), projection(1, 1), projection(2, 1));
  const double scale = std::sqrt(cv::norm(x_row) * cv::norm(y_row));
  if (!(scale > 1e-6)) return {};
  const double turned = std::clamp(x_row[2] / scale, -1.0, 1.0);
  const double raised = std::clamp(y_row[2] / scale, -1.0, 1.0);
  return {static_cast<float>(Degrees(-std::asin(turned))),
          static_cast<float>(Degrees(-std::asin(raised))),
          static_cast<float>(Degrees(std::atan2(y_row[0] - x_row[1], x_row[0] + y_row[1])))};
}

}  // namespace rollcall::recognition
