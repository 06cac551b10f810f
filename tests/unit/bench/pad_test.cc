#include "bench/pad.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "bench/statistics.h"

namespace rollcall::bench {
namespace {

PadPresentation Presentation(const std::string& species, const std::string& person, bool chooses,
                             std::vector<float> live) {
  PadPresentation p;
  p.species = species;
  p.person = person;
  p.chooses = chooses;
  p.responded = !live.empty();
  p.live = std::move(live);
  return p;
}

// 20 people, every second one of the half that chooses; genuine ones near 1, prints near 0, and
// full views that nobody can tell.
std::vector<PadPresentation> Everybody() {
  std::vector<PadPresentation> all;
  for (int i = 0; i < 20; ++i) {
    const std::string person = "p" + std::to_string(i);
    const bool chooses = i % 2 == 0;
    all.push_back(Presentation("bona_fide", person, chooses, {0.99f, 0.97f, 0.95f}));
    all.push_back(Presentation("print", person, chooses, {0.01f, 0.02f, 0.90f}));
    all.push_back(Presentation("full_view", person, chooses, {0.99f, 0.98f, 0.96f}));
  }
  return all;
}

const PadRate& Of(const std::vector<PadRate>& rates, const std::string& species) {
  for (const PadRate& rate : rates) {
    if (rate.species == species) return rate;
  }
  throw std::out_of_range(species);
}

TEST(PadTest, ADetectorThatSaysAlwaysGenuineLetsEveryAttackThrough) {
  const auto rates = PadRates(
      Everybody(), [](const PadPresentation&) { return false; }, false);
  ASSERT_EQ(rates.size(), 3u);
  EXPECT_EQ(rates[0].species, "bona_fide");
  EXPECT_EQ(rates[0].rate, 0);
  EXPECT_NEAR(rates[0].upper, 1 - std::pow(0.05, 1.0 / 10), 1e-9);  // none of ten
  for (const char* attack : {"print", "full_view"}) {
    EXPECT_EQ(Of(rates, attack).rate, 1) << attack;
    EXPECT_EQ(Of(rates, attack).upper, 1) << attack;
    EXPECT_EQ(Of(rates, attack).presentations, 10) << attack;
  }
}

TEST(PadTest, ADetectorThatSaysAlwaysAttackRefusesEverybody) {
  const auto rates = PadRates(
      Everybody(), [](const PadPresentation&) { return true; }, false);
  EXPECT_EQ(Of(rates, "bona_fide").rate, 1);
  EXPECT_EQ(Of(rates, "print").rate, 0);
}

TEST(PadTest, ARowPerSpeciesSoThatAWeakOneIsNotAveragedAway) {
  const auto rates = PadRates(Everybody(), DetectorOf(Fusion::kMean, 0.5), false);
  EXPECT_EQ(Of(rates, "bona_fide").errors, 0);
  EXPECT_EQ(Of(rates, "print").errors, 0);
  EXPECT_EQ(Of(rates, "full_view").errors, 10);
}

TEST(PadTest, EachHalfIsCountedByItself) {
  auto all = Everybody();
  for (PadPresentation& p : all) {
    if (p.chooses && p.species == "bona_fide") p.live = {0.1f};
  }
  const auto detector = DetectorOf(Fusion::kMean, 0.5);
  EXPECT_EQ(Of(PadRates(all, detector, true), "bona_fide").rate, 1);
  EXPECT_EQ(Of(PadRates(all, detector, false), "bona_fide").rate, 0);
}

TEST(PadTest, WhoeverGaveNoUsableFrameIsANonResponseAndNoError) {
  std::vector<PadPresentation> all = {Presentation("print", "a", false, {0.9f}),
                                      Presentation("print", "b", false, {})};
  const auto rates = PadRates(all, DetectorOf(Fusion::kMean, 0.5), false);
  EXPECT_EQ(Of(rates, "print").presentations, 1);
  EXPECT_EQ(Of(rates, "print").non_responses, 1);
  EXPECT_EQ(Of(rates, "print").errors, 1);
  EXPECT_EQ(Of(rates, "bona_fide").presentations, 0);
  EXPECT_EQ(Of(rates, "bona_fide").upper, 1);  // nothing was shown
}

TEST(PadTest, SeveralPresentationsOfOnePersonDoNotTightenTheBound) {
  std::vector<PadPresentation> all;
  for (int i = 0; i < 100; ++i) {
    all.push_back(Presentation("print", "p" + std::to_string(i % 10), false, {0.0f}));
  }
  const PadRate rate = Of(PadRates(all, DetectorOf(Fusion::kMean, 0.5), false), "print");
  EXPECT_EQ(rate.people, 10);
  EXPECT_DOUBLE_EQ(rate.upper, UpperBound(0, 10));
  all[0].live = {0.9f};  // one error of a hundred counts as one of ten
  EXPECT_DOUBLE_EQ(Of(PadRates(all, DetectorOf(Fusion::kMean, 0.5), false), "print").upper,
                   UpperBound(1, 10));
}

TEST(PadTest, FusionsAreWhatTheySay) {
  const std::vector<float> live = {0.2f, 0.9f, 0.4f};
  EXPECT_NEAR(Fuse(Fusion::kMean, live), 0.5, 1e-6);
  EXPECT_NEAR(Fuse(Fusion::kMedian, live), 0.4, 1e-6);
  EXPECT_NEAR(Fuse(Fusion::kLowest, live), 0.2, 1e-6);
}

TEST(PadTest, AFaceThatNeverMovedIsAnAttackWhateverTheScore) {
  PadPresentation p = Presentation("print", "a", false, {1.0f});
  EXPECT_FALSE(DetectorOf(Fusion::kMean, 0.5)(p));
  p.still = true;
  EXPECT_TRUE(DetectorOf(Fusion::kMean, 0.5)(p));
}

TEST(PadTest, TheThresholdIsChosenOnTheHalfThatChoosesAndOnGenuinePeople) {
  auto all = Everybody();
  // 0.97 is the mean of everybody's frames, and 0.97 itself is not below 0.97.
  EXPECT_DOUBLE_EQ(ChooseThreshold(all, Fusion::kMean, 0), 0.97);
  // The lowest frame has 0.95f, a hair below 0.95.
  EXPECT_DOUBLE_EQ(ChooseThreshold(all, Fusion::kLowest, 0), 0.94);
  for (PadPresentation& p : all) {
    if (!p.chooses) p.live = {0.0f};  // the other half has no say
  }
  EXPECT_DOUBLE_EQ(ChooseThreshold(all, Fusion::kMean, 0), 0.97);
  all[0].live = {0.30f};  // one of ten: too much for 5 %, not for 10 %
  EXPECT_DOUBLE_EQ(ChooseThreshold(all, Fusion::kMean, 0.05), 0.30);
  EXPECT_DOUBLE_EQ(ChooseThreshold(all, Fusion::kMean, 0.10), 0.97);
  EXPECT_EQ(ChooseThreshold({}, Fusion::kMean, 0), 0);
}

TEST(PadTest, ChallengesAreCountedPerKindAndSpecies) {
  const std::vector<ChallengeTrial> trials = {{"turn", "print", "a", true},
                                              {"turn", "print", "b", false},
                                              {"turn", "screen", "a", false},
                                              {"blink", "print", "a", false}};
  const auto rates = ChallengeRates(trials);
  ASSERT_EQ(rates.size(), 3u);
  EXPECT_EQ(rates[0].challenge, "blink");
  EXPECT_EQ(rates[1].species, "print");
  EXPECT_EQ(rates[1].trials, 2);
  EXPECT_EQ(rates[1].passed, 1);
  EXPECT_DOUBLE_EQ(rates[1].upper, UpperBound(1, 2));
}

TEST(PadTest, TheReportSaysWhatItIsNot) {
  domain::PresentationSettings settings;
  const PadReport report = MakePadReport(Everybody(), settings, 0.01);
  EXPECT_EQ(report.people, 20);
  EXPECT_EQ(report.shipped.size(), 3u);
  EXPECT_EQ(report.chosen.size(), 3u);
  ASSERT_FALSE(report.sweep.empty());
  EXPECT_EQ(Of(report.sweep.front().rates, "print").rate, 1);  // 0.01: nothing is below
  EXPECT_EQ(Of(report.sweep.back().rates, "print").rate, 0);
  const auto json = nlohmann::json::parse(PadJson(report, Machine{}));
  EXPECT_EQ(json["what"], "simulated, not an ISO/IEC 30107-3 evaluation");
  EXPECT_EQ(json["shipped"]["rows"][0]["measure"], "bpcer");
  EXPECT_EQ(json["shipped"]["rows"][2]["measure"], "apcer");
  EXPECT_EQ(json["shipped"]["rows"][2]["rate"], 1);
  EXPECT_THAT(PadTable(report, Machine{}),
              testing::HasSubstr("simulated, not an ISO/IEC 30107-3 evaluation"));
}

}  // namespace
}  // namespace rollcall::bench
