#include "base/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <thread>
#include <vector>

#include "base/bytes.h"

namespace rollcall::base {
namespace {

using testing::Each;
using testing::Ne;
using testing::SizeIs;

Bytes Draw(RandomSource& random, size_t size) {
  Bytes bytes(size);
  random.Fill(bytes);
  return bytes;
}

TEST(SeededRandomTest, TheSameSeedGivesTheSameBytes) {
  SeededRandom one(7);
  SeededRandom other(7);
  for (const size_t size : {1u, 16u, 1'000u}) EXPECT_EQ(Draw(one, size), Draw(other, size));
}

TEST(SeededRandomTest, AnotherSeedGivesOtherBytes) {
  std::set<Bytes> seen;
  for (const uint64_t seed : {uint64_t{0}, uint64_t{1}, uint64_t{256}, ~uint64_t{0}}) {
    SeededRandom random(seed);
    seen.insert(Draw(random, 32));
  }
  EXPECT_THAT(seen, SizeIs(4));
}

TEST(SeededRandomTest, EveryFillGivesOtherBytes) {
  SeededRandom random(7);
  std::set<Bytes> seen;
  for (int i = 0; i < 1'000; ++i) seen.insert(Draw(random, 16));
  EXPECT_THAT(seen, SizeIs(1'000));
}

// Its data() may be null, which libsodium does not take: under UBSan this aborted.
TEST(SeededRandomTest, FillingAnEmptySpanIsLegal) {
  SeededRandom random(7);
  random.Fill(std::span<uint8_t>{});
  EXPECT_THAT(Draw(random, 0), SizeIs(0));
}

TEST(SeededRandomTest, NoTwoThreadsGetTheSameBytes) {
  SeededRandom random(7);
  std::array<std::vector<Bytes>, 4> drawn;
  {
    std::vector<std::jthread> threads;
    for (auto& mine : drawn) {
      threads.emplace_back([&random, &mine] {
        for (int i = 0; i < 250; ++i) mine.push_back(Draw(random, 16));
      });
    }
  }
  std::set<Bytes> seen;
  for (const auto& mine : drawn) seen.insert(mine.begin(), mine.end());
  EXPECT_THAT(seen, SizeIs(1'000));
}

TEST(SystemRandomTest, NoTwoFillsAreAlike) {
  SystemRandom one;
  SystemRandom other;
  std::set<Bytes> seen;
  for (int i = 0; i < 100; ++i) {
    seen.insert(Draw(one, 32));
    seen.insert(Draw(other, 32));
  }
  EXPECT_THAT(seen, SizeIs(200));
}

TEST(SystemRandomTest, FillsToTheLastByteAndNoFurther) {
  SystemRandom random;
  // A byte stays 0 by chance once in 256; in 64 fills, once in 2^512.
  Bytes touched(99, 0);
  for (int i = 0; i < 64; ++i) {
    Bytes bytes(101, 0);
    random.Fill(std::span(bytes).subspan(1, 99));
    ASSERT_EQ(bytes.front(), 0);
    ASSERT_EQ(bytes.back(), 0);
    for (size_t k = 0; k < touched.size(); ++k) touched[k] |= bytes[k + 1];
  }
  EXPECT_THAT(touched, Each(Ne(0)));
}

TEST(SystemRandomTest, FillingAnEmptySpanIsLegal) {
  SystemRandom random;
  random.Fill(std::span<uint8_t>{});
}

}  // namespace
}  // namespace rollcall::base
