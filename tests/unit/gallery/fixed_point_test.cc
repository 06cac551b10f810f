#include "gallery/fixed_point.h"

#include <gtest/gtest.h>

#include <cmath>

#include "gallery/kernels/sums.h"
#include "vectors.h"

namespace rollcall::gallery {
namespace {

struct Stored {
  AlignedArray<uint8_t> upper;
  AlignedArray<uint8_t> lower;
  RowNorms norms;

  explicit Stored(const std::vector<float>& vector)
      : upper(RoundUp(vector.size(), kPiece) / 2),
        lower(upper.size()),
        norms(EncodeRow(vector, upper.data(), lower.data())) {}

  Halves row() const { return {upper.data(), lower.data()}; }
  kernels::Rows rows() const { return {row(), nullptr, &norms.inverse, 1, 2 * upper.size()}; }
};

std::vector<float> Flat(size_t dimension) {
  return Normalised(std::vector<float>(dimension, 1.0f));
}

std::vector<float> Alternating(size_t dimension) {
  std::vector<float> v(dimension, 1.0f);
  for (size_t i = 1; i < dimension; i += 2) v[i] = -1;
  return Normalised(std::move(v));
}

TEST(FixedPointTest, ARowStandsForAUnitVectorCloseToWhatWasPut) {
  std::mt19937 random(1);
  for (const size_t dimension : {1, 7, 128, 129, 512}) {
    const std::vector<float> vector = RandomUnit(random, dimension);
    const Stored stored(vector);
    const std::vector<float> back =
        DecodeRow(stored.row(), stored.norms.inverse, static_cast<int32_t>(dimension));
    EXPECT_NEAR(Cosine(back, back), 1, 1e-6);
    EXPECT_GT(Cosine(back, vector), 0.9999);
  }
}

TEST(FixedPointTest, WhatARowStandsForIsStoredAsItIs) {
  std::mt19937 random(2);
  const Stored once(RandomUnit(random, 512));
  const Stored again(DecodeRow(once.row(), once.norms.inverse, 512));
  EXPECT_EQ(again.norms.inverse, once.norms.inverse);
  EXPECT_EQ(again.norms.rest, once.norms.rest);
  for (size_t i = 0; i < 512; ++i) {
    ASSERT_EQ(NumberOf(once.row(), i), NumberOf(again.row(), i));
  }
}

TEST(FixedPointTest, SimilarityIsTheDefinedOne) {
  std::mt19937 random(3);
  for (const size_t dimension : {1, 2, 7, 64, 129, 512, 1024}) {
    const std::vector<float> vector = RandomUnit(random, dimension);
    for (const auto& probe : {RandomUnit(random, dimension), Near(random, vector, 0.3f), vector}) {
      const Stored stored(vector);
      const FixedProbe fixed(probe);
      const float similarity =
          fixed.Similarity(kernels::FineSum(fixed, stored.row()), stored.norms.inverse);
      EXPECT_EQ(similarity, PlainSimilarity(vector, probe)) << dimension;
    }
  }
}

// Nothing that is as similar as the limit stands for may be left out.
void ExpectBounded(const std::vector<float>& vector, const std::vector<float>& probe) {
  const Stored stored(vector);
  const FixedProbe fixed(probe);
  int32_t coarse = 0;
  kernels::CoarseSums(fixed, stored.rows(), &coarse);
  const float similarity =
      fixed.Similarity(kernels::FineSum(fixed, stored.row()), stored.norms.inverse);
  EXPECT_GE(static_cast<float>(coarse) * stored.norms.inverse, fixed.CoarseLimit(similarity));
  int32_t upper = 0;
  kernels::UpperSums(fixed, stored.rows(), fixed.Reach(stored.norms.rest), &upper);
  EXPECT_GE(upper, coarse);
}

TEST(FixedPointTest, TheCoarseSumBoundsTheSimilarity) {
  std::mt19937 random(4);
  for (const size_t dimension : {1, 2, 7, 129, 512}) {
    for (int i = 0; i < 300; ++i) {
      const std::vector<float> vector = RandomUnit(random, dimension);
      ExpectBounded(vector, RandomUnit(random, dimension));
      ExpectBounded(vector, Near(random, vector, 0.1f));
    }
  }
}

// The row is what the probe lost when it was rounded: the bound is reached but for rounding.
TEST(FixedPointTest, TheBoundHoldsForTheWorstRow) {
  std::mt19937 random(5);
  for (const size_t dimension : {7, 129, 512}) {
    for (int i = 0; i < 50; ++i) {
      const std::vector<float> probe = RandomUnit(random, dimension);
      const FixedProbe fixed(probe);
      std::vector<float> lost(dimension);
      for (size_t j = 0; j < dimension; ++j) {
        lost[j] = static_cast<float>(fixed.fine()[j] - 256 * fixed.coarse()[j]);
      }
      ExpectBounded(Normalised(lost), probe);
      for (float& x : lost) x = -x;
      ExpectBounded(Normalised(lost), probe);
    }
  }
}

// The margin is what is lost by rounding the probe to bytes: under a hundredth at 512 numbers. So a
// row that is less similar by two hundredths is left out.
TEST(FixedPointTest, TheBoundIsCloseEnoughToBeOfUse) {
  std::mt19937 random(6);
  for (int i = 0; i < 100; ++i) {
    const std::vector<float> vector = RandomUnit(random, 512);
    const Stored stored(vector);
    const FixedProbe fixed(Near(random, vector, 1.0f));
    int32_t coarse = 0;
    kernels::CoarseSums(fixed, stored.rows(), &coarse);
    const float similarity =
        fixed.Similarity(kernels::FineSum(fixed, stored.row()), stored.norms.inverse);
    EXPECT_LT(static_cast<float>(coarse) * stored.norms.inverse,
              fixed.CoarseLimit(similarity + 0.02f));
  }
}

TEST(FixedPointTest, TheRestIsThatOfTheLowerHalf) {
  std::mt19937 random(7);
  for (const size_t dimension : {1, 7, 64, 65, 128, 129, 512}) {
    const Stored stored(RandomUnit(random, dimension));
    double squares = 0;
    for (size_t i = 0; i < dimension; ++i) {
      const double rest = NumberOf(stored.row(), i) % 16 - 7.5;
      squares += rest * rest;
    }
    EXPECT_GE(static_cast<double>(stored.norms.rest), std::sqrt(squares));
    EXPECT_NEAR(static_cast<double>(stored.norms.rest), std::sqrt(squares), 1e-3);
  }
}

// The probe is the rest of the row: the bound of the upper half is reached but for rounding.
TEST(FixedPointTest, TheUpperHalfBoundsTheWorstRow) {
  std::mt19937 random(8);
  for (const size_t dimension : {7, 129, 512}) {
    for (int i = 0; i < 50; ++i) {
      const std::vector<float> vector = RandomUnit(random, dimension);
      const Stored stored(vector);
      std::vector<float> rest(dimension);
      for (size_t j = 0; j < dimension; ++j) {
        rest[j] = static_cast<float>(NumberOf(stored.row(), j) % 16) - 7.5f;
      }
      ExpectBounded(vector, Normalised(rest));
      for (float& x : rest) x = -x;
      ExpectBounded(vector, Normalised(rest));
    }
  }
}

// The bound of the upper half lies about 0.11 above the similarity at 512 numbers, and twice that
// at most.
TEST(FixedPointTest, TheUpperHalfIsCloseEnoughToBeOfUse) {
  std::mt19937 random(9);
  for (int i = 0; i < 100; ++i) {
    const Stored stored(RandomUnit(random, 512));
    const FixedProbe fixed(RandomUnit(random, 512));
    int32_t coarse = 0;
    kernels::CoarseSums(fixed, stored.rows(), &coarse);
    int32_t upper = 0;
    kernels::UpperSums(fixed, stored.rows(), fixed.Reach(stored.norms.rest), &upper);
    const float similarity =
        fixed.Similarity(kernels::FineSum(fixed, stored.row()), stored.norms.inverse);
    EXPECT_LT(static_cast<float>(upper) * stored.norms.inverse,
              fixed.CoarseLimit(similarity + 0.25f));
  }
}

TEST(FixedPointTest, NoSumOverflowsInTheLargestDimension) {
  ForEachTarget([] {
    for (const size_t dimension : {size_t{512}, size_t{518}, static_cast<size_t>(kMaxDimension)}) {
      const Stored flat(Flat(dimension));
      const Stored alternating(Alternating(dimension));
      const FixedProbe probe(Flat(dimension));
      const FixedProbe turned(Alternating(dimension));
      const auto similarity = [](const FixedProbe& p, const Stored& s) {
        return p.Similarity(kernels::FineSum(p, s.row()), s.norms.inverse);
      };
      EXPECT_NEAR(similarity(probe, flat), 1, 1e-4) << dimension;
      EXPECT_NEAR(similarity(turned, alternating), 1, 1e-4) << dimension;
      EXPECT_NEAR(similarity(probe, alternating), 0, 1e-3) << dimension;
    }
  });
}

}  // namespace
}  // namespace rollcall::gallery
