#include <gtest/gtest.h>

#include <numeric>

#include "gallery/kernels/sums.h"
#include "vectors.h"

namespace rollcall::gallery::kernels {
namespace {

// Random bytes, also where a row has no meaning.
struct Bench {
  size_t row_bytes;
  AlignedArray<uint8_t> upper;
  AlignedArray<uint8_t> lower;
  std::vector<Halves> each;
  std::vector<float> inverse_norms;

  Bench(std::mt19937& random, size_t dimension, size_t count)
      : row_bytes(RoundUp(dimension, kPiece)),
        upper(count * row_bytes / 2),
        lower(upper.size()),
        inverse_norms(count) {
    for (size_t i = 0; i < upper.size(); ++i) {
      upper[i] = static_cast<uint8_t>(random());
      lower[i] = static_cast<uint8_t>(random());
    }
    for (size_t i = 0; i < count; ++i) each.push_back(InOrder().At(i));
    std::shuffle(each.begin(), each.end(), random);
    for (float& w : inverse_norms) w = 1e-3f * static_cast<float>(1 + random() % 100);
  }

  Rows InOrder() const {
    return {{upper.data(), lower.data()},
            nullptr,
            inverse_norms.data(),
            inverse_norms.size(),
            row_bytes};
  }
  Rows Scattered() const { return {{}, each.data(), inverse_norms.data(), each.size(), row_bytes}; }
};

int32_t PlainSum(const int16_t* probe, const Halves& row, size_t size) {
  int64_t sum = 0;
  for (size_t i = 0; i < size; ++i) sum += int64_t{probe[i]} * (NumberOf(row, i) - 128);
  return static_cast<int32_t>(sum);
}

int32_t PlainUpperSum(const int16_t* probe, const Halves& row, size_t size) {
  int32_t sum = 0;
  for (size_t i = 0; i < size; ++i) sum += probe[i] * (NumberOf(row, i) / 16);
  return 16 * sum;
}

constexpr size_t kDimensions[] = {1, 7, 64, 65, 128, 129, 192, 256, 300, 512, 513, 1024};
constexpr size_t kCounts[] = {1, 3, 15, 16, 17, 48, 53};

TEST(GalleryKernelsTest, SumsAreThoseOfThePlainLoop) {
  ForEachTarget([] {
    std::mt19937 random(1);
    for (const size_t dimension : kDimensions) {
      for (const size_t count : kCounts) {
        const Bench bench(random, dimension, count);
        const FixedProbe probe(RandomUnit(random, dimension));
        for (const Rows& rows : {bench.InOrder(), bench.Scattered()}) {
          std::vector<int32_t> sums(count);
          CoarseSums(probe, rows, sums.data());
          for (size_t i = 0; i < count; ++i) {
            ASSERT_EQ(sums[i], PlainSum(probe.coarse(), rows.At(i), bench.row_bytes))
                << dimension << " " << i;
            ASSERT_EQ(FineSum(probe, rows.At(i)),
                      PlainSum(probe.fine(), rows.At(i), bench.row_bytes));
          }
        }
      }
    }
  });
}

TEST(GalleryKernelsTest, UpperSumsAreThoseOfThePlainLoop) {
  ForEachTarget([] {
    std::mt19937 random(5);
    for (const size_t dimension : kDimensions) {
      for (const size_t count : kCounts) {
        const Bench bench(random, dimension, count);
        const FixedProbe probe(RandomUnit(random, dimension));
        std::vector<int32_t> sums(count + 1, 77);
        UpperSums(probe, bench.InOrder(), 1'000, sums.data());
        for (size_t i = 0; i < count; ++i) {
          ASSERT_EQ(sums[i],
                    1'000 + PlainUpperSum(probe.coarse(), bench.InOrder().At(i), bench.row_bytes))
              << dimension << " " << i;
        }
        ASSERT_EQ(sums[count], 77);
      }
    }
  });
}

TEST(GalleryKernelsTest, ManyProbesGiveTheSumsOfEach) {
  ForEachTarget([] {
    std::mt19937 random(2);
    for (const size_t dimension : {7, 129, 512}) {
      for (const size_t count : kCounts) {
        for (const size_t many : {1, 2, 16, 17, 33, 48, 64}) {
          const Bench bench(random, dimension, count);
          std::vector<FixedProbe> probes;
          for (size_t p = 0; p < many; ++p) probes.emplace_back(RandomUnit(random, dimension));
          const Panel panel(probes);
          for (const Rows& rows : {bench.InOrder(), bench.Scattered()}) {
            AlignedArray<int32_t> sums(RoundUp(count, kManyRows) * panel.width());
            CoarseSumsMany(panel, rows, sums.data());
            for (size_t i = 0; i < count * many; ++i) {
              ASSERT_EQ(sums[i / many * panel.width() + i % many],
                        PlainSum(probes[i % many].coarse(), rows.At(i / many), bench.row_bytes))
                  << dimension << " " << count << " " << many << " " << i;
            }
          }
        }
      }
    }
  });
}

TEST(GalleryKernelsTest, FindsWhatReachesTheLimit) {
  ForEachTarget([] {
    std::mt19937 random(3);
    for (const size_t count : kCounts) {
      const Bench bench(random, 1, count);
      std::vector<int32_t> sums(count);
      for (int32_t& sum : sums) sum = static_cast<int32_t>(random() % 2000) - 1000;
      // A limit that one of them reaches exactly.
      const float limit = static_cast<float>(sums.back()) * bench.inverse_norms[count - 1];
      std::vector<uint32_t> expected;
      for (uint32_t i = 0; i < count; ++i) {
        if (static_cast<float>(sums[i]) * bench.inverse_norms[i] >= limit) expected.push_back(i);
      }
      std::vector<uint32_t> which(count);
      which.resize(AtLeast(sums.data(), bench.InOrder(), limit, which.data()));
      EXPECT_EQ(which, expected);
    }
  });
}

TEST(GalleryKernelsTest, FindsWhatReachesTheLimitOfEachProbe) {
  ForEachTarget([] {
    std::mt19937 random(4);
    constexpr size_t kWidth = 32;
    const Bench bench(random, 1, 20);
    std::vector<int32_t> sums(20 * kWidth);
    for (int32_t& sum : sums) sum = static_cast<int32_t>(random() % 2000) - 1000;
    std::vector<float> limits(kWidth, std::numeric_limits<float>::infinity());
    for (size_t p = 0; p < 20; ++p)
      limits[p] = static_cast<float>(sums[p]) * bench.inverse_norms[0];
    std::vector<std::pair<uint32_t, uint32_t>> expected;
    for (uint32_t i = 0; i < sums.size(); ++i) {
      if (static_cast<float>(sums[i]) * bench.inverse_norms[i / kWidth] >= limits[i % kWidth]) {
        expected.emplace_back(i / kWidth, i % kWidth);
      }
    }
    std::vector<Hit> hits(sums.size());
    hits.resize(AtLeastMany(sums.data(), bench.InOrder(), limits, hits.data()));
    std::vector<std::pair<uint32_t, uint32_t>> found;
    for (const Hit& hit : hits) found.emplace_back(hit.row, hit.probe);
    EXPECT_EQ(found, expected);
  });
}

}  // namespace
}  // namespace rollcall::gallery::kernels
