#include "demo_kit/attack_simulation.h"

#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <set>
#include <string>

namespace rollcall::demo_kit {
namespace {

// A bright square where the face is, before a grey, lightly textured wall.
Scene MakeScene() {
  Scene scene;
  scene.picture = cv::Mat(700, 900, CV_8UC3);
  cv::RNG random(7);
  random.fill(scene.picture, cv::RNG::UNIFORM, 110, 150);
  scene.face = cv::Rect(350, 250, 200, 200);
  cv::rectangle(scene.picture, scene.face, cv::Scalar::all(230), cv::FILLED);
  return scene;
}

CameraOptions FewFrames() {
  CameraOptions options;
  options.frames = 3;
  return options;
}

cv::Mat Middle(const std::vector<std::vector<uint8_t>>& film) {
  return cv::imdecode(film[film.size() / 2], cv::IMREAD_COLOR);
}

class AttackSimulationTest : public testing::TestWithParam<Species> {};

TEST_P(AttackSimulationTest, SameSeedSameBytesOtherSeedOthers) {
  CameraOptions options = FewFrames();
  const auto first = SimulateAttack(MakeScene(), GetParam(), options);
  EXPECT_EQ(first.size(), 3u);
  EXPECT_EQ(first, SimulateAttack(MakeScene(), GetParam(), options));
  options.seed = 2;
  EXPECT_NE(first, SimulateAttack(MakeScene(), GetParam(), options));
}

TEST_P(AttackSimulationTest, IsNotThePersonHerself) {
  cv::Mat attack = Middle(SimulateAttack(MakeScene(), GetParam(), FewFrames()));
  const cv::Mat person = Middle(SimulateVisit(MakeScene(), FewFrames()));
  cv::resize(attack, attack, person.size());  // a full view is as large as its photograph allows
  EXPECT_GT(cv::norm(attack, person, cv::NORM_L1) / static_cast<double>(attack.total() * 3), 3);
}

INSTANTIATE_TEST_SUITE_P(AllSpecies, AttackSimulationTest, testing::ValuesIn(kAllSpecies),
                         [](const auto& one) { return std::string(ToString(one.param)); });

TEST(AttackSimulationTest, AScreenHasADarkEdgeAndAFullViewHasNone) {
  const auto darkest = [](Species species) {
    double low = 0;
    cv::Mat grey;
    cv::cvtColor(Middle(SimulateAttack(MakeScene(), species, FewFrames())), grey,
                 cv::COLOR_BGR2GRAY);
    cv::blur(grey, grey, cv::Size(9, 9));
    cv::minMaxLoc(grey, &low);
    return low;
  };
  EXPECT_LT(darkest(Species::kScreen), 50);
  EXPECT_GT(darkest(Species::kFullView), 50);
}

TEST(AttackSimulationTest, SpeciesHaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const Species species : kAllSpecies) names.insert(ToString(species));
  EXPECT_EQ(names.size(), kAllSpecies.size());
}

TEST(CameraTurnTest, APictureThatIsTurnedGetsNarrower) {
  const auto width_of_face = [](double turn) {
    CameraOptions options = FewFrames();
    options.turn_to = turn;
    const auto film = SimulateVisit(MakeScene(), options);
    cv::Mat grey;
    cv::cvtColor(cv::imdecode(film.back(), cv::IMREAD_COLOR), grey, cv::COLOR_BGR2GRAY);
    cv::Mat bright;
    cv::threshold(grey, bright, 185, 1, cv::THRESH_BINARY);
    return cv::boundingRect(bright).width;
  };
  EXPECT_LT(width_of_face(55), width_of_face(0) * 0.85);
}

}  // namespace
}  // namespace rollcall::demo_kit
