#include "gallery/contents.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "gallery/gallery.h"
#include "vectors.h"

namespace rollcall::gallery {
namespace {

constexpr int32_t kDimension = 512;

std::shared_ptr<const Contents> With(const Contents& old, uint32_t first, uint32_t last,
                                     uint32_t seed = 1) {
  std::mt19937 random(seed);
  Change change(old);
  for (uint32_t n = first; n < last; ++n) change.Put(Make(n, RandomUnit(random, kDimension)));
  return change.Finish();
}

std::shared_ptr<const Contents> Without(const Contents& old, const std::vector<uint32_t>& gone) {
  Change change(old);
  for (const uint32_t n : gone) EXPECT_TRUE(change.Remove(Subject(n)));
  return change.Finish();
}

// |r| of a row.
double RestOf(const Halves& row) {
  double squares = 0;
  for (size_t i = 0; i < kDimension; ++i) {
    const double rest = NumberOf(row, i) % 16 - 7.5;
    squares += rest * rest;
  }
  return std::sqrt(squares);
}

// Every subject is where the index says, once, nobody else is there, and no row has more of a rest
// than its part says.
void ExpectWhole(const Contents& contents, const std::set<uint32_t>& people) {
  EXPECT_EQ(contents.size, people.size());
  size_t rows = 0;
  for (const Contents::Part& part : contents.parts) rows += part.count;
  EXPECT_EQ(rows, people.size());
  for (const uint32_t n : people) {
    const auto place = contents.index.Find(Subject(n));
    ASSERT_TRUE(place) << n;
    ASSERT_LT(contents.RowOf(*place), contents.parts[*place / contents.most_rows].count);
    ASSERT_EQ(contents.SubjectAt(*place), Subject(n));
    ASSERT_LE(RestOf(contents.BlockOf(*place).codes(contents.RowOf(*place))),
              contents.parts[*place / contents.most_rows].rest);
  }
}

std::set<uint32_t> Range(uint32_t first, uint32_t last) {
  std::set<uint32_t> people;
  for (uint32_t n = first; n < last; ++n) people.insert(n);
  return people;
}

TEST(ContentsTest, ANewRowIsWrittenBehindTheOthersAndCopiesNothing) {
  const Contents empty("model", kDimension);
  const auto old = With(empty, 0, 100);
  const auto next = With(*old, 100, 101);
  ASSERT_EQ(next->parts.size(), 1u);
  EXPECT_EQ(next->parts[0].block, old->parts[0].block);
  EXPECT_EQ(old->parts[0].count, 100u);
  ExpectWhole(*old, Range(0, 100));
  ExpectWhole(*next, Range(0, 101));
}

// Both continue the same snapshot, as after a change that was given up: the second must not write
// over the first.
TEST(ContentsTest, ASecondChangeOfTheSameContentsTakesACopy) {
  const Contents empty("model", kDimension);
  const auto old = With(empty, 0, 10);
  const auto one = With(*old, 10, 11);
  const auto other = With(*old, 20, 21);
  EXPECT_NE(one->parts[0].block, other->parts[0].block);
  ExpectWhole(*one, Range(0, 11));
  EXPECT_TRUE(other->index.Find(Subject(20)));
  EXPECT_EQ(one->SubjectAt(*one->index.Find(Subject(10))), Subject(10));
}

TEST(ContentsTest, AReplacedRowTakesACopyOfItsBlockOnly) {
  const Contents empty("model", kDimension);
  const auto old = With(empty, 0, 5'000);
  ASSERT_EQ(old->parts.size(), 2u);
  const auto next = With(*old, 7, 8, 9);
  EXPECT_NE(next->parts[0].block, old->parts[0].block);
  EXPECT_EQ(next->parts[1].block, old->parts[1].block);
  ExpectWhole(*next, Range(0, 5'000));
  const auto codes = [](const Contents& c) {
    const uint32_t place = c.index.Find(Subject(7)).value();
    const Halves row = c.BlockOf(place).codes(c.RowOf(place));
    return std::vector<uint8_t>(row.upper, row.upper + c.row_bytes / 2);
  };
  EXPECT_NE(codes(*old), codes(*next));
}

TEST(ContentsTest, NothingOfARemovedRowIsLeftOnceOldSnapshotsAreGone) {
  const Contents empty("model", kDimension);
  auto old = With(empty, 0, 300);
  const uint32_t place = old->index.Find(Subject(150)).value();
  const Halves row = old->BlockOf(place).codes(old->RowOf(place));
  const std::vector<uint8_t> upper(row.upper, row.upper + old->row_bytes / 2);
  const std::vector<uint8_t> lower(row.lower, row.lower + old->row_bytes / 2);
  const std::weak_ptr<RowBlock> before = old->parts[0].block;

  const auto next = Without(*old, {150});
  ExpectWhole(*old, Range(0, 300));
  std::set<uint32_t> left = Range(0, 300);
  left.erase(150);
  ExpectWhole(*next, left);
  old.reset();
  EXPECT_TRUE(before.expired());
  const RowBlock& block = *next->parts[0].block;
  const std::span<const uint8_t> all = block.bytes();
  for (const auto& half : {upper, lower}) {
    EXPECT_EQ(std::search(all.begin(), all.end(), half.begin(), half.end()), all.end());
  }
  for (size_t i = 0; i < block.capacity(); ++i) EXPECT_NE(block.subject(i), Subject(150));
}

TEST(ContentsTest, MemoryShrinksWithThePeople) {
  const Contents empty("model", kDimension);
  const auto full = With(empty, 0, 20'000);
  std::vector<uint32_t> gone;
  std::set<uint32_t> left;
  for (uint32_t n = 0; n < 20'000; ++n) {
    if (n % 10 == 0) {
      left.insert(n);
    } else {
      gone.push_back(n);
    }
  }
  std::shuffle(gone.begin(), gone.end(), std::mt19937(1));
  const auto next = Without(*full, gone);
  ExpectWhole(*next, left);
  EXPECT_LT(next->Bytes(), full->Bytes() / 4);
  const auto nobody = Without(*next, std::vector<uint32_t>(left.begin(), left.end()));
  ExpectWhole(*nobody, {});
  EXPECT_LT(nobody->Bytes(), size_t{1} << 20);
  ExpectWhole(*With(*nobody, 5, 9'000), Range(5, 9'000));
}

TEST(ContentsTest, RandomChangesKeepEverySnapshotWhole) {
  std::mt19937 random(2);
  std::vector<std::pair<std::shared_ptr<const Contents>, std::set<uint32_t>>> versions;
  versions.emplace_back(std::make_shared<const Contents>("model", kDimension),
                        std::set<uint32_t>());
  for (int round = 0; round < 30; ++round) {
    auto [contents, people] = versions.back();
    const auto first = static_cast<uint32_t>(random() % 9'000);
    const auto last = first + static_cast<uint32_t>(random() % 1'500);
    if (random() % 3 == 0) {
      std::vector<uint32_t> gone(people.lower_bound(first), people.lower_bound(last));
      for (const uint32_t n : gone) people.erase(n);
      contents = Without(*contents, gone);
    } else {
      for (uint32_t n = first; n < last; ++n) people.insert(n);
      contents = With(*contents, first, last, static_cast<uint32_t>(round));
    }
    versions.emplace_back(contents, people);
  }
  for (const auto& [contents, people] : versions) ExpectWhole(*contents, people);
}

}  // namespace
}  // namespace rollcall::gallery
