#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <numeric>

#include "recognition/face_pipeline.h"
#include "support/status_matchers.h"

namespace rollcall::recognition {
namespace {

using support::HasReason;
using support::IsOk;
using testing::ElementsAre;
using testing::IsEmpty;

Embedding Unit(std::vector<float> values, const std::string& model = "m") {
  const float norm =
      std::sqrt(std::inner_product(values.begin(), values.end(), values.begin(), 0.0f));
  for (float& v : values) v /= norm;
  return {model, std::move(values), norm};
}

// A unit vector in the plane; neighbours are alike as the cosine of the difference.
Embedding AtDegrees(float degrees) {
  const float radians = degrees * 3.14159265f / 180;
  return Unit({std::cos(radians), std::sin(radians), 0});
}

TEST(MeanEmbeddingTest, IsAUnitVectorInTheMiddle) {
  const auto mean = MeanEmbedding({AtDegrees(0), AtDegrees(60)});
  ASSERT_THAT(mean, IsOk());
  EXPECT_NEAR(mean->values[0], std::cos(0.5236f), 1e-4f);
  EXPECT_NEAR(mean->values[1], std::sin(0.5236f), 1e-4f);
  EXPECT_EQ(mean->model_id, "m");
}

TEST(MeanEmbeddingTest, OfOneIsThatOne) {
  const auto mean = MeanEmbedding({AtDegrees(33)});
  ASSERT_THAT(mean, IsOk());
  EXPECT_NEAR(*Similarity(*mean, AtDegrees(33)), 1, 1e-5f);
}

TEST(MeanEmbeddingTest, OrderDoesNotMatter) {
  rc::check([] {
    std::vector<Embedding> embeddings;
    const auto count = *rc::gen::inRange(1, 6);
    for (int i = 0; i < count; ++i) {
      embeddings.push_back(AtDegrees(static_cast<float>(*rc::gen::inRange(0, 120))));
    }
    const auto forwards = MeanEmbedding(embeddings);
    std::reverse(embeddings.begin(), embeddings.end());
    const auto backwards = MeanEmbedding(embeddings);
    RC_ASSERT(forwards.ok() && backwards.ok());
    RC_ASSERT(std::abs(*Similarity(*forwards, *backwards) - 1) < 1e-5f);
  });
}

TEST(MeanEmbeddingTest, RefusesWhatHasNoMean) {
  EXPECT_THAT(MeanEmbedding({}), HasReason("BAD_EMBEDDING"));
  EXPECT_THAT(MeanEmbedding({AtDegrees(0), AtDegrees(180)}), HasReason("BAD_EMBEDDING"));
  EXPECT_THAT(MeanEmbedding({Unit({1, 0}, "a"), Unit({1, 0}, "b")}), HasReason("BAD_EMBEDDING"));
  EXPECT_THAT(MeanEmbedding({Unit({1, 0}), Unit({1, 0, 0})}), HasReason("BAD_EMBEDDING"));
}

TEST(SimilarityTest, NeverComparesTwoModels) {
  EXPECT_THAT(Similarity(Unit({1, 0}, "a"), Unit({1, 0}, "b")), HasReason("BAD_EMBEDDING"));
  EXPECT_THAT(Similarity(Unit({1, 0}), Unit({1, 0, 0})), HasReason("BAD_EMBEDDING"));
  EXPECT_NEAR(*Similarity(AtDegrees(0), AtDegrees(60)), 0.5f, 1e-5f);
}

TEST(OddOnesOutTest, NobodyWhereAllAgree) {
  EXPECT_THAT(OddOnesOut({}, 0.5f), IsEmpty());
  EXPECT_THAT(OddOnesOut({AtDegrees(0)}, 0.5f), IsEmpty());
  EXPECT_THAT(OddOnesOut({AtDegrees(0), AtDegrees(40)}, 0.5f), IsEmpty());
  EXPECT_THAT(OddOnesOut({AtDegrees(0), AtDegrees(10), AtDegrees(20), AtDegrees(30)}, 0.5f),
              IsEmpty());
}

TEST(OddOnesOutTest, TheOneThatDoesNotBelong) {
  EXPECT_THAT(OddOnesOut({AtDegrees(0), AtDegrees(90), AtDegrees(20)}, 0.5f), ElementsAre(1));
  EXPECT_THAT(
      OddOnesOut({AtDegrees(0), AtDegrees(10), AtDegrees(170), AtDegrees(20), AtDegrees(90)}, 0.5f),
      ElementsAre(2, 4));
}

TEST(OddOnesOutTest, BothWhereNobodyCanSayWhichIsRight) {
  EXPECT_THAT(OddOnesOut({AtDegrees(0), AtDegrees(90)}, 0.5f), ElementsAre(0, 1));
}

}  // namespace
}  // namespace rollcall::recognition
