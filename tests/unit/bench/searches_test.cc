#include "bench/searches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/settings.h"
#include "fake_faces.h"
#include "support/status_matchers.h"

namespace rollcall::bench {
namespace {

using support::HasReason;
using support::IsOk;

TrialPlan Plan(int32_t gallery) {
  TrialPlan plan;
  plan.gallery = gallery;
  plan.photos = 2;
  plan.draws = 3;
  return plan;
}

TEST(MatcherTest, FindsEverybodyWherePicturesOfAPersonAgree) {
  const Observations people = FakePeople(30, 4, 1, 0.3, 1);
  const Pictures pictures = WithEmbedding(people);
  const auto draws = MakeDraws(Counts(pictures), Plan(15));
  const auto log = RunMatcher(pictures, draws);
  ASSERT_THAT(log, IsOk());
  EXPECT_EQ(log->mated.size(), 45u);
  EXPECT_EQ(log->non_mated.size(), 45u);
  EXPECT_EQ(RankOne(*log), 1);
  for (const MatedSearch& search : log->mated) EXPECT_GT(search.score, 0.8f);
  for (const NonMatedSearch& search : log->non_mated) EXPECT_LT(search.score, 0.7f);
}

TEST(MatcherTest, WithoutAFaceThereIsNothingToMeasure) {
  Observations people(3, {{Observation{}}});
  const Pictures pictures = WithEmbedding(people);
  EXPECT_THAT(RunMatcher(pictures, {}), HasReason("NO_FACES"));
  EXPECT_THAT(RunProduct(pictures, {}, {}, SameThreshold(0.5f)), HasReason("NO_FACES"));
}

TEST(PairsTest, CountsMatedAndNonMatedPairs) {
  const Observations people = FakePeople(4, 3, 1, 0.1, 1);
  const PairScores scores = ComparePairs(WithEmbedding(people));
  EXPECT_EQ(scores.mated.size(), 4u * 3);
  EXPECT_EQ(scores.non_mated.size(), 12u * 11 / 2 - 4 * 3);
  EXPECT_EQ(scores.mated_person.size(), scores.mated.size());
}

class ProductTest : public testing::Test {
 protected:
  absl::StatusOr<ProductTally> Run(float threshold) {
    const Pictures pictures = Unseen(people_, FakeDataset(people_), {});
    const auto draws = MakeDraws(Counts(pictures), Plan(15));
    return RunProduct(pictures, draws, settings_, SameThreshold(threshold));
  }

  Observations people_ = FakePeople(30, 4, 1, 0.3, 1);
  ProductSettings settings_;
};

TEST_F(ProductTest, RecognisesTheEnrolledAndNobodyElse) {
  const auto tally = Run(0.75f);
  ASSERT_THAT(tally, IsOk());
  EXPECT_EQ(tally->enrolments, 45);
  EXPECT_EQ(tally->failed_enrolments, 0);
  // Two random directions of 64 may resemble each other by 0.41; those always need a second factor.
  EXPECT_EQ(tally->recognised + tally->second_factor, 45);
  EXPECT_EQ(tally->cross_credits, 0);
  EXPECT_EQ(tally->accepted, 0);
  EXPECT_EQ(tally->non_mated, 45);
  EXPECT_EQ(tally->non_mated_attempts, 3 * 45);  // four pictures give three tries
}

TEST_F(ProductTest, HoldsTheServicesOwnSettings) {
  const app::ServiceSettings service;
  EXPECT_EQ(settings_.same_person, service.enrol.same_person);
  EXPECT_EQ(settings_.match.margin, service.match.margin);
  EXPECT_EQ(settings_.match.false_accept_budget, service.match.false_accept_budget);
}

TEST_F(ProductTest, ALowThresholdAcceptsStrangers) {
  settings_.match.margin = 0;
  settings_.match.look_alike = 2;
  const auto tally = Run(0.0f);
  ASSERT_THAT(tally, IsOk());
  EXPECT_EQ(tally->accepted, 45);
  EXPECT_EQ(tally->misses(), 0);
}

TEST_F(ProductTest, LookAlikesNeverPassByFaceAlone) {
  settings_.match.look_alike = -1;  // everybody resembles everybody
  const auto tally = Run(0.75f);
  ASSERT_THAT(tally, IsOk());
  EXPECT_EQ(tally->recognised, 0);
  EXPECT_EQ(tally->second_factor, 45);
}

TEST_F(ProductTest, ARefusedPictureIsAMissAndNotReplaced) {
  for (auto& person : people_) person[0][0].quality.sharpness = 0;
  const auto tally = Run(0.75f);
  ASSERT_THAT(tally, IsOk());
  // Two photos at enrolment: one of them at most is the bad one.
  EXPECT_EQ(tally->failed_enrolments, 0);
  EXPECT_GT(tally->not_acquired, 0);
  EXPECT_EQ(tally->recognised + tally->second_factor + tally->not_acquired, 45);
  for (auto& person : people_) {
    for (auto& picture : person) picture[0].quality.sharpness = 0;
  }
  const auto nobody = Run(0.75f);
  ASSERT_THAT(nobody, IsOk());
  EXPECT_EQ(nobody->failed_enrolments, 45);
  EXPECT_EQ(nobody->misses(), 45);
  EXPECT_EQ(nobody->accepted, 0);
  EXPECT_EQ(nobody->non_mated_not_acquired, 45);
}

TEST_F(ProductTest, SeveralFacesAreRefused) {
  for (auto& person : people_) {
    for (auto& picture : person) picture[0].faces = 2;
  }
  const auto tally = Run(0.75f);
  ASSERT_THAT(tally, IsOk());
  EXPECT_EQ(tally->failed_enrolments, 45);
}

TEST_F(ProductTest, PeopleWhomTheCalibrationSawTakeNoPart) {
  const Pictures pictures =
      Unseen(people_, FakeDataset(people_), {FolderHash("person 3"), FolderHash("person 9")});
  EXPECT_TRUE(pictures[3].empty());
  EXPECT_TRUE(pictures[9].empty());
  for (const Draw& draw : MakeDraws(Counts(pictures), Plan(28))) {
    for (const Enrolment& enrolment : draw.gallery) {
      EXPECT_NE(enrolment.person, 3);
      EXPECT_NE(enrolment.person, 9);
    }
    for (const Visit& visit : draw.non_mated) {
      EXPECT_NE(visit.person, 3);
      EXPECT_NE(visit.person, 9);
    }
  }
}

}  // namespace
}  // namespace rollcall::bench
