#include "recognition/geometry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>
#include <numbers>

namespace rollcall::recognition {
namespace {

Point Apply(const Affine& m, const Point& p) {
  return {m[0] * p.x + m[1] * p.y + m[2], m[3] * p.x + m[4] * p.y + m[5]};
}

// A similarity chosen at random: turn within `max_degrees`, scale 0.2..5, shift within 2,000 px.
Affine RandomSimilarity(int max_degrees) {
  const auto degrees = *rc::gen::inRange(-max_degrees, max_degrees + 1);
  const auto scale = static_cast<float>(*rc::gen::inRange(200, 5000)) / 1000;
  const auto dx = static_cast<float>(*rc::gen::inRange(-2000, 2000));
  const auto dy = static_cast<float>(*rc::gen::inRange(-2000, 2000));
  const auto angle = static_cast<float>(degrees * std::numbers::pi / 180);
  const float c = scale * std::cos(angle);
  const float s = scale * std::sin(angle);
  return {c, -s, dx, s, c, dy};
}

// Landmarks of a plain frontal face: the mean face that PoseOf knows, plus lids and inner lip corners.
Landmarks FrontalFace() {
  Landmarks face{};
  const struct {
    size_t i;
    float x, y;
  } points[] = {{0, -1.66f, 0.05f}, {16, 1.66f, 0.05f}, {8, 0, 2.57f},      {27, 0, -0.08f},
                {28, 0, 0.17f},     {29, 0, 0.42f},     {30, 0, 0.68f},     {31, -0.35f, 0.91f},
                {33, 0, 1},         {35, 0.35f, 0.91f}, {36, -1, 0},        {39, -0.42f, 0.03f},
                {42, 0.42f, 0.03f}, {45, 1, 0},         {48, -0.63f, 1.48f}, {54, 0.63f, 1.48f},
                {60, -0.5f, 1.48f}, {64, 0.5f, 1.48f}};
  for (const auto& p : points) face[p.i] = {p.x, p.y};
  for (const size_t i : {37, 38, 40, 41}) face[i] = {-0.71f, 0.02f};
  for (const size_t i : {43, 44, 46, 47}) face[i] = {0.71f, 0.02f};
  return face;
}

TEST(AlignmentTest, UndoesAnySimilarity) {
  rc::check("the template moved by a similarity comes back to the template", [] {
    const Affine moved_by = RandomSimilarity(180);
    FivePoints moved;
    for (size_t i = 0; i < moved.size(); ++i) moved[i] = Apply(moved_by, kAlignedPoints[i]);
    const Affine back = AlignmentOf(moved);
    RC_ASSERT(Usable(back));
    for (size_t i = 0; i < moved.size(); ++i) {
      const Point p = Apply(back, moved[i]);
      RC_ASSERT(std::abs(p.x - kAlignedPoints[i].x) < 0.05f);
      RC_ASSERT(std::abs(p.y - kAlignedPoints[i].y) < 0.05f);
    }
  });
}

TEST(AlignmentTest, IsASimilarityWithoutReflection) {
  rc::check("turn and scale only, whatever the points", [] {
    FivePoints points;
    for (Point& p : points) {
      p = {static_cast<float>(*rc::gen::inRange(0, 500)),
           static_cast<float>(*rc::gen::inRange(0, 500))};
    }
    const Affine m = AlignmentOf(points);
    if (!Usable(m)) return;  // points in one place
    RC_ASSERT(std::abs(m[0] - m[4]) < 1e-3f);
    RC_ASSERT(std::abs(m[1] + m[3]) < 1e-3f);
    RC_ASSERT(m[0] * m[4] - m[1] * m[3] > 0);
  });
}

TEST(AlignmentTest, NoOtherSimilarityIsNearer) {
  FivePoints points = kAlignedPoints;  // disturbed, so that no similarity fits exactly
  points[0].x += 3;
  points[2].y -= 4;
  points[4].x -= 2;
  const auto error = [&](const Affine& m) {
    float sum = 0;
    for (size_t i = 0; i < points.size(); ++i) {
      const Point p = Apply(m, points[i]);
      sum += std::pow(p.x - kAlignedPoints[i].x, 2.0f) + std::pow(p.y - kAlignedPoints[i].y, 2.0f);
    }
    return sum;
  };
  const Affine best = AlignmentOf(points);
  for (const float turn : {-0.01f, 0.0f, 0.01f}) {
    for (const float scale : {0.99f, 1.0f, 1.01f}) {
      for (const float shift : {-0.5f, 0.0f, 0.5f}) {
        const float a = best[0] * scale - best[3] * turn;
        const float b = best[3] * scale + best[0] * turn;
        EXPECT_GE(error({a, -b, best[2] + shift, b, a, best[5] - shift}), error(best) - 1e-3f);
      }
    }
  }
}

TEST(AlignmentTest, PointsInOnePlaceAreNotUsable) {
  FivePoints points;
  points.fill({100, 100});
  EXPECT_FALSE(Usable(AlignmentOf(points)));
  EXPECT_FALSE(Usable({std::numeric_limits<float>::quiet_NaN(), 0, 0, 0, 1, 0}));
}

TEST(PoseTest, FrontalFaceLooksStraightAhead) {
  const HeadPose pose = PoseOf(FrontalFace());
  EXPECT_NEAR(pose.yaw_degrees, 0, 1);
  EXPECT_NEAR(pose.pitch_degrees, 0, 1);
  EXPECT_NEAR(pose.roll_degrees, 0, 1);
}

TEST(PoseTest, DoesNotDependOnPlaceAndSize) {
  rc::check("moved and scaled, turned only by the roll", [] {
    const Affine moved_by = RandomSimilarity(60);
    Landmarks moved = FrontalFace();
    for (Point& p : moved) p = Apply(moved_by, p);
    const HeadPose pose = PoseOf(moved);
    const auto roll =
        static_cast<float>(std::atan2(moved_by[3], moved_by[0]) * 180 / std::numbers::pi);
    RC_ASSERT(std::abs(pose.yaw_degrees) < 1.5f);
    RC_ASSERT(std::abs(pose.pitch_degrees) < 1.5f);
    RC_ASSERT(std::abs(pose.roll_degrees - roll) < 1.5f);
  });
}

// The nose moves to where the face turns; everything else a little less.
TEST(PoseTest, SignsAreAsDocumented) {
  Landmarks left = FrontalFace();
  Landmarks up = FrontalFace();
  for (const size_t nose : {28, 29, 30, 31, 33, 35}) {
    left[nose].x -= 0.3f;
    up[nose].y -= 0.3f;
  }
  EXPECT_GT(PoseOf(left).yaw_degrees, 8);
  EXPECT_GT(PoseOf(up).pitch_degrees, 8);
}

TEST(PoseTest, MirroringFlipsYawAndRoll) {
  Landmarks face = FrontalFace();
  for (const size_t nose : {28, 29, 30, 31, 33, 35}) face[nose].x -= 0.2f;
  for (Point& p : face) p = {p.x - 0.1f * p.y, p.y + 0.1f * p.x};
  constexpr std::pair<size_t, size_t> kPairs[] = {{0, 16}, {31, 35}, {36, 45}, {39, 42}, {48, 54}};
  Landmarks mirrored = face;
  for (Point& p : mirrored) p.x = -p.x;
  for (const auto& [a, b] : kPairs) std::swap(mirrored[a], mirrored[b]);
  const HeadPose pose = PoseOf(face);
  const HeadPose other = PoseOf(mirrored);
  EXPECT_NEAR(pose.yaw_degrees, -other.yaw_degrees, 0.1f);
  EXPECT_NEAR(pose.roll_degrees, -other.roll_degrees, 0.1f);
  EXPECT_NEAR(pose.pitch_degrees, other.pitch_degrees, 0.1f);
}

TEST(PoseTest, PointsInOnePlaceGiveZeros) {
  const HeadPose pose = PoseOf(Landmarks{});
  EXPECT_EQ(pose.yaw_degrees, 0);
  EXPECT_EQ(pose.pitch_degrees, 0);
  EXPECT_EQ(pose.roll_degrees, 0);
}

TEST(BoxTest, OverlapIsSymmetricAndBounded) {
  rc::check([] {
    const auto box = [] {
      const auto x = static_cast<float>(*rc::gen::inRange(-50, 50));
      const auto y = static_cast<float>(*rc::gen::inRange(-50, 50));
      return Box{x, y, x + static_cast<float>(*rc::gen::inRange(1, 60)),
                 y + static_cast<float>(*rc::gen::inRange(1, 60))};
    };
    const Box a = box();
    const Box b = box();
    RC_ASSERT(Overlap(a, b) == Overlap(b, a));
    RC_ASSERT(Overlap(a, b) >= 0 && Overlap(a, b) <= 1);
    RC_ASSERT(Overlap(a, a) == 1);
  });
  EXPECT_EQ(Overlap({0, 0, 0, 0}, {0, 0, 0, 0}), 0);
}

TEST(BoxTest, SquareHasTheHeightAndStaysInside) {
  const Box inside = SquareBox({100, 50, 160, 150}, 640, 480);
  EXPECT_FLOAT_EQ(inside.width(), 100);
  EXPECT_FLOAT_EQ(inside.height(), 100);
  EXPECT_FLOAT_EQ(inside.x1, 80);
  const Box clipped = SquareBox({-10, -10, 50, 90}, 640, 480);
  EXPECT_EQ(clipped.x1, 0);
  EXPECT_EQ(clipped.y1, 0);
  const Box beyond = SquareBox({700, 500, 760, 600}, 640, 480);
  EXPECT_EQ(beyond.width(), 0);
}

}  // namespace
}  // namespace rollcall::recognition
