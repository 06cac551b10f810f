#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "gallery/gallery.h"
#include "support/status_matchers.h"
#include "vectors.h"

namespace rollcall::gallery {
namespace {

using support::IsOk;

constexpr char kModel[] = "model-1";

using Found = std::vector<std::pair<float, base::Uuid>>;

// What a search must answer, to the last bit: all compared one by one, by PlainSimilarity.
Found Oracle(const std::vector<Template>& templates, const std::vector<float>& probe, size_t k) {
  Found all;
  for (const Template& item : templates)
    all.emplace_back(PlainSimilarity(item.mean, probe), item.subject);
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  all.resize(std::min(all.size(), k));
  return all;
}

Found Plain(const std::vector<Neighbour>& neighbours) {
  Found found;
  for (const Neighbour& n : neighbours) found.emplace_back(n.similarity, n.subject);
  return found;
}

// People to be found and probes to find them with.
struct World {
  std::vector<Template> templates;
  std::vector<std::vector<float>> probes;
};

World RandomWorld(std::mt19937& random, size_t dimension) {
  World world;
  for (uint32_t n = 0; n < 700; ++n)
    world.templates.push_back(Make(n, RandomUnit(random, dimension)));
  for (int i = 0; i < 3; ++i) world.probes.push_back(RandomUnit(random, dimension));
  world.probes.push_back(world.templates[5].mean);
  return world;
}

// Faces are not spread evenly: many lie about as close to the probe as the margin of the search.
World ClusteredWorld(std::mt19937& random, size_t dimension) {
  World world;
  std::vector<std::vector<float>> centres;
  for (int i = 0; i < 5; ++i) centres.push_back(RandomUnit(random, dimension));
  for (uint32_t n = 0; n < 700; ++n) {
    world.templates.push_back(Make(n, Near(random, centres[n % centres.size()], 0.05f)));
  }
  for (int i = 0; i < 5; ++i) world.probes.push_back(Near(random, centres[0], 0.1f));
  return world;
}

// The same template many times, and templates that differ from it by a step of one number.
World TiedWorld(std::mt19937& random, size_t dimension) {
  World world;
  const std::vector<float> centre = RandomUnit(random, dimension);
  for (uint32_t n = 0; n < 700; ++n) {
    std::vector<float> v = centre;
    if (n % 3 == 1) v[n % dimension] += 1e-3f;
    if (n % 3 == 2) v[n % dimension] -= 1e-7f;
    world.templates.push_back(Make(n, Normalised(std::move(v))));
  }
  world.probes = {centre, Near(random, centre, 0.01f), RandomUnit(random, dimension)};
  std::vector<float> opposite = centre;
  for (float& x : opposite) x = -x;
  world.probes.push_back(opposite);
  return world;
}

// From worst to best: each row beats all before it.
World AscendingWorld(std::mt19937& random, size_t dimension) {
  World world;
  const std::vector<float> centre = RandomUnit(random, dimension);
  for (uint32_t n = 0; n < 700; ++n) {
    world.templates.push_back(Make(n, Near(random, centre, 2.0f - static_cast<float>(n) / 400)));
  }
  world.probes = {centre};
  for (int i = 0; i < 4; ++i) world.probes.push_back(Near(random, centre, 0.2f));
  return world;
}

class SearchTest : public testing::TestWithParam<std::function<World(std::mt19937&, size_t)>> {};

void ExpectExact(const World& world, size_t dimension) {
  std::mt19937 random(9);
  std::vector<Template> shuffled = world.templates;
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  Gallery gallery(kModel, static_cast<int32_t>(dimension));
  ASSERT_THAT(gallery.Put(shuffled), IsOk());
  const Snapshot snapshot = gallery.snapshot();
  const std::vector<Template> some(shuffled.begin(), shuffled.begin() + 201);
  std::vector<base::Uuid> roster;
  for (const Template& item : some) roster.push_back(item.subject);
  const RowList rows = snapshot.Rows(roster);
  EXPECT_EQ(rows.size(), some.size());
  for (const int32_t k : {1, 2, 10, 1'000}) {
    const auto many = snapshot.SearchAllMany(world.probes, kModel, k);
    const auto some_many = rows.SearchMany(world.probes, kModel, k);
    ASSERT_THAT(many, IsOk());
    ASSERT_THAT(some_many, IsOk());
    for (size_t p = 0; p < world.probes.size(); ++p) {
      const auto& probe = world.probes[p];
      const Found expected = Oracle(world.templates, probe, static_cast<size_t>(k));
      EXPECT_EQ(Plain(snapshot.SearchAll(probe, kModel, k).value()), expected)
          << dimension << " " << k;
      EXPECT_EQ(Plain((*many)[p]), expected) << dimension << " " << k;
      const Found of_some = Oracle(some, probe, static_cast<size_t>(k));
      EXPECT_EQ(Plain(snapshot.SearchAmong(roster, probe, kModel, k).value()), of_some)
          << dimension << " " << k;
      EXPECT_EQ(Plain(rows.Search(probe, kModel, k).value()), of_some) << dimension << " " << k;
      EXPECT_EQ(Plain((*some_many)[p]), of_some) << dimension << " " << k;
    }
  }
}

TEST_P(SearchTest, EqualsComparingAllOneByOneOnEveryProcessor) {
  for (const size_t dimension : {7, 128, 129, 192, 512}) {
    std::mt19937 random(static_cast<uint32_t>(dimension));
    const World world = GetParam()(random, dimension);
    ForEachTarget([&] { ExpectExact(world, dimension); });
  }
}

INSTANTIATE_TEST_SUITE_P(Worlds, SearchTest,
                         testing::Values(RandomWorld, ClusteredWorld, TiedWorld, AscendingWorld));

TEST(ManyProbesTest, AnyNumberOfThem) {
  std::mt19937 random(1);
  Gallery gallery(kModel, 64);
  std::vector<Template> templates;
  for (uint32_t n = 0; n < 500; ++n) templates.push_back(Make(n, RandomUnit(random, 64)));
  ASSERT_THAT(gallery.Put(templates), IsOk());
  const Snapshot snapshot = gallery.snapshot();
  for (const size_t count : {0, 1, 15, 16, 17, 33, 63, 64, 65, 150}) {
    std::vector<std::vector<float>> probes;
    for (size_t p = 0; p < count; ++p) probes.push_back(RandomUnit(random, 64));
    const auto many = snapshot.SearchAllMany(probes, kModel, 3);
    ASSERT_THAT(many, IsOk());
    ASSERT_EQ(many->size(), count);
    for (size_t p = 0; p < count; ++p) {
      EXPECT_EQ(Plain((*many)[p]), Plain(snapshot.SearchAll(probes[p], kModel, 3).value()));
    }
  }
}

// Several blocks of rows, and the block at the end growing.
TEST(ManyPeopleTest, GalleryOfSeveralBlocksPutInSeveralCalls) {
  std::mt19937 random(2);
  Gallery gallery(kModel, 512);
  std::vector<Template> templates;
  for (uint32_t n = 0; n < 9'000; ++n) templates.push_back(Make(n, RandomUnit(random, 512)));
  for (size_t first = 0; first < templates.size(); first += 900) {
    ASSERT_THAT(gallery.Put({templates.begin() + static_cast<std::ptrdiff_t>(first),
                             templates.begin() + static_cast<std::ptrdiff_t>(first + 900)}),
                IsOk());
  }
  for (int i = 0; i < 3; ++i) {
    const auto probe = RandomUnit(random, 512);
    EXPECT_EQ(Plain(gallery.snapshot().SearchAll(probe, kModel, 20).value()),
              Oracle(templates, probe, 20));
  }
  // Every third goes, every third is replaced.
  std::vector<base::Uuid> gone;
  std::vector<Template> left;
  std::vector<Template> replaced;
  for (uint32_t n = 0; n < templates.size(); ++n) {
    if (n % 3 == 0) {
      gone.push_back(Subject(n));
    } else if (n % 3 == 1) {
      replaced.push_back(Make(n, RandomUnit(random, 512)));
      left.push_back(replaced.back());
    } else {
      left.push_back(templates[n]);
    }
  }
  gallery.Remove(gone);
  ASSERT_THAT(gallery.Put(replaced), IsOk());
  EXPECT_EQ(gallery.snapshot().size(), left.size());
  for (int i = 0; i < 3; ++i) {
    const auto probe = RandomUnit(random, 512);
    EXPECT_EQ(Plain(gallery.snapshot().SearchAll(probe, kModel, 20).value()),
              Oracle(left, probe, 20));
  }
}

// Rounding the templates moves a similarity by far less than two pictures of one face differ by.
TEST(RoundingTest, DiffersLittleFromTheCosine) {
  std::mt19937 random(3);
  for (const size_t dimension : {128, 512}) {
    std::vector<double> differences;
    for (int i = 0; i < 20'000; ++i) {
      const auto centre = RandomUnit(random, dimension);
      const auto probe = i % 2 == 0 ? RandomUnit(random, dimension) : Near(random, centre, 1.0f);
      differences.push_back(
          std::abs(static_cast<double>(PlainSimilarity(centre, probe)) - Cosine(centre, probe)));
    }
    std::sort(differences.begin(), differences.end());
    EXPECT_LT(differences[differences.size() * 999 / 1'000], 0.005) << dimension;
    EXPECT_LT(differences.back(), 0.01) << dimension;
  }
}

TEST(MemoryTest, TemplatesTakeLittleMoreThanTheirBytes) {
  constexpr uint32_t kPeople = 16'384;  // full blocks
  std::mt19937 random(4);
  const auto vector = RandomUnit(random, 512);
  Gallery gallery(kModel, 512);
  std::vector<Template> templates;
  for (uint32_t n = 0; n < kPeople; ++n) templates.push_back(Make(n, vector));
  ASSERT_THAT(gallery.Put(std::move(templates)), IsOk());
  EXPECT_LT(static_cast<double>(gallery.snapshot().Bytes()), 1.25 * kPeople * 512);
}

TEST(MemoryTest, SeveralPhotosAreKeptAsBytesToo) {
  std::mt19937 random(5);
  Gallery gallery(kModel, 512);
  std::vector<Template> templates;
  for (uint32_t n = 0; n < 4'096; ++n) {
    const auto mean = RandomUnit(random, 512);
    templates.push_back({Subject(n), mean, {Near(random, mean, 0.3f), Near(random, mean, 0.3f)}});
  }
  ASSERT_THAT(gallery.Put(templates), IsOk());
  EXPECT_LT(static_cast<double>(gallery.snapshot().Bytes()), 1.25 * 3 * 4'096 * 512);
  const auto& photos = templates[77].photos;
  const float nearest = gallery.snapshot().NearestPhoto(Subject(77), photos[1]).value();
  EXPECT_EQ(nearest, PlainSimilarity(photos[1], photos[1]));
  EXPECT_GT(nearest, 0.9999f);
}

}  // namespace
}  // namespace rollcall::gallery
