#include "demo_kit/camera_simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace rollcall::demo_kit {
namespace {

using ::testing::SizeIs;

// A textured wall with a bright square where the face is and dark ones where others are.
Scene MakeScene() {
  Scene scene;
  scene.picture = cv::Mat(600, 900, CV_8UC3);
  cv::RNG random(7);
  random.fill(scene.picture, cv::RNG::UNIFORM, 60, 200);
  scene.face = cv::Rect(350, 200, 200, 200);
  scene.others = {cv::Rect(620, 210, 180, 180), cv::Rect(60, 200, 190, 190)};
  cv::rectangle(scene.picture, scene.face, cv::Scalar::all(250), cv::FILLED);
  return scene;
}

double Contrast(const cv::Mat& part) {
  cv::Scalar mean, deviation;
  cv::meanStdDev(part, mean, deviation);
  return deviation[0];
}

TEST(CameraSimulation, GivesTheFramesAskedForInTheSizeAskedFor) {
  CameraOptions options;
  options.frames = 5;
  options.width = 480;
  options.height = 360;
  const auto frames = SimulateVisit(MakeScene(), options);
  ASSERT_THAT(frames, SizeIs(5));
  for (const auto& jpeg : frames) {
    const cv::Mat frame = cv::imdecode(jpeg, cv::IMREAD_COLOR);
    EXPECT_EQ(frame.size(), cv::Size(480, 360));
  }
}

TEST(CameraSimulation, SameSeedSameBytesOtherSeedOtherFrames) {
  CameraOptions options;
  options.frames = 3;
  const auto first = SimulateVisit(MakeScene(), options);
  EXPECT_EQ(first, SimulateVisit(MakeScene(), options));
  options.seed = 2;
  EXPECT_NE(first, SimulateVisit(MakeScene(), options));
}

TEST(CameraSimulation, NoTwoFramesAreAlike) {
  CameraOptions options;
  options.frames = 12;
  const auto frames = SimulateVisit(MakeScene(), options);
  for (size_t i = 0; i < frames.size(); ++i) {
    for (size_t j = 0; j < i; ++j) EXPECT_NE(frames[i], frames[j]) << i << " and " << j;
  }
}

TEST(CameraSimulation, TheFaceIsInEveryFrameAndLargeEnough) {
  const auto frames = SimulateVisit(MakeScene(), CameraOptions());
  for (const auto& jpeg : frames) {
    cv::Mat bright;
    cv::threshold(cv::imdecode(jpeg, cv::IMREAD_GRAYSCALE), bright, 205, 255, cv::THRESH_BINARY);
    const cv::Rect face = cv::boundingRect(bright);
    EXPECT_GT(cv::countNonZero(bright), 110 * 110);
    EXPECT_GT(face.x, 0);
    EXPECT_LT(face.br().x, 640);
  }
}

TEST(CameraSimulation, OtherPeopleAreSoftenedAway) {
  const Scene scene = MakeScene();
  const cv::Mat person = IsolatePerson(scene, cv::Rect(cv::Point(), scene.picture.size()));
  ASSERT_EQ(person.size(), scene.picture.size());
  for (const cv::Rect& other : scene.others) {
    EXPECT_LT(Contrast(person(other)), Contrast(scene.picture(other)) / 3);
  }
  // The face itself is untouched.
  EXPECT_EQ(cv::norm(person(scene.face), scene.picture(scene.face), cv::NORM_INF), 0);
}

}  // namespace
}  // namespace rollcall::demo_kit
