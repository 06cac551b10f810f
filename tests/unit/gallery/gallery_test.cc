#include "gallery/gallery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <thread>

#include "support/status_matchers.h"
#include "vectors.h"

namespace rollcall::gallery {
namespace {

using support::HasReason;
using support::IsOk;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

constexpr char kModel[] = "model-1";

// The unit vector along `axis`.
std::vector<float> Axis(size_t axis, size_t dimension = 4) {
  std::vector<float> v(dimension, 0.0f);
  v[axis] = 1;
  return v;
}

using Probes = std::vector<std::vector<float>>;

auto Is(uint32_t subject) { return Field(&Neighbour::subject, Subject(subject)); }

// What a search must answer, written as plainly as possible.
std::vector<std::pair<float, base::Uuid>> Oracle(const std::vector<Template>& templates,
                                                 const std::set<base::Uuid>& among,
                                                 const std::vector<float>& probe) {
  std::vector<std::pair<float, base::Uuid>> all;
  for (const Template& item : templates) {
    if (among.contains(item.subject))
      all.emplace_back(PlainSimilarity(item.mean, probe), item.subject);
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  return all;
}

RC_GTEST_PROP(GalleryProperty, SearchEqualsTheOracle, ()) {
  const auto dimension = *rc::gen::inRange<size_t>(1, 70);
  const auto people = *rc::gen::inRange<uint32_t>(0, 40);
  const auto k = *rc::gen::inRange<int32_t>(1, 50);
  std::mt19937 random(*rc::gen::arbitrary<uint32_t>());
  std::vector<Template> templates;
  for (uint32_t n = 0; n < people; ++n) templates.push_back(Make(n, RandomUnit(random, dimension)));
  std::shuffle(templates.begin(), templates.end(), random);
  Gallery gallery(kModel, static_cast<int32_t>(dimension));
  RC_ASSERT(gallery.Put(templates).ok());

  // Some enrolled, some unknown, some twice.
  const auto numbers =
      *rc::gen::container<std::vector<uint32_t>>(rc::gen::inRange<uint32_t>(0, 50));
  std::vector<base::Uuid> among;
  for (const uint32_t n : numbers) among.push_back(Subject(n));
  const auto probe = RandomUnit(random, dimension);
  const auto expected = Oracle(templates, {among.begin(), among.end()}, probe);

  const auto found = gallery.snapshot().SearchAmong(among, probe, kModel, k);
  RC_ASSERT(found.ok());
  RC_ASSERT(found->size() == std::min(expected.size(), static_cast<size_t>(k)));
  for (size_t i = 0; i < found->size(); ++i) {
    // In one dimension everybody is at +1 or -1: ties, which must come by subject.
    RC_ASSERT((*found)[i].subject == expected[i].second);
    RC_ASSERT((*found)[i].similarity == expected[i].first);
  }
}

TEST(GalleryTest, TiesComeBySubject) {
  Gallery gallery(kModel, 4);
  ASSERT_THAT(gallery.Put({Make(3, Axis(0)), Make(1, Axis(0)), Make(2, Axis(0)), Make(0, Axis(1))}),
              IsOk());
  const auto found = gallery.snapshot().SearchAll(Axis(0), kModel, 10);
  ASSERT_THAT(found, IsOk());
  EXPECT_THAT(*found, ElementsAre(Is(1), Is(2), Is(3), Is(0)));
  const auto two = gallery.snapshot().SearchAll(Axis(0), kModel, 2);
  ASSERT_THAT(two, IsOk());
  EXPECT_THAT(*two, ElementsAre(Is(1), Is(2)));
}

TEST(GalleryTest, SaysHowManyPhotosStandBehindATemplate) {
  Gallery gallery(kModel, 4);
  ASSERT_THAT(gallery.Put({{Subject(1), Axis(0), {Axis(0), Axis(0), Axis(1)}}}), IsOk());
  const auto found = gallery.snapshot().SearchAll(Axis(0), kModel, 1);
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->front().photos, 3);
}

TEST(GalleryTest, NearestPhotoLooksAtSinglePhotosOfOneSubject) {
  Gallery gallery(kModel, 4);
  ASSERT_THAT(gallery.Put({{Subject(1), Axis(0), {Axis(0), Axis(1)}}, Make(2, Axis(2))}), IsOk());
  const Snapshot snapshot = gallery.snapshot();
  EXPECT_EQ(snapshot.NearestPhoto(Subject(1), Axis(1)), 1.0f);
  EXPECT_EQ(snapshot.NearestPhoto(Subject(1), Axis(2)), 0.0f);
  EXPECT_EQ(snapshot.NearestPhoto(Subject(9), Axis(1)), std::nullopt);
  EXPECT_EQ(snapshot.NearestPhoto(Subject(1), Axis(1, 5)), std::nullopt);
}

TEST(GalleryTest, MeanIsAProbeForLookAlikes) {
  Gallery gallery(kModel, 4);
  ASSERT_THAT(gallery.Put({Make(1, Axis(0)), Make(2, Axis(0)), Make(3, Axis(1))}), IsOk());
  const Snapshot snapshot = gallery.snapshot();
  const auto found = snapshot.SearchAll(snapshot.MeanOf(Subject(2)).value(), kModel, 2);
  ASSERT_THAT(found, IsOk());
  EXPECT_THAT(*found, ElementsAre(Is(1), Is(2)));
  EXPECT_EQ(snapshot.MeanOf(Subject(9)), std::nullopt);
  EXPECT_EQ(snapshot.PhotosOf(Subject(2)), 1);
  EXPECT_EQ(snapshot.PhotosOf(Subject(9)), 0);
}

TEST(GalleryTest, EmptyGalleryAndEmptyRosterFindNobody) {
  Gallery gallery(kModel, 4);
  const auto all = gallery.snapshot().SearchAll(Axis(0), kModel, 5);
  ASSERT_THAT(all, IsOk());
  EXPECT_THAT(*all, IsEmpty());
  ASSERT_THAT(gallery.Put({Make(1, Axis(0))}), IsOk());
  const auto among = gallery.snapshot().SearchAmong({}, Axis(0), kModel, 5);
  ASSERT_THAT(among, IsOk());
  EXPECT_THAT(*among, IsEmpty());
}

std::vector<std::vector<float>> BadVectors() {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  return {{},
          {1, 0, 0},
          {1, 0, 0, 0, 0},
          {0, 0, 0, 0},
          {0.99f, 0, 0, 0},
          {1, 1, 0, 0},
          {nan, 0, 0, 0},
          {1, nan, 0, 0},
          {inf, 0, 0, 0},
          {1, -inf, 0, 0},
          {3e38f, 3e38f, 0, 0}};
}

TEST(GalleryTest, RefusesABadProbe) {
  Gallery gallery(kModel, 4);
  ASSERT_THAT(gallery.Put({Make(1, Axis(0))}), IsOk());
  const Snapshot snapshot = gallery.snapshot();
  const std::vector<base::Uuid> roster = {Subject(1)};
  for (const auto& bad : BadVectors()) {
    EXPECT_THAT(snapshot.SearchAll(bad, kModel, 1), HasReason("BAD_PROBE"));
    EXPECT_THAT(snapshot.SearchAmong(roster, bad, kModel, 1), HasReason("BAD_PROBE"));
  }
  EXPECT_THAT(snapshot.SearchAll(Axis(0), kModel, 0), HasReason("BAD_PROBE"));
  const RowList rows = snapshot.Rows(roster);
  for (const auto& bad : BadVectors()) {
    EXPECT_THAT(rows.Search(bad, kModel, 1), HasReason("BAD_PROBE"));
    EXPECT_THAT(rows.SearchMany(Probes{Axis(0), bad}, kModel, 1), HasReason("BAD_PROBE"));
    EXPECT_THAT(snapshot.SearchAllMany(Probes{bad, Axis(0)}, kModel, 1), HasReason("BAD_PROBE"));
  }
  EXPECT_THAT(snapshot.SearchAllMany(Probes{Axis(0)}, kModel, 0), HasReason("BAD_PROBE"));
  EXPECT_THAT(snapshot.SearchAllMany(Probes{Axis(0)}, "model-2", 1), HasReason("MODEL_MISMATCH"));
  EXPECT_THAT(rows.Search(Axis(0), "model-2", 1), HasReason("MODEL_MISMATCH"));
  EXPECT_THAT(snapshot.SearchAll(Axis(0), "model-2", 1), HasReason("MODEL_MISMATCH"));
  EXPECT_THAT(snapshot.SearchAmong(roster, Axis(0), "", 1), HasReason("MODEL_MISMATCH"));
}

// All or none: a good template beside the bad one must not get in either.
void ExpectRefused(Gallery& gallery, Template bad) {
  const Snapshot before = gallery.snapshot();
  EXPECT_THAT(gallery.Put({Make(7, Axis(2)), std::move(bad)}), HasReason("BAD_TEMPLATE"));
  const Snapshot after = gallery.snapshot();
  EXPECT_EQ(after.revision(), before.revision());
  EXPECT_EQ(after.size(), before.size());
  EXPECT_FALSE(after.Contains(Subject(7)));
}

TEST(GalleryTest, RefusesABadTemplateAndStaysAsItWas) {
  Gallery gallery(kModel, 4);
  ASSERT_THAT(gallery.Put({Make(1, Axis(0))}), IsOk());
  for (const auto& bad : BadVectors()) {
    ExpectRefused(gallery, {Subject(2), bad, {Axis(0)}});
    ExpectRefused(gallery, {Subject(2), Axis(0), {Axis(0), bad}});
    ExpectRefused(gallery, {Subject(1), bad, {Axis(0)}});
  }
  ExpectRefused(gallery, {Subject(2), Axis(0), {}});
  ExpectRefused(gallery, {Subject(2), Axis(0), std::vector(kMaxPhotos + 1, Axis(0))});
  ExpectRefused(gallery, {base::Uuid{}, Axis(0), {Axis(0)}});
  ExpectRefused(gallery, Make(7, Axis(0)));  // the same subject twice
  const auto found = gallery.snapshot().SearchAll(Axis(0), kModel, 10);
  ASSERT_THAT(found, IsOk());
  EXPECT_THAT(*found, ElementsAre(Is(1)));
  EXPECT_EQ(found->front().similarity, 1.0f);
}

TEST(GalleryTest, AChangeIsVisibleAtOnceAndOldSnapshotsStay) {
  Gallery gallery(kModel, 4);
  ASSERT_THAT(gallery.Put({Make(1, Axis(0)), Make(2, Axis(1))}), IsOk());
  const Snapshot before = gallery.snapshot();
  gallery.Remove(std::vector{Subject(1), Subject(99)});
  ASSERT_THAT(gallery.Put({Make(2, Axis(3))}), IsOk());
  const Snapshot after = gallery.snapshot();

  EXPECT_FALSE(after.Contains(Subject(1)));
  EXPECT_EQ(after.NearestPhoto(Subject(1), Axis(0)), std::nullopt);
  EXPECT_EQ(after.size(), 1u);
  EXPECT_EQ(after.revision(), before.revision() + 2);
  EXPECT_EQ(after.SearchAll(Axis(3), kModel, 1)->front().similarity, 1.0f);

  EXPECT_TRUE(before.Contains(Subject(1)));
  EXPECT_EQ(before.size(), 2u);
  EXPECT_EQ(before.SearchAll(Axis(0), kModel, 1)->front().subject, Subject(1));
}

TEST(GalleryTest, WhatChangesNothingKeepsTheRevision) {
  Gallery gallery(kModel, 4);
  ASSERT_THAT(gallery.Put({Make(1, Axis(0))}), IsOk());
  const int64_t revision = gallery.snapshot().revision();
  EXPECT_THAT(gallery.Put({}), IsOk());
  gallery.Remove({});
  gallery.Remove(std::vector{Subject(5)});
  EXPECT_EQ(gallery.snapshot().revision(), revision);
}

TEST(GalleryTest, ASnapshotOutlivesItsGallery) {
  auto gallery = std::make_unique<Gallery>(kModel, 4);
  ASSERT_THAT(gallery->Put({Make(1, Axis(0))}), IsOk());
  const Snapshot snapshot = gallery->snapshot();
  gallery.reset();
  EXPECT_EQ(snapshot.SearchAll(Axis(0), kModel, 1)->front().subject, Subject(1));
}

TEST(GalleryTest, ARowListPassesOverWhoIsNotThereAndCountsEachOnce) {
  Gallery gallery(kModel, 4);
  ASSERT_THAT(gallery.Put({Make(1, Axis(0)), Make(2, Axis(1)), Make(3, Axis(0))}), IsOk());
  const RowList rows =
      gallery.snapshot().Rows(std::vector{Subject(3), Subject(9), Subject(1), Subject(3)});
  EXPECT_EQ(rows.size(), 2u);
  const auto found = rows.Search(Axis(0), kModel, 5);
  ASSERT_THAT(found, IsOk());
  EXPECT_THAT(*found, ElementsAre(Is(1), Is(3)));
  const auto none = gallery.snapshot().Rows({}).SearchMany(Probes{Axis(0), Axis(1)}, kModel, 5);
  ASSERT_THAT(none, IsOk());
  EXPECT_THAT(*none, ElementsAre(IsEmpty(), IsEmpty()));
}

TEST(GalleryTest, ARowListStaysAsItsSnapshotWas) {
  auto gallery = std::make_unique<Gallery>(kModel, 4);
  ASSERT_THAT(gallery->Put({Make(1, Axis(0)), Make(2, Axis(1))}), IsOk());
  const RowList rows = gallery->snapshot().Rows(std::vector{Subject(1), Subject(2)});
  gallery->Remove(std::vector{Subject(1)});
  ASSERT_THAT(gallery->Put({Make(2, Axis(0))}), IsOk());
  gallery.reset();
  const auto found = rows.Search(Axis(1), kModel, 5);
  ASSERT_THAT(found, IsOk());
  EXPECT_THAT(*found, ElementsAre(Is(2), Is(1)));
  EXPECT_EQ(found->front().similarity, 1.0f);
}

TEST(GalleryTest, ARosterOfTenThousand) {
  constexpr uint32_t kPeople = 10'000;
  constexpr size_t kDimension = 512;
  std::mt19937 random(1);
  std::vector<Template> templates;
  std::vector<base::Uuid> roster;
  for (uint32_t n = 0; n < kPeople; ++n) {
    templates.push_back(Make(n, RandomUnit(random, kDimension)));
    roster.push_back(Subject(n));
  }
  const std::vector<float> wanted = templates[7'777].mean;
  Gallery gallery(kModel, static_cast<int32_t>(kDimension));
  ASSERT_THAT(gallery.Put(std::move(templates)), IsOk());
  std::shuffle(roster.begin(), roster.end(), random);
  const auto found = gallery.snapshot().SearchAmong(roster, wanted, kModel, 2);
  ASSERT_THAT(found, IsOk());
  ASSERT_THAT(*found, ElementsAre(Is(7'777), testing::_));
  EXPECT_NEAR((*found)[0].similarity, 1.0f, 1e-4f);
  EXPECT_LT((*found)[1].similarity, 0.5f);
}

// Readers see whole states only: subjects 1 and 2 come and go together.
TEST(GalleryTest, ReadersNeverSeeHalfAChange) {
  Gallery gallery(kModel, 4);
  std::atomic<bool> stop = false;
  std::atomic<int> searches = 0;
  std::atomic<bool> torn = false;
  std::vector<std::jthread> readers;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&] {
      const std::vector<base::Uuid> roster = {Subject(1), Subject(2)};
      while (!stop) {
        const Snapshot snapshot = gallery.snapshot();
        const auto found = snapshot.SearchAmong(roster, Axis(0), kModel, 2);
        if (!found.ok() || found->size() == 1 || found->size() != snapshot.size()) torn = true;
        ++searches;
      }
    });
  }
  const std::vector<base::Uuid> both = {Subject(1), Subject(2)};
  for (int round = 0; round < 500 || searches < 500; ++round) {
    EXPECT_THAT(gallery.Put({Make(1, Axis(0)), Make(2, Axis(1))}), IsOk());
    gallery.Remove(both);
    EXPECT_FALSE(gallery.snapshot().Contains(Subject(1)));
  }
  stop = true;
  readers.clear();
  EXPECT_FALSE(torn);
}

// Rows are added behind those that others are reading, people come and go in the middle, and every
// search sees all of its snapshot.
TEST(GalleryTest, SearchesGoOnWhileOthersEnrol) {
  constexpr size_t kDimension = 64;
  std::mt19937 random(1);
  std::vector<std::vector<float>> vectors;
  for (int i = 0; i < 50; ++i) vectors.push_back(RandomUnit(random, kDimension));
  Gallery gallery(kModel, kDimension);
  ASSERT_THAT(gallery.Put({Make(0, vectors[0])}), IsOk());
  std::atomic<bool> stop = false;
  std::atomic<bool> wrong = false;
  std::atomic<int> searches = 0;
  std::vector<std::jthread> readers;
  for (int reader = 0; reader < 2; ++reader) {
    readers.emplace_back([&] {
      while (!stop) {
        const Snapshot snapshot = gallery.snapshot();
        const auto all = snapshot.SearchAll(vectors[0], kModel, 100'000);
        const auto many = snapshot.SearchAllMany(Probes{vectors[0], vectors[1]}, kModel, 100'000);
        if (!all.ok() || !many.ok() || all->size() != snapshot.size() ||
            many->front().size() != snapshot.size() || all->front().subject != Subject(0)) {
          wrong = true;
        }
        ++searches;
      }
    });
  }
  for (uint32_t round = 1; round < 400 || searches < 20; ++round) {
    const uint32_t n = 1 + round % 300;
    EXPECT_THAT(gallery.Put({Make(n, vectors[1 + round % 49])}), IsOk());
    if (round % 5 == 0) gallery.Remove(std::vector{Subject(1 + round * 7 % 300)});
  }
  stop = true;
  readers.clear();
  EXPECT_FALSE(wrong);
}

// Writers are one at a time: no change is lost.
TEST(GalleryTest, TwoWritersLoseNothing) {
  Gallery gallery(kModel, 4);
  {
    std::vector<std::jthread> writers;
    for (uint32_t writer = 0; writer < 2; ++writer) {
      writers.emplace_back([&gallery, writer] {
        for (uint32_t n = 0; n < 100; ++n) {
          EXPECT_THAT(gallery.Put({Make(writer * 1'000 + n, Axis(0))}), IsOk());
        }
      });
    }
  }
  EXPECT_EQ(gallery.snapshot().size(), 200u);
  EXPECT_EQ(gallery.snapshot().revision(), 200);
}

}  // namespace
}  // namespace rollcall::gallery
