// Honest proofs are accepted, all of them; wrong ones are refused, all of them.
#include "proof/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cases.h"
#include "support/status_matchers.h"

namespace rollcall::proof {
namespace {

using support::HasReason;
using support::IsOk;

TEST(VerifyTest, EveryInclusionProofUpTo256) {
  CaseMaker maker(256);
  for (uint64_t size = 1; size <= 256; ++size) {
    for (uint64_t index = 0; index < size; ++index) {
      const Case c = maker.Inclusion(index, size);
      ASSERT_THAT(Verify(c), IsOk()) << Describe(c);
    }
  }
}

TEST(VerifyTest, EveryConsistencyProofUpTo256) {
  CaseMaker maker(256);
  for (uint64_t second = 0; second <= 256; ++second) {
    for (uint64_t first = 0; first <= second; ++first) {
      const Case c = maker.Consistency(first, second);
      ASSERT_THAT(Verify(c), IsOk()) << Describe(c);
    }
  }
}

TEST(VerifyTest, NoWrongProofIsAccepted) {
  const int count = CaseCount("ROLLCALL_WRONG_PROOFS", 1'000'000);
  CaseMaker maker(600);
  Random random(20261124);
  for (int i = 0; i < count; ++i) {
    const Case wrong = maker.Wrong(random);
    ASSERT_FALSE(Verify(wrong).ok()) << "accepted: " << Describe(wrong);
  }
}

TEST(VerifyTest, TheEmptyTreeIsTheBeginningOfEveryTreeAndContainsNothing) {
  CaseMaker maker(4);
  const Hash root = maker.Inclusion(0, 4).root;
  EXPECT_THAT(VerifyConsistency(0, 4, EmptyRoot(), root, {}), IsOk());
  EXPECT_THAT(VerifyConsistency(0, 0, EmptyRoot(), EmptyRoot(), {}), IsOk());
  EXPECT_THAT(VerifyConsistency(0, 4, root, root, {}), HasReason("PROOF_WRONG"));
  EXPECT_THAT(VerifyConsistency(0, 0, root, root, {}), HasReason("PROOF_WRONG"));
  EXPECT_THAT(VerifyConsistency(0, 0, EmptyRoot(), root, {}), HasReason("PROOF_WRONG"));
  EXPECT_THAT(VerifyConsistency(0, 4, EmptyRoot(), root, std::vector<Hash>{root}),
              HasReason("PROOF_LENGTH"));
  EXPECT_THAT(VerifyInclusion(0, 0, root, {}, root), HasReason("LEAF_OUTSIDE_TREE"));
  EXPECT_THAT(VerifyInclusion(0, 0, EmptyRoot(), {}, EmptyRoot()), HasReason("LEAF_OUTSIDE_TREE"));
}

TEST(VerifyTest, EqualSizesNeedEqualRootsAndNoProof) {
  CaseMaker maker(8);
  const Case c = maker.Consistency(5, 5);
  EXPECT_THAT(VerifyConsistency(5, 5, c.root, c.root, {}), IsOk());
  EXPECT_THAT(VerifyConsistency(5, 5, c.root, EmptyRoot(), {}), HasReason("PROOF_WRONG"));
  EXPECT_THAT(VerifyConsistency(5, 5, c.root, c.root, std::vector<Hash>{c.root}),
              HasReason("PROOF_LENGTH"));
}

TEST(VerifyTest, SizesThatMakeNoSense) {
  const Hash hash{};
  const std::vector<Hash> some(3);
  constexpr uint64_t kMost = ~uint64_t{0};
  EXPECT_THAT(VerifyConsistency(9, 8, hash, hash, some), HasReason("SIZES_REVERSED"));
  EXPECT_THAT(VerifyInclusion(8, 8, hash, some, hash), HasReason("LEAF_OUTSIDE_TREE"));
  EXPECT_THAT(VerifyInclusion(kMost, kMost, hash, some, hash), HasReason("LEAF_OUTSIDE_TREE"));
  EXPECT_THAT(VerifyInclusion(0, kMost, hash, some, hash), HasReason("PROOF_LENGTH"));
  EXPECT_THAT(VerifyConsistency(1, kMost, hash, hash, some), HasReason("PROOF_LENGTH"));
  EXPECT_THAT(VerifyConsistency(kMost - 1, kMost, hash, hash, some), HasReason("PROOF_LENGTH"));
}

// What the numbers need beyond 63 hashes is refused before any is looked at.
TEST(VerifyTest, NoProofHasMoreThan63Hashes) {
  const Hash hash{};
  constexpr uint64_t kMost = ~uint64_t{0};
  EXPECT_THAT(VerifyInclusion(0, kMost, hash, std::vector<Hash>(64), hash),
              HasReason("PROOF_LENGTH"));
  EXPECT_THAT(VerifyConsistency(1, kMost, hash, hash, std::vector<Hash>(64)),
              HasReason("PROOF_LENGTH"));
  EXPECT_THAT(VerifyInclusion(0, uint64_t{1} << 63, hash, std::vector<Hash>(63), hash),
              HasReason("PROOF_WRONG"))
      << "63 is taken and computed";
  EXPECT_THAT(VerifyInclusion(kMost - 1, kMost, hash, std::vector<Hash>(63), hash),
              HasReason("PROOF_WRONG"));
}

// verify.h says so; whoever relies on it must know.
TEST(VerifyTest, AProofAloneDoesNotBindARootToASize) {
  CaseMaker maker(3);
  Case c = maker.Inclusion(0, 3);
  c.size = 4;
  EXPECT_THAT(Verify(c), IsOk());
}

}  // namespace
}  // namespace rollcall::proof
