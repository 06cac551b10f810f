#include "bench/agreement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "fake_faces.h"
#include "support/status_matchers.h"

namespace rollcall::bench {
namespace {

using support::HasReason;
using support::IsOk;

AgreementOptions Options() {
  AgreementOptions options;
  options.galleries = {10, 20};
  options.draws = 3;
  options.pictures = {{1, 1}, {2, 1}};
  return options;
}

TEST(AgreementTest, AnEngineAgreesWithItself) {
  const Observations people = FakePeople(40, 4, 1, 0.3, 1);
  const auto same = MeasureAgreement(people, people, SameThreshold(0.5f), Options(), true);
  ASSERT_THAT(same, IsOk());
  EXPECT_EQ(same->pictures, 160);
  EXPECT_EQ(same->only_one, 0);
  EXPECT_EQ(same->pairs, 160 * 159 / 2);
  EXPECT_LT(same->score_p999, 1e-4);
  EXPECT_EQ(same->pairs_flipped, 0);
  ASSERT_EQ(same->rows.size(), 4u);
  for (const AgreementRow& row : same->rows) {
    EXPECT_GT(row.mated, 0);
    EXPECT_EQ(row.mated_same_first, row.mated);
    EXPECT_EQ(row.non_mated_same_first, row.non_mated);
    EXPECT_EQ(row.fnir.fast, row.fnir.reference);
    EXPECT_GT(row.decisions, row.mated);
    EXPECT_EQ(row.flips, 0);
    EXPECT_EQ(row.names, 0);
  }
  EXPECT_EQ(same->rows[2].gallery, 20);
}

TEST(AgreementTest, CountsWhatAnEngineOfOtherFacesDecidesOtherwise) {
  const Observations people = FakePeople(40, 4, 1, 0.3, 1);
  Observations other = people;
  std::swap(other[0], other[1]);  // two people change their faces
  const auto swapped = MeasureAgreement(other, people, SameThreshold(0.5f), Options(), true);
  ASSERT_THAT(swapped, IsOk());
  EXPECT_GT(swapped->score_p999, 0.3);
  int64_t flips = 0;
  for (const AgreementRow& row : swapped->rows) flips += row.flips;
  EXPECT_EQ(flips, 0) << "the person with the same face was enrolled and came back: no decision differs";

  other = people;
  other[0][3] = other[1][2];  // somebody else's face in her last picture
  const auto mistaken = MeasureAgreement(other, people, SameThreshold(0.5f), Options(), true);
  ASSERT_THAT(mistaken, IsOk());
  flips = 0;
  for (const AgreementRow& row : mistaken->rows) flips += row.flips;
  EXPECT_GT(flips, 0);
  EXPECT_GT(mistaken->pairs_flipped, 0);
}

// As the product does: enrolled from exact embeddings, and near the threshold compared by them.
TEST(AgreementTest, WhatIsCloseIsDecidedOnExactEmbeddings) {
  const Observations people = FakePeople(40, 4, 1, 0.3, 1);
  Observations rounded = people;
  const auto round_to = [&](float tolerance) {
    for (size_t p = 0; p < people.size(); ++p) {
      for (size_t i = 0; i < people[p].size(); ++i) {
        Observation& seen = rounded[p][i].front();
        seen.exact = people[p][i].front().embedding;
        seen.embedding = people[(p + 1) % people.size()][i].front().embedding;  // off by a whole person
        seen.embedding->score_tolerance = tolerance;
      }
    }
    int64_t flips = 0;
    int64_t close_calls = 0;
    const auto agreement = MeasureAgreement(rounded, people, SameThreshold(0.5f), Options(), true);
    EXPECT_THAT(agreement, IsOk());
    for (const AgreementRow& row : agreement->rows) {
      flips += row.flips;
      close_calls += row.close_calls;
    }
    return std::pair(flips, close_calls);
  };
  const auto [flips, close_calls] = round_to(2);
  EXPECT_EQ(flips, 0);
  EXPECT_GT(close_calls, 0);
  const auto [unnoticed, none] = round_to(1e-6f);
  EXPECT_GT(unnoticed, 0);
  EXPECT_EQ(none, 0);
}

TEST(AgreementTest, PicturesThatOneEngineSeesNothingInAreLeftOutOfBoth) {
  const Observations people = FakePeople(30, 3, 1, 0.3, 1);
  Observations blind = people;
  blind[4][0].front().embedding.reset();
  const auto agreement = MeasureAgreement(blind, people, SameThreshold(0.5f), Options(), true);
  ASSERT_THAT(agreement, IsOk());
  EXPECT_EQ(agreement->pictures, 89);
  EXPECT_EQ(agreement->only_one, 1);
}

TEST(AgreementTest, RefusesOtherPicturesAndNone) {
  const Observations people = FakePeople(5, 2, 1, 0.3, 1);
  EXPECT_THAT(MeasureAgreement(people, FakePeople(4, 2, 1, 0.3, 1), SameThreshold(0.5f), Options(), true),
              HasReason("DIFFERENT_PICTURES"));
  EXPECT_THAT(MeasureAgreement(people, FakePeople(5, 3, 1, 0.3, 1), SameThreshold(0.5f), Options(), true),
              HasReason("DIFFERENT_PICTURES"));
  const Observations nobody(3, {{Observation{}}});
  EXPECT_THAT(MeasureAgreement(nobody, nobody, SameThreshold(0.5f), Options(), true), HasReason("NO_FACES"));
}

TEST(AgreementTest, TheJsonHasEveryRow) {
  const Observations people = FakePeople(40, 4, 1, 0.3, 1);
  const auto agreement = MeasureAgreement(people, people, SameThreshold(0.5f), Options(), true);
  ASSERT_THAT(agreement, IsOk());
  const auto json = nlohmann::json::parse(AgreementJson(*agreement, "service", "reference"));
  EXPECT_EQ(json["format"], 1);
  EXPECT_EQ(json["fast"], "service");
  EXPECT_EQ(json["rows"].size(), 4u);
  EXPECT_EQ(json["rows"][3]["photos"], 2);
  EXPECT_EQ(json["rows"][3]["decisions"], agreement->rows[3].decisions);
  EXPECT_THAT(AgreementTable(*agreement, "service", "reference"), testing::HasSubstr("service against reference"));
}

}  // namespace
}  // namespace rollcall::bench
